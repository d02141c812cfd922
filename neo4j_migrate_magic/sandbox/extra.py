"""The packages of the ``sandbox`` extra: say which of them is missing."""

from __future__ import annotations

import importlib.util

from neo4j_migrate_magic.errors import SandboxNotInstalledError

INSTALL = ("pip install 'neo4j-migrate-magic[sandbox]'", "what the sandbox needs")


def require(*packages: str) -> None:
    """Refuse to begin without these packages.

    Raises:
        SandboxNotInstalledError: One of them is missing.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise not_installed(package)


def not_installed(package: str) -> SandboxNotInstalledError:
    """Say that the sandbox's packages are missing."""
    return SandboxNotInstalledError(
        "the sandbox is not installed",
        why=f"the package {package} is missing",
        next=[INSTALL],
    )
