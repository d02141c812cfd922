"""Translate what the driver raises into our errors, keyed on the server's code."""

from __future__ import annotations

import os
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from neo4j import exceptions as driver

from neo4j_migrate_magic.database.advice import advice
from neo4j_migrate_magic.database.privileges import SEE, lacking
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
    ServerError,
    UnreachableError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: \d+\)\)")

_AUTH = (
    "ClientError.Security.Unauthorized",
    "ClientError.Security.AuthenticationRateLimit",
    "ClientError.Security.CredentialsExpired",
    "ClientError.Security.TokenExpired",
    "ClientError.Security.AuthorizationExpired",
)
_NO_DATABASE = (
    "ClientError.Database.DatabaseNotFound",
    "TransientError.Database.DatabaseUnavailable",
    "DatabaseError.Database.UnableToStartDatabase",
)
_READ_ONLY = (
    "ClientError.General.ForbiddenOnReadOnlyDatabase",
    "TransientError.General.ForbiddenOnReadOnlyDatabase",
    "ClientError.General.WriteOnReadOnlyAccessDatabase",
)
_AT_COMMIT = (
    "DatabaseError.Transaction.TransactionCommitFailed",
    "DatabaseError.General.UnknownError",
)
_LEADER = ("ClientError.Cluster.NotALeader", "TransientError.Cluster.NotALeader")


def translate(error: Exception, *, address: str = "") -> MigrateError:
    """Give our error for one that the driver or the socket below it raised."""
    if isinstance(error, driver.IncompleteCommit):
        return CommitLostError(
            "the connection broke while COMMIT was on its way",
            why="whether it was committed can only be told by looking",
        )
    if isinstance(error, driver.Neo4jError):
        return _from_server(error, address)
    if isinstance(error, driver.UnsupportedServerProduct):
        return UnsupportedError(
            f"{address} is not a Neo4j server",
            why=_first(error),
            next=[("neo4j-migrate status --uri bolt://HOST:7687", "name another one")],
        )
    if isinstance(error, driver.ConfigurationError):
        return InvalidConfigError(
            "the driver does not take these settings",
            why=_first(error),
            next=[("neo4j-migrate doctor --only config", "see where each comes from")],
        )
    if isinstance(error, (*_LOST, OSError)):
        return _unreachable(error, address)
    # ResultError, TransactionError, SessionError: our own misuse of the driver.
    return BugError(
        "the driver refused a call",
        why=f"a fault of neo4j-migrate itself: {_first(error)}",
        next=[("neo4j-migrate status", "see what was kept")],
    )


_LOST = (
    driver.ServiceUnavailable,
    driver.SessionExpired,
    driver.ConnectionPoolError,
    driver.BrokenRecordError,
)


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Raise our error in place of the driver's, with the driver's as cause."""
    try:
        yield
    except (driver.Neo4jError, driver.DriverError, OSError) as error:
        raise translate(error, address=address) from error
    except OverflowError:
        # a parameter's value is in its words, so they are not repeated
        raise QueryError(
            "a parameter cannot be sent", why="an integer has more than 64 bits"
        ) from None


@contextmanager
def committing(address: str) -> Iterator[None]:
    """As `translated`, around COMMIT: a database that breaks down there tells nothing.

    What it refuses is rolled back. But where it fails in writing down the commit, it
    may find it written when it is started again.
    """
    try:
        with translated(address):
            yield
    except QueryError as error:
        code = error.server_code or ""
        if not (error.broken or code.endswith(_AT_COMMIT)):
            raise
        lost = CommitLostError("the server failed at COMMIT", why=error.why)
        lost.answered = True
        raise lost from error


def blocked(error: QueryError) -> bool:
    """Whether a statement waited in vain for what another transaction has locked."""
    return (error.server_code or "").endswith(
        (
            "Transaction.LockClientStopped",
            "Transaction.TransactionTimedOutClientConfiguration",
        )
    )


def _from_server(error: driver.Neo4jError, address: str) -> MigrateError:
    code = error.code or "Neo.DatabaseError.General.UnknownError"
    short = code.removeprefix("Neo.")
    why = f"{_text(error)} [{code}]"
    found: ServerError
    if short in _AUTH:
        found = _not_authenticated(short, why, address)
    elif short in _NO_DATABASE:
        found = NoDatabaseError(
            f"the database asked for is not to be had at {address}",
            why=why,
            next=[
                ("neo4j-migrate status --database neo4j", "name another database"),
                ('cypher-shell "SHOW DATABASES"', "see which there are"),
            ],
        )
    elif short in _READ_ONLY:
        found = ReadOnlyError(
            f"{address} takes no writes",
            why=why,
            next=[('cypher-shell "SHOW DATABASES"', "see which server does")],
        )
    elif short in _LEADER:
        found = ReadOnlyError(
            f"{address} is not the leader of its cluster",
            why=why,
            next=[("neo4j-migrate up --uri neo4j://HOST", "let the driver find it")],
        )
    elif short == "ClientError.Security.Forbidden":
        found = _forbidden(_text(error), why)
    else:
        return _refused(error, code, short, why)
    found.server_code = code
    found.transient = short in _LEADER  # the next one may know another
    return found


def _forbidden(text: str, why: str) -> ForbiddenError:
    privilege = lacking(text)
    if privilege is None:
        return ForbiddenError("the user lacks a privilege", why=why, next=[SEE])
    return ForbiddenError(
        f"the user {'is denied' if privilege.denied else 'lacks'} the privilege"
        f" {privilege.name} on {privilege.scope}",
        why=why,
        next=privilege.ways,
    )


def _refused(error: driver.Neo4jError, code: str, short: str, why: str) -> QueryError:
    place = _POSITION.search(error.message or "")
    known = place is not None and int(place[1]) > 0  # some have line 0, column 0
    found = advice(short, error.message or "", _statuses(error))
    return QueryError(
        "the database must be restarted"
        if found.broken
        else "the server refused a statement",
        why=f"{found.why}: {why}" if found.why else why,
        next=found.ways,
        server_code=code,
        line=int(place[1]) if place and known else None,
        column=int(place[2]) if place and known else None,
        transient=error.is_retryable(),
        edition=found.edition,
        broken=found.broken,
    )


def _statuses(error: BaseException | None) -> tuple[str, ...]:
    """Give the GQL statuses of an error and its causes; servers before 5.26 have none."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a preview in drivers before 6
        while isinstance(error, driver.GqlError):
            found.append(error.gql_status)
            error = error.__cause__
    return tuple(found)


def _not_authenticated(short: str, why: str, address: str) -> AuthError:
    what = f"{address} did not accept the user name and password"
    ways = [
        (
            "export NEO4J_USERNAME=neo4j NEO4J_PASSWORD=…",
            "name them; or set password in the config",
        )
    ]
    if short.endswith("CredentialsExpired"):
        what = f"the password at {address} must be changed before first use"
        ways = [("cypher-shell -u neo4j", "it asks for a new one")]
    return AuthError(what, why=why, next=ways)


def _unreachable(error: Exception, address: str) -> UnreachableError:
    why = _root(error)
    if any(word in why.upper() for word in ("SSL", "ENCRYPT")):
        why += "; a server without TLS wants bolt:// or neo4j://, not +s"
    return no_answer(address, why)


def no_answer(address: str, why: str) -> UnreachableError:
    """Say that what is at an address, if anything, does not answer as Neo4j does."""
    return UnreachableError(
        f"no Neo4j answers at {address}",
        why=why,
        next=[
            ("neo4j-migrate sandbox start", "a local one, if that is what is meant"),
            ("neo4j-migrate status --uri bolt://HOST:7687", "name another address"),
        ],
    )


def _root(error: BaseException) -> str:
    """Give what the system said: the driver wraps it, and groups what routing tried."""
    while True:
        cause = error.__cause__ or error.__context__
        inner = next(iter(getattr(error, "exceptions", ())), cause)
        if inner is None or not str(inner):
            break
        error = inner
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return _first(error)


def _text(error: driver.Neo4jError) -> str:
    """Give the message on one line, without the echo of the statement below it."""
    text = error.message or "no message"
    place = _POSITION.search(text)
    if place:
        text = text[: place.end()]
    return " ".join(text.split())


def _first(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
