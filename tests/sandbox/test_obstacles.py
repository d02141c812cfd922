"""What stands in the way of a start: a port, another server, a full disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import SandboxError, SandboxStartError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox import Sandbox, life, server
from neo4j_migrate_magic.sandbox.processes import servers

pytestmark = pytest.mark.server

Ask = Callable[..., object]


def test_a_fixed_port_that_is_taken_is_named(tmp_path: Path, taken_port: int) -> None:
    """Whoever fixed it does not want another one; nothing is left running."""
    sandbox = Sandbox(tmp_path / "home", port=taken_port)

    with pytest.raises(SandboxStartError) as caught:
        sandbox.start()

    words = f"port {taken_port} is taken by another program; "
    assert caught.value.why.startswith(words)
    assert caught.value.next != ()
    assert str(sandbox.home) not in servers()


def test_a_port_taken_between_two_looks_is_exchanged(
    taken_port: int, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    """The store that was prepared for it is still there for the second try."""
    free_port = server._free_port
    ports = [taken_port]
    monkeypatch.setattr(
        server, "_free_port", lambda: ports.pop() if ports else free_port()
    )

    with Sandbox() as uri:
        assert not uri.endswith(f":{taken_port}")
        assert ask(uri) == 1


def test_data_that_another_server_works_on_is_not_touched(
    tmp_path: Path, lts: str, ask: Ask
) -> None:
    """It says so in words, and that server goes on."""
    ours = next(
        Path(home) for home in servers() if server.port_of(Path(home)) == _port(lts)
    )
    home = tmp_path / "home"
    home.mkdir()
    (home / "data").symlink_to(ours / "data")
    (home / "server-version").write_text((ours / "server-version").read_text())

    with pytest.raises(SandboxStartError) as caught:
        Sandbox(home).start()

    assert caught.value.why.startswith("another server works on this data; ")
    assert caught.value.next != ()
    assert ask(lts) == 1


def _port(uri: str) -> int:
    return int(uri.rsplit(":", 1)[1])


def test_a_disk_with_too_little_room_is_told_before_the_start(
    small_disk: Callable[[int], Path],
) -> None:
    """With how much there is, and another way."""
    home = small_disk(10_000) / "home"

    with pytest.raises(SandboxError, match="the disk is full") as caught:
        Sandbox(home).start()

    assert "MB are free at" in caught.value.why
    assert caught.value.next[0].command == "neo4j-migrate sandbox start --ephemeral"


@pytest.mark.parametrize("left", [0, 32_000])
def test_a_disk_that_fills_up_during_the_start_is_told(
    small_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """While we write, or while the server does; reset makes room again."""
    monkeypatch.setattr(life, "_ROOM", 0)
    disk = small_disk(10_000)
    home = disk / "home"

    def fill(progress: SandboxProgress) -> None:
        if progress.what.startswith("starting"):
            with (disk / "filler").open("wb", 0) as filler, suppress(OSError):
                while filler.write(bytes(4096)):
                    pass
            os.truncate(disk / "filler", (disk / "filler").stat().st_size - left)

    sandbox = Sandbox(home, on_progress=fill)
    try:
        with pytest.raises(SandboxError) as caught:
            sandbox.start(timeout=60)
    finally:
        sandbox.stop()

    assert "the disk is full" in f"{caught.value.what}; {caught.value.why}"
    assert caught.value.next != ()
    assert str(home) not in servers()
    sandbox.reset()
    assert {path.name for path in home.iterdir()} == {".lock", ".gitignore"}
