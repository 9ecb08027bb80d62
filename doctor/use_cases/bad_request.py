"""What is wrong with a request before anything was sent."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class BadRequest(ValueError):  # noqa: N818 - it reads as the sentence it is
    """What was asked for cannot be done; the message says what could."""


def near(name: str, known: Iterable[str]) -> str:
    """`Did you mean X?` behind a space, or "" when nothing is near."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {found[0]}?" if found else ""
