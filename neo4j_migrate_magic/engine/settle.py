"""Settle what a run left in flight: the catalogue tells whether a schema step ran."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.engine.checks import place_of
from neo4j_migrate_magic.errors import (
    IndexFailedError,
    NotRerunnableError,
)
from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import RecordState
from neo4j_migrate_magic.schema.catalogue import item_of, plain, snapshot
from neo4j_migrate_magic.schema.change import (
    expected,
    inverse,
    orphans,
    same,
    touched,
    untouched,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import (
        PlannedMigration,
        RecordDetail,
        SchemaChange,
        SchemaItem,
        Statement,
        Step,
    )

SCHEMA = "schema"
AUTOCOMMIT = "autocommit"
DATA = "data"


def changes_of(step: Step) -> tuple[SchemaChange, ...] | None:
    """Give what a schema step wants; None when one of its statements is not readable."""
    changes = tuple(s.change for s in step.statements if s.change is not None)
    return changes if len(changes) == len(step.statements) else None


def schema_intent(step: Step, items: Sequence[SchemaItem]) -> dict[str, Any]:
    """Give what is written before a schema step: the items it touches as they are.

    A statement that only the server can read touches, for all we know, everything.
    """
    changes = changes_of(step)
    if changes is None:
        return {"kind": SCHEMA, "catalogue": snapshot(items)}
    before = touched(changes, items)
    return {
        "kind": SCHEMA,
        "before": [plain(item) for item in before],
        "after": [plain(item) for item in expected(changes, before)],
    }


def inverse_of(
    before: Sequence[SchemaItem], after: Sequence[SchemaItem]
) -> tuple[Statement, ...] | None:
    """Compute the statements that give `before` back, where they can be had."""
    found = inverse(before, after)
    if found is None:
        return None
    return tuple(computed(text, parameters) for text, parameters in found)


def settled(detail: RecordDetail, items: Sequence[SchemaItem]) -> RecordDetail:
    """Look whether the schema step in flight ran, and give the record as it then is.

    Nothing is written: the next write of the run that goes on brings the record up
    to what the catalogue says.

    Raises:
        IndexFailedError: The schema is neither as before the step nor as it wanted.
    """
    intent = detail.intent
    if not intent or intent.get("kind") != SCHEMA:
        return detail
    rest = {"was": intent["was"]} if "was" in intent else None
    if "catalogue" in intent:
        if intent["catalogue"] == snapshot(items):
            return replace(detail, intent=rest)
        raise _undecided(detail, "the statement is one that only the server can read")
    before = [item_of(stored) for stored in intent["before"]]
    after = [item_of(stored) for stored in intent["after"]]
    half = orphans(after, items)  # nobody builds them any more: as if not there
    now = _mine(before, after, [item for item in items if item not in half])
    if untouched(before, now) or (same(before, now) and not same(after, now)):
        return replace(detail, intent=rest)
    if not same(after, now) or any(item.state not in ("", "ONLINE") for item in now):
        raise _undecided(
            detail,
            "now: "
            + ("; ".join(map(str, now)) or "nothing")
            + ". before: "
            + ("; ".join(map(str, before)) or "nothing")
            + ". wanted: "
            + ("; ".join(map(str, after)) or "nothing"),
        )
    taken = (*detail.inverse, inverse_of(before, now))
    return replace(
        detail,
        intent=None,
        steps_done=(*detail.steps_done, intent["hash"]),
        inverse=taken if detail.record.direction.value == "up" else detail.inverse,
    )


def wanted_by(detail: RecordDetail) -> list[SchemaItem]:
    """Give what the schema step in flight of a record was to make."""
    return [item_of(stored) for stored in (detail.intent or {}).get("after", ())]


def _mine(
    before: Sequence[SchemaItem],
    after: Sequence[SchemaItem],
    items: Sequence[SchemaItem],
) -> tuple[SchemaItem, ...]:
    names = {item.name for item in (*before, *after) if item.name}
    definitions = {item.definition for item in (*before, *after)}
    return tuple(
        item for item in items if item.name in names or item.definition in definitions
    )


def _undecided(detail: RecordDetail, why: str) -> IndexFailedError:
    record = detail.record
    step = (detail.intent or {}).get("step", record.step)
    return IndexFailedError(
        f"{record.title}: step {step} was cut, and the schema does not tell whether"
        " it ran",
        direction=record.direction.value,
        why=why,
        kept=_before(step),
        next=[
            ('cypher-shell "SHOW INDEXES"', "see what is there"),
            (
                f"neo4j-migrate {record.direction.value}",
                "after making it as it was before the step, or as the step wants it",
            ),
            (
                f"neo4j-migrate repair {record.version} --step {step} --mark applied",
                "or, if it may stay as it is (pending: the step is to run)",
            ),
        ],
    )


def _before(step: int) -> str:
    """Say what is known of the steps before one that was cut."""
    done = f"steps before step {step} are recorded; " if step > 1 else ""
    return f"{done}nothing was touched now"


def refuse_in_doubt(planned: PlannedMigration) -> None:
    """An autocommit step that was cut runs again only when its file says it may.

    Raises:
        NotRerunnableError: It is not marked; some of it may be in the database.
    """
    intent = planned.record.intent if planned.record else None
    if not intent or intent.get("kind") != AUTOCOMMIT:
        return
    record = planned.record.record if planned.record else None
    if record is None or record.direction is not planned.direction:
        return
    step = (
        planned.steps[planned.start - 1]
        if planned.start <= len(planned.steps)
        else None
    )
    if step is None or step.rerunnable:
        return
    first = step.statements[0] if step.statements else None
    ended = "failed" if record.state is RecordState.FAILED else "was cut"
    same = intent.get("hash", step.hash) == step.hash
    mark = rerunnable_mark(step)
    why = f"it is not marked {mark}, so it is not run a second time"
    if not same:
        why = "the file has another step in its place now"
    raise NotRerunnableError(
        f"{record.title}: step {step.index} of {len(planned.steps)} {ended} while it ran",
        direction=planned.direction.value,
        why=f"it commits by itself, so some of it may be in the database; {why}",
        where=place_of(planned.migration, first.line if first else None),
        kept=_before(step.index),
        next=ways_out_of_doubt(planned, step, same=same),
    )


def rerunnable_mark(step: Step) -> str:
    """Give what stands in a file above a step that may run twice."""
    return "// @rerunnable" if step.statements else "RERUNNABLE = True"


def ways_out_of_doubt(
    planned: PlannedMigration, step: Step, *, same: bool = True
) -> list[tuple[str, str]]:
    """Give the commands for an autocommit step that may have left something.

    Args:
        planned: Its migration.
        step: The step as its file has it.
        same: Whether that is the step that ran.
    """
    verb, version = planned.direction.value, planned.migration.version
    repair = f"neo4j-migrate repair {version} --step {step.index} --mark"
    none = (f"{repair} pending", "if none of it is in the database, or you took it out")
    if not same:
        return [none, (f"neo4j-migrate show {version}", "see its steps")]
    mark = rerunnable_mark(step)
    return [
        (
            f"neo4j-migrate {verb}",
            f"after adding {mark}, if running it twice does no harm",
        ),
        none,
        (f"{repair} applied", "if all of it is"),
    ]
