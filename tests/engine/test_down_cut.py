"""A `down` that is cut after an `up` that was cut: both leave the truth behind."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic.engine.perform import Performer
from neo4j_migrate_magic.history.journal import Journal
from tests.engine.runs import down, states, up

pytestmark = pytest.mark.server


class _KilledError(BaseException):
    """The process ends here."""


async def _killed(*_: Any, **__: Any) -> None:
    raise _KilledError


@pytest.mark.parametrize("at", [(Performer, "_ddl"), (Journal, "confirm")])
async def test_the_inverse_of_a_step_that_no_record_told_of_is_kept(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch, at: tuple[Any, str]
) -> None:
    """The catalogue told the first `down` that it ran, and tells the next one nothing."""
    project.add(
        "20260101000000-c.cypher",
        "CREATE CONSTRAINT a FOR (n:N) REQUIRE n.a IS UNIQUE;\n"
        "CREATE CONSTRAINT b FOR (n:N) REQUIRE n.b IS UNIQUE;\n",
    )
    confirm = Journal.confirm

    async def second_killed(self: Journal, entry: Any, step: Any, **rest: Any) -> None:
        if step.index == 2:
            raise _KilledError
        await confirm(self, entry, step, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "confirm", second_killed)
        with pytest.raises(_KilledError):
            await up(lts_graph, project)
    with monkeypatch.context() as patch:
        patch.setattr(*at, _killed)
        with pytest.raises(_KilledError):
            await down(lts_graph, project)
    await down(lts_graph, project)
    assert lts_graph.schema() == []
    assert await states(lts_graph, project) == ["pending"]
