"""A change as PowerShell, for Windows PowerShell 5.1 and PowerShell 7.

A JSON document is written to a file first: until 7.3 PowerShell takes the quotation marks out of the arguments of a
program (about_Parsing, "Passing arguments that contain quote characters"), and `az` is a batch file on Windows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.changes import az
from doctor.changes.words import Fresh, Json
from doctor.model.untrusted import visible

if TYPE_CHECKING:
    from doctor.changes.words import Word
    from doctor.model.change import Change

_PLAIN = re.compile(r"[A-Za-z0-9_./:=-]+")
_FILE = "change.json"


def write(change: Change) -> str:
    """The command on one line; "" where there is none."""
    words = az.line(change)
    files = [f"Set-Content -Path {_FILE} -Value {quoted(word.text)}; " for word in words if isinstance(word, Json)]
    return "".join(files) + " ".join(_word(word) for word in words)


def quoted(text: str) -> str:
    """A text as a string in which PowerShell replaces nothing."""
    # PowerShell takes the typographic apostrophes for apostrophes as well.
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", visible(text)) + "'"


def _word(word: Word) -> str:
    match word:
        case Fresh(before, after):
            return f"({quoted(before)} + [guid]::NewGuid() + {quoted(after)})"
        case Json():
            return f"'@{_FILE}'"
        case str():
            text = visible(word)
            return text if _PLAIN.fullmatch(text) else quoted(text.replace('"', '\\"'))
