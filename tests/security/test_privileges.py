"""A refusal for want of a privilege names the privilege, and what to ask for.

Enterprise alone has privileges, and it cannot be had for these tests: the messages are
those that Neo4j's own sources and published reports have, made into the driver's errors.
What the tool does with an error of that code is tested with the same fakes.
"""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.database.errors import translate
from neo4j_migrate_magic.engine.failure import StatementFailure, failed_step
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.errors import ForbiddenError
from neo4j_migrate_magic.files import read_all
from neo4j_migrate_magic.model import Direction, PlannedMigration
from tests.conftest import Graph

FORBIDDEN = "Neo.ClientError.Security.Forbidden"
SEE = 'cypher-shell "SHOW USER PRIVILEGES"'
JOE = "for user 'joe' with roles [PUBLIC, custom]"
ON = "on database 'movies'"


def refused(message: str) -> ForbiddenError:
    """What becomes of the driver's error with a message."""
    made: Any = driver.Neo4jError._hydrate_neo4j(code=FORBIDDEN, message=message)
    error = translate(made, address="h:1")
    assert isinstance(error, ForbiddenError)
    assert error.server_code == FORBIDDEN
    assert error.exit_code == 2
    assert f"{message} [{FORBIDDEN}]" == error.why
    assert error.next[0].command == SEE
    return error


MESSAGES = {
    f"Schema operation 'create_constraint' {ON} is not allowed {JOE}.": (
        "CREATE CONSTRAINT ON DATABASE `movies`"
    ),
    f"Schema operation 'drop_constraint' {ON} is not allowed {JOE}.": (
        "DROP CONSTRAINT ON DATABASE `movies`"
    ),
    f"Schema operation 'create_index' {ON} is not allowed {JOE}.": (
        "CREATE INDEX ON DATABASE `movies`"
    ),
    f"Schema operation 'drop_index' is not allowed {JOE}.": (
        "DROP INDEX ON HOME DATABASE"
    ),
    f"Show indexes {ON} is not allowed {JOE}.": "SHOW INDEX ON DATABASE `movies`",
    f"Show constraints {ON} is not allowed {JOE}.": (
        "SHOW CONSTRAINT ON DATABASE `movies`"
    ),
    f"Creating new node label {ON} is not allowed {JOE}."
    " See GRANT CREATE NEW NODE LABEL ON DATABASE `movies`...": (
        "CREATE NEW NODE LABEL ON DATABASE `movies`"
    ),
    f"Creating new property name {ON} is not allowed {JOE}."
    " See GRANT CREATE NEW PROPERTY NAME ON DATABASE `movies`...": (
        "CREATE NEW PROPERTY NAME ON DATABASE `movies`"
    ),
    f"Creating new relationship type is not allowed {JOE}."
    " See GRANT CREATE NEW RELATIONSHIP TYPE ON DATABASE...": (
        "CREATE NEW RELATIONSHIP TYPE ON HOME DATABASE"
    ),
    f"Create node with labels 'A,B' {ON} is not allowed {JOE}.": (
        "CREATE ON GRAPH `movies` NODES `A`, `B`"
    ),
    f"Create node with labels '' {ON} is not allowed {JOE}.": (
        "CREATE ON GRAPH `movies` NODES *"
    ),
    f"Delete node with labels '_MigrateRecord' {ON} is not allowed {JOE}.": (
        "DELETE ON GRAPH `movies` NODES `_MigrateRecord`"
    ),
    f"Create relationship with type 'KNOWS' {ON} is not allowed {JOE}.": (
        "CREATE ON GRAPH `movies` RELATIONSHIPS `KNOWS`"
    ),
    f"Set label for label 'A' {ON} is not allowed {JOE}.": (
        "SET LABEL `A` ON GRAPH `movies`"
    ),
    f"Remove label for label 'A' {ON} is not allowed {JOE}.": (
        "REMOVE LABEL `A` ON GRAPH `movies`"
    ),
    f"Set property for property 'name' {ON} is not allowed {JOE}.": (
        "SET PROPERTY {`name`} ON GRAPH `movies`"
    ),
    f"Write operations are not allowed {JOE}.": "WRITE ON HOME GRAPH",
    f"Read operations are not allowed {JOE}.": "MATCH {*} ON HOME GRAPH",
    f"Database access is not allowed {JOE}.": "ACCESS ON HOME DATABASE",
    f"ACCESS {ON} is not allowed {JOE}": "ACCESS ON DATABASE `movies`",
    f"Executing admin procedure is not allowed {JOE}.": (
        "EXECUTE ADMIN PROCEDURES ON DBMS"
    ),
    f"Executing procedure 'apoc.load.json' is not allowed {JOE}.": (
        "EXECUTE PROCEDURE apoc.load.json ON DBMS"
    ),
    f"LOAD on URL 'https://x.invalid/a.csv' is not allowed {JOE}.": "LOAD ON ALL DATA",
}


@pytest.mark.parametrize("message", MESSAGES)
def test_the_privilege_is_named_with_the_grant_to_ask_for(message: str) -> None:
    """In one line, and as a command that an administrator may paste."""
    error = refused(message)

    privilege, _, scope = MESSAGES[message].partition(" ON ")
    assert error.what.startswith(f"the user lacks the privilege {privilege} on ")
    assert scope.startswith(error.what.rpartition(" on ")[2])
    grant = f"GRANT {MESSAGES[message]} TO `custom`"
    words = ["cypher-shell", "-d", "system", grant]
    assert words == shlex.split(error.next[1].command)
    assert error.next[1].label == "what an administrator may type"


@pytest.mark.server
def test_a_server_reads_each_of_the_grants(lts_graph: Graph) -> None:
    """Community does not carry them out, but it tells them from what is no Cypher."""
    codes = set()
    with lts_graph.driver.session(database="system") as session:
        for message in MESSAGES:
            (_, _, _, grant) = shlex.split(refused(message).next[1].command)
            with pytest.raises(driver.Neo4jError) as caught:
                session.run(grant).consume()
            codes.add(caught.value.code)

    assert codes == {"Neo.ClientError.Statement.UnsupportedAdministrationCommand"}


def test_a_user_without_a_role_of_its_own() -> None:
    """PUBLIC is everybody's: nothing is to be granted to it."""
    message = "Write operations are not allowed for user 'joe' with roles [PUBLIC]."

    assert refused(message).next[1].command.endswith("TO ROLE'")


def test_a_privilege_that_is_denied() -> None:
    """No grant helps against a DENY."""
    error = refused(
        f"Schema operation 'create_index' {ON} is denied for user 'joe' with roles [a]."
    )

    assert error.what == (
        "the user is denied the privilege CREATE INDEX on DATABASE `movies`"
    )
    assert "REVOKE DENY CREATE INDEX ON DATABASE `movies` FROM `a`" in (
        error.next[1].command
    )


@pytest.mark.parametrize(
    "message",
    [
        "Access denied, see the security logs for details.",
        "Permission denied.",
        f"Set property for property 'x' {ON} is not allowed for user 'neo4j' with roles"
        " [PUBLIC, admin] overridden by READ.",
        "Something of tomorrow is not allowed for user 'joe' with roles [custom].",
    ],
)
def test_a_message_that_names_none_is_handed_on(message: str) -> None:
    """No privilege is guessed at; a call that was read-only needs no grant."""
    error = refused(message)

    assert error.what == "the user lacks a privilege"
    assert len(error.next) == 1


@pytest.mark.parametrize("name", ["a`b", "a'b", "$(reboot)", 'a"b', "a b"])
def test_names_in_the_grant_are_quoted_for_cypher_and_for_the_shell(name: str) -> None:
    """They come from the database, and an administrator may paste them."""
    error = refused(
        f"Set label for label '{name}' on database '{name}' is not allowed for user"
        f" 'joe' with roles [PUBLIC, {name}]."
    )

    quoted = "`" + name.replace("`", "``") + "`"
    grant = f"GRANT SET LABEL {quoted} ON GRAPH {quoted} TO {quoted}"
    words = ["cypher-shell", "-d", "system", grant]
    assert words == shlex.split(error.next[1].command)


def test_a_migration_that_fails_for_want_of_it_says_so(tmp_path: Any) -> None:
    """The block of the failed step has the privilege and the ways to get it."""
    (tmp_path / "20260101000000-a.cypher").write_text("CREATE (:A);")
    (migration,) = read_all(tmp_path)
    steps = steps_of(migration, Direction.UP)
    plan = PlannedMigration(migration=migration, direction=Direction.UP, steps=steps)
    cause = refused(f"Creating new node label {ON} is not allowed {JOE}.")

    error = failed_step(
        plan, plan.steps[0], StatementFailure(cause), kept="nothing was kept"
    )

    assert error.why.startswith("the user lacks the privilege CREATE NEW NODE LABEL on")
    commands = [way.command for way in error.next]
    assert commands[0] == "neo4j-migrate up"
    assert SEE in commands
    assert any("GRANT CREATE NEW NODE LABEL" in command for command in commands)
