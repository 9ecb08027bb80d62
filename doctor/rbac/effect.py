"""What a change does to the facts about access, so that the question can be asked again as if it were made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.model.authorization import EligibleAssignment, Permission, RoleAssignment, RoleDefinition
from doctor.model.change import ActivateRole, Change, CreateRole, GrantRole, RemoveRole
from doctor.rbac.scopes import same

if TYPE_CHECKING:
    from doctor.rbac.facts import AccessFacts

Standing = RoleAssignment | EligibleAssignment


def after(change: Change, facts: AccessFacts) -> AccessFacts:
    """The facts once the change is made; the same ones where it is not about Azure roles, or Azure refuses it."""
    match change:
        case GrantRole() if standing(change, facts) is None:
            given = RoleAssignment("proposed", change.principal, change.role, change.scope, change.principal_type)
            return replace(facts, assignments=(*facts.assignments, given))
        case ActivateRole(active=True):
            active = RoleAssignment(
                "activated", change.principal, change.role, change.scope, condition=change.condition
            )
            return replace(facts, assignments=(*facts.assignments, active))
        case RemoveRole():
            left = tuple(one for one in facts.assignments if not _is(one, change.principal, change.role, change.scope))
            return replace(facts, assignments=left)
        case CreateRole(present=True):
            held = Permission(change.actions, (), change.data_actions, ())
            role = RoleDefinition(change.name, change.name, (held,), built_in=False, assignable_scopes=(change.home,))
            return replace(facts, definitions={**facts.definitions, role.guid.lower(): role})
        case _:
            return facts


def standing(change: GrantRole, facts: AccessFacts) -> Standing | None:
    """What is there already for this principal, role and scope: Azure refuses a second assignment (409).

    Source: azure-docs, role-based-access-control/troubleshooting.md (RoleAssignmentExists).
    """
    everything: tuple[Standing, ...] = (*facts.assignments, *facts.eligible)
    return next((one for one in everything if _is(one, change.principal, change.role, change.scope)), None)


def _is(one: Standing, principal: str, role: str, scope: str) -> bool:
    return (
        one.principal_id.lower() == principal.lower()
        and one.role_guid.lower() == role.lower()
        and same(one.scope, scope)
    )
