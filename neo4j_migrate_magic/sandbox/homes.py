"""The temporary folders of servers, and what is left of dead ones."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from neo4j_migrate_magic.sandbox.processes import alive, servers

_PREFIX = "neo4j-sandbox-"
_NAME = re.compile(rf"{_PREFIX}(\d+)-\w+")


def temporary_home() -> Path:
    """Make a folder; its name has the number of the process that it belongs to."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()


def sweep() -> None:
    """Remove the temporary folders whose owner and server and guard were all killed."""
    found = [
        (folder.resolve(), int(name[1]))
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
        if (name := _NAME.fullmatch(folder.name))
    ]
    orphans = [folder for folder, owner in found if not alive(owner)]
    if orphans:
        used = servers()
        for folder in orphans:
            if str(folder) not in used:
                shutil.rmtree(folder, ignore_errors=True)
