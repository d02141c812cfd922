"""Jars: where they come from, what is kept, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import (
    SandboxDownloadError,
    SandboxError,
    SandboxNotInstalledError,
)
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox import DEFAULT_VERSION
from neo4j_migrate_magic.sandbox import repository as addresses
from neo4j_migrate_magic.sandbox.jars import jars
from tests.sandbox.conftest import FAKE_JARS, Repository

MIRROR = "http://mirror.example/maven"
SETTINGS = """\
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>
<mirror><id>one</id><mirrorOf>{of}</mirrorOf><url>{url}</url></mirror>
</mirrors></settings>
"""
TWO_AT_ONCE = """\
import sys
from pathlib import Path
from neo4j_migrate_magic.sandbox import jars

jars.PINS = Path(sys.argv[1])
print(*jars.jars("1.2.3", lambda progress: None), sep="\\n")
"""


def silent(progress: SandboxProgress) -> None:
    """Hear of nothing."""


def kept(cache: Path) -> list[bytes]:
    return sorted(file.read_bytes() for file in (cache / "jars").iterdir())


def test_jars_are_downloaded_once_in_the_order_of_the_list(
    repository: Repository, empty_cache: Path
) -> None:
    """The second time nothing is asked for."""
    paths = [Path(path) for path in jars("1.2.3", silent)]

    assert list(FAKE_JARS.values()) == [path.read_bytes() for path in paths]
    assert {empty_cache / "jars"} == {path.parent for path in paths}
    assert sorted(FAKE_JARS) == sorted(repository.asked)
    assert [str(path) for path in paths] == jars("1.2.3", silent)
    assert len(FAKE_JARS) == len(repository.asked)


def test_a_download_tells_how_far_it_is(repository: Repository) -> None:
    """From nothing to all of it, and what is downloaded under which licence."""
    told: list[SandboxProgress] = []

    jars("1.2.3", told.append)

    assert {"downloading Neo4j Community 1.2.3 (GPLv3), once"} == {p.what for p in told}
    assert {24_000} == {p.total for p in told}
    done = [p.done for p in told]
    assert (done[0], done[-1], len(done)) == (0, 24_000, 4)
    assert done == sorted(done, key=lambda n: n or 0)


def test_a_jar_with_another_hash_is_refused_and_not_kept(
    repository: Repository, empty_cache: Path
) -> None:
    """Same size, other content; the next try is not told a lie by the cache."""
    repository.files["org/two/2/two-2.jar"] = b"owt" * 2000

    with pytest.raises(SandboxDownloadError) as caught:
        jars("1.2.3", silent)

    assert caught.value.what == "two-2.jar is not the expected file"
    assert caught.value.next[0].command == "neo4j-migrate sandbox start"
    assert b"owt" * 2000 not in kept(empty_cache)
    repository.files = dict(FAKE_JARS)
    assert len(jars("1.2.3", silent)) == 3
    assert sorted(FAKE_JARS.values()) == kept(empty_cache)


def test_a_missing_jar_is_named_with_the_answer(repository: Repository) -> None:
    """The rest is kept, and the next call goes on with what is missing."""
    del repository.files["org/two/2/two-2.jar"]

    with pytest.raises(SandboxDownloadError) as caught:
        jars("1.2.3", silent)

    assert caught.value.what == "two-2.jar could not be downloaded"
    assert caught.value.why == "the repository of Maven jars answered 404"


def test_a_cut_or_stray_file_in_the_cache_is_replaced(
    repository: Repository, empty_cache: Path
) -> None:
    """What a killed download left is no jar."""
    cut = Path(jars("1.2.3", silent)[1])
    cut.write_bytes(b"tw")
    cut.with_suffix(".part").write_bytes(b"t")

    jars("1.2.3", silent)

    assert sorted(FAKE_JARS.values()) == kept(empty_cache)


def test_without_a_network_the_reason_is_in_words(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    """It asks for network and proxy, and names the variable of a mirror."""
    monkeypatch.setenv("NEO4J_MIGRATE_MAVEN_REPO", f"http://127.0.0.1:{closed_port}")

    with pytest.raises(SandboxDownloadError) as caught:
        jars(DEFAULT_VERSION, silent)

    assert (caught.value.code, caught.value.exit_code) == ("SANDBOX.DOWNLOAD", 10)
    assert caught.value.what.endswith(".jar could not be downloaded")
    assert "is there a network, or a proxy to name in HTTPS_PROXY?" in caught.value.why
    assert [way.command for way in caught.value.next] == [
        "neo4j-migrate sandbox start",
        "export NEO4J_MIGRATE_MAVEN_REPO=URL",
    ]


def test_a_full_disk_is_told_before_the_download(
    repository: Repository,
    small_disk: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is asked for."""
    monkeypatch.setenv("NEO4J_MIGRATE_CACHE", str(small_disk(500)))

    with pytest.raises(SandboxError, match="the disk is full") as caught:
        jars("1.2.3", silent)

    assert repository.asked == []
    assert caught.value.next[0].command == "export NEO4J_MIGRATE_CACHE=DIR"


def test_two_processes_download_each_jar_once(
    repository: Repository, tmp_path: Path
) -> None:
    """One waits for the other, and finds what that one left."""
    command = [sys.executable, "-c", TWO_AT_ONCE, str(tmp_path / "pins")]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    first, second = (process.communicate(timeout=60)[0] for process in both)

    assert first == second
    assert len(first.split()) == 3
    assert sorted(FAKE_JARS) == sorted(repository.asked)


@pytest.mark.parametrize(
    ("there", "asked"), [(b"two" * 2000, 2), (b"owt" * 2000, 3), (b"", 3)]
)
def test_a_jar_of_mavens_own_folder_is_used_where_it_is_right(
    repository: Repository, empty_cache: Path, there: bytes, asked: int
) -> None:
    """A wrong one is no reason to stop: it is downloaded."""
    local = Path.home() / ".m2" / "repository" / "org/two/2/two-2.jar"
    local.parent.mkdir(parents=True)
    local.write_bytes(there)

    jars("1.2.3", silent)

    assert asked == len(repository.asked)
    assert sorted(FAKE_JARS.values()) == kept(empty_cache)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command to install the extra is the next one: exit code 2."""
    monkeypatch.setitem(sys.modules, "requests", None)

    with pytest.raises(SandboxNotInstalledError) as caught:
        jars(DEFAULT_VERSION, silent)

    assert caught.value.why == "the package requests is missing"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("of", ["*", "central", "external:*", "internal, central"])
def test_a_mirror_of_everything_in_mavens_settings_is_taken(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    """Without the variable; a slash at its end makes no difference."""
    monkeypatch.delenv("NEO4J_MIGRATE_MAVEN_REPO", raising=False)
    write_settings(SETTINGS.format(of=of, url=f"{MIRROR}/"))

    assert addresses.repository() == MIRROR


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS.format(of="internal", url=MIRROR),
        SETTINGS.format(of="*,!central", url=MIRROR),
        "<settings><mirrors>",
        None,
    ],
)
def test_other_settings_leave_the_address_that_jgo_knows(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch, settings: str | None
) -> None:
    """A mirror of something else, a broken file, no file."""
    from jgo.constants import MAVEN_CENTRAL_URL

    monkeypatch.delenv("NEO4J_MIGRATE_MAVEN_REPO", raising=False)
    if settings is not None:
        write_settings(settings)

    assert MAVEN_CENTRAL_URL.rstrip("/") == addresses.repository()


def test_the_variable_is_stronger_than_mavens_settings(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was named for this."""
    write_settings(SETTINGS.format(of="*", url="http://other.example"))
    monkeypatch.setenv("NEO4J_MIGRATE_MAVEN_REPO", f"{MIRROR}/")

    assert addresses.repository() == MIRROR


def write_settings(text: str) -> None:
    file = Path(os.environ["HOME"]) / ".m2" / "settings.xml"
    file.parent.mkdir()
    file.write_text(text)
