"""The root of the command tree, and the options that every command takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.cli.answer import FORMATS
from neo4j_migrate_magic.cli.completion import Environment
from neo4j_migrate_magic.cli.usage import unknown_command
from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from click.shell_completion import CompletionItem

    from neo4j_migrate_magic.cli.host import App

PROGRAM = "neo4j-migrate"

_EXIT_CODES = {
    0: "done, or nothing to do",
    2: "usage, settings, or a file; nothing was touched",
    3: "you said no",
    4: "pending or different, and --exit-code was given",
    7: "files and history disagree; nothing was touched",
    8: "stopped part-way; the next run goes on",
    9: "another run holds the lock",
    10: "the server does not answer, or does not accept the login",
    130: "interrupted; what was open was not committed",
}


_NOTEBOOK = frozenset({"cell", "no_raise", "password_var", "var"})
"""The options that only a notebook has; no help of the shell lists them."""


class Tree(click.Group):
    """A group of commands that answers a word it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that a word names.

        Raises:
            BadOptionError: There is none; it says which was probably meant.
        """
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing:
            known = {word: self.commands[word] for word in self.list_commands(ctx)}
            raise unknown_command(name, known, ctx.command_path)
        found = super().resolve_command(ctx, args)
        if ctx.obj is not None and not ctx.resilient_parsing:
            ctx.obj.answer.words.append(name)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order they were added: that of a newcomer's day."""
        shell = ctx.obj is not None and not ctx.obj.notebook
        return [
            name
            for name, found in self.commands.items()
            if not (shell and getattr(found, "notebook", False))
        ]


class Verb(click.Command):
    """A command that takes the global options, and completes them when asked to."""

    streams = False
    """Whether it has events to give a line each."""
    notebook = False
    """Whether only a notebook has it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, once the host knows where its output goes."""
        ctx.obj.begin(streams=self.streams)
        return super().invoke(ctx)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Offer its own options; the global ones once their first letter is there."""
        from click.shell_completion import CompletionItem

        found = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-") or incomplete in ("-", "--"):
            return found
        not_here = frozenset() if ctx.obj.notebook else _NOTEBOOK
        return found + [
            CompletionItem(name, help=param.help)
            for param in self.params
            if isinstance(param, click.Option) and param.hidden
            if param.name not in not_here
            for name in param.opts
            if name.startswith(incomplete)
        ]


def global_options(shown: Collection[str] | None = None) -> list[click.Parameter]:
    """Make the options that stand before or after the verb.

    Args:
        shown: The names of those that `--help` lists; None means all.
    """

    def option(*names: str, **more: Any) -> click.Option:
        name = names[-1]
        hidden = name in _NOTEBOOK or (shown is not None and name not in shown)
        return click.Option(
            names, expose_value=False, callback=_keep, hidden=hidden, **more
        )

    return [
        option("-c", "--config", "config", metavar="FILE", help="Configuration file."),
        option(
            *("-e", "--env", "env"),
            type=Environment(),
            metavar="NAME",
            help="Environment of the file.",
        ),
        option(
            *("--env-file", "env_file"), metavar="FILE", help="Variables, as in .env."
        ),
        option(
            *("-d", "--dir", "--migration-dir", "migration_dir"),
            metavar="DIR",
            help="Folder of the migrations.",
        ),
        option("--uri", "uri", metavar="URI", help="Server: neo4j:// or bolt://."),
        option(
            *("--sandbox", "sandbox"),
            is_flag=True,
            help="A local Neo4j, started when needed and left running.",
        ),
        option("--username", "username", metavar="NAME", help="Who logs in."),
        option(
            *("--password-env", "password_env"),
            metavar="VAR",
            help="Variable that has the password.",
        ),
        option(
            *("--password-file", "password_file"),
            metavar="FILE",
            help="File that has the password.",
        ),
        option(
            *("--password-var", "password_var"),
            metavar="NAME",
            help="In a notebook: variable of Python that has the password.",
        ),
        option("--database", "database", metavar="NAME", help="Database."),
        option("--project", "project", metavar="NAME", help="History and lock."),
        option(
            *("--lock-timeout", "lock_timeout"),
            metavar="TIME",
            help="How long to wait for another run: 500ms, 60s, 5m.",
        ),
        option(
            *("--timeout", "timeout"),
            metavar="TIME",
            help="How long a read of the tool's own may take: 30s.",
        ),
        option(
            *("--wait", "wait"),
            metavar="TIME",
            help="How long to wait for the server to answer; else not at all.",
        ),
        option("-y", "--yes", "yes", is_flag=True, help="Answer every question so."),
        option(
            *("--confirm", "confirm"),
            metavar="DATABASE",
            help="With --yes: change this one, though it is protected.",
        ),
        option("--no-input", "no_input", is_flag=True, help="Ask nothing: refuse."),
        option("--json", "json", is_flag=True, help="One JSON object, errors too."),
        option(
            *("--format", "format"),
            type=click.Choice(FORMATS),
            help="jsonl: a JSON line per event of up and down.",
        ),
        option(
            *("-o", "--output", "output"),
            metavar="FILE",
            help="Where the data go; else stdout.",
        ),
        option("-q", "--quiet", "quiet", is_flag=True, help="No progress."),
        option("-v", "--verbose", "verbose", count=True, help="A line per step."),
        option("--trace", "trace", is_flag=True, help="Errors with a traceback."),
        option(
            *("--no-raise", "no_raise"),
            is_flag=True,
            help="In a notebook: give the report of a run that failed.",
        ),
        option("--no-color", "no_color", is_flag=True, help="No colour."),
    ]


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Hand an option that was given to the host; what it means is decided there."""
    if value and param.name:
        app: App = ctx.obj
        app.chosen[param.name] = value
        app.take(param.name, value)


def group(name: str, help: str, *, parent: Tree | None = None) -> Tree:
    """Make a group of commands, which alone shows its help."""

    @click.pass_context
    def shows_help(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is not None:
            return
        if ctx.obj is not None and ctx.obj.answer.wanted:
            raise BadOptionError(
                "no command was given",
                why="help is no JSON",
                next=[Next(f"{ctx.command_path} --help", "lists the commands")],
            )
        click.echo(ctx.get_help())

    shown: tuple[str, ...] | None = None if parent is None else ()
    made = Tree(
        name,
        callback=shows_help,
        help=help,
        params=global_options(shown),
        invoke_without_command=True,
        subcommand_metavar="COMMAND ...",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    if parent is not None:
        parent.add_command(made)
    return made


def command(
    parent: Tree,
    name: str,
    *,
    shown: Collection[str] = (),
    codes: Collection[int] = (),
    streams: bool = False,
    notebook: bool = False,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command; its docstring is the help.

    Args:
        parent: The group that gets it.
        name: The verb.
        shown: The global options that its own help lists.
        codes: Its exit codes beside 0 and 2.
        streams: Whether it takes ``--format jsonl``.
        notebook: Whether only a notebook has it.
    """

    def made(function: Callable[..., Any]) -> click.Command:
        verb = click.command(name, Verb, epilog=_epilog(codes))(function)
        verb.streams, verb.notebook = streams, notebook
        verb.params += global_options(shown)
        parent.add_command(verb)
        return verb

    return made


def _epilog(codes: Collection[int]) -> str:
    lines = [f"  {code:<3}  {_EXIT_CODES[code]}" for code in sorted({0, 2, *codes})]
    text = "\n".join(["\b", "Exit codes:", *lines])
    return f"{text}\n\nGlobal options, before or after the verb: {PROGRAM} --help"


tree = group(
    PROGRAM,
    "Schema and data migrations for Neo4j.\n\n"
    "A first day: init, create NAME, edit the file, up, status, down.\n"
    "Options may stand before or after the verb.",
)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"{PROGRAM} {version('neo4j-migrate-magic')}")
        ctx.exit()


tree.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help="Show the version and exit.",
    )
)
