"""The protocol of the given address is offered.

## What it verifies
Of an agent: the protocol of the given address (or each that it offers, where none is given) is let through by its
endpoint, and declared by the container of the version that is served. A2A also needs Responses underneath and a
complete card. Of an application: every deployment that gets traffic offers Responses, which is what its clients speak.

## When it does not pass
- the agent's endpoint does not let the protocol through, or the served version does not declare it, or the card is not
  complete (`protocol-not-enabled`)
- what is offered is not said, or cannot be read: then this is unknown
- a deployment offers other protocols only: Agent, A2A, Activity… (`protocol-not-enabled`)
- a deployment does not say which protocols it offers: then this is unknown, and the endpoint's own answer settles it

## What to do
Offer the protocol with the command shown; it replaces the whole list, and keeps what is there. An agent's card is set
by REST only.

Publish the agent with the Responses protocol. A deployment has one protocol at a time, so whatever uses the present
one (a Teams bot uses Activity) needs a deployment of its own.

## Sources
`protocols` of agentDeployments, api-version 2025-12-01; the enumeration is open (Microsoft's own sample sends
"Activity", which is not in it). One protocol at a time: documentation of Agent Applications, June 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.agents import protocols as agent_protocols
from doctor.check import Check, Finding, Group, failed, passed, skipped, unknown, unread
from doctor.facts import witness
from doctor.facts.records import TheApplication, TheDeployments
from doctor.facts.routing import routed
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.model.fix import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.foundry import Deployment


def run(facts: Facts) -> Iterator[Finding]:
    """Look for Responses among the protocols of the routed deployments."""
    if not subject_of(facts).has_deployments:
        yield from agent_protocols.judged(facts)
        return
    deployments, application = facts.ask(TheDeployments()), facts.ask(TheApplication())
    if isinstance(deployments, Unread):
        yield unread(deployments.problem, settled=witness.accepts(facts))
        return
    chosen = deployments.value if isinstance(application, Unread) else routed(application.value, deployments.value)
    yield _judge(facts, chosen)


def _judge(facts: Facts, chosen: tuple[Deployment, ...]) -> Finding:
    if not chosen:
        return skipped("There is no deployment to look at.", because_of=("deployment",))
    evidence = tuple(f"deployment {one.name} offers {_offered(one)}" for one in chosen)
    without = [one for one in chosen if one.protocols is not None and not _speaks_responses(one)]
    if without:
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            f"Deployment {without[0].name} does not offer the Responses protocol.",
            evidence=evidence,
            fixes=(
                Fix("Publish the agent with the Responses protocol, in a deployment that the application routes to"),
            ),
        )
    silent = [one for one in chosen if one.protocols is None]
    if silent:
        return unknown(
            Cause.PROTOCOL_NOT_ENABLED,
            f"Deployment {silent[0].name} does not say which protocols it offers.",
            required=not witness.accepts(facts),
            evidence=evidence,
        )
    return passed("The Responses protocol is offered.", evidence=evidence)


def _speaks_responses(deployment: Deployment) -> bool:
    return any(one.name.lower() == "responses" for one in deployment.protocols or ())


def _offered(deployment: Deployment) -> str:
    if deployment.protocols is None:
        return "protocols that it does not say"
    return ", ".join(f"{one.name} {one.version}".strip() for one in deployment.protocols) or "nothing"


check = Check(
    id="protocol",
    title="Is the asked protocol offered?",
    group=Group.APPLICATION,
    rank=30,
    run=run,
    needs=("application", "deployment"),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
