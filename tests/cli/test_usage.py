"""What is typed: options before and after the verb, and all that is refused."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run, Script


@pytest.mark.parametrize(
    "args",
    [
        ("-c", "x.toml", "-d", "m", "--database", "d", "status"),
        ("status", "-c", "x.toml", "--dir", "m", "--database", "d"),
        ("--config=x.toml", "status", "--migration-dir=m", "--database=d"),
        ("-c", "other.toml", "--database=d", "-dm", "status", "-c", "x.toml"),
    ],
)
def test_global_options_stand_anywhere(
    cli: Run, script: Script, args: tuple[str, ...]
) -> None:
    """Before and after the verb they mean the same; the last one counts."""
    cli(*args)

    assert script.options == {"config": "x.toml", "migration_dir": "m", "database": "d"}


def test_every_setting_has_its_option(cli: Run, script: Script) -> None:
    """They reach the migrator under the names that the settings have."""
    cli(
        *("-e", "prod", "--uri", "bolt://h", "--username", "u", "--password-env", "V"),
        *("status", "--project", "p", "--lock-timeout", "5s", "--password-file", "f"),
        "--sandbox",
    )

    assert script.options == {
        "env": "prod",
        "uri": "bolt://h",
        "username": "u",
        "password_env": "V",
        "password_file": "f",
        "project": "p",
        "lock_timeout": "5s",
        "sandbox": True,
    }


@pytest.mark.parametrize(
    ("args", "verb", "asked"),
    [
        (("up",), "up", {"count": None, "to": None}),
        (("up", "--up-count", "all"), "up", {"count": "all", "to": None}),
        (("up", "--up-count", "2"), "up", {"count": 2, "to": None}),
        (("up", "--to", "2026"), "up", {"count": None, "to": "2026"}),
        (("down",), "down", {"count": 1, "to": None}),
        (("down", "--down-count=all"), "down", {"count": "all", "to": None}),
        (("down", "--to", "zero"), "down", {"count": 1, "to": "zero"}),
    ],
)
def test_counts(
    cli: Run, script: Script, args: tuple[str, ...], verb: str, asked: dict[str, object]
) -> None:
    """`up` takes all by default, `down` the last one."""
    cli(*args)

    name, values = script.asked[0]
    assert name == verb
    assert {key: values[key] for key in asked} == asked


def test_permissions(cli: Run, script: Script) -> None:
    """A flag names what it permits."""
    cli("up", "--allow", "missing", "--allow-late", "1", "--allow-late", "2")
    cli("down", "--allow", "part-way")

    up, down = (values for name, values in script.asked if name in ("up", "down"))
    assert up["allow_missing"] is True
    assert up["allow_late"] == ("1", "2")
    assert down["allow_part_way"] is True


REFUSED = [
    (("up", "--up-count", "0"), "--up-count 0 is no count"),
    (("up", "--up-count", "-1"), "--up-count -1 is no count"),
    (("up", "--up-count", "x"), "--up-count x is no count"),
    (("up", "--up-count", "1.5"), "--up-count 1.5 is no count"),
    (("up", "--up-count", "²"), "--up-count ² is no count"),
    (("down", "--down-count", ""), "--down-count  is no count"),
    (("up", "--up-count", "1", "--to", "2"), "--up-count and --to exclude each other"),
    (
        ("down", "--down-count", "all", "--to", "2"),
        "--down-count and --to exclude each other",
    ),
    (("up", "--up-cuont", "1"), "did you mean --up-count?"),
    (("--up-count", "1", "up"), "it is an option of `up` and stands after that word"),
    (("up", "--allow", "everything"), "'everything' is not 'missing'"),
    (("stauts",), "did you mean 'status'?"),
    (("frobnicate",), "the commands are init, create, up, down, status, show"),
    (("sandbox", "strat"), "did you mean 'start'?"),
    (("create",), "neo4j-migrate create needs NAME"),
    (("create", "a", "b"), "unexpected extra argument (b)"),
    (("status", "--config"), "requires an argument"),
    (("init", "--database", "d"), "init does not take --database"),
    (("--force", "up"), "no option --force"),
]


@pytest.mark.parametrize(("args", "words"), REFUSED)
def test_refused(cli: Run, script: Script, args: tuple[str, ...], words: str) -> None:
    """A usage error is one block with exit code 2, and nothing is connected."""
    shown = cli(*args)

    assert shown.code == 2
    assert shown.err.startswith("error USAGE.BAD_OPTION  ")
    assert words in shown.err
    assert "  next   neo4j-migrate" in shown.err
    assert shown.out == ""
    assert script.asked == []


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("migrate", "up"),
        ("apply", "up"),
        ("upgrade", "up"),
        ("rollback", "down"),
        ("undo", "down"),
        ("downgrade", "down"),
        ("new", "create"),
        ("revision", "create"),
        ("make", "create"),
        ("info", "status"),
        ("current", "status"),
    ],
)
def test_words_of_other_tools(cli: Run, theirs: str, ours: str) -> None:
    """They are answered with the command that does it here; nothing runs."""
    shown = cli(theirs)

    assert shown.code == 2
    assert f"here it is `{ours}`" in shown.err
    assert f"  next   neo4j-migrate {ours}" in shown.err


@pytest.mark.parametrize("args", [(), ("--help",), ("-h",), ("-q",)])
def test_help_lists_every_command(cli: Run, args: tuple[str, ...]) -> None:
    """Without a command there is help, and that is no failure."""
    shown = cli(*args)

    assert shown.code == 0
    for verb in ("init", "create", "up", "down", "status", "sandbox"):
        assert f"\n  {verb} " in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    "verb",
    [
        ("init",),
        ("create",),
        ("up",),
        ("down",),
        ("status",),
        *(("sandbox", verb) for verb in ("start", "stop", "status", "reset")),
    ],
)
def test_every_help_lists_its_exit_codes(cli: Run, verb: tuple[str, ...]) -> None:
    """Pipelines need them; passwords have no option anywhere."""
    shown = cli(*verb, "--help")

    assert shown.code == 0
    assert "Exit codes:\n    0    done" in shown.out
    assert "--password " not in shown.out


@pytest.mark.parametrize("args", [("--password", "hunter2"), ("-p", "hunter2")])
def test_no_option_takes_a_password(cli: Run, args: tuple[str, ...]) -> None:
    """It would stand in the shell's history; the message does not repeat it."""
    for line in (
        ("status", *args),
        (*args, "status"),
        ("status", f"{args[0]}=hunter2"),
    ):
        shown = cli(*line)

        assert shown.code == 2
        assert "hunter2" not in shown.out + shown.err
        assert "--password-env VAR" in shown.err


def test_user_info_in_an_address_is_not_repeated(cli: Run) -> None:
    """Wherever the address was typed."""
    for args in (("bolt://neo4j:hunter2@h",), ("status", "bolt://neo4j:hunter2@h")):
        shown = cli(*args)

        assert shown.code == 2
        assert "hunter2" not in shown.err
