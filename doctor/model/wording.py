"""Putting sentences together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is: "the caller (ADA)" → "The caller (ADA)"."""
    return text[:1].upper() + text[1:]


def spoken(seconds: float) -> str:
    """A duration for people: 45 s, 3 min 20 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def listed(words: Sequence[str], *, most: int = 3) -> str:
    """Words in a sentence: `a`, `a and b`, `a, b and 3 more`."""
    shown = list(words) if len(words) <= most else [*words[: most - 1], f"{len(words) - most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
