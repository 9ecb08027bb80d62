"""Who may do something somewhere, as a document of schema agentdoctor/access/1. Fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.model.codec import encode

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.access import Access, Action
    from doctor.model.cause import Cause
    from doctor.model.fix import Fix

SCHEMA = "agentdoctor/access/1"


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One assignment that answers for a principal, or nearly does."""

    access: Access
    principal_id: str
    principal_type: str
    """As Azure gives it; "" when not known."""
    name: str
    """Its name where the run met it; else empty."""
    you: bool
    """Whether it is whoever runs this."""
    role: str
    role_guid: str
    scope: str
    inherited: bool
    """Whether the assignment stands above the resource."""
    via_group: str = ""
    """Object id of the group through which the principal has it."""
    ends_on: datetime | None = None
    condition: str = ""
    cause: Cause | None = None
    """Why it is not granted or not known; None when granted."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AccessTable:
    """Everybody who may, or the answer for one principal with what gives it and what nearly does."""

    action: Action
    scope: str
    """ARM id of the resource; "" when it could not be found."""
    rows: tuple[AccessRow, ...]
    unread: tuple[str, ...]
    """What was not seen and may hide more, or take a yes back."""
    principal: str = ""
    """Object id or name of whom was asked about; "" for everybody."""
    access: Access | None = None
    """The answer for that principal; unknown also where nobody's assignments could be read; None for a list."""
    cause: Cause | None = None
    reason: str = ""
    fixes: tuple[Fix, ...] = ()


def to_document(table: AccessTable) -> dict[str, Any]:
    """Plain dicts, lists, strings, bools and None, ready for `json.dumps`."""
    return {"schema": SCHEMA, **encode(table)}
