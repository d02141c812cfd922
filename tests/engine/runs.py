"""Up, down and status of a project on a server, as the tests of the engine call them."""

from __future__ import annotations

from typing import Any

from neo4j_migrate_magic import Migrator


def open_(graph: Any, project: Any, **options: Any) -> Migrator:
    return Migrator(uri=graph.uri, config=project.config, **options)


async def up(graph: Any, project: Any, **options: Any) -> Any:
    async with open_(graph, project) as migrator:
        return await migrator.up(**options)


async def down(graph: Any, project: Any, *args: Any, **options: Any) -> Any:
    async with open_(graph, project) as migrator:
        return await migrator.down(*args, **options)


async def states(graph: Any, project: Any) -> list[str]:
    async with open_(graph, project) as migrator:
        return [row.state.value for row in (await migrator.status()).rows]
