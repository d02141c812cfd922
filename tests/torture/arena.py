"""A project on a real server, its processes, and its lock as the server has it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.torture.child import Tricks
from tests.torture.oracle import Made
from tests.torture.processes import Ended, Processes, Started

_OTHERS = """
SHOW TRANSACTIONS YIELD transactionId, metaData
WHERE metaData.tool = 'neo4j-migrate-magic' RETURN transactionId
"""

_BUILDERS = """
SHOW TRANSACTIONS YIELD metaData
WHERE metaData.tool = 'neo4j-migrate-magic' AND metaData.builds IS NOT NULL RETURN 1
"""

_HALF_BUILT = "SHOW INDEXES YIELD state WHERE state = 'POPULATING' RETURN 1"

_END = """
SHOW TRANSACTIONS YIELD transactionId AS open, metaData
WHERE metaData.tool = 'neo4j-migrate-magic' AND metaData.builds IS NULL
TERMINATE TRANSACTIONS open YIELD message RETURN message
"""


class Arena:
    """Where one test happens."""

    def __init__(self, root: Path, graph: Any, starts: Processes) -> None:
        self.root = root
        self.graph = graph
        self.folder = root / "migrations"
        self.folder.mkdir()
        self.forked = starts.forked
        self.console = starts.console
        self.config = root / "neo4j-migrate.toml"
        self.config.write_text(f'migration_dir = "migrations"\nuri = "{graph.uri}"\n')

    def holds(self, migrations: Iterable[Made]) -> None:
        """Empty folder and database, and write a folder of migrations."""
        for path in self.folder.iterdir():
            if path.is_file():
                path.unlink()
        for made in migrations:
            (self.folder / made.file).write_text(made.text)
        self.graph.wipe()

    def start(
        self, *args: str, console: bool = False, tricks: Tricks | None = None
    ) -> Started:
        """Start a command line, forked unless it is to be the shell's script."""
        if console:
            return self.console(*args)
        return self.forked(*args, tricks=tricks or Tricks())

    def run(self, *args: str, console: bool = False) -> Ended:
        """Run a command line to its end."""
        return self.start(*args, console=console).wait()

    def let_the_lease_end(self) -> None:
        """Let a dead run's lease be over, instead of waiting for half a minute."""
        self.graph.rows(
            "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL"
            " SET l.expires_at = datetime.realtime() - duration('PT1S')"
        )

    def until_quiet(self) -> None:
        """Wait until the server has noticed who is dead: no transaction is left."""
        until(lambda: not self.graph.rows(_OTHERS))

    def until_built_or_gone(self) -> None:
        """Wait until no index is half-built: of a client that is gone it goes, too."""
        until(lambda: not self.graph.rows(_HALF_BUILT))

    def end_what_is_open(self) -> None:
        """End what a stopped run has open, as a person would who must count."""
        self.graph.rows(_END)

    def builds(self) -> bool:
        """Whether a transaction is open that makes a constraint: others wait for it."""
        return bool(self.graph.rows(_BUILDERS))

    def owner(self) -> str | None:
        """Who holds the lock."""
        rows = self.graph.rows("MATCH (l:_MigrateProject) RETURN l.owner")
        return rows[0][0] if rows else None

    def events(self, what: str) -> int:
        """How many events of a kind the log has."""
        found: int = self.graph.one(
            "MATCH (e:_MigrateEvent {what: $what}) RETURN count(e)", what=what
        )
        return found


def until(true: Callable[[], object], timeout: float = 30.0) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: It never did.
    """
    limit = time.monotonic() + timeout
    while not true():
        if time.monotonic() > limit:
            raise TimeoutError(f"{timeout:.0f}s were not enough")
        time.sleep(0.01)
