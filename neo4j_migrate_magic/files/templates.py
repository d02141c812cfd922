"""What a new file says before somebody writes into it."""

from __future__ import annotations

_CYPHER = """\
// {title}
//
// Each statement ends with a semicolon. On a line of its own above a statement may
// stand "// @rerunnable" (it may run again after a crash) or "// @timeout 10m".
// Comments may change at any time, statements below "// @up" until they have run.

// @up


// @down

"""

# The bodies raise: a file that nobody filled in must not count as applied.
_PYTHON = '''\
"""{title}."""

# The client's calls give rows and keys:
#     await client.cypher("CREATE (n:Node {{name: $name}})", {{"name": "John"}})
# All of them are one transaction, which is for data. For indexes and constraints
# each call needs its own; then put this line above the functions:
#     TRANSACTION = "per-call"
# Where there is no way back, delete `down`.


async def up(client):
    raise NotImplementedError("this migration is not written yet")


async def down(client):
    raise NotImplementedError("this way back is not written yet")
'''

# In a project that pyneo4j-ogm began: what its own `create` would have made.
_SEED = '''\
"""
Migration {file_name}. Do not rename
this file or its functions `up` and `down`.
"""
from pyneo4j_ogm import Pyneo4jClient


async def up(client: Pyneo4jClient) -> None:
    """What `up` does."""


async def down(client: Pyneo4jClient) -> None:
    """What `down` does."""
'''


def cypher_template(name: str) -> str:
    """Give a Cypher file whose sections are empty."""
    return _CYPHER.format(title=_title(name))


def python_template(name: str) -> str:
    """Give a Python file whose functions refuse to run."""
    return _PYTHON.format(title=_title(name))


def seed_template(file_name: str) -> str:
    """Give a Python file as pyneo4j-ogm expects it: its functions are empty."""
    return _SEED.format(file_name=file_name)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
