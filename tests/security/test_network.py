"""The database is the only address that is ever spoken to."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import Project

pytestmark = pytest.mark.server

LISTENS = """\
import sys

def hear(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        print("connect", *args[1][:2], file=sys.stderr)
    elif event == "socket.getaddrinfo":
        print("connect", *args[:2], file=sys.stderr)

sys.addaudithook(hear)
from neo4j_migrate_magic.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "args", [("up",), ("status",), ("doctor",), ("verify",), ("log",), ("down",)]
)
def test_nobody_else_is_called(
    project: Project, lts_graph: Any, args: tuple[str, ...]
) -> None:
    """No account, no telemetry, no look for a newer version."""
    project.add("20260101000000-a.cypher", "CREATE (:A);\n")
    done = subprocess.run(
        [sys.executable, "-c", LISTENS, *args, "--uri", lts_graph.uri],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )

    host, _, port = lts_graph.uri.partition("://")[2].partition(":")
    called = {line for line in done.stderr.splitlines() if line.startswith("connect ")}
    assert done.returncode == 0, done.stderr
    assert called == {f"connect {host} {port}"}
