"""The grants that a new identity, its callers and its maker will need, as a document of schema agentdoctor/plan/1.

Fields are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from doctor.model.change import AddNativeRole, GrantRole
from doctor.model.codec import encode

if TYPE_CHECKING:
    from doctor.model.fix import Fix

SCHEMA = "agentdoctor/plan/1"
PLACEHOLDER = "AGENT_OBJECT_ID"
"""Stands for the object id of an identity that does not exist yet."""


class State(str, Enum):
    """Whether the new identity has what it will need."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"
    PERSON = "for a person"
    """Only a person can grant or verify it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant that the new identity needs."""

    subject: str
    """The connection's name, else the tool's label or type; of rights and callers, who has them."""
    kind: str
    """Title of the kind of resource."""
    scope: str
    """ARM id of what is used; "" when it could not be told."""
    use: str
    """What for, in words: "reading blobs"."""
    role: str
    """Name of the narrow role; "" where no role helps."""
    today: str
    """What the identity of today has, in one sentence."""
    state: State
    has_today: bool | None = None
    """Whether the identity of today has it; None when that is not known."""
    reason: str = ""
    fix: Fix | None = None
    """The command; None when nothing is missing or only a person can act."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be granted to whom."""

    principal: str
    """Object id of the new identity, or `AGENT_OBJECT_ID` while it does not exist."""
    grants: tuple[Grant, ...]
    unchanged: tuple[str, ...]
    """Uses whose caller stays the same, in words."""
    unread: tuple[str, ...]
    """What could not be read, so that grants may be missing here."""
    rights: tuple[Grant, ...] = ()
    """What whoever runs this needs to create, publish or move the agent."""
    callers: tuple[Grant, ...] = ()
    """Who calls the application today, and needs a role at the agent's own endpoint."""

    @property
    def all_grants(self) -> tuple[Grant, ...]:
        """What is needed by anybody: the new identity, who makes it, and who calls it."""
        return (*self.grants, *self.rights, *self.callers)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and nothing is left open."""
        return not self.unread and all(one.state is State.PRESENT for one in self.all_grants)


def to_document(plan: Plan) -> dict[str, Any]:
    """Plain dicts, lists, strings, bools and None, ready for `json.dumps`."""
    return {
        "schema": SCHEMA,
        "principal": plan.principal,
        "complete": plan.complete,
        "grants": [_grant(one) for one in plan.grants],
        "rights": [_grant(one) for one in plan.rights],
        "callers": [_grant(one) for one in plan.callers],
        "unchanged": list(plan.unchanged),
        "unread": list(plan.unread),
    }


def _grant(one: Grant) -> dict[str, Any]:
    fix = one.fix
    return {
        "subject": one.subject,
        "kind": one.kind,
        "state": one.state.value,
        "role": one.role,
        "role_guid": _role_guid(one),
        "scope": one.scope,
        "use": one.use,
        "today": one.today,
        "has_today": one.has_today,
        "reason": one.reason,
        "command": fix.command if fix else "",
        "undo": fix.undo if fix else "",
        "change": encode(fix.change) if fix else None,
    }


def _role_guid(one: Grant) -> str:
    match one.fix.change if one.fix else None:
        case GrantRole(role=role) | AddNativeRole(role=role):
            return role
        case _:
            return ""
