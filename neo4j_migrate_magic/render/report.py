"""What a run did, as lines: of the whole, of what it was stopped at, and of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import (
    Direction,
    LockWaiting,
    MigrationFinished,
    MigrationStarted,
    Outcome,
    RunStarted,
    SandboxProgress,
    ServerWaiting,
    StepFinished,
    StepKind,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.error import WIDTH
from neo4j_migrate_magic.render.words import (
    clean,
    counters,
    duration,
    fitting,
    holder,
    moment,
    plural,
    seconds,
    width,
    wrapped,
)

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import Event, Plan, PlannedMigration, Report, Step

_WHOLE = (Outcome.APPLIED, Outcome.ROLLED_BACK)
_MEGABYTE = 1_000_000
_SHORTEST = 8  # columns that a name has in a line that is narrow


def report_line(report: Report, *, columns: int | None = None) -> str:
    """Say in one line what a run that came to its end did, and where.

    Args:
        report: What it did.
        columns: What the line must fit into, else it goes on below; None means any.
    """
    up = report.direction is Direction.UP
    done = [m for m in report.migrations if m.outcome in _WHOLE]
    if not done:
        return _fitted(f"{_nothing(report)} on {clean(str(report.server))}", columns)
    steps = sum(m.steps_run for m in done)
    line = (
        f"{'applied' if up else 'rolled back'} {plural(len(done), 'migration')},"
        f" {plural(steps, 'step')} in {duration(report.duration_ms)}"
        f" on {clean(str(report.server))}"
    )
    changes = counters(report.counters)
    return _fitted(f"{line}      {changes}" if changes else line, columns)


def _fitted(line: str, columns: int | None) -> str:
    """Let a line that is too long go on below, two columns further in."""
    lead = line[: len(line) - len(line.lstrip())]
    return "\n".join(wrapped(line, columns, indent=f"{lead}  "))


def _nothing(report: Report) -> str:
    if report.direction is Direction.DOWN:
        return "nothing to roll back"
    if report.current is None:
        return "nothing to apply: no migrations"
    return f"up to date at {report.current} ({report.applied:,} applied)"


def stopped_line(report: Report | None, step: Step | None, *, ended: bool) -> str:
    """Say what an interrupt left, and how to go on.

    Args:
        report: What the run did; None when it had not begun.
        step: The step that was under way last.
        ended: Whether the run had come to its end all the same.
    """
    if report is None:
        return "interrupted: nothing was changed"
    if ended:
        return f"interrupted after its end: {report_line(report)}"
    verb = report.direction.value
    last = report.migrations[-1] if report.migrations else None
    if last is None or last.outcome in _WHOLE:
        what = f"interrupted after {clean(last.title)}" if last else "interrupted"
    elif last.outcome is Outcome.PART_WAY:
        at = f" at step {step.index} of {last.steps}" if step else ""
        what = f"interrupted: {clean(last.title)} is part-way{at}"
    else:
        fate = "committed" if verb == "up" else "rolled back"
        what = f"interrupted: {clean(last.title)} was not {fate}"
    applied = f"{report.applied:,} applied on {clean(str(report.server))}"
    begun = last is not None and last.outcome is Outcome.PART_WAY
    alone = (
        step is not None and step.kind is StepKind.AUTOCOMMIT and not step.rerunnable
    )
    to = "see the ways on" if begun and alone else "go on"
    return f"{what}; {applied}. Run neo4j-migrate {verb} to {to}."


def event_line(
    event: Event,
    *,
    steps: bool = False,
    starts: bool = False,
    columns: int | None = None,
) -> str:
    """Say in one line what an event tells; empty where it has no line.

    Args:
        event: What happened.
        steps: Whether each step has a line.
        starts: Whether the start of each step has one, too.
        columns: What the line must fit into, else it goes on below; None means any.
    """
    if isinstance(event, StepFinished):
        return _step(event, columns) if steps else ""
    if isinstance(event, StepStarted):
        return _under_way(event) if starts else ""
    return _fitted(_line(event, steps=steps), columns)


def _line(event: Event, *, steps: bool) -> str:
    match event:
        case RunStarted(plan):
            count = plural(len(plan.migrations), "migration")
            parts = [clean(str(plan.server)), *_span(plan), count]
            return f"{plan.direction.value}  {'   '.join(parts)}"
        case LockWaiting():
            return waiting_line(event)
        case ServerWaiting():
            return _server_waiting(event)
        case MigrationStarted(planned):
            return _started(planned, steps=steps)
        case MigrationFinished(_, report):
            if steps:
                return ""
            count = plural(report.steps_run, "step")
            return f"  {clean(report.title)}  {count}  {duration(report.duration_ms)}"
        case SandboxProgress():
            return _sandbox(event)
        case _:
            return ""


def _span(plan: Plan) -> list[str]:
    """Say from which version to which one a run goes; nothing where it goes nowhere."""
    versions = {planned.migration.version for planned in plan.migrations}
    if plan.direction is Direction.UP:
        end = max([*plan.versions, *versions], default=None)
    else:
        end = max(set(plan.versions) - versions, default=None)
    if not versions or end == plan.current:  # a late one changes neither end
        return []
    return [f"{plan.current or 'zero'} → {end or 'zero'}"]


def _started(planned: PlannedMigration, *, steps: bool) -> str:
    title = f"  {clean(planned.migration.title)}"
    total = len(planned.steps)
    if planned.start > total:
        return f"{title}  has all steps done"
    if planned.start > 1:
        return f"{title}  goes on at step {planned.start} of {total}"
    return title if steps else ""


def live_line(
    event: StepStarted,
    waited: float,
    seen: StepProgress | None = None,
    *,
    columns: int | None = None,
) -> str:
    """Say which step is under way, for a line that the next one replaces.

    Args:
        event: The step's start.
        waited: For how long it has run, in seconds.
        seen: How far it was when it was last looked at.
        columns: What the line must fit into: the migration's name is cut for it.
    """
    name, step = clean(event.planned.migration.name), event.step
    at = f"{step.index}/{len(event.planned.steps)}"
    far = _far(seen)
    kind = [] if far else [step.kind.value]
    rest = "  ".join([f" {at}", *kind, *_for(waited), *far, *_of(seen)])
    room = max((columns or WIDTH) - width(rest) - 2, _SHORTEST)
    if width(name) > room:
        name = f"{name[: fitting(name, room - 1)]}…"
    return f"  {name}{rest}"


def still_line(
    event: StepStarted,
    waited: float,
    seen: StepProgress | None = None,
    *,
    columns: int | None = None,
) -> str:
    """Say that a step is still under way, where a line stays as it is."""
    parts = [_under_way(event), *_for(waited), *_far(seen), *_of(seen)]
    return _fitted("  ".join(parts), columns)


def _for(waited: float) -> list[str]:
    return [seconds(waited)] if waited >= 1 else []


def _far(seen: StepProgress | None) -> list[str]:
    """Say how much is done, and how long the rest will take, where that is known."""
    if seen is None or seen.share is None:
        return []
    share = f"{seen.share * 100:.0f} %"
    return [share] if seen.left is None else [share, f"ETA {seconds(seen.left)}"]


def _of(seen: StepProgress | None) -> list[str]:
    """Say what is being done, or what it waits for."""
    if seen is None:
        return []
    if seen.blocked_by:
        return [f"waits for a lock of {', '.join(seen.blocked_by)}"]
    return [clean(seen.what)] if seen.what else []


def _under_way(event: StepStarted) -> str:
    return f"    ..  {event.step.index} {event.step.kind.value:<10}".rstrip()


def waiting_line(event: LockWaiting) -> str:
    """Say for whom a run waits, and for how long yet."""
    lock = event.lock
    if lock.owner is None:
        return f"the lock changes hands; waiting, {event.left:.0f}s left"
    since = f" since {moment(lock.acquired_at)}" if lock.acquired_at else ""
    return f"lock held by {holder(lock.owner, lock.verb)}{since}; waiting, {max(event.left, 0):.0f}s left"


def live_wait(event: Event, columns: int | None) -> str:
    """Say what is waited for in a line that is cut at the terminal's edge.

    Args:
        event: What is waited for.
        columns: What fits; where that is too little, what changes stands first.
    """
    line = _line(event, steps=False)
    if columns is None or width(line) <= columns:
        return line
    match event:
        case LockWaiting(lock, _, left) if lock.owner is not None:
            who = holder(lock.owner, lock.verb)
            return f"{max(left, 0):.0f}s left, lock held by {who}"
        case ServerWaiting(address, _, _, left):
            return f"{max(left, 0):.0f}s left, no answer from {address}"
        case _:
            return line


def _server_waiting(event: ServerWaiting) -> str:
    return (
        f"no answer from {event.address} for {event.waited:.0f}s ({clean(event.why)});"
        f" waiting, {max(event.left, 0):.0f}s left"
    )


def _step(event: StepFinished, columns: int | None) -> str:
    step = event.step
    what = "a former run had done it" if event.settled else _what(event)
    head, took = (
        f"    ok  {step.index} {step.kind.value:<10}",
        duration(event.duration_ms),
    )
    line = f"{head}  {what:<40}  {took}"
    if columns is None or width(line) <= columns:
        return line
    return "\n".join(wrapped(f"{head}  {what}  {took}", columns, indent=" " * 10))


def _what(event: StepFinished) -> str:
    changes = [s.change for s in event.step.statements if s.change and s.change.name]
    if event.step.kind is StepKind.SCHEMA and changes:
        named = [
            f"{'+' if change.create else '-'}"
            f" {'constraint' if change.constraint else 'index'} {clean(change.name or '')}"
            for change in changes
        ]
        return ", ".join(named)
    return counters(event.counters) or "nothing changed"


def _sandbox(event: SandboxProgress) -> str:
    if event.done is None or not event.total:
        return event.what
    share = f"{event.what}  {event.done / event.total:.0%}"
    if event.total < _MEGABYTE:
        return f"{share}  {event.done:,}/{event.total:,}"
    return f"{share}  {event.done // _MEGABYTE:,}/{event.total // _MEGABYTE:,} MB"
