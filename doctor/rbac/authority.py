"""Who may make an assignment: the right to write assignments there, under a condition that allows this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.access import Access, Action, Question
from doctor.rbac.conditions import Call
from doctor.rbac.decide import decide
from doctor.rbac.definitions import grants
from doctor.rbac.scopes import describe
from doctor.rbac.who import who_may

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.access import Decision
    from doctor.model.authorization import RoleAssignment
    from doctor.rbac.facts import AccessFacts

ASSIGN = Action("Microsoft.Authorization/roleAssignments/write", data=False)
"""The control action that a new role assignment needs, at its scope."""

_USUAL = (
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "eadc314b-1a2d-4efa-be10-5d325db5065e",
    "e47c6f54-e4a2-4754-9501-8e0985b135e1",
    "c883944f-8b7b-4483-af10-35834be79c4a",
)
"""Roles made for assigning roles, and the Foundry roles that may assign a few: who is asked first."""
_SHOWN = 3


def request(proposed: RoleAssignment) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """What the request for a new assignment tells the conditions of delegated administrators."""
    known = {
        ("request", "microsoft.authorization/roleassignments:roledefinitionid"): (proposed.role_guid,),
        ("request", "microsoft.authorization/roleassignments:principalid"): (proposed.principal_id,),
    }
    # Which type a condition sees for an agent identity is not documented: then it stays open.
    if proposed.principal_type and not proposed.principal_type.lower().startswith("agent"):
        known["request", "microsoft.authorization/roleassignments:principaltype"] = (proposed.principal_type,)
    return known


def may_assign(caller: str, proposed: RoleAssignment, facts: AccessFacts) -> Decision:
    """Whether the caller may make this assignment."""
    return decide(Question(caller, ASSIGN, proposed.scope), facts, attributes=request(proposed))


def needed(caller: str | None, proposed: RoleAssignment, facts: AccessFacts) -> str:
    """Who may make the assignment, in words, and whether this caller is one of them."""
    attributes = request(proposed)
    roles = ", ".join(_roles(attributes, facts))
    right = f"{ASSIGN.name} on {describe(proposed.scope)} ({roles})"
    if caller is None:
        return f"Needs {right}"
    decision = may_assign(caller, proposed, facts)
    if decision.access is Access.GRANTED:
        grant = decision.grants[0]
        return f"You can run this: {grant.role_name} on {describe(grant.scope)} lets you assign this role"
    others = _others(caller, proposed.scope, facts, attributes)
    if decision.access is Access.NOT_GRANTED:
        return f"You cannot run this: it needs {right}. {others}"
    return f"Whether you can run this is not known; it needs {right}. {others}"


def _roles(attributes: Mapping[tuple[str, str], tuple[str, ...]], facts: AccessFacts) -> list[str]:
    call = Call(ASSIGN.name, attributes)
    roles = [role for guid in _USUAL if (role := facts.role(guid)) is not None]
    return [facts.role_name(role.guid) for role in roles if grants(role, ASSIGN, call).granted]


def _others(caller: str, scope: str, facts: AccessFacts, attributes: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    found = [
        entry
        for entry in who_may(ASSIGN, scope, facts, attributes=attributes)
        if entry.access is Access.GRANTED and entry.principal_id.lower() != caller.lower()
    ]
    shown = list(dict.fromkeys(facts.who(entry.principal_id) for entry in found))
    if not shown:
        return "Nobody else who can is known from the assignments that were read"
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"Who can: {', '.join(shown[:_SHOWN])}{more}"
