"""Files with a password in them that every user of the machine may read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neo4j_migrate_magic.config import exposure, init, load
from tests.cli.conftest import Run, cli

__all__ = ["cli"]

URI = "bolt://127.0.0.1:1"
LITERAL = 'password = "canary"\n'

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")


def write(path: Path, text: str, mode: int) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def config(folder: Path, text: str = "", mode: int = 0o644) -> Path:
    return write(folder / "neo4j-migrate.toml", f'uri = "{URI}"\n{text}', mode)


def warned_of(path: Path) -> tuple[str, ...]:
    return (
        f"{path.name} has a password in it, and every user of this machine may read it:"
        f" chmod 600 {path}",
    )


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666, 0o444])
@pytest.mark.parametrize("text", [LITERAL, f"[env.prod]\n{LITERAL}"])
def test_a_config_file_with_a_password_that_others_may_read(
    folder: Path, mode: int, text: str
) -> None:
    """It is named with the cure, whichever environment is chosen."""
    path = config(folder, text, mode)

    assert warned_of(path) == load({}, {}, folder).warnings


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_config_file_that_others_may_not_read(folder: Path, mode: int) -> None:
    """A group is somebody's choice, and no warning."""
    config(folder, LITERAL, mode)

    assert load({}, {}, folder).warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        'password = ""',
        'password = "env:SECRET"',
        'password = "file:secret.txt"',
        '[env.prod]\npassword = "env:SECRET"',
        'username = "canary"',
    ],
)
def test_a_config_file_that_only_says_where_the_password_is(
    folder: Path, text: str
) -> None:
    """Everybody may know that."""
    config(folder, text)
    write(folder / "secret.txt", "canary", 0o600)

    assert load({}, {"SECRET": "canary"}, folder).warnings == ()


def test_pyproject_and_the_seeds_file_count_too(folder: Path) -> None:
    """They are configuration files."""
    text = f'[tool.neo4j-migrate-magic]\nuri = "{URI}"\n{LITERAL}'
    path = write(folder / "pyproject.toml", text, 0o644)
    assert warned_of(path) == load({}, {}, folder).warnings

    path.unlink()
    options = '{"scheme": "basic", "auth": {"username": "u", "password": "canary"}}'
    text = (
        f'{{"migration_dir": "m", "neo4j": {{"uri": "{URI}", "options": {options}}}}}'
    )
    path = write(folder / "migration-config.json", text, 0o644)
    assert warned_of(path) == load({}, {}, folder).warnings


@pytest.mark.parametrize(
    "text",
    [
        "NEO4J_PASSWORD=canary",
        "export NEO4J_MIGRATE_PASSWORD='canary'",
        "SECRET=canary",
    ],
)
def test_a_dotenv_with_the_password(folder: Path, text: str) -> None:
    """Also one that a reference names; a mode of 600 settles it."""
    config(folder, 'password = "env:SECRET"' if "SECRET=" in text else "")
    path = write(folder / ".env", text, 0o644)

    assert warned_of(path) == load({}, {}, folder).warnings
    path.chmod(0o600)
    assert load({}, {}, folder).warnings == ()
    assert load({}, {}, folder).password == "canary"


def test_a_dotenv_with_nothing_secret_in_it(folder: Path) -> None:
    """An address is for everybody."""
    config(folder)
    write(folder / ".env", "NEO4J_DATABASE=movies\nNEO4J_PASSWORD=\n", 0o644)

    settings = load({}, {}, folder)

    assert (settings.warnings, settings.database) == ((), "movies")


@pytest.mark.parametrize("way", ["option", "variable", "config"])
def test_a_password_file_that_others_may_read(folder: Path, way: str) -> None:
    """However it was named."""
    config(folder, 'password = "file:secret.txt"' if way == "config" else "")
    path = write(folder / "secret.txt", "canary\n", 0o644)
    options = {"password_file": "secret.txt"} if way == "option" else {}
    environ = {"NEO4J_MIGRATE_PASSWORD_FILE": "secret.txt"} if way == "variable" else {}

    assert warned_of(path) == load(options, environ, folder).warnings
    path.chmod(0o600)
    assert load(options, environ, folder).warnings == ()


@pytest.mark.parametrize(
    "line", [("create", "x"), ("status",), ("up", "-q"), ("doctor",)]
)
def test_the_warning_is_told_once_and_beside_the_data(
    cli: Run, folder: Path, line: tuple[str, ...]
) -> None:
    """On stderr, also where the command then fails."""
    path = config(folder, LITERAL)
    (folder / "migrations").mkdir()

    shown = cli(*line)

    assert shown.err.count(f"warning  {warned_of(path)[0]}") == 1
    assert shown.err.count("chmod 600") == 1
    if line[0] != "doctor":  # its findings are what it prints
        assert "chmod" not in shown.out


def test_the_command_can_be_pasted_whatever_the_folder_is_called(folder: Path) -> None:
    """A name with blanks and `$(…)` is one word of the shell, and not run."""
    odd = folder / "it's $(reboot)"
    odd.mkdir()
    path = config(odd, LITERAL)

    (warning,) = load({}, {}, odd).warnings

    assert warning.endswith("""it'"'"'s $(reboot)/neo4j-migrate.toml'""")
    assert os.system(warning.partition(": ")[2]) == 0  # noqa: S605 (a shell is the point)
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_modes_mean_nothing_nobody_is_warned(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a mode does not tell who may read a file."""
    config(folder, LITERAL)
    monkeypatch.setattr(exposure, "_MODES", False)

    assert load({}, {}, folder).warnings == ()


def test_init_writes_no_password_and_warns_of_one_that_is_there(folder: Path) -> None:
    """A file of its own making is for everybody; one that it finds may not be."""
    assert init(folder, uri=URI).warnings == ()
    path = config(folder, LITERAL)

    assert warned_of(path) == init(folder).warnings
