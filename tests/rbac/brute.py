"""A second opinion: the same rules, written as slowly and plainly as possible, sharing no code with the product.

Knows conditions only as three texts with a known outcome, and scopes, patterns and groups only as the tests make them.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from doctor.model.authorization import EVERYONE

if TYPE_CHECKING:
    from doctor.model.access import Question
    from doctor.model.authorization import DenyAssignment, Permission, RoleAssignment
    from doctor.rbac import AccessFacts

OUTCOMES: dict[str, str] = {
    "": "yes",
    "!(ActionMatches{'Nobody.Uses/this'}) OR (@Resource[a:b] StringEquals 'c')": "yes",
    "@Resource[a:b] StringEquals 'c'": "maybe",
    "ActionMatches{'Nobody.Uses/this'}": "no",
    "what is this?": "maybe",
}


def pattern_covers(pattern: str, action: str) -> bool:
    # No bracket or question mark ever stands in an action, so that the shell's rules are Azure's.
    return fnmatch.fnmatchcase(action.lower(), pattern.lower())


def listed(permission: Permission, action: str, *, data: bool) -> bool:
    plus = permission.data_actions if data else permission.actions
    minus = permission.not_data_actions if data else permission.not_actions
    return any(pattern_covers(one, action) for one in plus) and not any(pattern_covers(one, action) for one in minus)


def is_above(scope: str, resource: str) -> bool:
    if scope == "/":
        return True
    return (resource.lower() + "/").startswith(scope.lower().rstrip("/") + "/")


def weaker(one: str, two: str) -> str:
    if "no" in {one, two}:
        return "no"
    return "maybe" if "maybe" in {one, two} else "yes"


def everybody(principal: str, facts: AccessFacts) -> set[str]:
    found = {principal.lower()}
    for _ in range(10):
        for member, groups in facts.groups.items():
            if member.lower() in found:
                found |= {group.lower() for group in groups}
    return found


def worth(assignment: RoleAssignment, question: Question, facts: AccessFacts) -> str:
    if not is_above(assignment.scope, question.scope):
        return "no"
    if assignment.ends_on is not None and assignment.ends_on <= facts.now:
        return "no"
    role = {guid.lower(): one for guid, one in facts.definitions.items()}.get(assignment.role_guid.lower())
    if role is None:
        return "unknown"
    best = "no"
    for entry in role.permissions:
        if listed(entry, question.action.name, data=question.action.data):
            mine = weaker(OUTCOMES[assignment.condition], OUTCOMES[entry.condition])
            best = max(best, mine, key=["no", "maybe", "yes"].index)
    return best


def refusal(denial: DenyAssignment, question: Question, facts: AccessFacts) -> str:
    ours = everybody(question.principal_id, facts)
    aimed = any(one.id == EVERYONE or one.id.lower() in ours for one in denial.principals)
    spared = any(one.id.lower() in ours for one in denial.exclude_principals)
    here = denial.scope.lower() == question.scope.lower()
    reaches = here if denial.do_not_apply_to_child_scopes else is_above(denial.scope, question.scope)
    hit = any(listed(one, question.action.name, data=question.action.data) for one in denial.permissions)
    if not (aimed and not spared and reaches and hit):
        return "no"
    return OUTCOMES[denial.condition]


def answer(question: Question, facts: AccessFacts) -> str:
    """`granted`, `not-granted`, `conditional` or `unknown`."""
    refusals = {refusal(one, question, facts) for one in facts.denials}
    if "yes" in refusals:
        return "not-granted"
    ours = everybody(question.principal_id, facts)
    worths = {worth(one, question, facts) for one in facts.assignments if one.principal_id.lower() in ours}
    if "yes" in worths:
        return "conditional" if "maybe" in refusals else "granted"
    if "maybe" in worths:
        return "conditional"
    unread = question.principal_id.lower() in {one.lower() for one in facts.unread_principals}
    return "unknown" if unread or "unknown" in worths else "not-granted"
