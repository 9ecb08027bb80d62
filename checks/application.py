"""The agent or application exists and is enabled.

## What it verifies
An agent's record is read from its project's endpoint: it exists, has an endpoint of its own, and is enabled. An Agent
Application's resource is read from Azure Resource Manager: it exists, is not disabled, and its provisioning has
succeeded.

## When it does not pass
- the address or name given is not an application's (`wrong-endpoint`), or there is no application of that name
  (`application-not-found`; the report names the ones that are there), or no such account or project
  (`resource-not-found`)
- it is disabled (`application-disabled`): an agent by an administrator, or because its identity or blueprint is; then
  enabling the agent does not help
- the application is gone, and an agent of that name is served at its own endpoint, or the other way round (`moved`)
- the caller may call the agent and not look at it (`cannot-read`): one result says which role would let us look
- provisioning is under way or has failed (`application-not-ready`); under way while the endpoint takes the call, it is
  a warning
- we may not read it (`cannot-read`; the missing permission is named)

## What to do
Enable it with the command shown; publish an application's agent again if provisioning has failed. After a move call the
new address, and give callers and the new identity their roles again: nothing carries over.

## Sources
Microsoft.CognitiveServices/accounts/projects/applications, api-version 2025-12-01: properties `isEnabled` and
`provisioningState`, both optional in practice. AgentDetails of azure-ai-projects 2.10.0; migrate-agent-applications.md
of Microsoft's documentation, July 2026.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from checks.agents import states as agent_states
from doctor import changes
from doctor.check import Check, Finding, Group, failed, passed, sentence, unknown, unread, warned
from doctor.facts import witness
from doctor.facts.nearest import NamesBeside
from doctor.facts.resources import APPLICATIONS_VERSION
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.change import CallResource
from doctor.model.fact import Unread
from doctor.model.fix import Fix
from doctor.model.foundry import Agent
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.fact import Problem
    from doctor.model.foundry import Application

MANAGERS = "Foundry Project Manager, Foundry Owner, Contributor or Owner on the application or above"
"""Who may write applications (hosted-agent-permissions.md of Microsoft's documentation, April 2026)."""
_GONE = {Cause.APPLICATION_NOT_FOUND, Cause.RESOURCE_NOT_FOUND, Cause.WRONG_ENDPOINT}
_SHOWN = 10
"""So many names are shown."""
_PLURALS = {"agent or application": "agents and applications"}
_MOVING = {"creating", "updating", "accepted", "provisioning"}


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the application's own state, or the new-model agent's."""
    target = facts.target
    if target.wrong_because:
        yield _wrong_address(facts)
        return
    fact = facts.ask(subject_of(facts).record)
    if isinstance(fact, Unread):
        yield _absent(facts, fact.problem)
    elif isinstance(fact.value, Agent):
        yield agent_states.judged(facts, fact.value)
    else:
        yield _state(facts, fact.value)


def _wrong_address(facts: Facts) -> Finding:
    target = facts.target
    return failed(
        Cause.WRONG_ENDPOINT,
        f"This is not an agent's or application's address: {target.wrong_because}.",
        evidence=(f"given: {target.given}",),
        fixes=(Fix(f"Use the address {target.right_form}"),) if target.right_form else (),
    )


def _absent(facts: Facts, problem: Problem) -> Finding:
    gone = problem.cause in _GONE
    if not gone and (problem.cause is not Cause.CANNOT_READ or problem.permission or witness.accepts(facts)):
        return _unread(facts, problem)
    moved = agent_states.moved(facts) if problem.cause is Cause.APPLICATION_NOT_FOUND else None
    if moved is not None:
        return moved
    hints, fixes = _instead(facts)
    evidence, fixes = (*problem.evidence, *hints), (*problem.fixes, *fixes)
    if not gone:
        return unread(replace(problem, evidence=evidence, fixes=fixes))
    return failed(problem.cause, sentence(problem.summary), evidence=evidence, fixes=fixes)


def _instead(facts: Facts) -> tuple[tuple[str, ...], tuple[Fix, ...]]:
    """What is there beside the missing name, as evidence, and the nearest as a change."""
    if not facts.target.account and not facts.target.project:
        return (), ()
    beside = facts.ask(NamesBeside())
    if isinstance(beside, Unread):
        return (f"what is there instead could not be listed: {beside.problem.summary}",), ()
    found = beside.value
    shown = ", ".join(found.names[:_SHOWN]) or "none that we can see"
    more = f" and {len(found.names) - _SHOWN} more" if len(found.names) > _SHOWN else ""
    hints = (f"{_PLURALS.get(found.level, found.level + 's')} that are there: {shown}{more}",)
    if not found.target:
        return hints, ()
    again = f"agentdoctor check {shlex.quote(found.target)}"
    return hints, (Fix(f"Use the {found.level}'s right name, if {found.closest} was meant", again),)


def _unread(facts: Facts, problem: Problem) -> Finding:
    """One result for a caller who may call the agent and not look at it: what would let us look."""
    finding = unread(problem, settled=False)
    if facts.target.kind is not Kind.AGENT or problem.cause is not Cause.CANNOT_READ or not witness.accepts(facts):
        return unread(problem, settled=witness.accepts(facts))
    return replace(
        finding,
        summary=(
            f"Agent {facts.target.name} takes this caller's calls, but the caller may not look at it, so its version,"
            " state, identity and tools are not verified. Foundry User on the project would let us look."
        ),
        fixes=(
            Fix(
                "Check again as somebody who holds Foundry User on the project",
                note="Foundry Agent Consumer lets a caller call an agent, and nothing else.",
            ),
        ),
    )


def _state(facts: Facts, application: Application) -> Finding:
    state = application.provisioning_state
    evidence = (
        application.id,
        f"provisioning state {state or 'not given'}",
        f"enabled {'not given' if application.is_enabled is None else str(application.is_enabled).lower()}",
    )
    if application.is_enabled is False:
        enable = CallResource(application.id, "enable", APPLICATIONS_VERSION, opposite="disable")
        return failed(
            Cause.APPLICATION_DISABLED,
            f"Application {application.name} is disabled.",
            evidence=evidence,
            fixes=(changes.fix(enable, f"Enable application {application.name}", needs=MANAGERS),),
        )
    if state and state.lower() != "succeeded":
        moving = state.lower() in _MOVING
        summary = f"Application {application.name} is in provisioning state {state}, not Succeeded."
        if moving and witness.accepts(facts):
            return warned(
                Cause.APPLICATION_NOT_READY, f"{summary[:-1]}, and takes calls all the same.", evidence=evidence
            )
        advice = "wait until it has ended" if moving else "publish the agent again"
        return failed(Cause.APPLICATION_NOT_READY, summary, evidence=(*evidence, advice), transient=moving)
    if application.is_enabled is None and not witness.accepts(facts):
        return unknown(
            Cause.UNRECOGNISED,
            f"Application {application.name} exists, but does not say whether it is enabled.",
            evidence=evidence,
        )
    shown = "is enabled" if application.is_enabled else "takes calls, though it does not say that it is enabled"
    return passed(f"Application {application.name} exists and {shown}.", evidence=evidence)


check = Check(
    id="application",
    title="Does the target exist, and is it enabled?",
    group=Group.APPLICATION,
    rank=10,
    run=run,
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
