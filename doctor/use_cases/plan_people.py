"""What people need beside the agent's identity: who makes, publishes or moves it, and who calls it after the move."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from doctor import changes, rbac
from doctor.facts import access
from doctor.facts.agent_subject import INTERACT
from doctor.facts.application_subject import INVOKE
from doctor.facts.identities import find
from doctor.facts.tokens import caller_id
from doctor.model.access import Access, Action
from doctor.model.change import GrantRole
from doctor.model.fact import Fact, Known, Unread
from doctor.model.plan import Grant, State
from doctor.rbac import Needs

if TYPE_CHECKING:
    from doctor.facts.subject import Facts
    from doctor.rbac import AccessFacts, Entry

_ACCOUNTS = "Microsoft.CognitiveServices/accounts"


class Step(Enum):
    """What is about to be done, and the actions on the project that it takes.

    Source: hosted-agent-permissions.md of Microsoft's documentation, 2026 (agents are written by a data action); the
    actions on applications are those of their resource types.
    """

    CREATE = ("creating the agent", (Action(f"{_ACCOUNTS}/AIServices/agents/write", data=True),))
    PUBLISH = (
        "publishing the application",
        (
            Action(f"{_ACCOUNTS}/projects/applications/write", data=False),
            Action(f"{_ACCOUNTS}/projects/applications/agentDeployments/write", data=False),
        ),
    )
    MOVE = ("moving to the agent's own endpoint", (Action(f"{_ACCOUNTS}/AIServices/agents/write", data=True),))


_STATE = {Access.GRANTED: State.PRESENT, Access.NOT_GRANTED: State.MISSING}


def rights(facts: Facts, step: Step, project_id: str) -> tuple[Grant, ...]:
    """What whoever runs this needs on the project for the step."""
    use, actions = step.value
    who = caller_id(facts.estate)
    if not who:
        reason = "no token says who you are"
        return (Grant("you", "Foundry project", project_id, use, "", "not known", State.UNKNOWN, None, reason),)
    needs = Needs.of(*actions)
    decision = access.decide_for(facts, who, needs, project_id)
    state = _STATE.get(decision.access, State.UNKNOWN)
    fixes = access.remedies(facts, decision, needs) if state is State.MISSING else ()
    fix = fixes[0] if fixes else None
    known = access.full_facts(facts, who, project_id)
    role = _role_of(decision.grants[0].role_name if decision.grants else "", fix.change if fix else None, known)
    met = find(facts, who)
    subject = f"{met.name} (you)" if met and met.name else "you"
    has = {State.PRESENT: True, State.MISSING: False}.get(state)
    return (
        Grant(subject, "Foundry project", project_id, use, role, decision.reason, state, has, decision.reason, fix),
    )


def _role_of(granted: str, change: object, known: AccessFacts) -> str:
    return known.role_name(change.role) if isinstance(change, GrantRole) else granted


def callers(facts: Facts, application_id: str, agent_id: str) -> Fact[tuple[Grant, ...]]:
    """Everybody who may call the application, and whether they may call the agent's own endpoint.

    A role on the application itself does not reach the agent, and the action is another one there.
    """
    before, after = access.everybody(facts, application_id), access.everybody(facts, agent_id)
    if isinstance(before, Unread):
        return before
    if isinstance(after, Unread):
        return after
    admitted = {
        one.principal_id.lower(): one
        for one in reversed(rbac.who_may(INVOKE, application_id, before.value))
        if one.access is Access.GRANTED and not one.via_group
    }
    return Known(tuple(_caller(one, agent_id, after.value) for one in admitted.values()))


def _caller(entry: Entry, agent_id: str, known: AccessFacts) -> Grant:
    there = [
        one for one in rbac.who_may(INTERACT, agent_id, known) if one.principal_id.lower() == entry.principal_id.lower()
    ]
    found = there[0].access if there else Access.NOT_GRANTED
    state = _STATE.get(found, State.UNKNOWN)
    role = rbac.narrowest(INTERACT, agent_id, known)
    met = known.identity(entry.principal_id)
    subject = f"{met.name} {entry.principal_id}" if met and met.name else entry.principal_id
    today = f"{entry.grant.role_name} on {rbac.describe(entry.grant.scope)}"
    if state is State.PRESENT or role is None:
        name = there[0].grant.role_name if there else ""
        return Grant(subject, "caller", agent_id, "calling the agent", name, today, state, has_today=True)
    change = GrantRole(entry.principal_id, role.guid, agent_id, entry.principal_type)
    title = f"Assign {rbac.role_label(role.guid, role.name)} to {subject} on {rbac.describe(agent_id)}"
    reason = there[0].note if there else f"{entry.grant.role_name} there does not reach the agent's own endpoint"
    fix = changes.fix(change, title)
    return Grant(subject, "caller", agent_id, "calling the agent", role.name, today, state, True, reason, fix)
