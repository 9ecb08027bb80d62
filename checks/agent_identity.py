"""The agent's own identity is ready.

## What it verifies
Publishing gave the application an Entra agent identity of its own, and that identity has been created to the end. It
is the identity whose roles count when the agent's tools call other services as the agent.

## When it does not pass
- the application has no agent identity, or it is still being created, or creating it failed, or it is disabled
  (`agent-identity-not-ready`). The application itself may say Succeeded all the while
- it exists, its making has not ended, and the endpoint takes the call: agents were seen to run so and to fail so. A
  real call settles it (`--invoke`); without one this is unknown, or a warning where no tool calls with it
- an agent's identity or its blueprint is disabled in Microsoft Entra, or the agent is still being made (the same)
- no identity is shown at all: then this is unknown, and decides only where a tool calls with it. A legacy agent, whose
  identity is null, acts as the project's shared agent identity

## What to do
Wait a few minutes after publishing. If it stays so, publish the agent again. What is disabled in Microsoft Entra is
enabled there, by an administrator of the tenant; no call of Foundry does it.

## Sources
`defaultInstanceIdentity` of the application, api-version 2025-12-01; that it can stay at Creating while the
application says Succeeded, and the object exist in Entra all the while: microsoft-foundry/foundry-samples issue 567.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checks.agents.states import enable_identity
from doctor.check import Check, Finding, Group, failed, passed, unknown, unread, warned
from doctor.facts import serving, witness
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Known, Unread
from doctor.model.fix import Fix
from doctor.model.foundry import Agent
from doctor.model.identity import IdentityRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentIdentity

_READY = {"", "succeeded", "active", "enabled"}
_MOVING = {"creating", "updating"}
_TOKENLESS = {Cause.AGENT_IDENTITY_TOKEN, Cause.TOOL_DENIED, Cause.TOOL_FAILED}
_NOT_READY = {"creating", "updating", "failed", "canceled", "deleting", "disabled"}


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the identity that the application, or the new-model agent, shows."""
    fact = facts.ask(subject_of(facts).record)
    if isinstance(fact, Unread):
        yield unread(fact.problem)
    elif isinstance(fact.value, Agent):
        yield _of_agent(facts, fact.value)
    elif fact.value.instance is None:
        yield unknown(
            Cause.AGENT_IDENTITY_NOT_READY,
            f"Application {fact.value.name} shows no agent identity, so what its agent may reach cannot be told.",
            required=serving.may_act_as(facts, IdentityRole.APPLICATION_AGENT),
            evidence=("properties.defaultInstanceIdentity is absent",),
        )
    else:
        yield _judge(facts, f"Application {fact.value.name}", fact.value.instance, IdentityRole.APPLICATION_AGENT)


def _of_agent(facts: Facts, agent: Agent) -> Finding:
    """The identity of an agent, and the blueprint that it is made of."""
    odd = [f"{field}: {why}" for field, why in agent.odd.items() if field in {"instance_identity", "blueprint"}]
    if odd:
        summary = f"The identity of agent {agent.name} cannot be read: {odd[0]}."
        return unknown(Cause.UNRECOGNISED, summary, evidence=tuple(odd))
    if agent.blueprint and agent.blueprint.provisioning_state.lower() == "disabled":
        return failed(
            Cause.AGENT_IDENTITY_NOT_READY,
            f"The blueprint of agent {agent.name}'s identity is disabled, so the agent gets no tokens.",
            evidence=(f"blueprint {agent.blueprint.principal_id or 'without an object id'}",),
            fixes=(enable_identity("its agent identity blueprint", agent.blueprint),),
        )
    if agent.instance is not None:
        finding = _judge(facts, f"Agent {agent.name}", agent.instance, IdentityRole.AGENT)
        if agent.instance.provisioning_state.lower() == "disabled":
            return replace(finding, fixes=(enable_identity("its agent identity", agent.instance),), transient=False)
        return finding
    return _without(facts, agent)


def _without(facts: Facts, agent: Agent) -> Finding:
    """No identity: a legacy agent, one that is still being made, or a record that does not show it."""
    making = agent.latest is not None and agent.latest.status.lower() == "creating"
    if agent.blueprint is not None or (making and agent.shows_endpoint):
        return failed(
            Cause.AGENT_IDENTITY_NOT_READY,
            f"Agent {agent.name} has no identity yet: it is still being made.",
            evidence=("instance_identity is null, and the agent has a blueprint or a version in the making",),
            fixes=(Fix("Wait a few minutes, then check again"),),
            transient=True,
        )
    if not agent.shows_identity:
        return unknown(
            Cause.AGENT_IDENTITY_NOT_READY,
            f"The record of agent {agent.name} does not show an identity, so what it may reach cannot be told.",
            required=serving.may_act_as(facts, IdentityRole.AGENT),
            evidence=("instance_identity is absent, as in records of before mid-2026",),
        )
    return passed("A legacy agent: it has no identity of its own and acts as the project's shared agent identity.")


def _lacks_tokens(facts: Facts) -> bool:
    """Whether a real call was made, and its tools failed as they do without tokens of the agent identity."""
    fact = facts.ask(AnswerTo(Call.INVOCATION)) if facts.options.invoke else None
    return isinstance(fact, Known) and any(
        one.cause in _TOKENLESS for one in witness.read_invocation(facts, fact.value)
    )


def _in_the_making(facts: Facts, owner: str, state: str, role: IdentityRole) -> Finding:
    """An identity that exists, whose making has not ended, though calls are taken: agents run so, and some do not."""
    told = f"{owner}'s agent identity exists and is still in state {state}"
    if witness.works(facts):
        return warned(Cause.AGENT_IDENTITY_NOT_READY, f"{told}; a real call works all the same.")
    if not serving.may_act_as(facts, role):
        return warned(Cause.AGENT_IDENTITY_NOT_READY, f"{told}; no tool of the agent calls with it.")
    summary = f"{told}, so whether its tools get tokens is not known. --invoke would try."
    return unknown(Cause.AGENT_IDENTITY_NOT_READY, summary)


def _judge(facts: Facts, owner: str, identity: AgentIdentity, role: IdentityRole) -> Finding:
    state = identity.provisioning_state
    evidence = (
        f"object id {identity.principal_id or 'none'}",
        f"client id {identity.client_id or 'none'}",
        f"state {state or 'not given'}",
    )
    again = (Fix("Wait a few minutes; if it stays so, publish the agent again"),)
    if state.lower() in _MOVING and identity.principal_id and witness.accepts(facts) and not _lacks_tokens(facts):
        return replace(_in_the_making(facts, owner, state, role), evidence=evidence, fixes=again, transient=True)
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
