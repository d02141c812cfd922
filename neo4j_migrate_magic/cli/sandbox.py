"""The commands of the sandbox: a real local Neo4j, kept in the project's folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.tree import PROGRAM, command, group, tree
from neo4j_migrate_magic.errors import Next, SandboxError

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import SandboxAnswer
    from neo4j_migrate_magic.sandbox import Sandbox, SandboxState


sandbox = group(
    "sandbox",
    "A real local Neo4j, kept in .neo4j-sandbox/.\n\n"
    "It has no password and listens on this machine alone.",
    parent=tree,
)


@command(sandbox, "start", codes=(10,))
@click.option("--server", metavar="VERSION", help="Such as 5.26, lts, or latest.")
@click.option("--ephemeral", is_flag=True, help="Run until Ctrl-C, then forget it all.")
@click.pass_obj
def start(app: App, server: str | None, ephemeral: bool) -> SandboxAnswer:
    """Start it, or find it running, and print its address."""
    if not ephemeral:
        return _running(_started(app, _sandbox(app, server)))
    server_here = _sandbox(app, server, ephemeral=True)
    state = _started(app, server_here)
    said = f"Neo4j {state.version} runs until Ctrl-C"
    try:
        if not app.hold(_running(state), said, server_here.runs):
            raise _ended(state)
    finally:
        server_here.stop()
    return _answer(said="stopped, and its data is gone")


@command(sandbox, "stop")
@click.pass_obj
def stop(app: App) -> SandboxAnswer:
    """Stop it; its data stays."""
    stopped = _sandbox(app).stop()
    return _answer(said="stopped" if stopped else "the sandbox was not running")


@command(sandbox, "status")
@click.pass_obj
def status(app: App) -> SandboxAnswer:
    """Print its address if it runs."""
    state = _sandbox(app).status()
    if state is not None:
        return _running(state)
    return _answer(
        said="the sandbox is not running",
        next=(Next(f"{PROGRAM} sandbox start", "starts it"),),
    )


@command(sandbox, "reset")
@click.pass_obj
def reset(app: App) -> SandboxAnswer:
    """Stop it and delete its data."""
    _sandbox(app).reset()
    return _answer(said="the sandbox is empty and not running")


def _sandbox(
    app: App, version: str | None = None, *, ephemeral: bool = False
) -> Sandbox:
    from neo4j_migrate_magic import config
    from neo4j_migrate_magic.sandbox import Sandbox

    if ephemeral:
        return Sandbox(version=version, on_progress=app.hear)
    settings = config.load(app.options, os.environ, Path.cwd(), required=False)
    from neo4j_migrate_magic.migrator import SANDBOX_FOLDER

    return Sandbox(
        settings.root / SANDBOX_FOLDER, version=version, on_progress=app.hear
    )


def _started(app: App, server: Sandbox) -> SandboxState:
    """Start a server in a thread, so that an interrupt does not cut it half-way."""
    import asyncio

    return app.complete(asyncio.to_thread(server.start))


def _ended(state: SandboxState) -> SandboxError:
    return SandboxError(
        f"Neo4j {state.version} is gone: its process {state.pid} has ended",
        why="it was killed, or the machine has no memory left",
        kept="nothing: its data was to go with it",
        next=[Next(f"{PROGRAM} sandbox start --ephemeral", "starts another")],
    )


def _answer(said: str, **more: Any) -> SandboxAnswer:
    from neo4j_migrate_magic.model import SandboxAnswer

    return SandboxAnswer(said=said, **more)


def _running(state: SandboxState) -> SandboxAnswer:
    said = f"Neo4j {state.version}, process {state.pid}, data in {state.home}"
    return _answer(
        said=said,
        uri=state.uri,
        version=state.version,
        pid=state.pid,
        home=state.home,
    )
