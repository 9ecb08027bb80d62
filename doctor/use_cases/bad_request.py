"""What is wrong with a request before anything was sent."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from doctor.model.bad_request import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BadRequest", "near"]


def near(name: str, known: Iterable[str]) -> str:
    """`Did you mean X?` behind a space, or "" when nothing is near."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {found[0]}?" if found else ""
