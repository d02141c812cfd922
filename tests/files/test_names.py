"""Which names a Python text uses without having them."""

from __future__ import annotations

import builtins

import pytest

from neo4j_migrate_magic.files.names import unbound_names

TEXTS: dict[str, tuple[str, dict[str, int]]] = {
    "nothing": ("def up(c): pass", {}),
    "a variable of the notebook": ("def up(c):\n    df.head()", {"df": 2}),
    "a module of the notebook": ("def up(c):\n    return json.dumps(1)", {"json": 2}),
    "an import": ("import json\ndef up(c): json.dumps(1)", {}),
    "an import by another name": ("import a.b as x\ndef up(c): x.y; a", {"a": 2}),
    "an import of a part": ("import a.b\ndef up(c): a.b", {}),
    "an import inside": ("def up(c):\n    import json\n    json.dumps(1)", {}),
    "an import inside another": (
        "def one():\n    import json\ndef up(c):\n    json.dumps(1)",
        {"json": 4},
    ),
    "a constant": ("LIMIT = 3\ndef up(c): LIMIT", {}),
    "a constant below": ("def up(c): LIMIT\nLIMIT = 3", {}),
    "an annotated constant": ("LIMIT: int = 3\ndef up(c): LIMIT", {}),
    "a helper and a class": ("def f(): ...\nclass K: ...\ndef up(c): f(); K()", {}),
    "a global that is set": ("def f():\n    global g\n    g = 1\ndef up(c): g", {}),
    "a global that is imported": (
        "def f():\n    global g\n    import g\ndef up(c): g",
        {},
    ),
    "a global that is read": ("def up(c):\n    global g\n    g", {"g": 3}),
    "builtins": ("def up(c): print(len(str(ValueError)))", {}),
    "names of modules": ("HERE = __file__, __name__, __doc__\ndef up(c): ...", {}),
    "what IPython adds": (
        "def up(c):\n    display(get_ipython())",
        {"display": 2, "get_ipython": 2},
    ),
    "an argument": ("def up(c, df=None): df", {}),
    "a local": ("def up(c):\n    df = 1\n    return df", {}),
    "a closure": ("def up(c):\n    df = 1\n    return lambda: df", {}),
    "a local elsewhere": (
        "def f():\n    df = 1\n    return df\ndef up(c):\n    return df",
        {"df": 5},
    ),
    "a comprehension": ("def up(c): [r for r in rows if r]", {"rows": 1}),
    "a default": ("def up(c, n=LIMIT): n", {"LIMIT": 1}),
    "a decorator": ("@wrap\ndef up(c): ...", {"wrap": 1}),
    "an annotation": ("def up(c: Client): ...", {"Client": 1}),
    "an annotation that is text": (
        "from __future__ import annotations\ndef up(c: Client): ...",
        {},
    ),
    "a walrus, with, except, for": (
        "for a in []: ...\nif (b := 1): ...\ntry: ...\nexcept E as e: ...\n"
        "def up(c): a, b",
        {"E": 4},
    ),
    "a class body": ("class K:\n    x = df\n    y = x\ndef up(c): ...", {"df": 2}),
    "a star": ("from os.path import *\ndef up(c): join(df)", {}),
    "in order of lines": ("def up(c):\n    b\n    a\n    b", {"b": 2, "a": 3}),
    "an f-string": ("def up(c):\n    return f'{df.x!r:>{w}}'", {"df": 2, "w": 2}),
    "a match": ("def up(c):\n    match c:\n        case K(x=y): y", {"K": 3}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_names(name: str) -> None:
    source, names = TEXTS[name]

    assert names == unbound_names(source)


def test_what_a_notebook_puts_among_the_builtins_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builtins, "display", print, raising=False)

    assert unbound_names("def up(c): display(1)") == {"display": 1}
