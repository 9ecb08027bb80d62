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

from doctor import rbac
from doctor.check import Check, Finding, Group, failed, passed, sentence, unknown, unread, warned
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.rbac import Needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.session import Session
    from doctor.model.access import Decision

SOON = timedelta(days=7)
"""An assignment that ends within this is worth a warning."""


def run(session: Session) -> Iterator[Finding]:
    """Decide, and let the endpoint's own answer settle what the assignments leave open."""
    session.access.prefetch()
    principal = session.sign_in.principal_id()
    if not principal:
        yield unread(session.sign_in.no_principal())
        return
    place = session.places.find()
    if isinstance(place, Unread):
        yield unread(place.problem, "Whose roles count cannot be told", settled=session.witness.accepts())
        return
    needs = Needs.of(session.access.invoke_action())
    decision = session.access.decide(principal, needs, place.value.id)
    match decision.access:
        case Access.GRANTED:
            yield _granted(session, decision)
        case Access.NOT_GRANTED:
            yield _refused(session, decision, needs)
        case Access.CONDITIONAL | Access.UNKNOWN:
            yield _open(session, decision, needs)


def _granted(session: Session, decision: Decision) -> Finding:
    hidden = rbac.may_be_denied(decision)
    if hidden and not session.witness.accepts():
        return unknown(
            Cause.CANNOT_READ,
            f"{decision.reason}; but {', '.join(hidden)} could not be read, and may take it back.",
            evidence=_evidence(decision),
            decisions=(decision,),
        )
    fresh = rbac.not_propagated(decision, session.now())
    if fresh and session.witness.denies():
        return failed(
            Cause.NOT_PROPAGATED,
            f"The role is there, but not in force yet: {fresh[0].reason}.",
            evidence=_evidence(decision),
            fixes=(session.wait_fix(),),
            decisions=(decision,),
        )
    known = session.access_lists.ends(decision.question.principal_id, decision.question.scope)
    ends = [grant.ends_on or known.get(grant.assignment_id.lower()) for grant in decision.grants]
    last = max((end for end in ends if end is not None), default=None)
    if last is not None and None not in ends and last - session.now() < SOON:
        return warned(
            Cause.EXPIRES_SOON,
            f"Access ends at {last:%Y-%m-%d %H:%M} UTC: {decision.reason}.",
            evidence=_evidence(decision),
            decisions=(decision,),
        )
    broad = session.access.over_privileged(decision)
    if broad:
        return warned(Cause.OVER_PRIVILEGED, broad, evidence=_evidence(decision), decisions=(decision,))
    return passed(sentence(decision.reason), evidence=_evidence(decision), decisions=(decision,))


def _refused(session: Session, decision: Decision, needs: Needs) -> Finding:
    if session.witness.accepts():
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
        fixes=session.access.remedies(decision, needs),
        decisions=(decision,),
    )


def _open(session: Session, decision: Decision, needs: Needs) -> Finding:
    cause = decision.cause or Cause.CANNOT_READ
    accepted = session.witness.accepts()
    if decision.access is Access.CONDITIONAL and accepted:
        summary = f"The endpoint accepts the call now, but: {decision.reason}."
        return warned(cause, summary, evidence=_evidence(decision), decisions=(decision,))
    settled = "; the endpoint accepts the call, which settles it" if accepted else ""
    return unknown(
        cause,
        sentence(decision.reason + settled),
        required=not accepted,
        evidence=_evidence(decision),
        fixes=() if accepted else session.access.remedies(decision, needs),
        decisions=(decision,),
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
    title="The caller holds the data action",
    group=Group.CALLER,
    rank=10,
    run=run,
    needs=("token", "application", "authorization-policy"),
    link="https://learn.microsoft.com/azure/foundry/agents/concepts/hosted-agent-permissions",
)
