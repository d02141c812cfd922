"""Which Java is taken, and what is said of one that does not do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import SandboxError, SandboxNotInstalledError
from neo4j_migrate_magic.sandbox import java
from neo4j_migrate_magic.sandbox.java import Java, find_java

LTS, NEWEST = "5.26.30", "2026.08.1"
TEMURIN = 'openjdk version "21.0.8" 2025-07-15 LTS\nOpenJDK Runtime Environment'
NOTED = f"Picked up JAVA_TOOL_OPTIONS: -Dx=1\n{TEMURIN}"

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the Java of these tests is a shell script"
)


def java_that_says(folder: Path, said: str, code: int = 0) -> str:
    file = folder / "java"
    file.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {code}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("said", "version", "major"),
    [
        (TEMURIN, "21.0.8", 21),
        (NOTED, "21.0.8", 21),
        ('openjdk version "17" 2021-09-14', "17", 17),
        ('openjdk version "25-ea" 2025-09-16', "25", 25),
    ],
)
def test_a_java_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: str, major: int
) -> None:
    """Its major version is the number that people say."""
    path = java_that_says(tmp_path, said)
    monkeypatch.setenv("NEO4J_MIGRATE_JAVA", path)

    found = find_java(LTS)

    assert (Java(path, version), major) == (found, found.major)


@pytest.mark.parametrize(
    ("server", "said", "needed", "major"),
    [
        (LTS, 'openjdk version "11.0.2" 2019-01-15', 17, 11),
        (LTS, 'java version "1.8.0_202"', 17, 8),
        (NEWEST, 'openjdk version "17.0.15" 2025-04-15', 21, 17),
    ],
)
def test_a_java_that_is_too_old_is_refused_before_the_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: str,
    said: str,
    needed: int,
    major: int,
) -> None:
    """The versions and the path are named, and what to set."""
    path = java_that_says(tmp_path, said)
    monkeypatch.setenv("NEO4J_MIGRATE_JAVA", path)

    with pytest.raises(SandboxError) as caught:
        find_java(server)

    assert f"Neo4j {server} needs Java {needed} or newer" == caught.value.what
    assert f"{path} is Java {major}" == caught.value.why
    assert caught.value.next[0].command.startswith("export NEO4J_MIGRATE_JAVA=")


@pytest.mark.parametrize(
    ("said", "code"), [("no such thing", 0), (TEMURIN, 1), ("Segmentation fault", 139)]
)
def test_what_is_no_working_java_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    """It says nothing of a version, or ends with a failure."""
    path = java_that_says(tmp_path, said, code)
    monkeypatch.setenv("NEO4J_MIGRATE_JAVA", path)

    with pytest.raises(SandboxError) as caught:
        find_java(LTS)

    assert caught.value.what.startswith(f"{path} is no ")
    assert caught.value.next != ()


def test_a_java_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path that the user gave is in the answer."""
    monkeypatch.setenv("NEO4J_MIGRATE_JAVA", "/nowhere/java")

    with pytest.raises(SandboxError, match="/nowhere/java is no working Java"):
        find_java(LTS)


def test_without_any_java_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what is not installed: exit code 2."""
    monkeypatch.delenv("NEO4J_MIGRATE_JAVA", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(java, "_packaged", lambda: None)

    with pytest.raises(SandboxNotInstalledError) as caught:
        find_java(LTS)

    assert caught.value.exit_code == 2
    assert caught.value.next[0].command == "pip install 'neo4j-migrate-magic[sandbox]'"
