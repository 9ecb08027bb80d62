"""Putting sentences together."""

from __future__ import annotations


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is: "the caller (ADA)" → "The caller (ADA)"."""
    return text[:1].upper() + text[1:]


def spoken(seconds: float) -> str:
    """A duration for people: 45 s, 3 min 20 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
