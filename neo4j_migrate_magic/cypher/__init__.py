"""Cypher text: where statements begin and end, and what each of them does."""

from neo4j_migrate_magic.cypher.ddl import quote, read_change
from neo4j_migrate_magic.cypher.lexer import Comment, Token, comments, tokens
from neo4j_migrate_magic.cypher.reach import deletes_every_node, reaches_any_node
from neo4j_migrate_magic.cypher.statements import checksum, split

__all__ = [
    "Comment",
    "Token",
    "checksum",
    "comments",
    "deletes_every_node",
    "quote",
    "reaches_any_node",
    "read_change",
    "split",
    "tokens",
]
