"""Everything that looks like a grant and is none, with the reason in one sentence, nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.access import NearMiss
from doctor.model.authorization import EligibleAssignment
from doctor.model.cause import Cause
from doctor.model.identity import IdentityRole
from doctor.rbac import reasons
from doctor.rbac.actions import Held
from doctor.rbac.scopes import shared_depth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.model.access import Grant
    from doctor.model.authorization import DenyAssignment, RoleAssignment
    from doctor.rbac.denials import Denials
    from doctor.rbac.judge import Judge, Worth

PRECEDENCE = (
    Cause.RBAC_NOT_HONOURED,
    Cause.NATIVE_ROLE_MISSING,
    Cause.DENIED,
    Cause.ELIGIBLE_NOT_ACTIVE,
    Cause.ASSIGNMENT_EXPIRED,
    Cause.NOT_PROPAGATED,
    Cause.CONDITION_UNDECIDED,
    Cause.LOST_ON_PUBLISH,
    Cause.WRONG_PRINCIPAL,
    Cause.WRONG_SCOPE,
    Cause.ROLE_LACKS_ACTION,
    Cause.NO_ASSIGNMENT,
    Cause.CANNOT_READ,
)
"""Which cause wins for one access question, first match; what merely could not be read comes last."""

_RANK = {cause: rank for rank, cause in enumerate(PRECEDENCE)}
_CLOSER_ROLE = 1000
_KEPT_GROUPS = 5
"""Groups with the right role that the principal is not in: more of them would only bury the rest."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A near miss with how near it came within its cause: more is nearer."""

    miss: NearMiss
    nearness: int = 0


def rank(misses: Iterable[Ranked]) -> tuple[NearMiss, ...]:
    """Near misses in the order of the causes that win, then by nearness; ties keep their order."""
    ordered = sorted(misses, key=lambda one: (_RANK[one.miss.cause], -one.nearness))
    return tuple(dict.fromkeys(one.miss for one in ordered))


def winning(misses: tuple[NearMiss, ...]) -> NearMiss | None:
    """The near miss that gives a "no" its cause; what could not be read gives none."""
    return next((miss for miss in misses if miss.cause is not Cause.CANNOT_READ), None)


def from_denials(denials: Denials, *, granted: bool) -> Iterator[Ranked]:
    """Denials that stand, and those whose condition is open where that makes the difference."""
    for denial in denials.certain:
        yield Ranked(_denied(denial, Cause.DENIED, reasons.denied(denial)))
    for denial, words in denials.undecided if granted else ():
        yield Ranked(_denied(denial, Cause.CONDITION_UNDECIDED, reasons.perhaps_denied(denial, words)))


def _denied(denial: DenyAssignment, cause: Cause, reason: str) -> NearMiss:
    return NearMiss(cause, reason, scope=denial.scope, assignment_id=denial.id)


def from_own(judge: Judge, worths: Iterable[Worth]) -> Iterator[Ranked]:
    """The principal's own assignments, groups included, that grant nothing here."""
    for worth in worths:
        if worth.holding is None:
            if worth.covers and not worth.over:
                yield _ranked(worth, Cause.CANNOT_READ, reasons.unknown_role(worth, judge), judge)
        elif worth.conditional:
            yield _ranked(worth, Cause.CONDITION_UNDECIDED, reasons.undecided(worth, judge), judge)
        elif worth.covers and worth.over and worth.has_action:
            yield _ranked(worth, Cause.ASSIGNMENT_EXPIRED, reasons.ended(worth, judge), judge)
        elif worth.has_action and not worth.covers:
            yield _ranked(worth, Cause.WRONG_SCOPE, reasons.elsewhere(worth, judge), judge)
        elif worth.covers and not worth.over and not worth.has_action:
            closeness = 2 if worth.holding.held is not Held.NO else int(bool(reasons.nearby(worth, judge)))
            yield _ranked(worth, Cause.ROLE_LACKS_ACTION, reasons.lacks(worth, judge), judge, closeness)


def from_eligible(judge: Judge, worths: Iterable[Worth]) -> Iterator[Ranked]:
    """Roles that the principal could activate for this resource."""
    now = judge.facts.now
    for worth in worths:
        eligible = worth.assignment
        if not isinstance(eligible, EligibleAssignment) or not worth.covers or not worth.has_action:
            continue
        if worth.over:
            yield _ranked(worth, Cause.ASSIGNMENT_EXPIRED, reasons.eligibility_over(worth, judge), judge)
        elif eligible.starts_on is not None and eligible.starts_on > now:
            yield _ranked(worth, Cause.NO_ASSIGNMENT, reasons.eligible_later(worth, judge), judge)
        else:
            certain = int(worth.effect.met is True)
            yield _ranked(worth, Cause.ELIGIBLE_NOT_ACTIVE, reasons.eligible(worth, judge), judge, certain)


def from_others(judge: Judge, granted: Iterable[tuple[str, Grant]]) -> Iterator[Ranked]:
    """Other identities of the ledger that may do what the asked one may not.

    Args:
        judge: the question.
        granted: the other identity's object id and the assignment that answers for it.
    """
    facts, asked = judge.facts, judge.question.principal_id
    before = [IdentityRole.PROJECT_AGENT] if facts.plays(asked, IdentityRole.APPLICATION_AGENT) else []
    before += (
        [IdentityRole.PROJECT_AGENT, IdentityRole.APPLICATION_AGENT] if facts.plays(asked, IdentityRole.AGENT) else []
    )
    for other_id, grant in granted:
        lost = any(facts.plays(other_id, role) for role in before)
        cause = Cause.LOST_ON_PUBLISH if lost else Cause.WRONG_PRINCIPAL
        reason = reasons.lost(other_id, grant, judge) if lost else reasons.held_by(other_id, grant, judge)
        miss = NearMiss(
            cause, reason, grant.role_guid, grant.role_name, grant.scope, grant.principal_id, grant.assignment_id
        )
        yield Ranked(miss, shared_depth(grant.scope, judge.question.scope))


def from_groups(judge: Judge, assignments: Iterable[RoleAssignment]) -> Iterator[Ranked]:
    """Groups that hold the right role here and that the principal is not in."""
    kept = 0
    for assignment in assignments:
        worth = judge.weigh(assignment)
        if worth.granted and kept < _KEPT_GROUPS:
            kept += 1
            yield _ranked(worth, Cause.NO_ASSIGNMENT, reasons.other_group(worth, judge), judge)


def _ranked(worth: Worth, cause: Cause, reason: str, judge: Judge, closeness: int = 0) -> Ranked:
    """A near miss; a closer role counts before a closer scope."""
    found = worth.assignment
    miss = NearMiss(
        cause=cause,
        reason=reason,
        role_guid=found.role_guid.lower(),
        role_name=judge.facts.role_name(found.role_guid),
        scope=found.scope,
        principal_id=found.principal_id,
        assignment_id=found.id,
    )
    return Ranked(miss, _CLOSER_ROLE * closeness + shared_depth(found.scope, judge.question.scope))
