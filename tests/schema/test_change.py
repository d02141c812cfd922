"""What a schema step makes, and how it is taken back, on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neo4j_migrate_magic.cypher import read_change
from neo4j_migrate_magic.model import SchemaChange, SchemaItem
from neo4j_migrate_magic.schema.catalogue import item_of, plain
from neo4j_migrate_magic.schema.change import (
    collisions,
    created,
    expected,
    inverse,
    orphans,
    same,
    touched,
)


def change(text: str) -> SchemaChange:
    found = read_change(text)
    assert found is not None
    return found


def item(text: str, **values: object) -> SchemaItem:
    found = change(text).item
    assert found is not None
    return replace(found, create_statement=f"CYPHER 5 {text}", **values)


A = "CREATE INDEX a FOR (n:N) ON (n.a)"
A_OTHER = "CREATE INDEX a FOR (n:N) ON (n.b)"
U = "CREATE CONSTRAINT u FOR (n:N) REQUIRE n.a IS UNIQUE"


@pytest.mark.parametrize(
    ("statements", "before", "after"),
    [
        ([A], [], [A]),
        ([A.replace("FOR", "IF NOT EXISTS FOR")], [A], [A]),
        (["DROP INDEX a"], [A], []),
        (["DROP INDEX a IF EXISTS"], [], []),
        (["DROP INDEX a", A_OTHER], [A], [A_OTHER]),
        ([A, U], [], [A, U]),
        (["DROP CONSTRAINT a"], [A], [A]),  # a name of another kind is not met
    ],
)
def test_changes_are_carried_out_on_paper(
    statements: list[str], before: list[str], after: list[str]
) -> None:
    found = expected([change(s) for s in statements], [item(b) for b in before])
    assert same(found, [item(a) for a in after])


def test_an_unnamed_item_fits_whatever_name_the_server_gave_it() -> None:
    unnamed = change("CREATE INDEX FOR (n:N) ON (n.a)")
    wanted = expected([unnamed], [])
    assert same(wanted, [item(A)])
    assert touched([unnamed], [item(A), item(A_OTHER)]) == (item(A),)


def test_a_name_that_belongs_to_another_definition_is_a_collision() -> None:
    conditional = change(A.replace("FOR", "IF NOT EXISTS FOR"))
    assert collisions([conditional], [item(A)]) == []
    assert collisions([conditional], [item(A_OTHER)]) == [(conditional, item(A_OTHER))]
    assert collisions([change("DROP INDEX a"), conditional], [item(A_OTHER)]) == []


@pytest.mark.parametrize(
    ("before", "after", "statements"),
    [
        (
            [],
            [A],
            [
                (
                    "DROP INDEX $name IF EXISTS",
                    {"name": "a", "made": str(item(A))},
                )
            ],
        ),
        (
            [],
            [U],
            [
                (
                    "DROP CONSTRAINT $name IF EXISTS",
                    {"name": "u", "made": str(item(U))},
                )
            ],
        ),
        ([A], [], [(f"CYPHER 5 {A}", {})]),
        ([A], [A], []),
        (
            [A],
            [A_OTHER],
            [
                (
                    "DROP INDEX $name IF EXISTS",
                    {"name": "a", "made": str(item(A_OTHER))},
                ),
                (f"CYPHER 5 {A}", {}),
            ],
        ),
    ],
)
def test_the_inverse_gives_back_what_was_there(
    before: list[str], after: list[str], statements: list[tuple[str, dict[str, str]]]
) -> None:
    assert inverse([item(b) for b in before], [item(a) for a in after]) == tuple(
        statements
    )


def test_there_is_no_inverse_without_the_old_definition() -> None:
    assert inverse([replace(item(A), create_statement=None)], []) is None


def test_a_half_built_index_in_the_place_of_a_constraint_is_an_orphan() -> None:
    half = replace(item(A), name="u", state="POPULATING")
    assert orphans(created([change(U)]), [half, item(A_OTHER, state="POPULATING")]) == [
        half
    ]
    assert orphans(created([change(U)]), [replace(half, state="ONLINE")]) == []


def test_items_survive_being_stored() -> None:
    for text in (A, U):
        assert item_of(plain(item(text))) == item(text)
