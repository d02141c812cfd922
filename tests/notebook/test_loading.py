"""Load, reload, unload: nothing is left behind, and nothing of a stranger's is lost."""

from __future__ import annotations

import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.conftest import Graph, Project

LOAD = "%load_ext neo4j_migrate_magic"
RELOAD = "%reload_ext neo4j_migrate_magic"
UNLOAD = "%unload_ext neo4j_migrate_magic"
LINES, CELLS = {"migrate", "neo4j_migrate"}, {"migration", "neo4j_migration"}


def ours(ip: InteractiveShell) -> tuple[set[str], set[str], int, int]:
    """What of ours is registered: magics, matchers, configurables."""
    magics = ip.magics_manager.magics
    matchers = [m for m in ip.Completer.custom_matchers if "migrate" in m.__qualname__]
    settings = [c for c in ip.configurables if type(c).__name__ == "MigrateMagic"]
    return (
        LINES & set(magics["line"]),
        CELLS & set(magics["cell"]),
        len(matchers),
        len(settings),
    )


def run(ip: InteractiveShell, cell: str) -> None:
    with capture_output():
        ip.run_cell(cell).raise_error()


def test_it_comes_and_goes(ip: InteractiveShell) -> None:
    assert ours(ip) == (set(), set(), 0, 0)
    run(ip, LOAD)
    assert ours(ip) == (LINES, CELLS, 1, 1)
    run(ip, RELOAD)
    run(ip, RELOAD)
    assert ours(ip) == (LINES, CELLS, 1, 1)
    run(ip, UNLOAD)
    assert ours(ip) == (set(), set(), 0, 0)
    run(ip, UNLOAD)
    run(ip, LOAD)
    assert ours(ip) == (LINES, CELLS, 1, 1)


def test_a_stranger_s_name_is_given_back(ip: InteractiveShell) -> None:
    """sqlmesh registers `%migrate` when it is imported."""

    def migrate(line: str) -> str:
        return f"stranger {line}"

    ip.register_magic_function(migrate, "line")
    with pytest.warns(UserWarning, match="%neo4j_migrate always is"):
        ip.extension_manager.load_extension("neo4j_migrate_magic")
    with capture_output() as shown:
        ip.run_cell("%migrate --version").raise_error()
    assert "neo4j-migrate" in shown.stdout or "%migrate" in shown.stdout
    run(ip, UNLOAD)
    assert ip.run_cell("%migrate up").result == "stranger up"


def test_who_came_after_us_stays(ip: InteractiveShell) -> None:
    run(ip, LOAD)

    def migrate(line: str) -> str:
        return f"stranger {line}"

    ip.register_magic_function(migrate, "line")
    with capture_output() as shown:
        ip.run_cell("%neo4j_migrate --help").raise_error()
    assert "Usage: %migrate" in shown.stdout
    run(ip, UNLOAD)
    assert ip.run_cell("%migrate up").result == "stranger up"


@pytest.mark.server
def test_its_thread_and_connections_end_with_it(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    run(magic, "%migrate status")
    assert "neo4j-migrate" in [thread.name for thread in threading.enumerate()]
    run(magic, UNLOAD)
    assert "neo4j-migrate" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.server
def test_a_server_that_was_restarted_is_met_again(
    magic: InteractiveShell, project: Project
) -> None:
    """Connections are kept from cell to cell; dead ones are not used."""
    try:
        run(magic, "%migrate connect --sandbox")
        run(magic, "%migrate status")
        run(magic, "%migrate sandbox stop")
        run(magic, "%migrate status")
        run(magic, "%migrate status")
    finally:
        run(magic, "%migrate sandbox stop")
