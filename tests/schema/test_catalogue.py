"""What the catalogue says of an index that failed, in words a person can use."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.schema.catalogue import reason

STACK = "\tat org.neo4j.Validator.check(Validator.java:45)\n\t... 12 more\n"


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (None, ""),
        ("", ""),
        ("in words", "in words"),
        (
            f"java.lang.IllegalArgumentException: too large, size: 40011.\n{STACK}",
            "too large, size: 40011.",
        ),
        (
            f"java.lang.RuntimeException\n{STACK}Caused by: a.B: no\n{STACK}"
            f"Caused by: java.io.IOException: No space left\n{STACK}",
            "No space left",
        ),
        (
            f"a.Failed: the build failed\n{STACK}Caused by: a.Failed: the disk is full\n",
            "the build failed; the disk is full",
        ),
        (f"a.Outer$Failed: the same\n{STACK}Caused by: a.F: the same", "the same"),
    ],
)
def test_the_reason_of_a_failed_index_is_one_line(
    failure: str | None, said: str
) -> None:
    """The server's own words, without where in its code they were thrown."""
    assert reason(failure) == said
