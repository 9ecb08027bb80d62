"""The caller may invoke the application.

## What it verifies
The role assignments, deny assignments and conditions that hold for the caller (or for the principal of `--principal`)
at the application and above it are evaluated: do they grant the data action that an invocation takes? Roles are
judged by their permissions, not by their names.

## When it does not pass
- no role is assigned here (`no-assignment`), or none that has the data action (`role-lacks-action`): Owner,
  Contributor and Azure AI Developer do not have it, and Foundry Agent Consumer has it for the new agent endpoint only
- the right role is elsewhere: another application or project (`wrong-scope`), another identity (`wrong-principal`)
- a deny assignment wins (`denied`), the role is only eligible (`eligible-not-active`), has ended
  (`assignment-expired`) or depends on a condition (`condition-undecided`)
- the role is so new that the endpoint does not honour it yet (`not-propagated`)
- we may not read the assignments, or not the deny assignments that could take a role back (`cannot-read`): then the
  endpoint's own answer settles it

## What to do
Run the command shown, or have it run by whom the report names. It assigns the narrowest role at the narrowest scope.
Then wait up to ten minutes.

## Sources
The data action and who has it: Microsoft's hosted-agent-permissions page, April 2026, and the definitions of all
built-in roles of 2026-08-22, over which the live definitions win.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from doctor import changes, rbac
from doctor.check import Check, Finding, Group, failed, passed, sentence, unknown, unread, warned
from doctor.facts import access, witness
from doctor.facts.place import FindPlace
from doctor.facts.tokens import no_principal
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.change import Wait
from doctor.model.fact import Unread
from doctor.rbac import Needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.access import Decision
    from doctor.model.fix import Fix

SOON = timedelta(days=7)
"""An assignment that ends within this is worth a warning."""


def run(facts: Facts) -> Iterator[Finding]:
    """Decide, and let the endpoint's own answer settle what the assignments leave open."""
    facts.begin(access.Beginnings())
    principal = access.whose(facts)
    if not principal:
        yield unread(no_principal(facts.estate))
        return
    place = facts.ask(FindPlace())
    if isinstance(place, Unread):
        yield unread(place.problem, "Whose roles count cannot be told", settled=witness.accepts(facts))
        return
    needs = Needs.of(access.invoke_action(facts))
    decision = access.decide_for(facts, principal, needs, place.value.id)
    match decision.access:
        case Access.GRANTED:
            yield _granted(facts, decision)
        case Access.NOT_GRANTED:
            yield _refused(facts, decision, needs)
        case Access.CONDITIONAL | Access.UNKNOWN:
            yield _open(facts, decision, needs)


def _granted(facts: Facts, decision: Decision) -> Finding:
    hidden = rbac.may_be_denied(decision)
    if hidden and not witness.accepts(facts):
        return unknown(
            decision.unread_cause,
            f"{decision.reason}; but {', '.join(hidden)} could not be read, and may take it back.",
            evidence=_evidence(decision),
            decisions=(decision,),
        )
    fresh = rbac.not_propagated(decision, facts.now())
    if fresh and witness.denies(facts):
        return failed(
            Cause.NOT_PROPAGATED,
            f"The role is there, but not in force yet: {fresh[0].reason}.",
            evidence=_evidence(decision),
            fixes=(_wait_fix(),),
            decisions=(decision,),
        )
    known = access.ends(facts, decision.question.principal_id, decision.question.scope)
    ends = [grant.ends_on or known.get(grant.assignment_id.lower()) for grant in decision.grants]
    last = max((end for end in ends if end is not None), default=None)
    if last is not None and None not in ends and last - facts.now() < SOON:
        return warned(
            Cause.EXPIRES_SOON,
            f"Access ends at {last:%Y-%m-%d %H:%M} UTC: {decision.reason}.",
            evidence=_evidence(decision),
            decisions=(decision,),
        )
    broad = access.over_privileged(facts, decision)
    if broad:
        return warned(Cause.OVER_PRIVILEGED, broad, evidence=_evidence(decision), decisions=(decision,))
    return passed(sentence(decision.reason), evidence=_evidence(decision), decisions=(decision,))


def _refused(facts: Facts, decision: Decision, needs: Needs) -> Finding:
    if witness.accepts(facts):
        return unknown(
            Cause.CANNOT_READ,
            "The endpoint accepts the caller, although no assignment that we can see grants it.",
            required=False,
            evidence=(
                sentence(decision.reason),
                "likely: a group membership that is not shown to us, or a role taken away minutes ago",
            ),
            decisions=(decision,),
        )
    return failed(
        decision.cause or Cause.NO_ASSIGNMENT,
        sentence(decision.reason),
        evidence=_evidence(decision),
        fixes=access.remedies(facts, decision, needs),
        decisions=(decision,),
    )


def _open(facts: Facts, decision: Decision, needs: Needs) -> Finding:
    cause = decision.cause or Cause.CANNOT_READ
    accepted = witness.accepts(facts)
    if decision.access is Access.CONDITIONAL and accepted:
        summary = f"The endpoint accepts the call now, but: {decision.reason}."
        return warned(cause, summary, evidence=_evidence(decision), decisions=(decision,))
    problem = access.unread_assignments(facts, decision.question.principal_id, decision.question.scope)
    if problem is not None and not decision.near_misses:
        return unread(problem, "Whether a role lets the caller in is not known", settled=accepted)
    settled = "; the endpoint accepts the call, which settles it" if accepted else ""
    return unknown(
        cause,
        sentence(decision.reason + settled),
        required=not accepted,
        evidence=_evidence(decision),
        fixes=() if accepted else access.remedies(facts, decision, needs),
        decisions=(decision,),
    )


def _wait_fix() -> Fix:
    return changes.fix(
        Wait(10),
        "Wait up to ten minutes for the assignment to take effect, then check again",
        note="Sign in again if it was given through a group: a token keeps the groups it was issued with.",
    )


def _evidence(decision: Decision) -> tuple[str, ...]:
    question = decision.question
    return (
        f"principal {question.principal_id}",
        f"data action {question.action.name}",
        f"on {question.scope}",
        *(f"not a grant: {miss.reason}" for miss in decision.near_misses[:5]),
        *(f"could not be read: {what}" for what in decision.unread),
    )


check = Check(
    id="caller-access",
    title="Does a role let the caller in?",
    group=Group.CALLER,
    rank=10,
    run=run,
    needs=("token", "application", "authorization-policy"),
    link="https://learn.microsoft.com/azure/foundry/agents/concepts/hosted-agent-permissions",
)
