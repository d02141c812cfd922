"""A command line in this process, and a migrator that needs no server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from neo4j_migrate_magic import config
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.shell import run
from neo4j_migrate_magic.cli.terminal import Terminal
from tests.render.values import SERVER


@dataclass
class Shown:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


Run = Callable[..., Shown]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line and give what it printed."""

    def call(*args: str, environ: dict[str, str] | None = None) -> Shown:
        capsys.readouterr()
        code = run(args, App(Terminal(environ or {})))
        shown = capsys.readouterr()
        return Shown(code, shown.out, shown.err)

    return call


@dataclass
class Script:
    """What the migrator of the test does, and what it was asked for."""

    work: Callable[[Callable[[Any], None]], Awaitable[Any]]
    options: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    settings: config.Settings = field(
        default_factory=lambda: config.Settings(
            migration_dir=Path("migrations"), root=Path()
        )
    )


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """A migrator that only notes what it is asked, and does what the test says."""

    async def nothing(tell: Callable[[Any], None]) -> None:
        return None

    script = Script(nothing)

    class Migrator:
        def __init__(self, *, on_event: Any, **options: Any) -> None:
            self.tell = on_event
            self.settings = script.settings
            self.database = SimpleNamespace(server=SERVER)
            script.options = options

        async def __aenter__(self) -> Migrator:
            return self

        async def __aexit__(self, *_: object) -> None:
            script.asked.append(("close", {}))

        async def up(self, count: Any = None, **more: Any) -> Any:
            script.asked.append(("up", {"count": count, **more}))
            return await script.work(self.tell)

        async def down(self, count: Any = None, **more: Any) -> Any:
            script.asked.append(("down", {"count": count, **more}))
            return await script.work(self.tell)

        async def status(self) -> Any:
            script.asked.append(("status", {}))
            return await script.work(self.tell)

    monkeypatch.setattr("neo4j_migrate_magic.migrator.Migrator", Migrator)
    return script
