"""Where jars come from: a mirror that the user names, else the address jgo knows."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from neo4j_migrate_magic.sandbox.extra import not_installed


def repository() -> str:
    """Give the address of the jar repository.

    ``NEO4J_MIGRATE_MAVEN_REPO``, else a mirror of everything in the user's Maven
    settings, else the one that jgo knows.
    """
    named = os.environ.get("NEO4J_MIGRATE_MAVEN_REPO")
    if named:
        return named.rstrip("/")
    mirror = _mirror(Path.home() / ".m2" / "settings.xml")
    if mirror:
        return mirror.rstrip("/")
    try:
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError as error:
        raise not_installed("jgo") from error
    return str(MAVEN_CENTRAL_URL).rstrip("/")


def maven_folder() -> Path:
    """Give the user's own store of Maven jars; what is there is not fetched again."""
    named = os.environ.get("M2_REPO")
    return Path(named) if named else Path.home() / ".m2" / "repository"


def _mirror(settings: Path) -> str | None:
    try:
        root = ET.parse(settings).getroot()  # noqa: S314 (the user's own file)
    except (OSError, ET.ParseError):
        return None
    for element in root.iter():
        if element.tag.rsplit("}")[-1] != "mirror":
            continue
        values = {c.tag.rsplit("}")[-1]: (c.text or "").strip() for c in element}
        of = set(re.split(r"\s*,\s*", values.get("mirrorOf", "")))
        if of & {"*", "external:*", "central"} and not of & {"!central"}:
            return values.get("url")
    return None
