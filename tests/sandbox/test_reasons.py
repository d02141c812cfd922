"""Why a server did not start, from what real servers printed."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.sandbox.reasons import not_started

PORT = """\
2026-11-25 02:36:51.680+0000 INFO  Starting...
2026-11-25 02:36:54.663+0000 ERROR Failed to start Neo4j on 127.0.0.1:7474.
java.lang.RuntimeException: Error starting Neo4j database server at /home/data/databases
\tat org.neo4j.server.CommunityEntryPoint.main(CommunityEntryPoint.java:30)
Caused by: org.neo4j.configuration.helpers.PortBindException: An error occurred while trying to bind to the socket /127.0.0.1:7688
\t... 10 more
Caused by: io.netty.channel.unix.Errors$NativeIoException: bind(..) failed with error(-98): Address already in use
2026-11-25 02:36:54.668+0000 INFO  Stopped.
"""
LOCKED = """\
2026-11-25 02:36:21.148+0000 ERROR Failed to start Neo4j on 127.0.0.1:7474.
java.lang.RuntimeException: Error starting Neo4j database server at /home/data/databases
Caused by: org.neo4j.io.locker.FileLockException: Lock file has been locked by another process: /home/data/databases/store_lock.
\tat org.neo4j.io.locker.Locker.storeLockException(Locker.java:151)
"""
FULL = """\
2026-11-25 02:36:21.148+0000 ERROR Failed to start Neo4j on 127.0.0.1:7474.
Caused by: java.io.IOException: No space left on device
"""
PHYSICAL = """\
2026-11-25 02:36:55.629+0000 ERROR Invalid memory configuration - exceeds physical memory.
2026-11-25 02:36:55.632+0000 INFO  Stopped.
"""
INITIAL = """\
Error occurred during initialization of VM
Initial heap size set to a larger value than the maximum heap size
"""
SETTING = """\
2026-11-25 02:36:55.615+0000 WARN  Unrecognized setting. No declared setting with name: dbms.fleet_manager.enabled.
Exception in thread "main" java.lang.IllegalArgumentException: Error evaluating value for setting 'server.memory.pagecache.size'.
Caused by: java.lang.IllegalArgumentException: 'lots' is not a valid size
"""
USUAL = """\
2026-11-25 02:36:51.680+0000 INFO  Logging config in use: 'server.memory.heap.max_size'
2026-11-25 02:36:51.690+0000 INFO  Starting...
"""
MEMORY = "this machine does not give Java the memory it asks for"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (PORT, "port 7688 is taken by another program"),
        (LOCKED, "another server works on this data"),
        (FULL, "the disk is full"),
        (PHYSICAL, MEMORY),
        (INITIAL, MEMORY),
        (SETTING, "it ended by itself"),
        ("", "it ended by itself"),
    ],
)
def test_the_reason_comes_first_and_in_words(told: str, words: str) -> None:
    """Each has something to type."""
    error = not_started("5.26.30", told, port=7688)

    assert (error.code, error.exit_code) == ("SANDBOX.START", 10)
    assert error.what == "Neo4j 5.26.30 did not start"
    assert words == error.why.split("; ")[0]
    assert all(way.command and way.label for way in error.next)
    assert error.next != ()


def test_the_last_cause_is_quoted() -> None:
    """Not the address of the web server, which a sandbox does not have."""
    error = not_started("5.26.30", PORT, port=7688)

    assert error.why == (
        "port 7688 is taken by another program;"
        " io.netty.channel.unix.Errors$NativeIoException:"
        " bind(..) failed with error(-98): Address already in use"
    )


def test_without_a_cause_the_complaint_is_quoted_without_its_time() -> None:
    """The lines of a usual start are not."""
    error = not_started("5.26.30", PHYSICAL, port=7688)

    assert (
        f"{MEMORY}; ERROR Invalid memory configuration - exceeds physical memory."
        == error.why
    )


def test_a_server_that_takes_too_long_is_told_from_one_that_ended() -> None:
    """A word such as heap in a usual line is no reason; the log is named."""
    error = not_started("5.26.30", USUAL, port=7688, waited=90, log="/home/console.log")

    assert error.why.startswith("it did not answer within 90 s; ")
    assert error.why.endswith("; the whole log is /home/console.log")
    assert [way.command for way in error.next] == [
        "neo4j-migrate sandbox start",
        "neo4j-migrate sandbox reset",
    ]


def test_a_log_without_end_is_not_shown_whole() -> None:
    """An error is a block that one reads."""
    error = not_started("5.26.30", "ERROR Invalid " + "x" * 10_000, port=7688)

    assert len(error.why) < 700
