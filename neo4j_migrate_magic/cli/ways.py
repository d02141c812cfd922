"""Commands to type, completed so that they lead where the typed command led."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cli.tree import PROGRAM
from neo4j_migrate_magic.config import SANDBOX, load
from neo4j_migrate_magic.errors import MigrateError, Next
from neo4j_migrate_magic.model import Diagnosis, Outcome, Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neo4j_migrate_magic.cli.host import App
    from neo4j_migrate_magic.config import Settings
    from neo4j_migrate_magic.migrator import Migrator
    from neo4j_migrate_magic.model import Server

_SHELL = "cypher-shell"
_IN_PROSE = re.compile(r"neo4j-migrate (?:up|down|status|log)\b")

_ENDS = ("--to", "--up-count", "--down-count")
_PLACES = ("env", "uri", "sandbox")  # of which a command names one at most
_FILES = ("config", "env_file", "env", "migration_dir")

CHOOSING = {
    **{name: (f"--{name.replace('_', '-')}",) for name in ("uri", "sandbox")},
    "config": ("--config", "-c"),
    "env": ("--env", "-e"),
    "env_file": ("--env-file",),
    "migration_dir": ("--migration-dir", "--dir", "-d"),
    "username": ("--username",),
    "password_env": ("--password-env",),
    "password_file": ("--password-file",),
    "password_var": ("--password-var",),
    "database": ("--database",),
    "project": ("--project",),
}
"""The options that choose what a command works on, each with its spellings."""

_FEWER: Mapping[str, Sequence[str]] = {
    "init": (),
    "explain": (),
    "completion": (),
    "connect": (),
    "create": _FILES,
    "sandbox": ("config",),
}
"""The verbs that work on less than a database, and the options that choose there."""


def completed(way: Next, app: App, migrator: Migrator | None) -> Next:
    """Complete a command to type: it works on what the typed one worked on.

    Args:
        way: The command, and what it does.
        app: The host of the typed one.
        migrator: What that one has worked with, if anything.
    """
    if app.answer.words == ["init"]:  # what it was told, it writes down
        return way
    server, chosen, shell = app.answer.server, app.chosen, {}
    if server is not None and migrator is not None:
        shell = to_server(migrator.settings, server)
    else:
        chosen = usable(chosen, app.options)
    return leading(_limited(way, app), chosen, shell)


def leading(way: Next, chosen: Mapping[str, Any], server: Mapping[str, str]) -> Next:
    """Give a command with the options that choose what the typed one worked on.

    What it names itself stays, and so does another program's, but for cypher-shell's.

    Args:
        way: The command, and what it does.
        chosen: The options that were typed, by their names in `CHOOSING`.
        server: What leads cypher-shell there; see `to_server`.
    """
    words = _words(way)
    if words[:1] == [_SHELL]:
        more = _missing(words, {(name,): value for name, value in server.items()})
        rest = way.command[len(_SHELL) :].lstrip()
        return way._replace(command=" ".join([_SHELL, *more, rest]))
    if not _takes_options(words):
        return way
    wanted = _wanted(words, chosen)
    more = _missing(words, {CHOOSING[name]: chosen[name] for name in wanted})
    return way._replace(command=" ".join([way.command, *more]))


def typed(args: Sequence[str]) -> dict[str, Any]:
    """Find the options that choose in a line that may not be one of ours.

    What is wrong with it may stand before them, and then nobody has taken them.
    """
    words = list(args[: args.index("--")] if "--" in args else args)
    found: dict[str, Any] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if not option.startswith("--") and len(word) > 2:
            option, equals, value = word[:2], "glued", word[2:]
        for name, spellings in CHOOSING.items():
            if option in spellings:
                given = True if name == "sandbox" else value if equals else following
                found |= {name: given} if given else {}
    return found


def usable(chosen: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options that are repeated though no server has answered.

    Where they make no settings, those that choose files do: what else was typed may
    be a password in the wrong place.

    Args:
        chosen: The options that were typed.
        options: The settings that the command was given.
    """
    known = {k: v for k, v in chosen.items() if k in CHOOSING and k != "password_var"}
    names = set(chosen)
    try:
        load({**options, **known}, os.environ, Path.cwd())
    except (MigrateError, OSError):
        names = set(_FILES)
    if str(chosen.get("password_env")) not in os.environ:
        names.discard("password_env")
    return {name: value for name, value in chosen.items() if name in names}


def in_prose(text: str, leading: Callable[[Next], Next]) -> str:
    """Complete the commands that stand in a sentence."""
    return _IN_PROSE.sub(lambda found: leading(Next(found[0])).command, text)


def to_server(settings: Settings, server: Server) -> dict[str, str]:
    """Give what leads cypher-shell to the database that a command worked on.

    Returns:
        Its options with their values; none where the address is not known.
    """
    sandbox = settings.uri == SANDBOX
    uri = f"bolt://{server.address}" if sandbox else settings.uri
    if uri is None or not uri.rstrip("/").endswith(server.address):
        return {}  # a driver was handed over; its owner knows where it leads
    database = server.database or settings.database
    return {"-a": uri, "-d": database} if database else {"-a": uri}


def led(result: Any, leading: Callable[[Next], Next]) -> Any:
    """Give a result whose commands are completed."""
    match result:
        case Verification():
            return replace(
                result,
                problems=tuple(
                    replace(one, next=tuple(map(leading, one.next)))
                    for one in result.problems
                ),
            )
        case Diagnosis():
            return replace(
                result,
                checks=tuple(
                    replace(one, next=one.next and leading(one.next))
                    for one in result.checks
                ),
            )
        case _:
            return result


def _words(way: Next) -> list[str]:
    """Take a command apart; none where prose stands in its place."""
    try:
        return shlex.split(way.command)
    except ValueError:
        return []


def _takes_options(words: Sequence[str]) -> bool:
    """Whether it is a command of ours that does something."""
    return words[:1] == [PROGRAM] and len(words) > 1 and "--help" not in words


def _limited(way: Next, app: App) -> Next:
    """Let a run that is typed again go no further, and be permitted no less.

    Of a count stays what the run has not done of it.
    """
    words = _words(way)
    if not _takes_options(words):
        return way
    more: list[str] = []
    for option, value in app.limits.get(words[1], ()):
        if option.startswith("--allow"):
            if f"{option} {value}" in " ".join(words).replace("=", " "):
                continue
        elif _has(words, _ENDS):
            continue
        elif isinstance(value, int):
            value = max(1, value - _whole(app))
            if (option, value) == ("--down-count", 1):
                continue  # as without it
        more += [option, shlex.quote(str(value))]
    return way._replace(command=" ".join([way.command, *more]))


def _whole(app: App) -> int:
    """Count the migrations that the run has brought to their end."""
    report = app.progress.report
    ends = (Outcome.APPLIED, Outcome.ROLLED_BACK)
    return sum(one.outcome in ends for one in report.migrations) if report else 0


def _wanted(words: Sequence[str], chosen: Mapping[str, Any]) -> list[str]:
    """Choose the options that a command's verb can use, and that do not contradict it."""
    taken = _FEWER.get(words[1], tuple(CHOOSING))
    placed = any(_has(words, CHOOSING[name]) for name in _PLACES)
    return [
        name
        for name in CHOOSING
        if name in chosen and name in taken and not (placed and name in _PLACES)
    ]


def _missing(words: Sequence[str], options: Mapping[Sequence[str], Any]) -> list[str]:
    """Write those options, each with its value, that a command has not itself."""
    found = []
    for names, value in options.items():
        if not _has(words, names):
            found.append(names[0])
            found += [] if value is True else [shlex.quote(str(value))]
    return found


def _has(words: Sequence[str], names: Sequence[str]) -> bool:
    return any(
        word == name
        or word.startswith(f"{name}=")
        or (len(name) == 2 and word.startswith(name))
        for word in words
        for name in names
    )
