"""Grants that are far wider than what they are used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.rbac.authority import ASSIGN
from doctor.rbac.definitions import grants
from doctor.rbac.scopes import ScopeKind, describe, parse

if TYPE_CHECKING:
    from doctor.model.access import Decision, Grant
    from doctor.rbac.facts import AccessFacts

_HIGH = frozenset({ScopeKind.ROOT, ScopeKind.MANAGEMENT_GROUP, ScopeKind.SUBSCRIPTION})


def far_wider(decision: Decision, facts: AccessFacts) -> tuple[str, ...]:
    """One sentence for each role of the answer that gives far more than was asked.

    That is: a role on a subscription or above, for one resource; or a role that may assign roles without a condition.
    Only grants of the decision are judged, and only when no narrower one of them is enough.
    """
    sentences = [_sentence(grant, decision, facts) for grant in decision.grants if grant.role_guid]
    return tuple(dict.fromkeys(sentences)) if sentences and all(sentences) else ()


def _sentence(grant: Grant, decision: Decision, facts: AccessFacts) -> str:
    held, asked = parse(grant.scope), parse(decision.question.scope)
    role = facts.role(grant.role_guid)
    if held is None or asked is None or role is None:
        return ""
    if grants(role, ASSIGN).granted and decision.question.action != ASSIGN:
        return f"{grant.role_name} on {describe(grant.scope)} also lets its holder assign any role to anybody there"
    if held.kind in _HIGH and asked.kind is ScopeKind.RESOURCE:
        return (
            f"{grant.role_name} is assigned on {describe(grant.scope)}, which covers far more than "
            f"{describe(decision.question.scope)}"
        )
    return ""
