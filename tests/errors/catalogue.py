"""Every code that an error class of ours can have."""

from __future__ import annotations

from neo4j_migrate_magic import errors
from neo4j_migrate_magic.engine.doctor import AREAS
from neo4j_migrate_magic.errors import MigrateError, RunError


def codes() -> dict[str, tuple[type[MigrateError], tuple[int, ...]]]:
    """Give each code with its class and its exit codes, the usual one first.

    A run's errors have their code twice, for `up` and for `down`, and exit code 2 where
    nothing was kept.
    """
    found: dict[str, tuple[type[MigrateError], tuple[int, ...]]] = {}
    for name in errors.__all__:
        kind = getattr(errors, name)
        if not issubclass(kind, MigrateError):
            continue
        if issubclass(kind, RunError):
            if kind is not RunError:
                found[f"UP.{kind.reason}"] = (kind, (8, 2))
                found[f"DOWN.{kind.reason}"] = (kind, (8, 2))
        elif kind is not MigrateError and "code" in vars(kind):
            found[kind.code] = (kind, (kind.exit_code,))
    return found


CODES = codes()

NOTES = {
    "RUN.INTERRUPTED": (130, 143),
    "STATUS.PENDING": (4,),
    "CONFIG.WARNING": (0,),
    "SANDBOX.RUNNING": (0,),
    **{f"DOCTOR.{area.upper()}": (0, 2) for area in AREAS},
    "DOCTOR.SERVER": (0, 2, 10),
    "DOCTOR.HISTORY": (0, 2, 7),
}
"""The codes of diagnostics that no error class has, with the exit codes beside them."""
