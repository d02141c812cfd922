"""Fetch a server's jars: a pinned list, checked by hash, kept in a cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import (
    SandboxDownloadError,
    SandboxError,
    SandboxNotInstalledError,
)
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.java import INSTALL
from neo4j_migrate_magic.sandbox.versions import PINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[SandboxProgress], None]

_WORKERS = 8  # measured: faster than 4, and no slower than 32
_ATTEMPTS = 3
_ROOM = 450_000_000  # bytes: jars, archives and a template of one version


def cache_folder() -> Path:
    """Give the folder that all sandboxes of this user share."""
    named = os.environ.get("NEO4J_MIGRATE_CACHE")
    if named:
        return Path(named)
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise not_installed("platformdirs") from error
    return user_cache_path("neo4j-migrate-magic", appauthor=False)


def not_installed(package: str) -> SandboxNotInstalledError:
    """Say that the sandbox's packages are missing."""
    return SandboxNotInstalledError(
        "the sandbox is not installed",
        why=f"the package {package} is missing",
        next=[INSTALL],
    )


def jars(version: str, on_progress: Progress) -> list[str]:
    """Give the class path of a server version; what is missing is downloaded.

    Raises:
        SandboxDownloadError: A jar could not be had, or is not the expected one.
        SandboxNotInstalledError: The extra's packages are missing.
    """
    pins = PINS / f"{version}.txt"
    if not pins.exists():
        return _unpinned(version, on_progress)
    for package in ("requests", "psutil"):
        if importlib.util.find_spec(package) is None:
            raise not_installed(package)
    wanted = [_Jar(*line.split()) for line in pins.read_text().splitlines()]
    missing = [jar for jar in wanted if not jar.cached]
    if missing:
        with locked(cache_folder() / "jars.lock", on_progress, "the download"):
            _Download(version, [j for j in missing if not j.cached], on_progress).run()
    return [str(jar.file) for jar in wanted]


class _Jar:
    """One line of a pinned list, and its place in the cache."""

    def __init__(self, sha256: str, size: str, path: str) -> None:
        self.sha256 = sha256
        self.size = int(size)
        self.path = path
        # named by content: two versions share what they have in common
        name = f"{sha256[:8]}-{path.rsplit('/', 1)[1]}"
        self.file = cache_folder() / "jars" / name

    @property
    def cached(self) -> bool:
        return self.file.exists() and self.file.stat().st_size == self.size

    def check(self, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SandboxDownloadError(
                f"{self.path.rsplit('/', 1)[1]} is not the expected file",
                why="its hash differs from the pinned one",
                next=[("neo4j-migrate sandbox start", "try once more")],
            )


class _Download:
    """Fetches jars side by side; the first failure ends it."""

    def __init__(self, version: str, wanted: list[_Jar], on_progress: Progress) -> None:
        self._what = f"downloading Neo4j Community {version} (GPLv3), once"
        self._wanted = wanted
        self._on_progress = on_progress
        self._total = sum(jar.size for jar in wanted)
        self._done = 0
        self._lock = threading.Lock()
        self._local = threading.local()
        self._failed = False
        self._sessions: list[Any] = []

    def run(self) -> None:
        if not self._wanted:
            return
        folder = self._wanted[0].file.parent
        folder.mkdir(parents=True, exist_ok=True)
        require_room(folder, _ROOM)
        self._on_progress(SandboxProgress(self._what, 0, self._total))
        try:
            with ThreadPoolExecutor(_WORKERS) as pool:
                list(pool.map(self._fetch, self._wanted))
        finally:
            for session in self._sessions:
                session.close()

    def _fetch(self, jar: _Jar) -> None:
        if self._failed:
            return
        try:
            local = _maven_folder() / jar.path
            data = local.read_bytes() if local.exists() else self._download(jar)
            jar.check(data)
            part = jar.file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            part.write_bytes(data)
            os.replace(part, jar.file)
        except BaseException:
            self._failed = True
            raise
        with self._lock:
            self._done += jar.size
            self._on_progress(SandboxProgress(self._what, self._done, self._total))

    def _download(self, jar: _Jar) -> bytes:
        import requests  # honours proxies, certificate bundles and ~/.netrc

        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._sessions.append(self._local.session)
        address = f"{repository()}/{jar.path}"
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._local.session.get(address, timeout=(5, 60))
                answer.raise_for_status()
            except requests.RequestException as error:
                if attempt == _ATTEMPTS or self._failed:
                    raise _unreachable(jar, error) from error
                time.sleep(0.3 * attempt)
            else:
                data: bytes = answer.content
                return data
        raise AssertionError("unreachable")


def _unreachable(jar: _Jar, error: Exception) -> SandboxDownloadError:
    return SandboxDownloadError(
        f"{jar.path.rsplit('/', 1)[1]} could not be downloaded",
        why=f"{type(error).__name__}: the repository of Maven jars did not give it;"
        " is there a network, or a proxy to name in HTTPS_PROXY?",
        next=[
            ("neo4j-migrate sandbox start", "goes on with what is still missing"),
            ("export NEO4J_MIGRATE_MAVEN_REPO=URL", "name a mirror"),
        ],
    )


def repository() -> str:
    """Give the address of the jar repository.

    ``NEO4J_MIGRATE_MAVEN_REPO``, else a mirror of everything in the user's Maven
    settings, else the one that jgo knows.
    """
    named = os.environ.get("NEO4J_MIGRATE_MAVEN_REPO")
    if named:
        return named.rstrip("/")
    mirror = _mirror(Path.home() / ".m2" / "settings.xml")
    if mirror:
        return mirror.rstrip("/")
    try:
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError as error:
        raise not_installed("jgo") from error
    return str(MAVEN_CENTRAL_URL).rstrip("/")


def _mirror(settings: Path) -> str | None:
    try:
        root = ET.parse(settings).getroot()  # noqa: S314 (the user's own file)
    except (OSError, ET.ParseError):
        return None
    for element in root.iter():
        if element.tag.rsplit("}")[-1] != "mirror":
            continue
        values = {c.tag.rsplit("}")[-1]: (c.text or "").strip() for c in element}
        of = set(re.split(r"\s*,\s*", values.get("mirrorOf", "")))
        if of & {"*", "external:*", "central"}:
            return values.get("url")
    return None


def _maven_folder() -> Path:
    """Give the user's own store of Maven jars; what is there is not fetched again."""
    named = os.environ.get("M2_REPO")
    return Path(named) if named else Path.home() / ".m2" / "repository"


def _unpinned(version: str, on_progress: Progress) -> list[str]:
    """Let jgo resolve a version that has no pinned list; it takes minutes, once."""
    try:
        import jgo
    except ImportError as error:
        raise not_installed("jgo") from error
    on_progress(
        SandboxProgress(f"resolving Neo4j Community {version} (GPLv3): minutes, once")
    )
    try:
        environment = jgo.build(f"org.neo4j:neo4j:{version}")
    except Exception as error:
        raise SandboxDownloadError(
            f"Neo4j {version} could not be resolved",
            why=f"{type(error).__name__}: {error}",
            next=[("neo4j-migrate sandbox start --server lts", "a pinned version")],
        ) from error
    found = sorted(str(path) for path in Path(environment.path).rglob("*.jar"))
    if not found:
        raise SandboxDownloadError(f"Neo4j {version} has no jars", why="jgo gave none")
    return found


def require_room(folder: Path, needed: int) -> None:
    """Refuse to begin on a disk that is as good as full.

    Raises:
        SandboxError: There are fewer than `needed` bytes free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SandboxError(
            "the disk is full",
            why=f"{free / 1e6:,.0f} MB are free at {folder}, {needed / 1e6:,.0f} are needed",
            next=[("export NEO4J_MIGRATE_CACHE=DIR", "name a folder on another disk")],
        )


@contextmanager
def locked(path: Path, on_progress: Progress, what: str) -> Iterator[None]:
    """Let one process at a time do something; the lock ends with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _try_lock(file):
            on_progress(SandboxProgress(f"waiting for another process: {what}"))
            while not _try_lock(file):
                time.sleep(0.1)
        try:
            yield
        finally:
            _unlock(file)


def _try_lock(file: Any) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore] # Windows only
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unlock(file: Any) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore] # Windows only
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
