"""May this principal do this on that resource, and if not, why does each thing that looks like a grant not grant it?

Order of evaluation (azure-docs, role-based-access-control/overview.md): deny assignments win; grants add up;
not-actions subtract inside one permission entry; conditions come last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.model.access import Access, Decision, Grant, Question
from doctor.model.cause import Cause
from doctor.model.wording import capital
from doctor.rbac import near_misses, reasons
from doctor.rbac.denials import Denials, against
from doctor.rbac.facts import Gap
from doctor.rbac.judge import Judge
from doctor.rbac.scopes import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doctor.model.access import NearMiss
    from doctor.model.authorization import RoleAssignment
    from doctor.rbac.facts import AccessFacts
    from doctor.rbac.judge import Worth


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one principal has and what stands against it."""

    judge: Judge
    members: frozenset[str]
    own: tuple[Worth, ...]
    denials: Denials

    @property
    def granting(self) -> tuple[Worth, ...]:
        return tuple(worth for worth in self.own if worth.granted)

    @property
    def conditional(self) -> tuple[Worth, ...]:
        return tuple(worth for worth in self.own if worth.conditional)


def decide(
    question: Question, facts: AccessFacts, *, attributes: Mapping[tuple[str, str], tuple[str, ...]] | None = None
) -> Decision:
    """The answer to one question, with what grants it or every near miss.

    Args:
        question: who wants to do what on which resource.
        facts: everything known, and what could not be read.
        attributes: known values of the call for conditions, by source and attribute name in lower case:
            `("request", "microsoft.authorization/roleassignments:roledefinitionid")`.
    """
    if not question.principal_id.strip() or not question.scope.strip():
        what = "whose access is asked about" if question.scope.strip() else "which resource is asked about"
        return Decision(question, Access.UNKNOWN, Cause.CANNOT_READ, f"It is not known {what}", unread=(what,))
    evidence = _gather(question, facts, attributes)
    if evidence.denials.certain:
        return _refused(evidence, _misses(evidence))
    if evidence.granting and not evidence.denials.undecided:
        return _granted(evidence)
    misses = _misses(evidence)
    if evidence.granting or evidence.conditional:
        return _conditional(evidence, misses)
    hidden = _hidden(evidence)
    if hidden:
        return _unknown(evidence, misses, hidden)
    return _refused(evidence, misses)


def _gather(
    question: Question, facts: AccessFacts, attributes: Mapping[tuple[str, str], tuple[str, ...]] | None = None
) -> _Evidence:
    judge = Judge(question, facts, attributes)
    members = facts.groups_of(question.principal_id) | {question.principal_id.lower()}
    own = tuple(judge.weigh(one) for one in facts.assignments if one.principal_id.lower() in members)
    return _Evidence(judge, members, own, against(judge, members))


def _granted(evidence: _Evidence) -> Decision:
    judge, best = evidence.judge, _grants(evidence.granting, evidence.judge)
    who = judge.facts.who(judge.question.principal_id)
    reason = f"{capital(who)} may do this: {reasons.held_on(_strongest(evidence.granting), judge)} grants it"
    if best[0].ends_on is not None:
        reason += f" until {reasons.when(best[0].ends_on)}"
    reason = judge.facts.with_former_name(reason, best[0].role_guid)
    unread = _unread(evidence)
    why = judge.facts.why_unread(judge.question.principal_id, unread)
    return Decision(judge.question, Access.GRANTED, None, reason, best, unread=unread, unread_cause=why)


def _conditional(evidence: _Evidence, misses: tuple[NearMiss, ...]) -> Decision:
    judge = evidence.judge
    open_ = evidence.granting or evidence.conditional
    words = evidence.denials.undecided[0][1] if evidence.denials.undecided else open_[0].effect.depends_on
    who = judge.facts.who(judge.question.principal_id)
    reason = f"Whether {who} may do this cannot be decided here: it depends on {words}"
    first = near_misses.winning(misses)
    # Neither an activation nor a new assignment lifts a denial that may apply.
    cause = first.cause if first and not evidence.denials.undecided else Cause.CONDITION_UNDECIDED
    return Decision(judge.question, Access.CONDITIONAL, cause, reason, _grants(open_, judge), misses, _unread(evidence))


def _unknown(evidence: _Evidence, misses: tuple[NearMiss, ...], hidden: tuple[str, ...]) -> Decision:
    judge = evidence.judge
    who = judge.facts.who(judge.question.principal_id)
    reason = f"Whether {who} may do this is not known: {hidden[0]} could not be read"
    unread = tuple(dict.fromkeys((*hidden, *_unread(evidence))))
    why = judge.facts.why_unread(judge.question.principal_id, hidden)
    return Decision(judge.question, Access.UNKNOWN, why, reason, (), misses, unread, why)


def _refused(evidence: _Evidence, misses: tuple[NearMiss, ...]) -> Decision:
    judge = evidence.judge
    first = near_misses.winning(misses)
    cause = first.cause if first else Cause.NO_ASSIGNMENT
    why = reasons.nothing_assigned(judge)
    if first and cause is not Cause.NO_ASSIGNMENT:
        why = judge.facts.with_former_name(first.reason, first.role_guid)
    who = capital(judge.facts.who(judge.question.principal_id))
    action = reasons.act(judge.question.action)
    reason = f"{who} lacks the {action} on {describe(judge.question.scope)}: {why}"
    if cause is Cause.DENIED:
        reason = f"{who} is denied the {action} on {describe(judge.question.scope)}: {why}"
    return Decision(judge.question, Access.NOT_GRANTED, cause, reason, (), misses, _unread(evidence))


def _misses(evidence: _Evidence) -> tuple[NearMiss, ...]:
    judge, facts = evidence.judge, evidence.judge.facts
    eligible = [judge.weigh(one) for one in facts.eligible if one.principal_id.lower() in evidence.members]
    found = [
        *near_misses.from_denials(evidence.denials, granted=bool(evidence.granting or evidence.conditional)),
        *near_misses.from_eligible(judge, eligible),
        *near_misses.from_own(judge, evidence.own),
        *near_misses.from_others(judge, _others(evidence)),
        *near_misses.from_groups(judge, _foreign_groups(evidence)),
    ]
    return near_misses.rank(found)


def _others(evidence: _Evidence) -> Iterator[tuple[str, Grant]]:
    """Each other identity of the ledger that is granted it, with its best assignment."""
    question, facts = evidence.judge.question, evidence.judge.facts
    asked = question.principal_id.lower()
    for other in dict.fromkeys(one.object_id.lower() for one in facts.identities):
        if other in {"", asked}:
            continue
        theirs = _gather(replace(question, principal_id=other), facts)
        if theirs.granting and not theirs.denials.certain and not theirs.denials.undecided:
            yield other, _grants(theirs.granting, theirs.judge)[0]


def _foreign_groups(evidence: _Evidence) -> Iterator[RoleAssignment]:
    for one in evidence.judge.facts.assignments:
        if one.principal_type.lower().endswith("group") and one.principal_id.lower() not in evidence.members:
            yield one


def _hidden(evidence: _Evidence) -> tuple[str, ...]:
    """What could not be read and may hide a grant."""
    facts, asked = evidence.judge.facts, evidence.judge.question.principal_id
    hidden = [] if facts.knows_assignments_of(asked) else [f"the role assignments of {facts.who(asked)}"]
    hidden += [
        f"the definition of role {worth.assignment.role_guid}"
        for worth in evidence.own
        if worth.holding is None and worth.covers and not worth.over
    ]
    if Gap.GROUPS in facts.unread:
        hidden += [
            f"whether {facts.who(asked)} is in group {one.principal_id}"
            for one in _foreign_groups(evidence)
            if evidence.judge.weigh(one).granted
        ]
    return tuple(dict.fromkeys(hidden))


def _unread(evidence: _Evidence) -> tuple[str, ...]:
    """What could not be read and may hide a grant or a denial, whatever the answer."""
    facts = evidence.judge.facts
    gaps = [gap.value for gap in Gap if gap in facts.unread]
    asked = evidence.judge.question.principal_id
    if Gap.ASSIGNMENTS not in facts.unread and not facts.knows_assignments_of(asked):
        gaps.append(f"the role assignments of {facts.who(asked)}")
    return (*gaps, *evidence.denials.unseen)


def _strongest(worths: tuple[Worth, ...]) -> Worth:
    """The assignment to name: one without an end before one that ends, the principal's own before a group's."""
    return _by_strength(worths)[0]


def _by_strength(worths: tuple[Worth, ...]) -> list[Worth]:
    return sorted(
        worths,
        key=lambda one: (
            one.assignment.ends_on is not None,
            -(one.assignment.ends_on.timestamp() if one.assignment.ends_on else 0),
        ),
    )


def _grants(worths: tuple[Worth, ...], judge: Judge) -> tuple[Grant, ...]:
    return tuple(_grant(worth, judge) for worth in _by_strength(worths))


def _grant(worth: Worth, judge: Judge) -> Grant:
    found = worth.assignment
    return Grant(
        assignment_id=found.id,
        principal_id=found.principal_id,
        role_guid=found.role_guid.lower(),
        role_name=judge.facts.role_name(found.role_guid),
        scope=found.scope,
        ends_on=found.ends_on,
        condition=found.condition,
        depends_on=worth.effect.depends_on,
        created_on=getattr(found, "created_on", None),
    )
