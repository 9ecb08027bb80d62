"""A role assignment: what it says, and whether the services act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role assignment."""

    id: str
    principal: str
    principal_type: str
    role: str
    """GUID."""
    scope: str
    created: datetime
    condition: str = ""
    ends: datetime | None = None
    in_force: bool = True
