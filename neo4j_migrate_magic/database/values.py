"""The user's values, which a server's messages quote, and no file of ours keeps."""

from __future__ import annotations

import re

# Where messages quote data: `x` = 'value', String("value"), Long(1), the value 'value'.
_VALUE = re.compile(
    r""" = |"|\b(?:Int|Integer|Long|Float|Double|Boolean)\(|\b(?:value|parse|was|got:?) '"""
)
_CODE = re.compile(r" \[Neo\.[\w.]+\]$")


def without_values(text: str) -> str:
    """Cut a server's message where it begins to quote data; its code stays.

    What a quoted value has in it cannot be told from what follows it.
    """
    found = _VALUE.search(text)
    if found is None:
        return text
    code = _CODE.search(text)
    return f"{text[: found.start()].rstrip()} …{code[0] if code else ''}"
