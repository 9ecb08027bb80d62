"""The version that the agent serves is there and can run.

## What it verifies
Every agent version that gets traffic: by the agent's routing rules, where `@latest` is its latest version, or by none.
It exists, is active and no draft; and where it runs in a container, that speaks a container protocol that the platform
still takes.

## When it does not pass
- a version that gets traffic is still being created, has failed, is being deleted, is gone, or is a draft
  (`version-not-active`). A share of the traffic is enough: then every other call fails
- its container speaks the container protocol 1.0.0, whose requests are blocked since 31 July 2026 (`runtime-outdated`)
- the rules send traffic to no version (`no-deployment`)
- the state is a word that is not known, or the routing cannot be understood: then this is unknown

## What to do
- ImageError: let the project's managed identity pull the image (AcrPull; on a registry with repository permissions
  Container Registry Repository Reader), and see that image and tag exist
- CodeError: read the message and the version's logs, mend the code, deploy a new version
- ProvisioningError: deploy again; if it stays so, look at the quota of the region
- in the meantime, send the traffic to a version that works, with the command shown

## Sources
AgentVersion of azure-ai-projects 2.10.0 (`status`, drafts); azure-dev's error codes of hosted agents and its handling
of `@latest`; isolate-sessions-per-user.md of Microsoft's documentation, July 2026 (container protocol 1.0.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.agents import changes as agent_changes
from doctor.check import Check, Finding, Group, failed, passed, sentence, skipped, unknown, unread
from doctor.facts import witness
from doctor.facts.protocols import AskedProtocols
from doctor.facts.records import TheAgent, VersionOf
from doctor.facts.routing import LATEST, shares
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.model.foundry import AgentRef
from doctor.model.protocol import AgentProtocol, is_retired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.routing import Share
    from doctor.facts.subject import Facts
    from doctor.model.fix import Fix
    from doctor.model.foundry import Agent, AgentVersion

_RUNS = {"active", "idle"}
_GONE = {"deleting": "is being deleted", "deleted": "is deleted"}
_LOGS = "the logs of its sessions are at …/agents/{name}/versions/{version}/sessions/SESSION:logstream"


def run(facts: Facts) -> Iterator[Finding]:
    """Judge each version that gets traffic."""
    if subject_of(facts).has_deployments:
        yield skipped("An application serves deployments; their state is told by deployment.")
        return
    agent = facts.ask(TheAgent())
    if isinstance(agent, Unread):
        yield unread(agent.problem)
        return
    served = shares(agent.value)
    if isinstance(served, Unread):
        yield unread(served.problem, settled=witness.works(facts))
    elif not served.value:
        yield failed(
            Cause.NO_DEPLOYMENT,
            f"The routing of agent {agent.value.name} sends traffic to no version.",
            fixes=(agent_changes.route(facts, agent.value),),
        )
    else:
        several = len(served.value) > 1
        for share in served.value:
            finding = _judge(facts, agent.value, share)
            yield finding.about(f"version {share.version}") if several else finding


def _judge(facts: Facts, agent: Agent, share: Share) -> Finding:
    name = f"Version {share.version} of agent {agent.name}"
    traffic = f", which gets {share.percentage:g} % of the traffic," if (share.percentage or 100) < 100 else ""
    fact = facts.ask(VersionOf(AgentRef(agent.name, share.version)))
    if isinstance(fact, Unread):
        if fact.problem.cause is not Cause.RESOURCE_NOT_FOUND:
            return unread(fact.problem, settled=witness.works(facts))
        return failed(
            Cause.VERSION_NOT_ACTIVE,
            f"{name}{traffic} does not exist.",
            evidence=fact.problem.evidence,
            fixes=_elsewhere(facts, agent, share),
        )
    version = fact.value
    why, transient = _not_active(version)
    if why:
        return failed(
            Cause.VERSION_NOT_ACTIVE,
            sentence(f"{name}{traffic} {why}"),
            evidence=_evidence(version),
            fixes=(*(() if transient else _elsewhere(facts, agent, share)), *_remedies(agent, version)),
            transient=transient,
        )
    return _running(facts, name, version)


def _not_active(version: AgentVersion) -> tuple[str, bool]:
    """Why a version certainly does not answer, and whether waiting alone may mend it; ("", False) when it may."""
    status = version.status.lower()
    if version.draft:
        return "is a draft, to which nothing may be routed", False
    if status == "creating":
        return "is still being created", True
    if status == "failed":
        told = ": ".join(filter(None, (version.error_code, version.error_message)))
        return f"has failed{f' ({told})' if told else ', and does not say why'}", False
    return _GONE.get(status, ""), False


def _running(facts: Facts, name: str, version: AgentVersion) -> Finding:
    status, works = version.status, witness.works(facts)
    if "status" in version.odd or status.lower() not in {*_RUNS, ""}:
        told = version.odd.get("status") or f"{status!r} is not known"
        return unknown(
            Cause.UNRECOGNISED,
            f"Whether {name} runs cannot be told: its status: {told}.",
            required=not works,
            evidence=_evidence(version),
        )
    outdated = _outdated(facts, version)
    if outdated:
        return failed(
            Cause.RUNTIME_OUTDATED,
            f"{name} speaks container protocol 1.0.0 for {outdated}, whose requests the platform blocks since"
            " 31 July 2026.",
            evidence=_evidence(version),
            fixes=(
                agent_changes.person(
                    "Build the container with azure-ai-agentserver-core 2.0.0b7 or later (Python), or"
                    " Azure.AI.AgentServer.Core 1.0.0-beta.26 or later (.NET), declare protocol version 2.0.0, and"
                    " deploy a new version",
                    needs=agent_changes.WRITERS,
                ),
            ),
        )
    if version.hosted and not status and not works:
        return unknown(
            Cause.UNRECOGNISED, f"{name} runs in a container and does not say its status.", evidence=_evidence(version)
        )
    hosted = "; whether its container starts, only a real call shows (--invoke)" if version.hosted and not works else ""
    named = facts.target.version
    other = (f"the address names version {named}, which is not the one that is served",)
    evidence = (*_evidence(version), *(other if named and named != version.version else ()))
    return passed(f"{name} is {status or 'served'}{hosted}.", evidence=evidence)


def _outdated(facts: Facts, version: AgentVersion) -> str:
    """The judged protocols that the version speaks in a container protocol that is blocked."""
    if not version.hosted:
        return ""
    asked = {AgentProtocol.RESPONSES if one is AgentProtocol.A2A else one for one in facts.ask(AskedProtocols())}
    found = [one.name for one in version.declared or () if AgentProtocol.named(one.name) in asked and is_retired(one)]
    return " and ".join(found)


def _remedies(agent: Agent, version: AgentVersion) -> tuple[Fix, ...]:
    """What to do for the reason that a version names for its failure."""
    match version.error_code.lower().removesuffix("error"):
        case "image":
            title = (
                "Let the project's managed identity pull the image (AcrPull on the registry; where it has repository"
                " permissions, Container Registry Repository Reader), see that image and tag exist, and deploy again"
            )
        case "code":
            title = "Mend the code as the message says, and deploy a new version"
        case "provisioning":
            title = "Deploy the version again; if it stays so, look at the region's quota and the platform's health"
        case _ if version.status.lower() == "failed":
            title = "Deploy a new version"
        case _:
            return ()
    note = _LOGS.format(name=agent.name, version=version.version)
    return (agent_changes.person(title, needs="the agent's developer", note=note),)


def _elsewhere(facts: Facts, agent: Agent, share: Share) -> tuple[Fix, ...]:
    """Let the latest version serve, where another one does now and the latest is well."""
    latest = agent.latest
    well = latest is not None and latest.version != share.version and latest.status.lower() in _RUNS
    return (agent_changes.route(facts, agent, LATEST),) if well else ()


def _evidence(version: AgentVersion) -> tuple[str, ...]:
    declared = ", ".join(f"{one.name} {one.version}".strip() for one in version.declared or ())
    return tuple(
        filter(
            None,
            (
                f"version {version.version or 'not given'}, kind {version.kind or 'not given'}",
                f"status {version.status or 'not given'}",
                f"declares {declared}" if declared else "",
                *(f"{field}: {why}" for field, why in version.odd.items()),
            ),
        )
    )


check = Check(
    id="version",
    title="Can the served version run?",
    group=Group.APPLICATION,
    rank=21,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/configure-agent",
)
