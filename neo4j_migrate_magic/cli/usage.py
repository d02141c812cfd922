"""What was typed and cannot be: click's refusals as errors of ours."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from collections.abc import Mapping

    _ParamType = click.ParamType[int | str]
else:
    _ParamType = click.ParamType  # before click 8.4 it takes no type

WORDS = {
    "up": ("migrate", "apply", "upgrade"),
    "down": ("rollback", "undo", "downgrade"),
    "create": ("new", "revision", "make"),
    "status": ("info", "current"),
    "log": ("history",),
    "verify": ("validate", "check"),
    "drift": ("diff",),
    "baseline": ("stamp", "changelog-sync"),
    "repair": ("force", "resolve"),
    "unlock": ("release-locks", "break-lock"),
}
"""The words of other tools, by ours."""

LATER = {
    "plan": ("status", "lists what is pending"),
    "lint": ("status", "reads every file, and names one that cannot be used"),
    "drift": ("doctor", "looks at settings, server, history and schema"),
    "rehearse": ("up --sandbox", "applies the files to a local Neo4j"),
    "adopt": ("baseline latest", "records what the database has already"),
    "panel": ("status", "shows where the database is"),
    "graph": ("status", "shows where the database is"),
}
"""Verbs that this version has not, by what comes nearest to them today."""

_RECORD = (
    Next("neo4j-migrate baseline VERSION", "all up to that version"),
    Next("neo4j-migrate repair VERSION --mark applied", "one of them"),
)
_TYPED = {
    "baseline": _RECORD,
    "create": (Next("neo4j-migrate create NAME", "NAME is what it does, in a word"),),
    "repair": (Next("neo4j-migrate verify", "names what can be repaired, and how"),),
}
"""What to type for a verb that does not stand alone."""

_FLAGS = {
    "--dry-run": (
        "what a run would do is `plan` here, which comes with a later version",
        (Next("neo4j-migrate status", "lists what is pending"),),
    ),
    "--fake": ("what is in the database already is recorded so:", _RECORD),
    "--force": (
        "nothing is called so here: a flag names what it permits",
        (Next("neo4j-migrate up --help", "lists them"),),
    ),
}
"""Options of other tools, by what does it here."""

# A password may have `/` and blanks in it: up to the last `@` all may be one.
_USER_INFO = re.compile(r"//.*@", re.DOTALL)
_PASSWORDS = ("--password", "--pass", "--pw", "-p")


class Count(_ParamType):
    """How many migrations: ``all`` or a whole number from 1."""

    name = "N|all"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Check a count.

        Raises:
            BadOptionError: It is none.
        """
        if value == "all":
            return "all"
        number = int(value) if str(value).isascii() and str(value).isdecimal() else 0
        if number >= 1:
            return number
        option = param.opts[0] if param else "the count"
        command = ctx.command_path if ctx else "neo4j-migrate"
        raise BadOptionError(
            f"{option} {value} is no count",
            why='a count is a whole number from 1, or "all"',
            next=[Next(f"{command} {option} 1", "for instance")],
        )


class States(_ParamType):
    """Some states of migrations, with commas between them."""

    name = "S,…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Take the words apart.

        Raises:
            BadOptionError: One of them is no state.
        """
        from neo4j_migrate_magic.model import State

        known = [state.value for state in State]
        words = [word.strip() for word in str(value).split(",")]
        unknown = [word for word in words if word not in known]
        if unknown:
            close = difflib.get_close_matches(unknown[0], known, n=1)
            raise BadOptionError(
                f"{unknown[0]!r} is no state of a migration",
                why=f"did you mean {close[0]!r}?"
                if close
                else f"the states are {', '.join(known)}",
                next=[
                    Next("neo4j-migrate status --state pending,late", "for instance")
                ],
            )
        return tuple(words)


class Since(_ParamType):
    """A time: a date, a date with time of day, or how long ago, such as ``10m``."""

    name = "TIME"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Read a time; one without a zone is UTC.

        Raises:
            BadOptionError: It is none.
        """
        from datetime import datetime, timedelta, timezone

        from neo4j_migrate_magic.config.values import duration

        with suppress(ValueError, OverflowError):
            return timedelta(seconds=duration(str(value)))
        with suppress(ValueError):
            found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
            return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        command = ctx.command_path if ctx else "neo4j-migrate"
        raise BadOptionError(
            f"{value!r} is no time",
            why="a time is 2026-11-25, 2026-11-25T10:15:00Z, or how long ago: 90s, 10m, 2h",
            next=[Next(f"{command} --since 24h", "for instance")],
        )


def usage_error(error: click.UsageError) -> BadOptionError:
    """Make our error of one of click's."""
    command = error.ctx.command_path if error.ctx else "neo4j-migrate"
    ways = [Next(f"{command} --help", "lists the options")]
    match error:
        case click.NoSuchOption(option_name=name) if name in _PASSWORDS:
            return BadOptionError(
                f"there is no option {name}",
                why="a password on the command line is seen by every user of the machine",
                next=[
                    Next(f"{command} --password-env VAR", "from a variable"),
                    Next(f"{command} --password-file FILE", "from a file"),
                ],
            )
        case click.NoSuchOption(option_name=name) if name in _FLAGS:
            why, elsewhere = _FLAGS[name]
            what = f"{command} has no option {name}"
            return BadOptionError(what, why=why, next=elsewhere)
        case click.NoSuchOption(option_name=name):
            return BadOptionError(
                f"{command} has no option {name}", why=_elsewhere(error), next=ways
            )
        case click.MissingParameter(param=click.Parameter() as param):
            return BadOptionError(
                f"{command} needs {param.make_metavar(error.ctx)}"  # type: ignore[arg-type] # raised while parsing
                if isinstance(param, click.Argument)
                else _sentence(error),
                why=_usage(error),
                next=ways,
            )
        case _:
            return BadOptionError(_sentence(error), why=_usage(error), next=ways)


def _usage(error: click.UsageError) -> str:
    """Say in one line what the command takes."""
    usage = error.ctx.get_usage() if error.ctx else ""
    return f"usage: {' '.join(usage.split()[1:])}" if usage else ""


def _elsewhere(error: click.NoSuchOption) -> str:
    """Say which option was probably meant, or which command has this one."""
    if error.possibilities:
        return f"did you mean {error.possibilities[0]}?"
    group = error.ctx.command if error.ctx else None
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            if any(error.option_name in param.opts for param in command.params):
                return f"it is an option of `{name}` and stands after that word"
    return ""


def without_user(word: str) -> str:
    """Take the user and password out of an address that was typed."""
    return _USER_INFO.sub("//***@", word)


def _sentence(error: click.UsageError) -> str:
    text = without_user(error.format_message()).rstrip(".")
    return text[:1].lower() + text[1:]


def unknown_command(
    name: str, commands: Mapping[str, click.Command], path: str
) -> BadOptionError:
    """Make the error of a word that is no command here, and name the one that is."""
    shown = without_user(name)
    what = f"there is no command {shown!r}"
    ours = next((one for one, words in WORDS.items() if name in words), name)
    if " " not in path and ours in commands:
        here = _TYPED.get(ours, (Next(f"{path} {ours}"),))
        return BadOptionError(what, why=f"here it is `{ours}`", next=here)
    if " " not in path and ours in LATER:
        way, does = LATER[ours]
        why = "it comes with a later version"
        if ours != name:
            why = f"here it is `{ours}`, which comes with a later version"
        return BadOptionError(what, why=why, next=[Next(f"{path} {way}", does)])
    close = difflib.get_close_matches(name, commands, n=1)
    if close:
        return BadOptionError(
            what,
            why=f"did you mean {close[0]!r}?",
            next=[Next(f"{path} {close[0]}", "")],
        )
    return BadOptionError(
        what,
        why=f"the commands are {', '.join(commands)}",
        next=[Next(f"{path} --help", "says what each does")],
    )
