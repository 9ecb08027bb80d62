"""Who may do something somewhere: one entry for each assignment that answers for it, or nearly does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.model.access import Access, Grant, Question
from doctor.model.authorization import EligibleAssignment
from doctor.model.cause import Cause
from doctor.rbac import reasons
from doctor.rbac.denials import aimed_at, refusal_by
from doctor.rbac.facts import Gap
from doctor.rbac.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doctor.model.access import Action
    from doctor.model.authorization import DenyAssignment, RoleAssignment
    from doctor.rbac.facts import AccessFacts
    from doctor.rbac.judge import Worth


@dataclass(frozen=True, slots=True)
class Entry:
    """One principal that may, or may under a condition, or is kept from it by one thing alone."""

    principal_id: str
    principal_type: str
    """As Azure gave it; "Unknown" mostly means that the principal was deleted."""
    name: str
    """Its part in the run and its name where the ledger knows it; else empty."""
    access: Access
    cause: Cause | None
    """None when granted."""
    grant: Grant
    """The role, the scope, the end and the condition; its principal is the group where one stands between."""
    via_group: str = ""
    """Object id of the group through which the principal has it."""
    note: str = ""
    """Why it is not a plain yes, in one sentence."""


_ORDER = (Access.GRANTED, Access.CONDITIONAL, Access.UNKNOWN, Access.NOT_GRANTED)


def who_may(
    action: Action,
    scope: str,
    facts: AccessFacts,
    *,
    attributes: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
) -> tuple[Entry, ...]:
    """Everybody known who may do the action on the resource: first those who may, then the doubtful, then the nearly.

    A group is an entry itself, and so is each principal that is known to be in it. Of eligible, denied and undecided
    assignments the note says what is missing. What could not be read (`facts.unread`) may hide more.

    Args:
        action: the control or data action.
        scope: ARM id of the resource.
        facts: assignments of everybody, not of one principal only.
        attributes: known values of the call for conditions, as for `decide`.
    """
    judge = Judge(Question("", action, scope), facts, attributes)
    denials = [(one, effect.met) for one in facts.denials if (effect := refusal_by(one, judge)).met is not False]
    groups = {principal.lower(): facts.groups_of(principal) for principal in facts.groups}
    members = _members(groups)
    entries: dict[Entry, None] = {}
    everything: list[RoleAssignment | EligibleAssignment] = [*facts.assignments, *facts.eligible]
    for assignment in everything:
        worth = judge.weigh(assignment)
        if not worth.covers or worth.over:
            continue
        entry = _entry(worth, judge)
        if entry is None:
            continue
        for one in _expanded(entry, members, facts):
            entries[_denied(one, denials, groups, groups_known=Gap.GROUPS not in facts.unread)] = None
    return tuple(sorted(entries, key=lambda one: (_ORDER.index(one.access), one.principal_id, one.grant.assignment_id)))


def _members(groups: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """The principals that are known to be in each group."""
    found: dict[str, list[str]] = {}
    for principal, theirs in groups.items():
        for group in sorted(theirs):
            found.setdefault(group, []).append(principal)
    return found


def _entry(worth: Worth, judge: Judge) -> Entry | None:
    found, facts = worth.assignment, judge.facts
    verdict = _verdict(worth, judge)
    if verdict is None:
        return None
    access, cause, note = verdict
    grant = Grant(
        assignment_id=found.id,
        principal_id=found.principal_id,
        role_guid=found.role_guid.lower(),
        role_name=facts.role_name(found.role_guid),
        scope=found.scope,
        ends_on=found.ends_on,
        condition=found.condition,
        depends_on=worth.effect.depends_on,
        created_on=getattr(found, "created_on", None),
    )
    return Entry(
        found.principal_id, found.principal_type, _name(found.principal_id, facts), access, cause, grant, note=note
    )


def _verdict(worth: Worth, judge: Judge) -> tuple[Access, Cause | None, str] | None:
    found = worth.assignment
    if worth.holding is None:
        note = f"the definition of role {found.role_guid} could not be read, so what it grants is not known"
        return None if isinstance(found, EligibleAssignment) else (Access.UNKNOWN, Cause.CANNOT_READ, note)
    if not worth.has_action:
        return None
    if isinstance(found, EligibleAssignment):
        if found.starts_on is not None and found.starts_on > judge.facts.now:
            return None
        return Access.NOT_GRANTED, Cause.ELIGIBLE_NOT_ACTIVE, "eligible, and only after it is activated"
    if worth.effect.met is None:
        return Access.CONDITIONAL, Cause.CONDITION_UNDECIDED, f"depends on {worth.effect.depends_on}"
    gone = found.principal_type.lower() == "unknown"
    return Access.GRANTED, None, "Azure does not know this principal any more: it was probably deleted" if gone else ""


def _expanded(entry: Entry, members: dict[str, list[str]], facts: AccessFacts) -> Iterator[Entry]:
    yield entry
    group = entry.principal_id.lower()
    for member in members.get(group, ()):
        yield replace(entry, principal_id=member, principal_type="", name=_name(member, facts), via_group=group)


def _denied(
    entry: Entry,
    denials: Sequence[tuple[DenyAssignment, bool | None]],
    groups: Mapping[str, frozenset[str]],
    *,
    groups_known: bool,
) -> Entry:
    principal = entry.principal_id.lower()
    members = groups.get(principal, frozenset()) | {principal}
    doubt = None
    for denial, met in denials:
        aimed = aimed_at(denial, members, groups_known=groups_known).met
        if aimed and met:
            note = f"deny assignment '{reasons.title(denial)}' refuses it"
            return replace(entry, access=Access.NOT_GRANTED, cause=Cause.DENIED, note=note)
        if aimed is not False:
            doubt = doubt or denial
    if doubt is not None and entry.access is Access.GRANTED:
        note = f"deny assignment '{reasons.title(doubt)}' may refuse it"
        return replace(entry, access=Access.CONDITIONAL, cause=Cause.CONDITION_UNDECIDED, note=note)
    return entry


def _name(principal_id: str, facts: AccessFacts) -> str:
    return facts.who(principal_id) if facts.identity(principal_id) else ""
