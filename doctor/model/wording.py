"""Putting sentences together."""

from __future__ import annotations


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is: "the caller (ADA)" → "The caller (ADA)"."""
    return text[:1].upper() + text[1:]
