"""How large a JSON text will be once it is read: how many parts it has, and how deeply they are nested.

Both are told from the bytes, in any encoding of Unicode, before a parser makes objects of them: ten bytes can become
five hundred.
"""

from __future__ import annotations

import re

DEPTH = 64
"""No answer of Azure and no document of ours is nested deeper."""

_BEFORE_JSON = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{[]}"))
_BRACKET = re.compile(rb"[\[{]|([\]}])")


def parts(text: bytes) -> int:
    """At most so many objects, lists and members."""
    return sum(text.count(mark) for mark in (b",", b"{", b"["))


def is_too_deep(text: bytes) -> bool:
    """Whether it is JSON that is nested deeper than `DEPTH`."""
    is_json = text[:40].lstrip(_BEFORE_JSON)[:1] in {b"{", b"["}
    return is_json and text.count(b"[") + text.count(b"{") > DEPTH and _depth(text) > DEPTH


def _depth(text: bytes) -> int:
    deepest = depth = 0
    for found in _BRACKET.finditer(_STRING.sub(b"", text).translate(None, _NOT_BRACKETS)):
        depth += -1 if found[1] else 1
        deepest = max(deepest, depth)
    return deepest
