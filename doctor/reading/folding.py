"""Text made comparable: escapes undone, letter case, quotes, line breaks and spacing taken out of the way.

All steps are linear in the length of the text.
"""

from __future__ import annotations

import html
import re

_RUN = re.compile(r"\\{2,}")
_UNICODE_ESCAPE = re.compile(r"\\u00([0-7][0-9a-fA-F])")
_CONTROL_ESCAPE = re.compile(r"\\[nrt]")
_QUOTE_ESCAPE = re.compile(r"\\(?=[\"'/`])")
_TAG = re.compile(r"<[/!a-zA-Z][^<>]{0,300}>")
_QUOTES = str.maketrans("", "", "\"'`\u2018\u2019\u201c\u201d\u00b4")
_SPACES = re.compile(r"\s+")
_NOT_ALNUM = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_TO_SPACE = bytes(byte if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256))
_ENTITIES = ("&quot;", "&#", "&lt;", "&amp;", "&apos;", "&gt;")
_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t>|]*")
_WORD = re.compile(r"[a-z0-9_]{3,}")


def unescape(text: str) -> str:
    r"""The text with JSON string escapes (also doubled ones: `\\\"`) and HTML entities undone."""
    if "\\" in text:
        text = _RUN.sub("\\\\", text)
        text = _UNICODE_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
        text = _CONTROL_ESCAPE.sub("\n", text)
        text = _QUOTE_ESCAPE.sub("", text)
    return html.unescape(text) if "&" in text and any(entity in text for entity in _ENTITIES) else text


def without_tags(text: str) -> str:
    """The text of an HTML page."""
    return _TAG.sub(" ", text)


def fold(text: str) -> str:
    """One line without quotes and with single spaces; letter case is kept."""
    return _SPACES.sub(" ", text.translate(_QUOTES)).strip()


def join_lines(text: str) -> str:
    """One line in which what a narrow terminal broke in two is whole again."""
    return _BREAK.sub("", text.translate(_QUOTES))


def squeeze(text: str) -> str:
    """Letters and digits only, in lower case: what is left is the same however a sentence was quoted or wrapped."""
    return text.lower().encode("ascii", "ignore").translate(None, _NOT_ALNUM).decode("ascii")


def spaced(text: str) -> str:
    """Words of letters and digits in lower case, each with one space before it."""
    return " " + b" ".join(text.lower().encode("ascii", "replace").translate(_TO_SPACE).split()).decode("ascii")


def words(text: str) -> frozenset[str]:
    """The words and codes of a text, in lower case."""
    return frozenset(_WORD.findall(text.lower()))
