"""Text in columns of a terminal: how wide it is, and how it is wrapped."""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """How many columns the text takes: wide East Asian characters two, combining marks none."""
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def pad(text: str, width: int) -> str:
    """The text, filled up with spaces to this many columns."""
    return text + " " * max(0, width - cells(text))


def clip(text: str, width: int) -> str:
    """The beginning of a text that fits into this many columns, with an ellipsis where something was left out."""
    if cells(text) <= width:
        return text
    end = next(length for length in range(len(text), -1, -1) if cells(text[:length]) < width)
    return f"{text[:end].rstrip()}…"


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of at most `width` columns, the first and the others with their own beginnings.

    A word that is longer than a line (an ARM id, a URL) stays whole on its own line, so that it can be copied; only
    wide characters, which are written without spaces, are broken anywhere.
    """
    rest = " " * cells(first) if rest is None else rest
    lines, line, empty = [], first, True
    for word, spaced in _words(text, width - cells(rest)):
        gap = " " if spaced and not empty else ""
        # A first word that does not fit goes below its beginning only where there is more room.
        movable = not empty or cells(rest) < cells(first)
        if movable and cells(line) + len(gap) + cells(word) > width:
            lines.append(line)
            line, gap = rest, ""
        line += gap + word
        empty = False
    lines.append(line)
    return [line.rstrip() for line in lines]


def _words(text: str, room: int) -> list[tuple[str, bool]]:
    """Words, each with whether a space goes before it; a run of wide characters too long for a line is split."""
    words: list[tuple[str, bool]] = []
    for word in text.split():
        if cells(word) <= room or cells(word) == len(word):
            words.append((word, True))
        else:
            words += [(char, index == 0) for index, char in enumerate(_clusters(word))]
    return words


def _clusters(word: str) -> list[str]:
    """Pieces that must not be torn: a wide character with its marks, or a run of narrow ones."""
    pieces: list[str] = []
    for char in word:
        width = _cell(char)
        joins = bool(pieces) and (width == 0 or (width == 1 and _cell(pieces[-1][0]) == 1))
        if joins:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
