"""What lasts from one cell to the next: the loop, open connections, the chosen target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.notebook.bridge import Bridge

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.database.kept import KeptConnections
    from neo4j_migrate_magic.database.target import Target

TARGET = frozenset({"env", "uri", "sandbox"})
"""The options that name a target: one of them in a command puts a chosen one aside."""


@dataclass(frozen=True)
class Pinned:
    """The target that was chosen for the notebook.

    `driver` is an open `neo4j.Driver` of the notebook's, and `name` its variable.
    """

    options: dict[str, Any] = field(default_factory=dict, repr=False)
    driver: Any = field(default=None, repr=False)
    name: str = ""


class Session:
    """The state of one loaded extension; nothing is opened before it is needed.

    Args:
        shell: The IPython that it is loaded into.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.bridge = Bridge()
        self.pinned: Pinned | None = None
        self.passwords: dict[tuple[str, str], str] = {}
        """What was typed, by address and user; in memory alone."""
        self.told: set[str] = set()
        """What was said once, and need not be said again."""
        self._connections: KeptConnections | None = None

    @property
    def kernel(self) -> bool:
        """Whether a front end shows outputs, as it does for a Jupyter kernel."""
        return hasattr(self.shell, "kernel")

    def variable(self, name: str) -> Any:
        """Give a variable of the notebook.

        Raises:
            KeyError: There is none of that name.
        """
        return self.shell.user_ns[name]

    def connect(self, target: Target) -> Database:
        """Give a database on a connection that stays open; on the bridge's loop."""
        if self._connections is None:
            from neo4j_migrate_magic.database.kept import KeptConnections

            self._connections = KeptConnections()
        return self._connections(target)

    def close(self) -> None:
        """Close the connections and end the loop."""
        connections, self._connections = self._connections, None
        if connections is not None:
            self.bridge.submit(connections.close()).result(timeout=10.0)
        self.bridge.close()
