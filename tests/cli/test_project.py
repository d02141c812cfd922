"""init and create in a real folder, and calls that lack something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no variable that names a server."""
    import os

    for name in list(os.environ):
        if name.startswith("NEO4J_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_and_again(cli: Run, folder: Path) -> None:
    """The first call writes, the second changes nothing; both end with 0."""
    first = cli("init", "--migration-dir", "changes", "--uri", "bolt://h:1")
    text = (folder / "neo4j-migrate.toml").read_text()
    second = cli("init")

    assert (first.code, first.out) == (0, "")
    assert first.err == (
        "wrote neo4j-migrate.toml\n"
        "made changes\n"
        "  next   neo4j-migrate create NAME    makes a migration\n"
    )
    assert 'migration_dir = "changes"' in text
    assert 'uri = "bolt://h:1"' in text
    assert second.code == 0
    assert second.err.startswith("neo4j-migrate.toml is there\nchanges is there\n")
    assert (folder / "neo4j-migrate.toml").read_text() == text


def test_init_takes_its_options_before_the_verb(cli: Run, folder: Path) -> None:
    """They are the global ones."""
    cli("--sandbox", "-d", "m", "init")

    assert 'uri = "sandbox"' in (folder / "neo4j-migrate.toml").read_text()
    assert (folder / "m" / ".gitkeep").exists()


@pytest.mark.parametrize(
    ("args", "suffix"), [((), ".cypher"), (("--py",), ".py")], ids=["cypher", "python"]
)
def test_create_prints_the_path(
    cli: Run, folder: Path, args: tuple[str, ...], suffix: str
) -> None:
    """Alone on stdout, so that `$EDITOR $(neo4j-migrate create NAME)` works."""
    cli("init")

    shown = cli("create", "AddPerson Index", *args)

    (file,) = folder.glob("migrations/2*")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == f"{file.relative_to(folder)}\n"
    assert file.name.endswith(f"-add_person_index{suffix}")


def test_create_elsewhere_prints_the_whole_path(
    cli: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A path outside the working directory is not shortened."""
    other = tmp_path_factory.mktemp("other")

    shown = cli("create", "x", "-d", str(other))

    assert shown.out.startswith(f"{other}/2")


@pytest.mark.parametrize("verb", [("create", "x"), ("status",), ("up",), ("down",)])
def test_no_config(cli: Run, folder: Path, verb: tuple[str, ...]) -> None:
    """Every verb but init says that there is no project here."""
    shown = cli(*verb)

    assert shown.code == 2
    assert "error CONFIG.NOT_FOUND" in shown.err
    assert "neo4j-migrate init" in shown.err


@pytest.mark.parametrize("verb", ["status", "up", "down"])
def test_no_target(cli: Run, folder: Path, verb: str) -> None:
    """The sandbox is never chosen silently."""
    cli("init")

    shown = cli(verb)

    assert shown.code == 2
    assert "error CONFIG.NO_TARGET" in shown.err
    assert "--sandbox" in shown.err
    assert not (folder / ".neo4j-sandbox").exists()


def test_nobody_there(cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is in no output, also not with a traceback."""
    cli("init", "--uri", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "hunter2")

    shown = cli("status", "--trace", "-v")

    assert shown.code == 10
    assert "error SERVER.UNREACHABLE" in shown.err
    assert "hunter2" not in shown.err + shown.out


def test_sandbox_that_does_not_run(cli: Run, folder: Path) -> None:
    """It says so, names the command, and starts nothing; no project is needed."""
    status, stop = cli("sandbox", "status"), cli("sandbox", "stop")

    assert (status.code, status.out) == (0, "")
    assert status.err == (
        "the sandbox is not running\n"
        "  next   neo4j-migrate sandbox start    starts it\n"
    )
    assert (stop.code, stop.err) == (0, "the sandbox was not running\n")
