"""What Neo4j's own messages do not say, by the server's code.

The codes and the versions they were seen on stand in the handbook: neo4j, 3.5 and 4.
A message counts only where one code has several meanings.
"""

from __future__ import annotations

from dataclasses import dataclass

from neo4j_migrate_magic.errors import Next

_INDEXES = Next('cypher-shell "SHOW INDEXES"', "see what is there")
_CONSTRAINTS = Next('cypher-shell "SHOW CONSTRAINTS"', "see what is there")
_TRANSACTIONS = Next('cypher-shell "SHOW TRANSACTIONS"', "see who else is at work")
_LANGUAGES = Next(
    'cypher-shell "CALL dbms.components()"', "see the edition, and the Cyphers it knows"
)
_ANALYZERS = Next(
    'cypher-shell "CALL db.index.fulltext.listAvailableAnalyzers()"', "see which it has"
)
_PROCEDURES = Next('cypher-shell "SHOW PROCEDURES YIELD name"', "see which it has")


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say of a server's code, before the server's own words.

    Args:
        why: The cause in our words; empty where the server says it well.
        ways: Commands that help, beside the ones that every failure has.
        says: Part of the server's message, where the code has other meanings too.
        status: The GQL status that is to stand in the chain of causes.
        edition: Whether the server's edition or version is what is missing.
        broken: Whether nothing works any more before the server is restarted.
    """

    why: str = ""
    ways: tuple[Next, ...] = ()
    says: str = ""
    status: str = ""
    edition: bool = False
    broken: bool = False


_TOO_LARGE = Advice(
    "the transaction is too large for the server's memory: batch it with"
    " CALL … IN TRANSACTIONS"
)
_COMMUNITY = Advice("this server is Neo4j Community", (_LANGUAGES,), edition=True)
_BROKEN = Advice(
    "the database broke down and does nothing more until it is restarted; what befell"
    " it stands in the server's debug.log",
    (
        Next("neo4j restart", "on the server's machine, after a look at its debug.log"),
        Next("neo4j-migrate sandbox stop", "if it is the sandbox; start runs it again"),
    ),
    says="encountered a critical error",
    broken=True,
)
_SETTING = "the server does not know this setting of an index, or not this value"
_OWN_CALL = (
    "CALL … IN TRANSACTIONS needs a call of its own: in a Python migration set"
    ' TRANSACTION = "per-call"'
)
_EQUIVALENT = "the same is there already; IF NOT EXISTS passes over it"
_SAME = "the same is there under another name, or as the index of a constraint"

ADVICE: dict[str, tuple[Advice, ...]] = {
    # schema
    "DatabaseError.Schema.ConstraintCreationFailed": (
        Advice(
            "this server is Neo4j Community",
            (_LANGUAGES,),
            says="requires Neo4j Enterprise Edition",
            edition=True,
        ),
    ),
    "ClientError.Schema.EquivalentSchemaRuleAlreadyExists": (
        Advice(_EQUIVALENT, (_CONSTRAINTS,), says="equivalent constraint"),
        Advice(_EQUIVALENT, (_INDEXES,)),
    ),
    "ClientError.Schema.ConstraintAlreadyExists": (
        Advice(
            "the index of that constraint serves the same queries",
            (_CONSTRAINTS,),
            says="so an index is already created",
        ),
        Advice(_SAME, (_CONSTRAINTS,)),
    ),
    "ClientError.Schema.IndexAlreadyExists": (
        Advice(
            "a plain index is in the way: drop it in a statement before this one",
            (_INDEXES,),
            says="A constraint cannot be created until",
        ),
        Advice(_SAME, (_INDEXES,)),
    ),
    "ClientError.Schema.ConstraintWithNameAlreadyExists": (
        Advice("the name is taken by another definition", (_CONSTRAINTS,)),
    ),
    "ClientError.Schema.IndexWithNameAlreadyExists": (
        Advice("the name is taken by another definition", (_INDEXES,)),
    ),
    "DatabaseError.Schema.ConstraintDropFailed": (
        Advice(
            "no constraint has this name, though an index may; DROP … IF EXISTS"
            " passes over it",
            (_CONSTRAINTS,),
        ),
    ),
    "DatabaseError.Schema.IndexDropFailed": (
        Advice(
            "drop the constraint: its index goes with it",
            (_CONSTRAINTS,),
            says="belongs to constraint",
        ),
        Advice("DROP … IF EXISTS passes over it", (_INDEXES,)),
    ),
    "ClientError.Schema.ConstraintValidationFailed": (
        Advice(
            "DETACH DELETE takes the relationships along",
            says="still has relationships",
        ),
    ),
    # what the server does not have, or does not know
    "ClientError.Statement.UnsupportedAdministrationCommand": (_COMMUNITY,),
    "ClientError.Statement.RuntimeUnsupportedError": (_COMMUNITY,),
    "ClientError.Data.DataUnsupportedByStoreFormat": (
        Advice(
            "the database's store format cannot hold it; Neo4j Community has no other",
            (_LANGUAGES,),
            edition=True,
        ),
    ),
    "ClientError.Statement.ArgumentError": (
        Advice(
            "this server does not know that Cypher",
            (_LANGUAGES,),
            says="not a valid option for cypher version",
            edition=True,
        ),
        Advice(_SETTING, (_ANALYZERS,), says="analyzer"),
        Advice(_SETTING, says="index"),
    ),
    "ClientError.General.InvalidArguments": (
        Advice(_SETTING, says="index"),
        Advice(_SETTING, says="'vector."),
    ),
    "DatabaseError.Statement.ExecutionFailed": (
        Advice(
            "this server is Neo4j Community",
            (_LANGUAGES,),
            says="not supported in community edition",
            edition=True,
        ),
        Advice(_SETTING, (_ANALYZERS,), says="full-text analyzer"),
        Advice(_SETTING, says="index config"),
        Advice(_SETTING, says="spatial index settings"),
        Advice(_SETTING, says="'vector."),
        _BROKEN,
    ),
    "ClientError.Statement.SyntaxError": (
        Advice("Cypher 25 knows this: begin with CYPHER 25", status="42I67"),
        Advice("Cypher 25 knows this: begin with CYPHER 25", status="42I78"),
        Advice(
            "the server has no such function; those of APOC come with its plugin",
            says="Unknown function",
        ),
    ),
    "ClientError.Procedure.ProcedureNotFound": (
        Advice(
            "the server has no such procedure; those of APOC come with its plugin",
            (_PROCEDURES,),
        ),
    ),
    "ClientError.Procedure.ProcedureCallFailed": (
        Advice(
            "an index is not built before its transaction commits; the tool waits"
            " for indexes by itself",
            says="`db.awaitIndex",
        ),
    ),
    "ClientError.Statement.ParameterMissing": (
        Advice("a file's statements get no parameters; those of Python may have some"),
    ),
    "ClientError.Statement.ExternalResourceFailed": (
        Advice(
            "the server itself reads it, and file:/// is its own import folder",
            (Next('cypher-shell "SHOW SETTINGS"', "see server.directories.import"),),
        ),
    ),
    # transactions
    "ClientError.Transaction.ForbiddenDueToTransactionType": (
        Advice("schema and data cannot share a transaction"),
    ),
    # 5.26 gives every refusal to begin the status 50N42: there the message decides
    "DatabaseError.Transaction.TransactionStartFailed": (
        Advice(_OWN_CALL, status="25N17"),
        Advice(_OWN_CALL, says="IN TRANSACTIONS"),
        _BROKEN,
    ),
    "DatabaseError.Transaction.TransactionCommitFailed": (_BROKEN,),
    "DatabaseError.General.UnknownError": (_BROKEN,),
    "ClientError.Statement.AccessMode": (
        Advice("it writes, and was sent where nothing may be written"),
    ),
    "ClientError.Transaction.LockClientStopped": (
        Advice(
            "it waited for what another transaction has locked until its time was over",
            (_TRANSACTIONS,),
        ),
    ),
    "ClientError.Transaction.TransactionTimedOutClientConfiguration": (
        Advice("it took longer than it may", (_TRANSACTIONS,)),
    ),
    "ClientError.Transaction.TransactionTimedOut": (
        Advice(
            "it took longer than the server allows: batch it, or raise"
            " db.transaction.timeout",
            (_TRANSACTIONS,),
        ),
    ),
    "ClientError.Transaction.Terminated": (
        Advice("ended by somebody, or by the server as it stopped", (_TRANSACTIONS,)),
    ),
    "TransientError.Transaction.DeadlockDetected": (
        Advice(
            "another transaction and this one waited for each other, again and again",
            (_TRANSACTIONS,),
        ),
    ),
    "TransientError.General.MemoryPoolOutOfMemoryError": (_TOO_LARGE,),
    "TransientError.General.TransactionMemoryLimit": (_TOO_LARGE,),
    "TransientError.General.OutOfMemoryError": (_TOO_LARGE,),
    "ClientError.General.TransactionOutOfMemoryError": (_TOO_LARGE,),
    "TransientError.Cluster.LeaderSwitch": (
        Advice("the cluster was choosing a new leader, and it took too long"),
    ),
}

NO_ADVICE = Advice()


def advice(code: str, message: str, statuses: tuple[str, ...] = ()) -> Advice:
    """Give what is to be said of a server's code; `NO_ADVICE` where there is nothing.

    Args:
        code: The code without its leading ``Neo.``.
        message: The server's words.
        statuses: The GQL statuses of the error and its causes.
    """
    for found in ADVICE.get(code, ()):
        if found.says in message and (not found.status or found.status in statuses):
            return found
    return NO_ADVICE
