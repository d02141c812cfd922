"""The server refused or did not answer."""

from __future__ import annotations

from typing import Any

from neo4j_migrate_magic.errors.base import MigrateError, Next


class ServerError(MigrateError):
    """The server refused or did not answer.

    `server_code` is the server's own code, such as
    ``Neo.ClientError.Statement.SyntaxError``, where it gave one.
    """

    exit_code = 2
    server_code: str | None = None
    transient: bool = False
    """Whether the same may succeed when it is tried again."""


class UnreachableError(ServerError):
    """Nothing answers at the address, or not in time."""

    code = "SERVER.UNREACHABLE"
    exit_code = 10


class AuthError(ServerError):
    """User name or password were not accepted."""

    code = "SERVER.AUTH"
    exit_code = 10


class UnsupportedError(ServerError):
    """The server is too old, or is no Neo4j."""

    code = "SERVER.UNSUPPORTED"


class NoDatabaseError(ServerError):
    """The server has no database of that name, or it is not online."""

    code = "SERVER.NO_DATABASE"


class ForbiddenError(ServerError):
    """The user lacks a privilege."""

    code = "SERVER.FORBIDDEN"


class ReadOnlyError(ServerError):
    """The database or this member of the cluster takes no writes."""

    code = "SERVER.READ_ONLY"


class QueryError(ServerError):
    """The server refused a statement; line and column are within its text.

    `edition` tells that it needs an edition or a Cypher which the server has not,
    `broken` that the database does nothing before a restart, whatever is sent.
    """

    code = "SERVER.QUERY"
    ways = (Next("neo4j-migrate doctor", "look at server, rights, and history"),)

    def __init__(
        self,
        what: str,
        *,
        server_code: str | None = None,
        line: int | None = None,
        column: int | None = None,
        transient: bool = False,
        edition: bool = False,
        broken: bool = False,
        **parts: Any,
    ) -> None:
        super().__init__(what, **parts)
        self.server_code = server_code
        self.line = line
        self.column = column
        self.transient = transient
        self.edition = edition
        self.broken = broken


class CommitLostError(ServerError):
    """The connection broke while COMMIT was on its way: kept or not, unknown.

    `answered` tells that the server did answer: that it failed in committing.
    """

    answered = False

    code = "SERVER.COMMIT_LOST"
    exit_code = 10
    ways = (Next("neo4j-migrate status", "see whether it was kept"),)
