"""A change as one line for a POSIX shell. Every value is quoted; none can break out of its word or its line."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from doctor.changes import az
from doctor.changes.words import Fresh, Json
from doctor.model.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Collection

    from doctor.changes.words import Word
    from doctor.model.change import Change


def write(change: Change, variables: Collection[str] = ()) -> str:
    """The command; "" where there is none.

    Args:
        change: what to do.
        variables: words that are names of shell variables, and are written as these.
    """
    return " ".join(_word(word, variables) for word in az.line(change))


def quoted(text: str) -> str:
    """A text as one word, on one line."""
    return shlex.quote(visible(text))


def _word(word: Word, variables: Collection[str]) -> str:
    match word:
        case Fresh(before, after):
            return f'{quoted(before)}"$(uuidgen)"{quoted(after)}'
        case Json(text):
            return quoted(text)
        case str():
            return f'"${word}"' if word in variables else quoted(word)
