"""Whether an agent is there and enabled, and if not, who disabled it; and where an application moved to.

Source: AgentDetails of azure-ai-projects 2.10.0 (`state` is what holds, `configuration_state` what an administrator
set, `state_source` the identity object that disabled it); migrate-agent-applications.md of Microsoft's documentation,
July 2026: nothing is moved in place, and no role assignment carries over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from checks.agents import changes as agent_changes
from doctor.azure import read_agents
from doctor.check import Finding, failed, passed, unknown
from doctor.facts import access, witness
from doctor.facts.agent_subject import INTERACT
from doctor.facts.place import FindPlace
from doctor.facts.records import ProjectEndpoint
from doctor.facts.which import LookUp
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.fact import Known
from doctor.model.resource_id import ResourceId
from doctor.rbac import Needs
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.facts.subject import Facts
    from doctor.facts.which import Named
    from doctor.model.fix import Fix
    from doctor.model.foundry import Agent, AgentIdentity

_DECIDING = {"state", "state_source", "agent_endpoint"}
_ENABLED = {"enabled", "active"}
_ENTRA = "an administrator of the tenant (Agent ID Administrator or Cloud Application Administrator)"
_SOURCES = {"agent_instance_identity": "its agent identity", "agent_blueprint": "its agent identity blueprint"}
MOVE_NOTE = (
    "Nothing moves by itself: callers need Foundry Agent Consumer (or Foundry User) at the agent or the project, and"
    " the agent's new identity needs the roles of the application's identity again; `agentdoctor plan` lists them"
)


def judged(facts: Facts, agent: Agent) -> Finding:
    """Whether the agent takes calls, by its own record."""
    state = agent.state.lower()
    odd = [
        f"{field}: {why}" for field, why in agent.odd.items() if field in {"state", "state_source", "agent_endpoint"}
    ]
    evidence = (*_evidence(agent), *odd)
    if state == "disabled":
        return _disabled(facts, agent, evidence)
    bare = agent.shows_identity and not agent.shows_endpoint and "agent_endpoint" not in agent.odd
    if bare and not witness.accepts(facts):
        return _without_endpoint(agent, evidence)
    if odd or (state and state not in _ENABLED):
        told = odd[0] if odd else f"its state {agent.state!r} is not known"
        return unknown(
            Cause.UNRECOGNISED,
            f"Whether agent {agent.name} takes calls cannot be told: {told}.",
            required=not witness.accepts(facts),
            evidence=evidence,
        )
    return passed(f"Agent {agent.name} exists{' and is enabled' if state else ''}.{_also(facts)}", evidence=evidence)


def _disabled(facts: Facts, agent: Agent, evidence: tuple[str, ...]) -> Finding:
    source = agent.state_source.lower()
    by_identity = bool(source) or agent.configuration_state.lower() in _ENABLED
    if not by_identity:
        return failed(
            Cause.APPLICATION_DISABLED,
            f"Agent {agent.name} is disabled by an administrator.",
            evidence=evidence,
            fixes=agent_changes.enable(facts, agent),
        )
    what = _SOURCES.get(source, f"its {agent.state_source or 'identity or blueprint'}")
    also = agent.configuration_state.lower() == "disabled"
    return failed(
        Cause.APPLICATION_DISABLED,
        f"Agent {agent.name} is disabled because {what} is disabled in Microsoft Entra; enabling the agent does not"
        " help.",
        evidence=evidence,
        fixes=(_enable_in_entra(agent, source), *(agent_changes.enable(facts, agent) if also else ())),
    )


def _enable_in_entra(agent: Agent, source: str) -> Fix:
    """What enables an identity: a change of the tenant, which no call of Foundry makes."""
    which = agent.blueprint if source == "agent_blueprint" else agent.instance
    return enable_identity(_SOURCES.get(source, "the identity or blueprint of the agent"), which)


def enable_identity(what: str, identity: AgentIdentity | None) -> Fix:
    """Enable an identity object in Entra."""
    object_id = identity.principal_id if identity else ""
    return agent_changes.person(
        f"Enable {what} in Microsoft Entra (object id {object_id or 'not given'}): set accountEnabled to true",
        needs=_ENTRA,
        portal="https://entra.microsoft.com/",
    )


def _without_endpoint(agent: Agent, evidence: tuple[str, ...]) -> Finding:
    return failed(
        Cause.WRONG_ENDPOINT,
        f"Agent {agent.name} is a legacy agent: it has no endpoint of its own that could be called.",
        evidence=evidence,
        fixes=(
            agent_changes.person(
                "Create a new agent of the same definition; its endpoint exists from its creation",
                needs=agent_changes.WRITERS,
                note=MOVE_NOTE,
            ),
        ),
    )


def _also(facts: Facts) -> str:
    """That there is an application of the same name, where that was looked at."""
    twins = [one for _, one in facts.estate.answered(LookUp) if one.name.lower() == facts.target.name.lower()]
    if not any(isinstance(one.application, Known) for one in twins):
        return ""
    return " There is an application of that name too; it is another thing, with an address and an identity of its own."


def moved(facts: Facts) -> Finding | None:
    """Where the target's name is served today, when it is there in the other model only; else None."""
    place = facts.ask(FindPlace())
    if not isinstance(place, Known):
        return None
    project = ResourceId.read(place.value.project_id)
    found = facts.ask(LookUp(project, facts.target.name))
    if facts.target.kind is Kind.APPLICATION and isinstance(found.agent, Known):
        agent = read_agents.agent(found.agent.value)
        if not agent.shows_endpoint:
            return None
        call = agent_changes.person(f"Call {_agent_url(facts)}", needs="nobody's permission", note=MOVE_NOTE)
        own = agent.instance.principal_id if agent.instance else "none: it acts as the project's shared agent identity"
        return failed(
            Cause.MOVED,
            f"There is no application {found.name} any more; an agent of that name is served at its own endpoint.",
            evidence=(f"new address {_agent_url(facts)}", f"new identity {own}"),
            fixes=(call, *_let_in(facts, found)),
        )
    if facts.target.kind is Kind.AGENT and isinstance(found.application, Known):
        url = f"{_project(facts)}/applications/{quote(found.name, safe='')}"
        return failed(
            Cause.MOVED,
            f"There is no agent {found.name} yet; an application of that name is served at its own, legacy address.",
            evidence=(f"the application's address {url}",),
            fixes=(
                agent_changes.person(
                    f"Create the agent {found.name} of the same definition as the application's",
                    needs=agent_changes.WRITERS,
                    note=MOVE_NOTE,
                ),
            ),
        )
    return None


def _let_in(facts: Facts, found: Named) -> tuple[Fix, ...]:
    """The role that lets the caller call the agent, where it is missing."""
    principal = access.whose(facts)
    needs, scope = Needs.of(INTERACT), str(found.project.child("agents", found.name))
    decision = access.decide(facts, principal, needs, scope) if principal else None
    if decision is None or decision.access is not Access.NOT_GRANTED:
        return ()
    return access.remedies(facts, decision, needs)


def _agent_url(facts: Facts) -> str:
    name = quote(facts.target.name, safe="")
    return f"{_project(facts)}/agents/{name}/endpoint/protocols/openai/responses?api-version=v1"


def _project(facts: Facts) -> str:
    found = facts.ask(ProjectEndpoint())
    return found.value if isinstance(found, Known) else ""


def _evidence(agent: Agent) -> tuple[str, ...]:
    told = (
        ("state", agent.state or "not given"),
        ("set by an administrator", agent.configuration_state),
        ("disabled through", agent.state_source),
    )
    return tuple(f"{what} {word}" for what, word in told if word)
