"""Our Cypher is constant: no value and no name becomes part of a statement's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import neo4j_migrate_magic

ROOT = Path(neo4j_migrate_magic.__file__).parent
FOLDERS = ("database", "engine", "history", "schema")
SENDERS = {"_ask", "autocommit", "explain", "pipelined", "read", "run", "write"}
MAKERS = {"Fence", "Query", "_query"}

# A text that is not written right there, and why it may be sent.
SENT = {
    # the door hands on what its callers give it, of the type LiteralString if it is ours
    "database/connection.py: text": "Transaction.run, Database.read",
    "database/connection.py: query": "Database.read and autocommit, made by _query",
    'database/connection.py: f"EXPLAIN {text}"': "a user's, whole",
    # what users wrote, byte for byte, with their parameters
    "engine/client.py: query": "a call of a Python migration",
    "engine/perform.py: statement.text": "a statement of a file, or a computed inverse",
    "engine/survey.py: statement.text": "a statement of a file, asked about",
    "engine/writing.py: statement.text": "a statement of a cell, asked about",
    # composed of constants, see below
    "engine/perform.py: fence.text": "of history/fence.py",
    "history/commit.py: fence.text": "of history/fence.py",
    "history/commit.py: BEAT": "a constant of history/heartbeat.py",
    "history/commit.py: check_text()": "of history/fence.py",
    "history/corrections.py: check_text()": "of history/fence.py",
    "history/corrections.py: baseline_text()": "of history/fence.py",
    "history/corrections.py: text": "record_text()",
    "history/journal.py: check_text()": "of history/fence.py",
    "history/journal.py: text": "record_text()",
    "history/upgrade.py: text": "upgrade_text()",
    "engine/client.py: check_text()": "of history/fence.py",
    "history/intervene.py: text": "_STOP or _BREAK",
    "history/lock.py: statement": "each of _BOOTSTRAP",
    'schema/catalogue.py: [f"{language} SHOW CONSTRAINTS YIELD *",'
    ' f"{language} SHOW INDEXES YIELD *"]': "language is one of two constants",
}

# A text with words of Cypher that something is put into, and why that is safe.
COMPOSED = {
    "database/connection.py: EXPLAIN {text}": "a user's statement, whole",
    "database/privileges.py: CREATE NEW {groups['token'].upper()}": "shown, not sent",
    "database/privileges.py: SET PROPERTY {{{quote(groups['name'])}}}": "shown",
    "engine/doctor.py: DROP INDEX {quote(build.name)}": "shown, quoted twice",
    "history/damage.py: MATCH (r:_MigrateRecord {of}) DELETE r": "shown; digits and JSON",
    "history/damage.py: MATCH (l:_MigrateProject {of}) DELETE l": "shown; JSON",
    "schema/catalogue.py: {language} SHOW CONSTRAINTS YIELD *": "one of two constants",
    "schema/catalogue.py: {language} SHOW INDEXES YIELD *": "one of two constants",
    "schema/preflight.py: MATCH (n:{label})": "shown; label and keys are quoted",
    "schema/preflight.py: MATCH ()-[n:{label}]->()": "shown; label and keys are quoted",
    "schema/change.py: DROP {'CONSTRAINT' if item.constraint else 'INDEX'} $name IF EXISTS": (
        "one of two words; the name is a parameter"
    ),
}
_WORDS = re.compile(
    r"\b(?:MATCH|MERGE|CREATE|DROP|SET|REMOVE|DELETE|CALL|SHOW|EXPLAIN|UNWIND) "
)


def sources() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.py")):
            yield f"{folder}/{path.name}", path.read_text("utf-8")


def constants(module: ast.Module) -> set[str]:
    """The names of a module that are a literal, or a tuple of literals."""
    found = set()
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            parts = (
                node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            )
            if all(isinstance(p, ast.Constant) for p in parts):
                found.add(ast.unparse(node.target))
    return found


def sent(module: ast.Module) -> Iterator[ast.expr]:
    """The first argument of every call that may send one; of a maker's, the maker's own."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=[text, *_]):
                if name in SENDERS | MAKERS and not made(text):
                    yield text
            case ast.Call(func=ast.Name(id=name), args=[text, *_]):
                if name in MAKERS:
                    yield text


def made(text: ast.expr) -> bool:
    """Whether a text comes right from a maker, whose argument is looked at as well."""
    match text:
        case ast.Call(func=ast.Name(id=name)):
            return name in MAKERS
    return False


def written(source: str, node: ast.AST) -> str:
    """A piece of the source on one line."""
    return " ".join((ast.get_source_segment(source, node) or "").split())


def test_every_statement_that_is_sent_is_a_constant_or_known() -> None:
    """A new way for text to become a query fails here until somebody has looked."""
    found = set()
    for name, source in sources():
        module = ast.parse(source)
        known = constants(module)
        for text in sent(module):
            shown = written(source, text)
            if not isinstance(text, ast.Constant) and shown not in known:
                found.add(f"{name}: {shown}")

    assert set(SENT) == found


def test_nothing_is_put_into_a_text_of_cypher_but_what_is_known() -> None:
    """No f-string, no `format` with words of Cypher in it."""
    found = set()
    for name, source in sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.JoinedStr):
                text = written(source, node).removeprefix("f").strip('"')
                if _WORDS.search(text):
                    found.add(f"{name}: {text}")
            if isinstance(node, ast.Attribute) and node.attr == "format":
                assert not _WORDS.search(written(source, node.value)), name

    assert set(COMPOSED) == found


def test_the_fences_are_joined_of_constants_alone() -> None:
    """Every part of a sum in `history/fence.py` is one of its own texts."""
    module = ast.parse(dict(sources())["history/fence.py"])
    known = constants(module) | {"text", "clauses"}
    sums = [n for n in ast.walk(module) if isinstance(n, ast.BinOp)]
    parts = {
        node.id
        for one in sums
        for node in ast.walk(one)
        if isinstance(node, ast.Name) and isinstance(one.op, ast.Add)
    }

    assert parts
    assert parts - known == {"exists", "schema"}  # which of two constants it is
