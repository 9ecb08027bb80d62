"""Three witnesses of one access question, kept apart and reconciled.

The service's own refusal, the caller's permissions as `Microsoft.Authorization/permissions` lists them, and the role
assignments with their definitions, denials and eligibility. Where two of them disagree, that is a finding of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.rbac.definitions import grants
from doctor.rbac.freshness import not_propagated
from doctor.rbac.reasons import act
from doctor.rbac.scopes import ScopeKind, describe, parse

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.access import Decision
    from doctor.model.authorization import Permission
    from doctor.model.diagnosis import Diagnosis


class Witness(Enum):
    """Who says something about access."""

    SERVICE = "the service's own answer"
    PERMISSIONS = "the caller's permissions as Azure lists them"
    ASSIGNMENTS = "the role assignments"


@dataclass(frozen=True, slots=True)
class Reason:
    """One likely reason of a disagreement."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two witnesses that contradict each other."""

    says_yes: Witness
    says_no: Witness
    summary: str
    reasons: tuple[Reason, ...]
    """The likeliest first."""


_ACCESS_CAUSES = frozenset(
    {
        Cause.PERMISSION_DENIED,
        Cause.NO_ASSIGNMENT,
        Cause.ROLE_LACKS_ACTION,
        Cause.WRONG_SCOPE,
        Cause.WRONG_PRINCIPAL,
        Cause.LOST_ON_PUBLISH,
        Cause.DENIED,
        Cause.ELIGIBLE_NOT_ACTIVE,
        Cause.ASSIGNMENT_EXPIRED,
        Cause.NOT_PROPAGATED,
        Cause.TOOL_DENIED,
    }
)
"""Refusals that are about access; a refusal for another reason contradicts no role assignment."""


def reconcile(
    refusal: Diagnosis | None,
    permissions: tuple[Permission, ...] | None,
    decision: Decision,
    *,
    now: datetime | None = None,
    accepted: bool | None = None,
) -> tuple[Disagreement, ...]:
    """Where the witnesses contradict each other, with the likely reasons in order.

    Args:
        refusal: what the service's refusal proves; None when it did not refuse, or was not asked.
        permissions: the caller's own permission entries at the scope; None when they were not read.
        decision: the answer of the assignments.
        now: time of the question, to tell fresh assignments; None leaves the clock out.
        accepted: the service let the call pass; None when it was not asked.
    """
    service = _service(refusal, decision, accepted=accepted)
    listed = _listed(permissions, decision)
    assigned = {Access.GRANTED: True, Access.NOT_GRANTED: False}.get(decision.access)
    found: list[Disagreement] = []
    if service is False and assigned is True:
        found.append(_refused_though_assigned(decision, now))
    if service is True and assigned is False:
        found.append(_accepted_though_unassigned(decision))
    if listed is not None and assigned is not None and listed is not assigned:
        found.append(_list_against_assignments(decision, now, listed=listed))
    if service is False and listed is True and assigned is not True:
        found.append(_refused_though_listed(decision))
    return tuple(found)


def _service(refusal: Diagnosis | None, decision: Decision, *, accepted: bool | None) -> bool | None:
    """What the service says about this principal and this action; None when it says nothing about them."""
    if refusal is None:
        return accepted
    if refusal.cause not in _ACCESS_CAUSES:
        return None
    asked = decision.question
    other_action = refusal.action and refusal.action.lower() != asked.action.name.lower()
    named = refusal.principal.lower()
    # A user principal name or a client id cannot be compared with an object id: it says nothing of another principal.
    other_principal = _is_object_id(named) and named != asked.principal_id.lower()
    return None if other_action or other_principal else False


def _is_object_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4 and "@" not in text


def _listed(permissions: tuple[Permission, ...] | None, decision: Decision) -> bool | None:
    if permissions is None:
        return None
    holdings = [grants(entry, decision.question.action) for entry in permissions]
    if any(one.granted for one in holdings):
        return True
    return None if any(one.effect.met is None for one in holdings) else False


_STALE = Reason(
    Cause.NOT_PROPAGATED,
    "The token may be older than the change: sign in again. Membership of a group reaches a managed identity's token "
    "only after up to a day",
)
_SLOW = Reason(Cause.NOT_PROPAGATED, "Data actions of a role on a management group can take hours to be in force")
_OTHER_TENANT = Reason(
    Cause.WRONG_TENANT, "The call may have been made with an identity of another tenant than the one looked at"
)
_UNSEEN = Reason(
    Cause.CANNOT_READ, "Not everything could be seen: assignments of groups or of Lighthouse, denials, or conditions"
)


def _is_management_group(scope: str) -> bool:
    parsed = parse(scope)
    return parsed is not None and parsed.kind is ScopeKind.MANAGEMENT_GROUP


def _what(decision: Decision) -> str:
    return f"the {act(decision.question.action)} on {describe(decision.question.scope)}"


def _refused_though_assigned(decision: Decision, now: datetime | None) -> Disagreement:
    fresh = not_propagated(decision, now) if now else ()
    reasons = [Reason(Cause.NOT_PROPAGATED, miss.reason) for miss in fresh[:1]]
    reasons.append(_STALE)
    if decision.question.action.data and any(_is_management_group(grant.scope) for grant in decision.grants):
        reasons.append(_SLOW)
    if decision.unread:
        reasons.append(Reason(Cause.DENIED, f"A deny assignment may exist that was not seen ({decision.unread[0]})"))
    reasons += [_OTHER_TENANT, _UNSEEN]
    summary = f"The service refuses {_what(decision)}, although the role assignments grant it"
    return Disagreement(Witness.ASSIGNMENTS, Witness.SERVICE, summary, tuple(reasons))


def _accepted_though_unassigned(decision: Decision) -> Disagreement:
    reasons = (
        Reason(Cause.NOT_PROPAGATED, "An assignment may just have been removed, and still be in force for minutes"),
        _UNSEEN,
        _OTHER_TENANT,
    )
    summary = f"The service accepts {_what(decision)}, although no role assignment that was read grants it"
    return Disagreement(Witness.SERVICE, Witness.ASSIGNMENTS, summary, reasons)


def _list_against_assignments(decision: Decision, now: datetime | None, *, listed: bool) -> Disagreement:
    fresh = not_propagated(decision, now) if now else ()
    reasons = [Reason(Cause.NOT_PROPAGATED, miss.reason) for miss in fresh[:1]]
    if listed:
        denied = [Reason(miss.cause, miss.reason) for miss in decision.near_misses if miss.cause is Cause.DENIED]
        reasons += [*denied[:1], _STALE, _UNSEEN]
        summary = f"Azure lists {_what(decision)} among the caller's permissions, but the assignments do not grant it"
        return Disagreement(Witness.PERMISSIONS, Witness.ASSIGNMENTS, summary, tuple(reasons))
    reasons += [
        _STALE,
        Reason(Cause.DENIED, "A deny assignment or a condition may take it away"),
        _OTHER_TENANT,
        Reason(Cause.CANNOT_READ, "The list is not documented to hold the data actions of every kind of resource"),
    ]
    summary = f"The assignments grant {_what(decision)}, but Azure does not list it among the caller's permissions"
    return Disagreement(Witness.ASSIGNMENTS, Witness.PERMISSIONS, summary, tuple(reasons))


def _refused_though_listed(decision: Decision) -> Disagreement:
    near = [Reason(miss.cause, miss.reason) for miss in decision.near_misses[:1]]
    summary = f"The service refuses {_what(decision)}, although Azure lists it among the caller's permissions"
    return Disagreement(Witness.PERMISSIONS, Witness.SERVICE, summary, (_STALE, *near, _OTHER_TENANT, _UNSEEN))
