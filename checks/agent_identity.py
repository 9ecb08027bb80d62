"""The agent's own identity is ready.

## What it verifies
Publishing gave the application an Entra agent identity of its own, and that identity has been created to the end. It
is the identity whose roles count when the agent's tools call other services as the agent.

## When it does not pass
- the application has no agent identity, or it is still being created, or creating it failed, or it is disabled
  (`agent-identity-not-ready`). The application itself may say Succeeded all the while
- the application does not show an identity at all: then this is unknown, and decides only where a tool calls with it

## What to do
Wait a few minutes after publishing. If it stays so, publish the agent again.

## Sources
`defaultInstanceIdentity` of the application, api-version 2025-12-01; that it can stay at Creating while the
application says Succeeded: microsoft-foundry/foundry-samples issue 567.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, unknown, unread
from doctor.facts import serving
from doctor.facts.records import TheAgent, TheApplication
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.model.fix import Fix
from doctor.model.identity import IdentityRole
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentIdentity

_READY = {"", "succeeded", "active", "enabled"}
_MOVING = {"creating", "updating"}
_NOT_READY = {"creating", "updating", "failed", "canceled", "deleting", "disabled"}


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the identity that the application, or the new-model agent, shows."""
    if facts.target.kind is Kind.AGENT:
        agent = facts.ask(TheAgent())
        if isinstance(agent, Unread):
            yield unread(agent.problem)
        elif agent.value.instance is None:
            yield passed(
                "A legacy agent: it has no identity of its own and acts as the project's shared agent identity."
            )
        else:
            yield _judge(f"Agent {agent.value.name}", agent.value.instance)
        return
    fact = facts.ask(TheApplication())
    if isinstance(fact, Unread):
        yield unread(fact.problem)
    elif fact.value.instance is None:
        yield unknown(
            Cause.AGENT_IDENTITY_NOT_READY,
            f"Application {fact.value.name} shows no agent identity, so what its agent may reach cannot be told.",
            required=serving.may_act_as(facts, IdentityRole.APPLICATION_AGENT),
            evidence=("properties.defaultInstanceIdentity is absent",),
        )
    else:
        yield _judge(f"Application {fact.value.name}", fact.value.instance)


def _judge(owner: str, identity: AgentIdentity) -> Finding:
    state = identity.provisioning_state
    evidence = (
        f"object id {identity.principal_id or 'none'}",
        f"client id {identity.client_id or 'none'}",
        f"state {state or 'not given'}",
    )
    again = (Fix("Wait a few minutes; if it stays so, publish the agent again"),)
    if state.lower() in _NOT_READY:
        summary = f"{owner}'s agent identity is in state {state}, so its tools cannot get tokens."
        moving = state.lower() in _MOVING
        return failed(Cause.AGENT_IDENTITY_NOT_READY, summary, evidence=evidence, fixes=again, transient=moving)
    if not identity.principal_id:
        summary = f"{owner} has no agent identity yet: there is no object id."
        return failed(Cause.AGENT_IDENTITY_NOT_READY, summary, evidence=evidence, fixes=again, transient=True)
    if state.lower() not in _READY:
        summary = f"{owner}'s agent identity is in state {state!r}, which is not known."
        return unknown(Cause.AGENT_IDENTITY_NOT_READY, summary, evidence=evidence)
    return passed(f"{owner} acts as agent identity {identity.principal_id}.", evidence=evidence)


check = Check(
    id="agent-identity",
    title="Is the agent's identity ready?",
    group=Group.AGENT,
    rank=10,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/concepts/agent-identity",
)
