"""What was asked cannot be carried out."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


class PlanError(MigrateError):
    """What was asked cannot be carried out; nothing was touched."""

    exit_code = 2


class ImpossibleMixError(PlanError):
    """One transaction was asked for what Neo4j does not allow in one."""

    code = "PLAN.IMPOSSIBLE_MIX"


class EditionError(PlanError):
    """The statement needs an edition or language the server does not have."""

    code = "PLAN.EDITION"


class IrreversibleError(PlanError):
    """A migration in the range has no way back."""

    code = "PLAN.IRREVERSIBLE"


class PartWayError(PlanError):
    """A migration that is part-way in the other direction is in the way."""

    code = "PLAN.PART_WAY"
