"""Keys of the file that later verbs read: checked from the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from neo4j_migrate_magic.config import load
from neo4j_migrate_magic.errors import InvalidConfigError, UnknownKeyError

LINT = """\
[lint]
ignore = ["NI102", "NB101"]
warnings_as_errors = ["NT102"]
start_after = "20260101000000"
"""


def write(folder: Path, text: str, name: str = "neo4j-migrate.toml") -> Path:
    (folder / name).write_text(text)
    return folder


def test_the_table_of_lint_is_read(tmp_path: Path) -> None:
    """In both kinds of file that have tables."""
    wanted = {
        "ignore": ("NI102", "NB101"),
        "warnings_as_errors": ("NT102",),
        "start_after": "20260101000000",
    }

    settings = load({}, {}, write(tmp_path, LINT))
    assert wanted == settings.lint
    assert settings.origins["lint.ignore"] == "neo4j-migrate.toml [lint]"

    inner = tmp_path / "inner"
    inner.mkdir()
    table = LINT.replace("[lint]", "[tool.neo4j-migrate-magic.lint]")
    assert wanted == load({}, {}, write(inner, table, "pyproject.toml")).lint


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('ignore = "NI102"', "a list of codes, not a str"),
        ('ignore = ["ni102"]', "'ni102' is no code of a rule"),
        ('ignore = ["NI1022"]', "'NI1022' is no code of a rule"),
        ("warnings_as_errors = [5]", "5 is no code of a rule"),
        ("start_after = 20260101000000", "14 digits"),
        ('start_after = "2026"', "14 digits"),
    ],
)
def test_what_lint_cannot_use_is_refused_with_its_line(
    tmp_path: Path, line: str, why: str
) -> None:
    """Now, and not when the verb is run for the first time."""
    with pytest.raises(InvalidConfigError, match=r"`lint\.") as caught:
        load({}, {}, write(tmp_path, f"[lint]\n{line}\n"))

    assert why in caught.value.why
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_an_unknown_key_of_lint_is_an_error(tmp_path: Path) -> None:
    """With the one that was probably meant."""
    with pytest.raises(UnknownKeyError, match=r"'ignored' in \[lint\]") as caught:
        load({}, {}, write(tmp_path, "[lint]\nignored = []\n"))

    assert caught.value.why == "did you mean 'ignore'?"


def test_what_a_drift_does_is_one_of_three(tmp_path: Path) -> None:
    """For all environments or for one."""
    text = 'on_drift = "warn"\n[env.prod]\non_drift = "fail"\n'
    assert load({}, {}, write(tmp_path, text)).on_drift == "warn"
    assert load({"env": "prod"}, {}, tmp_path).on_drift == "fail"

    with pytest.raises(InvalidConfigError) as caught:
        load({}, {}, write(tmp_path, 'on_drift = "stop"'))
    assert "'stop' is not one of ignore, warn, fail" in caught.value.why


@pytest.mark.parametrize("key", ["wait", "confirm", "env_file", "password_env"])
def test_what_is_an_option_alone_is_no_key(tmp_path: Path, key: str) -> None:
    """A file that confirms itself would protect nothing."""
    with pytest.raises(UnknownKeyError):
        load({}, {}, write(tmp_path, f'{key} = "1s"\n'))
