"""The answers about access as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import rbac
from doctor.model.access import Access, Action
from doctor.model.access_table import AccessRow, AccessTable
from doctor.model.fact import Fact, Known
from doctor.model.identity import IdentityRole
from doctor.rbac import Gap
from doctor.use_cases.access import Answer, Everybody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.model.fact import Problem
    from doctor.rbac import Entry

_BLIND = (
    "who is in a group: a group's members have its access",
    "assignments delegated through Azure Lighthouse",
    "administrators who may give themselves access: whoever holds Microsoft.Authorization/roleAssignments/write",
)


def document(fact: Fact[Answer] | Fact[Everybody], action: Action | None, principal: str, scope: str) -> AccessTable:
    """The document of an answer, or of why there is none.

    Args:
        fact: what `may` or `who_may` gave.
        action: what was asked about; None for calling the target.
        principal: who was asked about, as given; "" for everybody.
        scope: the ARM id that was given; "" for the target's.
    """
    if not isinstance(fact, Known):
        return _unread(fact.problem, action or Action("", data=True), principal, scope)
    return _of_one(fact.value) if isinstance(fact.value, Answer) else _of_all(fact.value)


def _unread(problem: Problem, action: Action, principal: str, scope: str) -> AccessTable:
    return AccessTable(
        action,
        scope,
        (),
        (problem.summary, *problem.evidence),
        principal,
        Access.UNKNOWN,
        problem.cause,
        problem.summary,
    )


def _of_all(everybody: Everybody) -> AccessTable:
    gaps = sorted(gap.value if isinstance(gap, Gap) else gap for gap in everybody.facts.unread if gap is not Gap.GROUPS)
    rows = tuple(_row(one, everybody) for one in everybody.entries)
    return AccessTable(everybody.action, everybody.scope, rows, (*gaps, *_BLIND))


def _row(entry: Entry, everybody: Everybody) -> AccessRow:
    grant, facts = entry.grant, everybody.facts
    known = facts.identity(entry.principal_id)
    you = facts.plays(entry.principal_id, IdentityRole.CALLER)
    part = "" if known is None or you else f", {known.role.label}"
    name = known.name if known and known.name else ""
    return AccessRow(
        entry.access,
        entry.principal_id,
        entry.principal_type,
        f"{name}{part}".removeprefix(", "),
        you,
        grant.role_name,
        grant.role_guid,
        grant.scope,
        not rbac.same(grant.scope, everybody.scope),
        entry.via_group,
        grant.ends_on,
        grant.condition,
        entry.cause,
        entry.note,
    )


def _of_one(answer: Answer) -> AccessTable:
    decision = answer.decision
    question = decision.question
    return AccessTable(
        question.action,
        question.scope,
        tuple(_rows(answer)),
        (*decision.unread, *answer.hidden),
        question.principal_id,
        answer.access,
        decision.cause,
        decision.reason,
        answer.fixes,
    )


def _rows(answer: Answer) -> Iterator[AccessRow]:
    """What gives it, then what nearly does."""
    decision = answer.decision
    asked, at = decision.question.principal_id, decision.question.scope
    for grant in decision.grants:
        group = "" if grant.principal_id.lower() == asked.lower() else grant.principal_id
        yield AccessRow(
            answer.access,
            asked,
            "",
            "",
            answer.you,
            grant.role_name,
            grant.role_guid,
            grant.scope,
            not rbac.same(grant.scope, at),
            group,
            grant.ends_on,
            grant.condition,
            decision.cause,
            grant.depends_on,
        )
    for miss in decision.near_misses:
        who = miss.principal_id or asked
        yield AccessRow(
            Access.NOT_GRANTED,
            who,
            "",
            "",
            answer.you and who.lower() == asked.lower(),
            miss.role_name,
            miss.role_guid,
            miss.scope,
            bool(miss.scope) and not rbac.same(miss.scope, at),
            cause=miss.cause,
            note=miss.reason,
        )
