"""Read what a schema statement wants: which constraint or index, there or gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cypher.lexer import BACKTICK, BLANK, COMMENT, STRING
from neo4j_migrate_magic.model import Entity, SchemaChange, SchemaItem

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(
    rf"(?P<skip>[{BLANK}]+|{COMMENT})|(?P<name>{BACKTICK})|(?P<string>{STRING})"
    r"|(?P<word>\w+)|(?P<sign>::|.)",
    re.DOTALL,
)
_TRIMMED = "".join(map(chr, range(0x21)))  # what a server takes off a new name's ends
_INDEXES = ("RANGE", "TEXT", "POINT", "LOOKUP", "FULLTEXT", "VECTOR")


# What is found behind the last token, however far one looks ahead.
_END = [(None, "")] * 4


class _Unreadable(Exception):  # noqa: N818 (never leaves this module)
    """The statement is not one that this module reads."""


def quote(name: str) -> str:
    """Give a name in backticks; backticks within it are doubled."""
    return "`" + name.replace("`", "``") + "`"


def read_change(
    text: str, parameters: Mapping[str, Any] | None = None
) -> SchemaChange | None:
    """Read one schema statement; None when it is one that only the server can read.

    Args:
        text: ``CREATE`` or ``DROP`` of one constraint or index.
        parameters: The values of names given as ``$name``.
    """
    if "\\u" in text:  # the server replaces escapes, also in names
        return None
    try:
        return _Reader(text, parameters or {}).change()
    except _Unreadable:
        return None


class _Reader:
    """Reads the tokens of one statement from left to right."""

    def __init__(self, text: str, parameters: Mapping[str, Any]) -> None:
        self._tokens: list[tuple[str | None, str]] = [
            (match.lastgroup, match[0])
            for match in _TOKEN.finditer(text)
            if match.lastgroup != "skip"
        ]
        self._count = len(self._tokens)
        self._tokens += _END
        self._upper = [text.upper() for _, text in self._tokens]
        self._at = 0
        self._parameters = parameters

    def change(self) -> SchemaChange:
        self._prefix()
        if self._take("DROP"):
            return self._drop()
        self._need("CREATE")
        if self._take("OR"):
            raise _Unreadable
        if self._take("CONSTRAINT"):
            return self._create_constraint()
        return self._create_index()

    def _prefix(self) -> None:
        while self._take("CYPHER") or self._take("PROFILE"):
            while self._peek().isdigit() or self._peek(1) == "=":
                self._at += 1 if self._peek().isdigit() else 3

    def _drop(self) -> SchemaChange:
        constraint = self._take("CONSTRAINT")
        if not constraint:
            self._need("INDEX")
        name = self._name()
        conditional = self._take("IF")
        if conditional:
            self._need("EXISTS")
        self._end()
        return SchemaChange(
            create=False, constraint=constraint, name=name, conditional=conditional
        )

    def _create_constraint(self) -> SchemaChange:
        name, conditional = self._head()
        entity, labels = self._pattern()
        self._need("REQUIRE")
        properties = self._properties()
        kind, detail = self._requirement()
        return self._wanted(
            True, kind, name, conditional, entity, labels, properties, detail
        )

    def _create_index(self) -> SchemaChange:
        kind = "range"
        if self._peek() in _INDEXES:
            kind = self._next().lower()
        self._need("INDEX")
        name, conditional = self._head()
        entity, labels = self._pattern()
        self._need("ON")
        if kind == "lookup":
            self._lookup(entity)
            properties: tuple[str, ...] = ()
        else:
            self._take("EACH")
            properties = self._properties(square=kind == "fulltext")
        return self._wanted(False, kind, name, conditional, entity, labels, properties)

    def _wanted(
        self,
        constraint: bool,
        kind: str,
        name: str | None,
        conditional: bool,
        entity: Entity,
        labels: tuple[str, ...],
        properties: tuple[str, ...],
        detail: str = "",
    ) -> SchemaChange:
        item = SchemaItem(
            constraint=constraint,
            kind=kind,
            entity=entity,
            labels=labels,
            properties=properties,
            name=name,
            detail=detail,
        )
        return SchemaChange(
            create=True,
            constraint=constraint,
            name=name,
            item=item,
            conditional=conditional,
        )

    def _head(self) -> tuple[str | None, bool]:
        """Read ``[name] [IF NOT EXISTS] FOR``."""
        first, second = self._peek(), self._peek(1)
        unnamed = (first, second) in (("FOR", "("), ("IF", "NOT"))
        name = None if unnamed else self._name().strip(_TRIMMED)
        conditional = self._take("IF")
        if conditional:
            self._need("NOT")
            self._need("EXISTS")
        self._need("FOR")
        return name, conditional

    def _pattern(self) -> tuple[Entity, tuple[str, ...]]:
        """Read ``(n:L|M)`` or ``()-[r:T|U]-()``; a lookup index names no label."""
        self._need("(")
        if not self._take(")"):
            self._symbol()
            labels = self._labels()
            self._need(")")
            return Entity.NODE, labels
        self._take("<")
        self._need("-")
        self._need("[")
        self._symbol()
        labels = self._labels()
        self._need("]")
        self._need("-")
        self._take(">")
        self._need("(")
        self._need(")")
        return Entity.RELATIONSHIP, labels

    def _labels(self) -> tuple[str, ...]:
        labels = []
        if self._take(":"):
            labels.append(self._symbol())
            while self._take("|"):
                labels.append(self._symbol())
        return tuple(labels)

    def _properties(self, *, square: bool = False) -> tuple[str, ...]:
        """Read ``n.p``, ``(n.a, n.b)`` or ``[n.a, n.b]``."""
        opened = self._take("[" if square else "(")
        found = [self._property()]
        while opened and self._take(","):
            found.append(self._property())
        if opened:
            self._need("]" if square else ")")
        return tuple(found)

    def _property(self) -> str:
        self._symbol()
        self._need(".")
        return self._symbol()

    def _requirement(self) -> tuple[str, str]:
        """Read what is asked of the properties: ``IS UNIQUE``, ``:: STRING``."""
        if not self._take("::"):
            self._need("IS")
            if not (self._take("::") or self._take("TYPED")):
                return self._rule(), ""
        words = []
        while self._at < self._count and self._peek() != "OPTIONS":
            words.append(self._next())
        return "type", " ".join(words).replace(" < ", "<").replace(" >", ">")

    def _rule(self) -> str:
        words = []
        while self._at < self._count and self._peek() != "OPTIONS":
            words.append(self._next())
        if words == ["NOT", "NULL"]:
            return "existence"
        if words[:1] in (["NODE"], ["RELATIONSHIP"], ["REL"]):
            words = words[1:]
        kinds = {"UNIQUE": "unique", "KEY": "key"}
        if len(words) != 1 or words[0] not in kinds:
            raise _Unreadable
        return kinds[words[0]]

    def _lookup(self, entity: Entity) -> None:
        self._take("EACH")
        self._need("LABELS" if entity is Entity.NODE else "TYPE")
        self._need("(")
        self._symbol()
        self._need(")")

    def _name(self) -> str:
        if not self._take("$"):
            return self._symbol()
        value = self._parameters.get(self._symbol())
        if not isinstance(value, str):
            raise _Unreadable
        return value

    def _symbol(self) -> str:
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "name":
            return text[1:-1].replace("``", "`")
        if kind != "word":
            raise _Unreadable
        return text

    def _peek(self, ahead: int = 0) -> str:
        return self._upper[self._at + ahead]

    def _next(self) -> str:
        text = self._upper[self._at]
        self._at += 1
        return text

    def _take(self, text: str) -> bool:
        # a name in backticks and a string keep their quotes, and so equal no word
        if self._upper[self._at] == text:
            self._at += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise _Unreadable

    def _end(self) -> None:
        self._take(";")
        if self._at < self._count:
            raise _Unreadable
