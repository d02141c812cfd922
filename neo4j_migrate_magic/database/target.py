"""Where a command works: server, login, database, and how patient it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server and database a command works on; the password has no repr."""

    uri: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    connect_timeout: float = 2.2  # seconds
    read_timeout: float = 30.0  # seconds that a read of ours may take
    env: str | None = None  # the environment's name, for messages

    @property
    def auth(self) -> tuple[str, str] | None:
        """The pair for the driver; None without a user name (no authentication)."""
        return (self.username, self.password or "") if self.username else None

    @property
    def address(self) -> str:
        """The URI without its scheme: ``host:port``."""
        return self.uri.split("://", 1)[-1].rstrip("/")

    def driver_options(self) -> dict[str, Any]:
        """Give what `driver()` takes, so that no call waits without a bound.

        The handshake obeys the acquisition timeout alone: with only a
        connection timeout a silent listener held us for a minute (measured).
        """
        options: dict[str, Any] = {
            "auth": self.auth,
            "user_agent": f"neo4j-migrate-magic/{version('neo4j-migrate-magic')}",
            "connection_timeout": max(self.connect_timeout - 0.5, 0.5),
            "connection_acquisition_timeout": self.connect_timeout,
            "telemetry_disabled": True,
        }
        if _driver_version() >= (6, 2):
            options["disable_auto_commit_retries"] = True  # an autocommit step never
        return options


def _driver_version() -> tuple[int, int]:
    major, minor = version("neo4j").split(".")[:2]
    return int(major), int(minor)
