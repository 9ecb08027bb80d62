"""The deployments that get traffic are running.

## What it verifies
The application has agent deployments, its routing policy sends traffic to at least one that exists, and every
deployment that gets traffic is in state Running.

## When it does not pass
- there is no deployment, or the routing policy sends traffic to none (`no-deployment`)
- a deployment that gets traffic is stopped, failed, starting or being deleted (`deployment-not-running`)
- a deployment does not say its state, or says one that is not known: then this is unknown

## What to do
Start the deployment with the command shown, or route the traffic to one that runs.

## Sources
Microsoft.CognitiveServices/accounts/projects/applications/agentDeployments, api-version 2025-12-01: `state`, and
`trafficRoutingPolicy` of the application. The documentation's list of states omits Stopped; the specification has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.application import MANAGERS
from doctor import changes
from doctor.check import Check, Finding, Group, failed, passed, skipped, unknown, unread
from doctor.facts import witness
from doctor.facts.records import TheApplication, TheDeployments
from doctor.facts.resources import APPLICATIONS_VERSION
from doctor.facts.routing import names_none, routed
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.change import CallResource
from doctor.model.fact import Unread
from doctor.model.fix import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doctor.facts.subject import Facts
    from doctor.model.foundry import Application, Deployment

_DOWN = {"stopped", "stopping", "failed", "starting", "deleting", "deleted"}


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the deployments that the routing policy names."""
    if not subject_of(facts).has_deployments:
        yield skipped("A new-model agent has no deployments of its own.")
        return
    deployments, application = facts.ask(TheDeployments()), facts.ask(TheApplication())
    if isinstance(deployments, Unread):
        yield unread(deployments.problem)
        return
    if isinstance(application, Unread):
        yield unread(application.problem, "Which deployment gets the traffic is not known")
        return
    yield _judge(facts, application.value, deployments.value)


def _judge(facts: Facts, application: Application, deployments: Sequence[Deployment]) -> Finding:
    chosen = routed(application, deployments)
    evidence = tuple(
        f"deployment {one.name}: state {one.state or 'not given'}, "
        f"{'gets traffic' if one in chosen else 'gets no traffic'}"
        for one in deployments
    )
    if not chosen:
        what = "has no deployment" if not deployments else "sends its traffic to no deployment that exists"
        return failed(
            Cause.NO_DEPLOYMENT,
            f"Application {application.name} {what}.",
            evidence=evidence or ("the list of deployments is empty",),
            fixes=(Fix("Publish the agent again, so that the application gets a deployment that is routed to"),),
        )
    down = [one for one in chosen if one.state.lower() in _DOWN]
    if down and names_none(application) and len(down) < len(chosen):
        return unknown(
            Cause.DEPLOYMENT_NOT_RUNNING,
            "The application's routing names no deployment, and not all of its deployments run: which of them gets the"
            " traffic cannot be told.",
            evidence=evidence,
            required=not witness.works(facts),
        )
    if down:
        names = ", ".join(f"{one.name} ({one.state})" for one in down)
        some = ", so a share of the calls fails and the rest works" if len(down) < len(chosen) else ""
        return failed(
            Cause.DEPLOYMENT_NOT_RUNNING,
            f"A deployment that gets traffic does not run: {names}{some}.",
            evidence=evidence,
            fixes=tuple(_start(one) for one in down if one.state.lower() in {"stopped", "failed"}),
            transient=all(one.state.lower() == "starting" for one in down),
        )
    odd = [one for one in chosen if one.state.lower() != "running"]
    if odd:
        names = ", ".join(f"{one.name} ({one.state or 'no state given'})" for one in odd)
        return unknown(
            Cause.DEPLOYMENT_NOT_RUNNING,
            f"Whether a deployment that gets traffic runs is not known: {names}.",
            evidence=evidence,
            required=not witness.works(facts),
        )
    return passed(f"Running: {', '.join(one.name for one in chosen)}.", evidence=evidence)


def _start(deployment: Deployment) -> Fix:
    start = CallResource(deployment.id, "start", APPLICATIONS_VERSION, opposite="stop")
    return changes.fix(start, f"Start deployment {deployment.name}", needs=MANAGERS)


check = Check(
    id="deployment",
    title="Does what gets the traffic run?",
    group=Group.APPLICATION,
    rank=20,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
