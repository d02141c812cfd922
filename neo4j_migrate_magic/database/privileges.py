"""Read from an Enterprise server's refusal which privilege it is that the user lacks.

The wording is the server's (`SecurityAuthorizationHandler` and the procedures of Neo4j
4.4 to 5.26); older ones leave the database out. What is not recognised stays as it is.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cypher import quote
from neo4j_migrate_magic.errors import Next

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SEE = Next('cypher-shell "SHOW USER PRIVILEGES"', "see what it may do")

_ROLES = re.compile(r" with roles \[([^\]]*)\]")
_ON = r"(?: on database '(?P<database>.*?)')?"
_REFUSED = r" (?:is|are) (?:not allowed|denied) for "


@dataclass(frozen=True, slots=True)
class Privilege:
    """What a user lacks; `denied` means a DENY stands against it.

    `scope` is where it is given, `rest` what the grant says behind that.
    """

    name: str
    scope: str
    rest: str = ""
    role: str = ""
    denied: bool = False

    @property
    def ways(self) -> tuple[Next, ...]:
        """What to type, and what to ask an administrator for."""
        verb, to = ("REVOKE DENY", "FROM") if self.denied else ("GRANT", "TO")
        role = quote(self.role) if self.role else "ROLE"
        text = f"{verb} {self.name} ON {self.scope}{self.rest} {to} {role}"
        ask = f"cypher-shell -d system {shlex.quote(text)}"
        return (SEE, Next(ask, "what an administrator may type"))


def lacking(message: str) -> Privilege | None:
    """Give the privilege that a message of the server names; None where it names none."""
    if " overridden by " in message:
        return None  # the call itself was read-only: no grant would help
    for pattern, make in _MESSAGES.items():
        found = re.search(pattern, message)
        if found:
            name, scope, rest = make(found.groupdict(default=""))
            denied = re.search(r" (?:is|are) denied for ", message) is not None
            return Privilege(name, scope, rest, _role(message), denied)
    return None


def _role(message: str) -> str:
    """Give the user's own role: everybody has PUBLIC."""
    found = _ROLES.search(message)
    names = found[1].split(", ") if found else []
    return next((name for name in names if name not in ("", "PUBLIC")), "")


_Parts = tuple[str, str, str]


def _database(groups: Mapping[str, str]) -> str:
    name = groups.get("database")
    return f"DATABASE {quote(name)}" if name else "HOME DATABASE"


def _graph(groups: Mapping[str, str]) -> str:
    name = groups.get("database")
    return f"GRAPH {quote(name)}" if name else "HOME GRAPH"


def _names(groups: Mapping[str, str]) -> str:
    names = [name for name in groups["names"].split(",") if name]
    return ", ".join(map(quote, names)) or "*"


def _schema(groups: Mapping[str, str]) -> _Parts:
    action = groups["action"].replace("_", " ").upper()
    return action, _database(groups), ""


def _token(groups: Mapping[str, str]) -> _Parts:
    return f"CREATE NEW {groups['token'].upper()}", _database(groups), ""


def _element(groups: Mapping[str, str]) -> _Parts:
    kind = "NODES" if groups["kind"] == "node" else "RELATIONSHIPS"
    return groups["action"].upper(), _graph(groups), f" {kind} {_names(groups)}"


def _label(groups: Mapping[str, str]) -> _Parts:
    return f"{groups['action'].upper()} LABEL {_names(groups)}", _graph(groups), ""


def _property(groups: Mapping[str, str]) -> _Parts:
    return f"SET PROPERTY {{{quote(groups['name'])}}}", _graph(groups), ""


def _procedure(groups: Mapping[str, str]) -> _Parts:
    name = groups["name"] or "*"
    if groups["admin"]:
        return "EXECUTE ADMIN PROCEDURES", "DBMS", ""
    return f"EXECUTE PROCEDURE {name}", "DBMS", ""


_MESSAGES: dict[str, Callable[[Mapping[str, str]], _Parts]] = {
    rf"^Schema operation '(?P<action>[a-z_]+)'{_ON}{_REFUSED}": _schema,
    rf"^(?P<action>Show (?:index|constraint))(?:e?s){_ON}{_REFUSED}": _schema,
    r"^Creating new (?P<token>node label|relationship type|property name)"
    rf"{_ON}{_REFUSED}": _token,
    r"^(?P<action>Create|Delete) (?P<kind>node|relationship) with (?:labels|type)"
    rf" '(?P<names>.*?)'{_ON}{_REFUSED}": _element,
    rf"^(?P<action>Set|Remove) label for label '(?P<names>.*?)'{_ON}{_REFUSED}": _label,
    rf"^Set property for property '(?P<name>.*?)'{_ON}{_REFUSED}": _property,
    rf"^Write operations{_ON}{_REFUSED}": lambda g: ("WRITE", _graph(g), ""),
    rf"^Read operations{_ON}{_REFUSED}": lambda g: ("MATCH {*}", _graph(g), ""),
    rf"^(?:Database access|ACCESS){_ON}{_REFUSED}": lambda g: (
        *("ACCESS", _database(g), ""),
    ),
    r"^Executing (?P<admin>admin )?procedure(?: '?(?P<name>[\w.]+)'?)?(?: permission has"
    rf" not been granted for |{_REFUSED})": _procedure,
    rf"^LOAD on URL '.*'{_REFUSED}": lambda _: ("LOAD", "ALL DATA", ""),
}
