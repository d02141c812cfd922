"""Which server versions there are, and the words for them."""

from __future__ import annotations

import re

import pytest

from neo4j_migrate_magic.errors import SandboxError
from neo4j_migrate_magic.sandbox import (
    DEFAULT_VERSION,
    LATEST_VERSION,
    resolve_version,
)
from neo4j_migrate_magic.sandbox.versions import PINS, pinned

PIN = re.compile(r"[0-9a-f]{64} [1-9]\d* [\w.+/-]+\.jar")


@pytest.mark.parametrize(
    ("word", "version"),
    [
        (None, DEFAULT_VERSION),
        ("lts", DEFAULT_VERSION),
        ("5", DEFAULT_VERSION),
        ("5.26", DEFAULT_VERSION),
        ("5.26.x", DEFAULT_VERSION),
        ("latest", LATEST_VERSION),
        ("2026", LATEST_VERSION),
        ("2026.x", LATEST_VERSION),
        ("2026.08", LATEST_VERSION),
        ("5.26.12", "5.26.12"),
        ("2025.10.1", "2025.10.1"),
    ],
)
def test_a_word_names_a_version(word: str | None, version: str) -> None:
    """A line's newest, a word for it, or a whole version, pinned or not."""
    assert version == resolve_version(word)


@pytest.mark.parametrize(
    "word", ["5.2", "6", "2026.0", "newest", "4.4.41", "3.5.0", ".x"]
)
def test_an_unknown_word_is_answered_with_the_known_versions(word: str) -> None:
    """Also one that begins a version, but not at a dot; also servers before 5."""
    with pytest.raises(SandboxError) as caught:
        resolve_version(word)

    assert f"no Neo4j {word!r} is known" == caught.value.what
    assert DEFAULT_VERSION in caught.value.why
    assert LATEST_VERSION in caught.value.why
    assert caught.value.next[0].command == "neo4j-migrate sandbox start --server lts"


def test_the_default_and_the_latest_version_have_pinned_lists() -> None:
    """Oldest first."""
    assert pinned() == [DEFAULT_VERSION, LATEST_VERSION]


@pytest.mark.parametrize("version", [DEFAULT_VERSION, LATEST_VERSION])
def test_a_pinned_list_is_hashes_sizes_and_paths(version: str) -> None:
    """Each jar once, the server itself among them, and no address of a repository."""
    lines = (PINS / f"{version}.txt").read_text("ascii").splitlines()
    paths = [line.split()[2] for line in lines]

    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert len(set(paths)) == len(paths) > 200
    assert f"org/neo4j/neo4j/{version}/neo4j-{version}.jar" in paths
