"""A request that cannot be done as it was made."""

from __future__ import annotations


class BadRequest(ValueError):  # noqa: N818 - it reads as the sentence it is
    """What was asked for cannot be done; the message says what could."""
