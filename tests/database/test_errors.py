"""What the driver raises, as errors of ours: no class of it is forgotten."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.database.errors import translate, translated
from neo4j_migrate_magic.errors import (
    AuthError,
    BugError,
    CommitLostError,
    ForbiddenError,
    InvalidConfigError,
    MigrateError,
    NoDatabaseError,
    QueryError,
    ReadOnlyError,
    UnreachableError,
    UnsupportedError,
)

# Every class of `neo4j.exceptions`, and what becomes of it. A class that a newer
# driver adds is missing here, and so fails the test until somebody decides.
CLASSES: dict[str, type[MigrateError] | None] = {
    # errors of the server; their code decides, see CODES
    "Neo4jError": QueryError,
    "ClientError": QueryError,
    "CypherSyntaxError": QueryError,
    "CypherTypeError": QueryError,
    "ConstraintError": QueryError,
    "DatabaseError": QueryError,
    "TransientError": QueryError,
    "DatabaseUnavailable": QueryError,
    "NotALeader": QueryError,
    "ForbiddenOnReadOnlyDatabase": QueryError,
    "Forbidden": QueryError,
    "AuthError": QueryError,
    "TokenExpired": QueryError,
    # errors of the driver
    "ServiceUnavailable": UnreachableError,
    "RoutingServiceUnavailable": UnreachableError,
    "WriteServiceUnavailable": UnreachableError,
    "ReadServiceUnavailable": UnreachableError,
    "SessionExpired": UnreachableError,
    "ConnectionPoolError": UnreachableError,
    "ConnectionAcquisitionTimeoutError": UnreachableError,
    "BrokenRecordError": UnreachableError,
    "IncompleteCommit": CommitLostError,
    "ConfigurationError": InvalidConfigError,
    "AuthConfigurationError": InvalidConfigError,
    "CertificateConfigurationError": InvalidConfigError,
    "UnsupportedServerProduct": UnsupportedError,
    # our own misuse of the driver
    "DriverError": BugError,
    "SessionError": BugError,
    "TransactionError": BugError,
    "TransactionNestingError": BugError,
    "ResultError": BugError,
    "ResultConsumedError": BugError,
    "ResultFailedError": BugError,
    "ResultNotSingleError": BugError,
    # no errors of a call
    "GqlError": None,  # what the two trees have in common
    "Neo4jWarning": None,
    "Neo4jDeprecationWarning": None,
}


def raised() -> dict[str, type[BaseException]]:
    """The public classes that the driver's module defines."""
    return {
        name: found
        for name, found in vars(driver).items()
        if inspect.isclass(found)
        and issubclass(found, BaseException)
        and found.__module__ == driver.__name__
        and not name.startswith("_")
    }


def made(kind: Any) -> Exception:
    """An instance of a class of the driver's."""
    try:
        error: Exception = kind("words")
    except TypeError:  # errors of a result are made with the result
        error = kind(None, "words")
    return error


def from_server(code: str, message: str = "words") -> driver.Neo4jError:
    """The error that the driver makes of a server's answer."""
    error: driver.Neo4jError = driver.Neo4jError._hydrate_neo4j(
        code=code, message=message
    )
    return error


def test_no_class_is_unmapped() -> None:
    """The driver in use has no class that this page does not know."""
    assert set(raised()) - set(CLASSES) == set()


@pytest.mark.parametrize("name", [name for name, ours in CLASSES.items() if ours])
def test_classes(name: str) -> None:
    """Each becomes the class named here, with the driver's words and a way to tell."""
    kind = raised().get(name)
    if kind is None:
        pytest.skip(f"this driver has no {name}")

    error = translate(made(kind), address="h:1")

    assert type(error) is CLASSES[name]
    assert error.what
    assert error.why


CODES: list[tuple[str, type[MigrateError], str, int]] = [
    ("ClientError.Security.Unauthorized", AuthError, "SERVER.AUTH", 10),
    ("ClientError.Security.AuthenticationRateLimit", AuthError, "SERVER.AUTH", 10),
    ("ClientError.Security.CredentialsExpired", AuthError, "SERVER.AUTH", 10),
    ("ClientError.Security.TokenExpired", AuthError, "SERVER.AUTH", 10),
    ("ClientError.Security.AuthorizationExpired", AuthError, "SERVER.AUTH", 10),
    ("ClientError.Security.Forbidden", ForbiddenError, "SERVER.FORBIDDEN", 2),
    (
        *("ClientError.Database.DatabaseNotFound", NoDatabaseError),
        *("SERVER.NO_DATABASE", 2),
    ),
    (
        *("TransientError.Database.DatabaseUnavailable", NoDatabaseError),
        *("SERVER.NO_DATABASE", 2),
    ),
    (
        *("ClientError.General.ForbiddenOnReadOnlyDatabase", ReadOnlyError),
        *("SERVER.READ_ONLY", 2),
    ),
    ("ClientError.Cluster.NotALeader", ReadOnlyError, "SERVER.READ_ONLY", 2),
    ("ClientError.Statement.SyntaxError", QueryError, "SERVER.QUERY", 2),
    ("ClientError.Schema.ConstraintValidationFailed", QueryError, "SERVER.QUERY", 2),
    ("DatabaseError.Schema.ConstraintCreationFailed", QueryError, "SERVER.QUERY", 2),
    ("TransientError.Transaction.DeadlockDetected", QueryError, "SERVER.QUERY", 2),
    ("DatabaseError.General.UnknownError", QueryError, "SERVER.QUERY", 2),
    ("ClientError.Invented.Tomorrow", QueryError, "SERVER.QUERY", 2),
]


@pytest.mark.parametrize(("code", "kind", "ours", "exit_code"), CODES)
def test_codes(code: str, kind: type[MigrateError], ours: str, exit_code: int) -> None:
    """The server's code decides, and stands behind its words."""
    error = translate(from_server(f"Neo.{code}"), address="h:1")

    assert type(error) is kind
    assert (error.code, error.exit_code) == (ours, exit_code)
    assert error.why.endswith(f"words [{error.server_code}]")  # type: ignore[attr-defined]
    assert kind is QueryError or error.next  # a statement's way on is its file's


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        ("Neo.TransientError.Transaction.DeadlockDetected", True),
        ("Neo.TransientError.General.OutOfMemoryError", True),
        ("Neo.ClientError.Statement.SyntaxError", False),
        ("Neo.ClientError.Transaction.Terminated", False),
    ],
)
def test_what_may_be_tried_again(code: str, transient: bool) -> None:
    """As the driver itself would judge it."""
    error = translate(from_server(code))

    assert isinstance(error, QueryError)
    assert error.transient is transient


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        (
            "ClientError.Transaction.ForbiddenDueToTransactionType",
            *("words", "schema and data cannot share a transaction"),
        ),
        (
            "DatabaseError.Transaction.TransactionStartFailed",
            *(
                "'CALL { ... } IN TRANSACTIONS' can only",
                'set TRANSACTION = "per-call"',
            ),
        ),
        (
            "TransientError.General.MemoryPoolOutOfMemoryError",
            *("words", "batch it with CALL … IN TRANSACTIONS"),
        ),
        (
            "DatabaseError.Schema.ConstraintCreationFailed",
            "Unable to create:\nNode property existence constraint requires Neo4j"
            " Enterprise Edition",
            "this server is Neo4j Community",
        ),
    ],
)
def test_codes_with_advice(code: str, message: str, advice: str) -> None:
    """What the server's message does not say stands before it."""
    error = translate(from_server(f"Neo.{code}", message))

    assert advice in error.why
    assert " ".join(message.split()) in error.why


BROKEN = (
    "The database has encountered a critical error, and needs to be restarted. Please"
    " see database logs for more details."
)


@pytest.mark.parametrize(
    "code",
    ["Transaction.TransactionStartFailed", "Transaction.TransactionCommitFailed"],
)
def test_a_database_that_broke_down_is_no_fault_of_a_statement(code: str) -> None:
    """The code is that of CALL … IN TRANSACTIONS in a transaction, too."""
    error = translate(from_server(f"Neo.DatabaseError.{code}", BROKEN))

    assert isinstance(error, QueryError)
    assert error.broken
    assert error.what == "the database must be restarted"
    assert error.why.startswith("the database broke down and does nothing more")
    assert error.why.endswith(f"{BROKEN} [Neo.DatabaseError.{code}]")
    assert "per-call" not in error.why
    assert [way.command for way in error.next] == [
        "neo4j restart",
        "neo4j-migrate sandbox stop",
    ]


def test_a_transaction_that_did_not_start_for_another_reason_has_no_advice() -> None:
    code = "Neo.DatabaseError.Transaction.TransactionStartFailed"

    error = translate(from_server(code))

    assert (error.what, error.why) == (
        "the server refused a statement",
        f"words [{code}]",
    )


def test_the_place_is_read_and_the_echo_of_the_statement_is_not_repeated() -> None:
    """The file's own line is shown instead."""
    message = (
        "Invalid input 'RETRUN' (line 2, column 3 (offset: 14))\n\"  RETRUN n\"\n   ^"
    )

    error = translate(from_server("Neo.ClientError.Statement.SyntaxError", message))

    assert isinstance(error, QueryError)
    assert (error.line, error.column) == (2, 3)
    assert error.why == (
        "Invalid input 'RETRUN' (line 2, column 3 (offset: 14))"
        " [Neo.ClientError.Statement.SyntaxError]"
    )


def test_a_reason_in_several_lines_is_told_whole() -> None:
    """Which data violate a constraint stands in the second one."""
    message = "Unable to create Constraint( name='u' ):\nBoth Node(0) and Node(1) have `id` = 1"

    error = translate(
        from_server("Neo.DatabaseError.Schema.ConstraintCreationFailed", message)
    )

    assert error.why.startswith(
        "Unable to create Constraint( name='u' ): Both Node(0) and Node(1) have `id` = 1"
    )


def test_the_system_says_why_nobody_answers() -> None:
    """The driver wraps a refused connection several times; its cause is what counts."""
    refused = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)")
    wrapped = driver.ServiceUnavailable("Couldn't connect to h:1 (resolved to …)")
    wrapped.__cause__ = refused
    routed = driver.ServiceUnavailable("Unable to retrieve routing information")
    routed.__cause__ = _Group([wrapped])

    for error in (refused, wrapped, routed):
        assert translate(error, address="h:1").why == "Connection refused"


class _Group(Exception):  # noqa: N818 (it stands for one of the standard library)
    """A group as the driver makes one, also before Python 3.11."""

    def __init__(self, exceptions: list[Exception]) -> None:
        super().__init__("All routing table requests failed (1 sub-exception)")
        self.exceptions = exceptions


def test_translated_keeps_the_cause_and_leaves_others_alone() -> None:
    """A traceback shows both; what is no error of a connection passes through."""
    cause = driver.ServiceUnavailable("gone")

    with pytest.raises(UnreachableError) as caught, translated("h:1"):
        raise cause
    with pytest.raises(KeyError), translated("h:1"):
        raise KeyError("x")

    assert caught.value.__cause__ is cause
