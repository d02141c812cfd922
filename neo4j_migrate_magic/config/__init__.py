"""Where settings come from: options, variables, a file, defaults."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neo4j_migrate_magic.config.layers import OPTIONS
    from neo4j_migrate_magic.config.protection import (
        permitted,
        refuse_redirected,
        refuse_unnamed,
        refuse_unpermitted,
        unconfirmed,
    )
    from neo4j_migrate_magic.config.scaffold import InitResult, init
    from neo4j_migrate_magic.config.settings import Settings, load
    from neo4j_migrate_magic.config.target import refuse_unreachable, with_target
    from neo4j_migrate_magic.config.values import SANDBOX, duration

__all__ = [
    "OPTIONS",
    "SANDBOX",
    "InitResult",
    "Settings",
    "duration",
    "init",
    "load",
    "permitted",
    "refuse_redirected",
    "refuse_unnamed",
    "refuse_unpermitted",
    "refuse_unreachable",
    "unconfirmed",
    "with_target",
]

_HOMES = {
    "layers": ("OPTIONS",),
    "protection": (
        *("permitted", "refuse_redirected", "refuse_unnamed", "refuse_unpermitted"),
        "unconfirmed",
    ),
    "scaffold": ("InitResult", "init"),
    "settings": ("Settings", "load"),
    "target": ("refuse_unreachable", "with_target"),
    "values": ("SANDBOX", "duration"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: a completion reads the names in a file."""
    for module, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
