"""Real servers explain every statement of the golden folder, or refuse it, as expected.

A server also tells what it took the statement for: the plan's kind is compared with
ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import Neo4jError

from tests.conftest import Servers
from tests.cypher.golden import Case, cases

pytestmark = pytest.mark.server

_PARAMETER = re.compile(r"\$ ?(?:(\w+)|`((?:[^`]|``)*)`)")
_VALUES = {"map": {}, "node": None} | dict.fromkeys(
    ("a;b", "c", "k", "name", "password", "u", "url"), "x"
)  # of parameters that must not be a number
_KINDS = {"r": "read", "w": "write", "rw": "write", "s": "schema"}
_BATCHED = ("TransactionForeach", "TransactionApply")


@pytest.fixture(scope="module", params=["5.26", "newest"])
def driver(
    request: pytest.FixtureRequest, servers: Servers
) -> Iterator[tuple[str, neo4j.Driver]]:
    """The name of a server, and a plain driver for it."""
    with neo4j.GraphDatabase.driver(
        servers[request.param], auth=None, notifications_min_severity="OFF"
    ) as opened:
        yield request.param, opened


def parameters(text: str) -> dict[str, Any]:
    """A value for whatever looks like a parameter."""
    names = {
        plain or quoted.replace("``", "`") for plain, quoted in _PARAMETER.findall(text)
    }
    return {name: _VALUES.get(name, 1) for name in names}


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].split("@")[0]
    for child in plan.get("children", []):
        yield from operators(child)


def kind_of(summary: neo4j.ResultSummary) -> str:
    """What the server took a statement for, in our words."""
    assert summary.plan is not None
    found = set(operators(summary.plan))
    if found.intersection(_BATCHED):
        return "autocommit"
    if "AdministrationCommand" in found:
        return "admin"
    return _KINDS[summary.query_type]


def explained(driver: neo4j.Driver, query: dict[str, Any]) -> str:
    """The kind that the server gives, or the code with which it refuses."""
    database = "system" if "admin" in (query["kind"], query.get("really")) else "neo4j"
    text = query["text"]
    with driver.session(
        database=database, default_access_mode=neo4j.READ_ACCESS
    ) as session:
        try:
            summary = session.run("EXPLAIN " + text, parameters(text)).consume()
        except Neo4jError as error:
            return str(error.code).removeprefix("Neo.").removeprefix("ClientError.")
    return kind_of(summary)


def agrees(wanted: str | None, found: str) -> bool:
    """Whether the server says what we do; of a call only the server knows the kind."""
    if wanted is None:
        return "." not in found
    return wanted == found or (wanted == "call" and found in _KINDS.values())


def expected(server: str, query: dict[str, Any]) -> str | None:
    """A kind, a code, or None for a file that we do not read and the server does."""
    refusal = query.get("refused", {}).get(server)
    if refusal or query["kind"] == "unreadable":
        return refusal
    return query.get("really", query["kind"])


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_server_explains_a_statement_or_refuses_it_as_expected(
    case: Case, driver: tuple[str, neo4j.Driver]
) -> None:
    server, opened = driver
    found = [
        (query["text"], expected(server, query), explained(opened, query))
        for query in case.queries
    ]

    assert [entry for entry in found if not agrees(*entry[1:])] == []
