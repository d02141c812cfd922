"""Resolve a server version that has no pinned list: by jgo, which takes minutes, once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import SandboxDownloadError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.cache import cache_folder, locked
from neo4j_migrate_magic.sandbox.extra import require
from neo4j_migrate_magic.sandbox.repository import repository

if TYPE_CHECKING:
    from pathlib import Path

    from neo4j_migrate_magic.sandbox.cache import Progress


def unpinned_jars(version: str, on_progress: Progress) -> list[str]:
    """Give the class path of a server version as jgo resolves it.

    Raises:
        SandboxDownloadError: It could not be resolved, or not be fetched.
        SandboxNotInstalledError: jgo is missing.
    """
    require("jgo")
    folder = cache_folder() / f"{version}-jars"
    whole = folder / "whole"
    if not whole.exists():
        with locked(cache_folder() / "jars.lock", on_progress, "the download"):
            if not whole.exists():
                what = f"resolving Neo4j Community {version} (GPLv3): minutes, once"
                on_progress(SandboxProgress(what))
                # jgo takes a folder with some jars for one with all
                shutil.rmtree(folder, ignore_errors=True)
                _build(version, folder)
                whole.touch()
    return sorted(str(path) for path in folder.rglob("*.jar"))


def _build(version: str, folder: Path) -> None:
    import jgo

    try:
        jgo.build(
            f"org.neo4j:neo4j:{version}",
            cache_dir=folder,
            repositories={"central": repository()},
            resolver=_resolver(),
        )
    except Exception as error:
        raise SandboxDownloadError(
            f"Neo4j {version} could not be resolved",
            why=f"{type(error).__name__}: {error}",
            next=[
                ("neo4j-migrate sandbox start --server lts", "a pinned version"),
                ("export NEO4J_MIGRATE_MAVEN_REPO=URL", "name another repository"),
            ],
        ) from error


def _resolver() -> Any:
    """Make jgo's resolver, and choose where it leaves a range such as ``[1.81,1.82)``."""
    from jgo.maven import PythonResolver

    class Resolver(PythonResolver):
        def resolve(self, *args: Any, **options: Any) -> tuple[list[Any], list[Any]]:
            inputs, found = super().resolve(*args, **options)
            return inputs, [_chosen(dependency) for dependency in found]

    return Resolver()


def _chosen(dependency: Any) -> Any:
    """Give a dependency with one version: a range's lowest, which others name too."""
    from jgo.maven import Dependency, parse_version_range

    lowest = parse_version_range(dependency.version).lower
    if lowest is None:
        return dependency
    component = dependency.artifact.component.project.at_version(lowest)
    return Dependency(
        component.artifact(dependency.classifier, dependency.type),
        scope=dependency.scope,
        optional=dependency.optional,
        exclusions=dependency.exclusions,
        raw=dependency.raw,
    )
