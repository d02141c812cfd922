"""No password is in anything that a command says, stores or writes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.database.connection import Database, Target
from tests.security.conftest import COMMANDS, FIRST, WAYS, WRONG, Desk

pytestmark = pytest.mark.server


@pytest.mark.parametrize("way", WAYS)
def test_the_password_is_in_no_output_and_no_history(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """However it was given, and whatever is done with it."""
    password = desk.server.password
    options = desk.give(way, password, monkeypatch)

    shown = {name: desk(*args, *options) for name, args in COMMANDS.items()}
    created = desk("create", "another one", *options)

    assert dict.fromkeys(COMMANDS, 0) == {n: s.code for n, s in shown.items()}
    for found in (*shown.values(), created):
        assert password not in found.out + found.err
    assert "password = ***" in shown["origins"].out
    stored = desk.stored()
    assert FIRST in stored
    assert password not in stored
    assert password not in Path(created.out.strip()).read_text()


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password_is_not_repeated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Every command that connects is refused; with a traceback, too."""
    options = desk.give(way, WRONG, monkeypatch)

    shown = [desk(*args, *options, "--trace") for args in COMMANDS.values()]

    codes = {name: found.code for name, found in zip(COMMANDS, shown, strict=True)}
    assert dict.fromkeys(COMMANDS, 10) | {"origins": 0} == codes
    for found in shown:
        assert WRONG not in found.out + found.err
        assert desk.server.password not in found.out + found.err


@pytest.mark.parametrize("way", ["NEO4J_PASSWORD", "literal", ".env"])
def test_a_server_that_is_down_learns_and_tells_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Each command ends with the reason, not with what it would have sent."""
    options = [*desk.give(way, WRONG, monkeypatch), "--uri", "neo4j://127.0.0.1:1"]

    shown = [desk(*args, *options, "--trace") for args in COMMANDS.values()]

    assert {10} == {found.code for found in shown} - {0}
    assert not any(WRONG in found.out + found.err for found in shown)


def test_what_asks_no_server_does_not_tell_it_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`create`, `init` and `sandbox status` read the settings and no more."""
    desk.give("literal", WRONG, monkeypatch)

    for line in (
        ("create", "x"),
        ("create", "y", "--py"),
        ("init",),
        ("sandbox", "status"),
    ):
        found = desk(*line)

        assert found.code == 0
        assert WRONG not in found.out + found.err
    made = [p for p in desk.project.root.rglob("*") if p != desk.project.config]
    assert not any(WRONG in p.read_text() for p in made if p.is_file())


async def test_no_object_shows_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by `repr` nor by `str`."""
    desk.give(".env", WRONG, monkeypatch)
    migrator = Migrator.open()
    target = Target(uri="bolt://h:1", username="neo4j", password=WRONG)

    assert WRONG == migrator.settings.password == target.password
    database = Database.connect(target)
    await database.close()
    for shown in (migrator, migrator.settings, target, database, database.server):
        assert WRONG not in repr(shown) + str(shown) + f"{shown}"


def _command_lines(pid: int) -> dict[int, str]:
    """The command lines of a process and of all that it started."""
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            found[one] = Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ")
            tasks = Path(f"/proc/{one}/task").iterdir()
            children = [(task / "children").read_text().split() for task in tasks]
        except OSError:  # it has ended meanwhile
            continue
        waiting += [int(child) for group in children for child in group]
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("way", ["NEO4J_PASSWORD", "--password-env", "literal"])
def test_the_process_list_does_not_show_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Looked at again and again while a run is at work."""
    options = desk.give(way, desk.server.password, monkeypatch)
    slow = "import time\ndef up(client):\n    time.sleep(1)\ndef down(client): pass\n"
    desk.add("20260103000000-slow.py", slow)
    seen: set[str] = set()

    with subprocess.Popen(
        [sys.executable, "-m", "neo4j_migrate_magic", "up", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        while run.poll() is None:
            seen |= set(_command_lines(run.pid).values())
            time.sleep(0.02)
        out, err = run.communicate()

    assert run.returncode == 0, err
    assert any("neo4j_migrate_magic up" in line for line in seen)
    assert not any(desk.server.password in line for line in seen)
    assert desk.server.password.encode() not in out + err


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_sandbox_is_not_handed_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that stays behind has it in no file, no argument, no variable."""
    desk.give("NEO4J_PASSWORD", WRONG, monkeypatch)
    desk.write("neo4j-migrate.toml", f'uri = "sandbox"\npassword = "{WRONG}"\n')

    try:
        shown = desk("up", "-vv")
        state = desk("sandbox", "status")
        pid = int(state.err.split("process ")[1].split(",")[0])
        process = [
            Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")
        ]
        files = [
            p for p in (desk.project.root / ".neo4j-sandbox").rglob("*") if p.is_file()
        ]
        texts = [p.read_bytes() for p in files]
    finally:
        desk("sandbox", "stop")

    assert (shown.code, state.code) == (0, 0)
    assert "sandbox.json" in {path.name for path in files}
    for text in (*process, *texts, (shown.out + shown.err + state.err).encode()):
        assert WRONG.encode() not in text
    assert os.environ["NEO4J_PASSWORD"] == WRONG
