"""Values that a command gives: when it is run, and what is said when it fails."""

from __future__ import annotations

import shlex
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from neo4j_migrate_magic.config import command, load, with_target
from neo4j_migrate_magic.errors import InvalidConfigError, SecretUnavailableError

URI = "bolt://h:1"
CANARY = "hunter2-canary"

Given = Callable[..., Path]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """A folder whose configuration has keys that a small Python program gives."""

    def write(code: str, *keys: str, uri: str = URI) -> Path:
        (tmp_path / "program.py").write_text(code)
        value = f"cmd:{shlex.quote(sys.executable)} program.py {CANARY}"
        lines = [] if "uri" in keys else [f'uri = "{uri}"']
        lines += [f'{key} = "{value}"' for key in keys]
        (tmp_path / "neo4j-migrate.toml").write_text("\n".join(lines))
        return tmp_path

    return write


def refused(folder: Path) -> SecretUnavailableError:
    """Connect in vain; what is said does not repeat the command's words or output."""
    with pytest.raises(SecretUnavailableError) as caught:
        with_target(load({}, {}, folder))
    error = caught.value
    told = "".join(traceback.format_exception(error)) + error.why + str(error.next)
    assert CANARY not in told
    assert error.next
    return error


def test_it_is_run_by_who_connects_and_by_nobody_else(given: Given) -> None:
    """In the folder of the file; its only line is the value."""
    folder = given(
        f"import pathlib\npathlib.Path('ran').touch()\nprint('{CANARY} x')\n",
        "password",
    )

    settings = load({}, {}, folder)
    before = (folder / "ran").exists()
    found = with_target(settings)

    assert not before
    assert (folder / "ran").exists()
    assert (settings.password, settings.username) == (None, "neo4j")
    assert f"{CANARY} x" == found.password
    assert CANARY not in repr(settings) + repr(found)


@pytest.mark.parametrize(
    ("key", "told"),
    [("uri", "bolt://told:1"), ("username", "somebody"), ("password", "env:x")],
)
def test_every_part_of_a_connection_may_come_from_one(
    given: Given, key: str, told: str
) -> None:
    """A line end is not part of it, and what it gives is no reference again."""
    folder = given(f"print({told!r}, end='\\r\\n')", key)

    assert told == getattr(with_target(load({}, {}, folder)), key)


def test_it_is_run_once(given: Given) -> None:
    """Settings that have their values run nothing any more."""
    folder = given("open('runs', 'a').write('x')\nprint('v')", "password")

    again = with_target(with_target(load({}, {}, folder)))

    assert again.password == "v"
    assert (folder / "runs").read_text() == "x"


@pytest.mark.parametrize(
    "options", [{"uri": "sandbox"}, {"password": "given", "uri": "bolt://h:1"}]
)
def test_what_is_not_needed_is_not_run(
    given: Given, options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox has no login, and an option is stronger."""
    folder = given("open('ran', 'w')\nprint('v')", "password")

    with_target(load(options, {}, folder))

    assert not (folder / "ran").exists()


def test_a_missing_variable_is_told_before_anything_is_run(given: Given) -> None:
    """So nobody unlocks a store of passwords in vain."""
    folder = given("open('ran', 'w')\nprint('v')", "password")
    config = folder / "neo4j-migrate.toml"
    config.write_text(config.read_text() + '\nusername = "env:NOT_SET"')

    assert "the variable NOT_SET is not set" in refused(folder).why
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (f"print('{CANARY}')\nraise SystemExit(3)", "ended with exit code 3"),
        (f"raise SystemExit('{CANARY}')", "ended with exit code 1"),
        ("import os, signal\nos.kill(os.getpid(), 15)", "was ended by signal 15"),
        ("", "must write one line"),
        ("print()", "must write one line"),
        (f"print('{CANARY}')\nprint('more')", "must write one line"),
        (
            "import sys\nsys.stdout.buffer.write(b'\\xff')",
            "must write one line of UTF-8",
        ),
        ("input()", "ended with exit code 1"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_wrote(
    given: Given, code: str, why: str
) -> None:
    """Its exit code is enough, and the place in the file."""
    folder = given(code, "password")

    error = refused(folder)

    assert why in error.why
    assert "neo4j-migrate.toml" in error.why
    assert error.where is not None
    assert error.where.line == 2


def test_what_it_gives_is_checked_and_not_quoted(given: Given) -> None:
    """An error message of the command is no URI."""
    folder = given(f"print('login failed: {CANARY}')", "uri")

    assert "what its command wrote is no uri" in refused(folder).why


def test_one_that_does_not_end_is_given_up(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may ask its user to unlock something; it may not wait for ever."""
    monkeypatch.setattr(command, "LIMIT", 0.3)
    folder = given("import time\ntime.sleep(60)", "password")

    assert "did not end within" in refused(folder).why


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By the name of the program alone: its arguments may be secret."""
    (tmp_path / "neo4j-migrate.toml").write_text(
        f'uri = "{URI}"\npassword = "cmd:no-such-program --token {CANARY}"\n'
    )

    why = refused(tmp_path).why

    assert "the command 'no-such-program' cannot be run: No such file" in why


def test_there_is_no_shell(tmp_path: Path) -> None:
    """A pipe, a variable and a semicolon are words like others."""
    code = "import sys; print(sys.argv[1:])"
    (tmp_path / "neo4j-migrate.toml").write_text(
        f'uri = "{URI}"\n'
        f'password = """cmd:{sys.executable} -c "{code}" "a b" $HOME | x; y > z"""\n'
    )

    found = with_target(load({}, {}, tmp_path)).password

    assert str(["a b", "$HOME", "|", "x;", "y", ">", "z"]) == found


@pytest.mark.parametrize("text", ["cmd:", "cmd:  ", "cmd:pass 'x"])
def test_a_command_that_is_none_is_refused_at_once(tmp_path: Path, text: str) -> None:
    """It can be told without running it, so every verb tells it."""
    (tmp_path / "neo4j-migrate.toml").write_text(f'uri = "{URI}"\npassword = "{text}"')

    with pytest.raises(InvalidConfigError) as caught:
        load({}, {}, tmp_path)

    assert "cmd:" in caught.value.why


@pytest.mark.parametrize(
    ("options", "environ"),
    [({"password": "cmd:x"}, {}), ({}, {"NEO4J_PASSWORD": "cmd:x"})],
)
def test_it_is_for_the_file_only(
    tmp_path: Path, options: dict[str, str], environ: dict[str, str]
) -> None:
    """A password in a variable may look like anything, and is not run."""
    (tmp_path / "neo4j-migrate.toml").write_text(f'uri = "{URI}"')

    assert with_target(load(options, environ, tmp_path)).password == "cmd:x"
