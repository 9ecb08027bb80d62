"""The answer to "may this principal do this on that resource, and if not, why not?"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from doctor.model.cause import Cause

if TYPE_CHECKING:
    from datetime import datetime


class Access(str, Enum):
    """The four answers."""

    GRANTED = "granted"
    NOT_GRANTED = "not-granted"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Action:
    """One operation of a resource provider: a control action or a data action."""

    name: str
    data: bool


@dataclass(frozen=True, slots=True)
class Question:
    """May this principal do this action on this resource?"""

    principal_id: str
    action: Action
    scope: str
    """ARM id of the resource that is acted on."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An assignment that answers the question with yes (or, in a conditional answer, with maybe)."""

    assignment_id: str
    principal_id: str
    """Whom the role is assigned to: the principal itself or a group that it is in."""
    role_guid: str
    role_name: str
    scope: str
    ends_on: datetime | None = None
    condition: str = ""
    depends_on: str = ""
    """What an undecided condition depends on, in words."""
    created_on: datetime | None = None
    """When the assignment was created: a fresh one may not be in force yet."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something that looks like a grant and is none, with the reason in one sentence."""

    cause: Cause
    reason: str
    role_guid: str = ""
    role_name: str = ""
    scope: str = ""
    principal_id: str = ""
    assignment_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question, with what grants it or what does not."""

    question: Question
    access: Access
    cause: Cause | None
    """None when granted; else the one cause that wins (DESIGN: which cause wins)."""
    reason: str
    """The answer in one sentence that a tired person understands."""
    grants: tuple[Grant, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    """Ranked by how close they came."""
    unread: tuple[str, ...] = ()
    """What could not be read and may hide a grant or a denial."""
    unread_cause: Cause = Cause.CANNOT_READ
    """Why it could not be read."""
    parts: tuple[Decision, ...] = ()
    """The answers that this one sums up, when it sums up several: each must be yes."""
