"""Cypher text: where statements begin and end, and what each of them does."""

from neo4j_migrate_magic.cypher.ddl import quote, read_change
from neo4j_migrate_magic.cypher.lexer import Comment, Token, comments, tokens
from neo4j_migrate_magic.cypher.statements import checksum, split

__all__ = [
    "Comment",
    "Token",
    "checksum",
    "comments",
    "quote",
    "read_change",
    "split",
    "tokens",
]
