"""Fetch a server's jars: a pinned list, checked by hash, kept in a cache."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import SandboxDownloadError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.cache import (
    OTHER_CACHE,
    cache_folder,
    locked,
    require_room,
)
from neo4j_migrate_magic.sandbox.extra import require
from neo4j_migrate_magic.sandbox.repository import maven_folder, repository
from neo4j_migrate_magic.sandbox.unpinned import unpinned_jars
from neo4j_migrate_magic.sandbox.versions import PINS

if TYPE_CHECKING:
    from neo4j_migrate_magic.sandbox.cache import Progress

_WORKERS = 8  # measured: faster than 4, and no slower than 32
_ATTEMPTS = 3
_SPARE = 100_000_000  # bytes that stay free beside the jars

_AGAIN = ("neo4j-migrate sandbox start", "goes on with what is still missing")
_MIRROR = ("export NEO4J_MIGRATE_MAVEN_REPO=URL", "name another repository")


def jars(version: str, on_progress: Progress) -> list[str]:
    """Give the class path of a server version; what is missing is downloaded.

    Raises:
        SandboxDownloadError: A jar could not be had, or is not the expected one.
        SandboxNotInstalledError: The extra's packages are missing.
    """
    pins = PINS / f"{version}.txt"
    if not pins.exists():
        return unpinned_jars(version, on_progress)
    require("requests")
    wanted = [_Jar(*line.split()) for line in pins.read_text("ascii").splitlines()]
    if any(not jar.cached for jar in wanted):
        with locked(cache_folder() / "jars.lock", on_progress, "the download"):
            missing = [jar for jar in wanted if not jar.cached]
            _Download(version, missing, on_progress).run()
    return [str(jar.file) for jar in wanted]


class _Jar:
    """One line of a pinned list, and its place in the cache."""

    def __init__(self, sha256: str, size: str, path: str) -> None:
        self.sha256 = sha256
        self.size = int(size)
        self.path = path
        self.name = path.rsplit("/", 1)[1]
        # named by content: two versions share what they have in common
        self.file = cache_folder() / "jars" / f"{sha256[:8]}-{self.name}"

    @property
    def cached(self) -> bool:
        return self.file.exists() and self.file.stat().st_size == self.size

    def is_expected(self, data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest() == self.sha256


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
        for part in folder.glob("*.part"):  # of a download that was killed
            part.unlink()
        require_room(folder, self._total + _SPARE, OTHER_CACHE)
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
            data = _from_maven(jar) or self._download(jar)
            part = jar.file.with_suffix(".part")
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
                break
        if not jar.is_expected(data):
            raise SandboxDownloadError(
                f"{jar.name} is not the expected file",
                why="its hash differs from the pinned one; nothing of it was kept",
                next=[("neo4j-migrate sandbox start", "try once more"), _MIRROR],
            )
        return data


def _from_maven(jar: _Jar) -> bytes | None:
    """Give a jar from the user's own Maven folder, where it is there and right."""
    try:
        data = (maven_folder() / jar.path).read_bytes()
    except OSError:
        return None
    return data if jar.is_expected(data) else None


def _unreachable(jar: _Jar, error: Any) -> SandboxDownloadError:
    if error.response is not None:
        why = f"the repository of Maven jars answered {error.response.status_code}"
    else:
        why = (
            f"{type(error).__name__}: the repository of Maven jars did not give it;"
            " is there a network, or a proxy to name in HTTPS_PROXY?"
        )
    return SandboxDownloadError(
        f"{jar.name} could not be downloaded", why=why, next=[_AGAIN, _MIRROR]
    )
