"""What a setting's value may be: each function takes it as found and returns it ready."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

SANDBOX = "sandbox"
"""The word that stands for the local Neo4j in place of a URI."""

_SCHEMES = tuple(
    scheme + tls for scheme in ("neo4j", "bolt") for tls in ("", "+s", "+ssc")
)
_ORDERS = ("strict", "allow-late")
_ON_DRIFT = ("ignore", "warn", "fail")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h)")
_RULE = re.compile(r"N[A-Z][0-9]{3}")
_VERSION = re.compile(r"[0-9]{14}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(
    r"[\ud800-\udfff]"
)  # how Python passes undecodable arguments on


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or list them all."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    # `environment` is far from `env` by letters, and yet what was meant.
    close += [one for one in known if word.startswith(one) or one.startswith(word)]
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(known)}" if known else "none is known"


def text(raw: Any) -> str:
    """Take text that says something, without control characters."""
    if not isinstance(raw, str):
        raise ValueError(f"it must be text, not {_type(raw)}")  # noqa: TRY004 (one class for every refusal)
    if not raw.strip():
        raise ValueError("it is empty")
    if _CONTROL.search(raw):
        raise ValueError("it has a control character, such as a line end, in it")
    if _SURROGATE.search(raw):
        raise ValueError("it has bytes in it that are not UTF-8")
    return raw


def secret(raw: Any) -> str:
    """Take a password as it is; a message about it never quotes it."""
    if not isinstance(raw, str):
        raise ValueError(f"it must be text, not {_type(raw)}")  # noqa: TRY004 (as above)
    return raw


def uri(raw: Any) -> str:
    """Take a URI of the Bolt protocol without user information, or ``sandbox``."""
    value = text(raw).strip()
    if value == SANDBOX:
        return value
    # First of all, so that no other message quotes what may be a password. The
    # whole text counts: an unescaped `/` in a password ends the host's part.
    if "@" in value:
        raise ValueError(
            "it has user information before an '@'; name the user by `username` and"
            " let the password come from NEO4J_PASSWORD"
        )
    scheme, separator, _ = value.partition("://")
    if not separator:
        raise ValueError(
            f"{value!r} is not a URI such as neo4j://localhost:7687,"
            f" nor the word {SANDBOX!r}"
        )
    _check_scheme(scheme.lower())
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        # neither is repeated: `neo4j://user:password` has the password for a port
        raise ValueError(
            "it is not a URI such as neo4j://localhost:7687: its host or port cannot"
            " be read"
        ) from None
    if not host:
        raise ValueError(f"{value!r} names no host")
    return value


def _check_scheme(scheme: str) -> None:
    if scheme in {"http", "https"}:
        raise ValueError(
            f"the scheme {scheme!r} is that of Neo4j's web pages; migrations need"
            " the Bolt protocol, as in neo4j://localhost:7687"
        )
    if scheme not in _SCHEMES:
        raise ValueError(f"the scheme {scheme!r} is not one of {', '.join(_SCHEMES)}")


def database(raw: Any) -> str:
    """Take the name of a database that can have a graph in it."""
    value = text(raw)
    if value.lower() == "system":
        raise ValueError(
            "the database 'system' has no graph to migrate; name another, or none"
        )
    return value


def project(raw: Any) -> str:
    """Take a project's name: letters, digits, ``_`` and ``-``."""
    value = text(raw)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
        raise ValueError(f"{value!r} has more than letters, digits, _ and -")
    return value


def order(raw: Any) -> str:
    """Take what is done with late files: ``strict`` or ``allow-late``."""
    value = text(raw)
    if value not in _ORDERS:
        raise ValueError(f"{value!r} is neither 'strict' nor 'allow-late'")
    return value


def on_drift(raw: Any) -> str:
    """Take what a drift does to a run: ``ignore``, ``warn`` or ``fail``."""
    value = text(raw)
    if value not in _ON_DRIFT:
        raise ValueError(f"{value!r} is not one of {', '.join(_ON_DRIFT)}")
    return value


def rules(raw: Any) -> tuple[str, ...]:
    """Take a list of codes of lint rules."""
    if not isinstance(raw, list):
        raise ValueError(f"it must be a list of codes, not {_type(raw)}")  # noqa: TRY004 (as above)
    for code in raw:
        if not (isinstance(code, str) and _RULE.fullmatch(code)):
            raise ValueError(f"{code!r} is no code of a rule, such as NB101")
    return tuple(raw)


def version(raw: Any) -> str:
    """Take a whole version: 14 digits."""
    if not (isinstance(raw, str) and _VERSION.fullmatch(raw)):
        raise ValueError('it must be a version, 14 digits: "20260101000000"')
    return raw


def duration(raw: Any) -> float:
    """Give the seconds of ``500ms``, ``10s``, ``5m`` or ``1h``; a number is seconds."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        seconds = float(raw)
    else:
        value = text(raw).strip()
        match = _DURATION.fullmatch(value)
        if match is None:
            bare = value.isascii() and value.isdigit()
            example = f"{value}s" if bare else "500ms, 10s, 5m or 1h"
            raise ValueError(f"{value!r} is not a duration; write {example}")
        seconds = float(match[1]) * _UNITS[match[2]]
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{raw!r} is not a time that can be waited")
    return seconds


def positive_duration(raw: Any) -> float:
    """Give the seconds of a duration that is more than none."""
    seconds = duration(raw)
    if seconds == 0:
        raise ValueError("it must be more than 0")
    return seconds


def truth(raw: Any) -> bool:
    """Take a switch: true or false, also as the words of a variable."""
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("it must be true or false")


def _type(raw: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number"}
    names |= {list: "a list", dict: "a table", type(None): "nothing"}
    return names.get(type(raw), f"a {type(raw).__name__}")
