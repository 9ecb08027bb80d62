"""Which deny assignments stand against a question; they win over every role assignment.

Source: azure-docs, role-based-access-control/deny-assignments.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.authorization import EVERYONE
from doctor.model.untrusted import clean
from doctor.rbac.actions import touches
from doctor.rbac.conditions import NEVER, UNRESTRICTED, Effect
from doctor.rbac.facts import Gap
from doctor.rbac.scopes import describe, same

if TYPE_CHECKING:
    from doctor.model.access import Decision
    from doctor.model.authorization import DenyAssignment, DenyPrincipal
    from doctor.rbac.judge import Judge


# What may hide a grant cannot hide a denial. A denial through a group that may hold is named on its own.
_CANNOT_DENY = frozenset({Gap.ASSIGNMENTS.value, Gap.ELIGIBLE.value, Gap.DEFINITIONS.value, Gap.GROUPS.value})


@dataclass(frozen=True, slots=True)
class Denials:
    """What stands against one principal."""

    certain: tuple[DenyAssignment, ...] = ()
    undecided: tuple[tuple[DenyAssignment, str], ...] = ()
    """With what it depends on, in words."""
    unseen: tuple[str, ...] = ()
    """Memberships that are not known and would bring a denial with them."""


def against(judge: Judge, members: frozenset[str]) -> Denials:
    """The denials that stand against the principals of a question.

    Args:
        judge: the question.
        members: the principal and every group that it is known to be in, lower case.
    """
    certain: list[DenyAssignment] = []
    undecided: list[tuple[DenyAssignment, str]] = []
    unseen: list[str] = []
    for denial in judge.facts.denials:
        refusal = refusal_by(denial, judge)
        if refusal.met is False:
            continue
        named = aimed_at(denial, members, groups_known=Gap.GROUPS not in judge.facts.unread)
        if named.met and refusal.met:
            certain.append(denial)
        elif named.met is not False:
            undecided.append((denial, refusal.depends_on or named.depends_on))
        else:
            unseen += _memberships(denial, members)
    return Denials(tuple(certain), tuple(undecided), tuple(dict.fromkeys(unseen)))


def may_be_denied(decision: Decision) -> tuple[str, ...]:
    """What was not read and may take a grant back: the deny assignments, or a membership that brings one with it."""
    return tuple(gap for gap in decision.unread if gap not in _CANNOT_DENY)


def refusal_by(denial: DenyAssignment, judge: Judge) -> Effect:
    """Whether the denial refuses the action on the resource, to whomever it names."""
    if not judge.reaches(denial.scope):
        return NEVER
    if denial.do_not_apply_to_child_scopes and not same(denial.scope, judge.question.scope):
        return NEVER
    hits = [entry for entry in denial.permissions if touches(entry, judge.question.action)]
    if not hits:
        return NEVER
    own = judge.condition(denial.condition, "")
    if own.met is not True:
        return own
    effects = [judge.condition(entry.condition, entry.condition_version) for entry in hits]
    if any(one.met for one in effects):
        return UNRESTRICTED
    return next((one for one in effects if one.met is None), NEVER)


def aimed_at(denial: DenyAssignment, members: frozenset[str], *, groups_known: bool) -> Effect:
    """Whether the denial is aimed at one of these principals, the excluded ones spared.

    Args:
        denial: the deny assignment.
        members: a principal and every group that it is known to be in, lower case.
        groups_known: the groups are all of them; else a group that is named and not among them leaves it open.
    """
    if any(one.id.lower() in members for one in denial.exclude_principals):
        return NEVER
    aimed = any(one.id.lower() == EVERYONE or one.id.lower() in members for one in denial.principals)
    if groups_known:
        return UNRESTRICTED if aimed else NEVER
    for one in denial.exclude_principals if aimed else denial.principals:
        if _is_group(one):
            return Effect(None, f"whether the principal is in group {clean(one.id)}")
    return UNRESTRICTED if aimed else NEVER


def _is_group(principal: DenyPrincipal) -> bool:
    return principal.type.lower().endswith("group")


def _memberships(denial: DenyAssignment, members: frozenset[str]) -> list[str]:
    return [
        f"membership of group {clean(one.id)}, to which deny assignment '{clean(denial.name or denial.id)}' on "
        f"{describe(denial.scope)} applies"
        for one in denial.principals
        if _is_group(one) and not any(other.id.lower() in members for other in denial.exclude_principals)
    ]
