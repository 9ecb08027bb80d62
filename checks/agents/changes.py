"""Changes of an agent's record, filled in from what it holds: a PATCH replaces each value that it names as a whole.

Source: publish-copilot-virtual-network.md and configure-agent.md of Microsoft's documentation, 2026.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor import changes
from doctor.facts.records import ProjectEndpoint
from doctor.facts.routing import LATEST
from doctor.model import loose
from doctor.model.change import AskPerson, PatchAgent, SwitchAgent
from doctor.model.fact import Known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.facts.subject import Facts
    from doctor.model.fix import Fix
    from doctor.model.foundry import Agent

WRITERS = (
    "Foundry User, Foundry Project Manager or Foundry Owner on the project or above"
    " (Microsoft.CognitiveServices/accounts/AIServices/agents/write); not Owner or Contributor"
)
"""Who may write agents (hosted-agent-permissions.md of Microsoft's documentation, 2026)."""


def enable(facts: Facts, agent: Agent) -> tuple[Fix, ...]:
    """Enable the agent."""
    change = SwitchAgent(_endpoint(facts), agent.name, enabled=True, audience=_audience(facts))
    return (changes.fix(change, f"Enable agent {agent.name}", needs=WRITERS),)


def route(facts: Facts, agent: Agent, version: str = LATEST) -> Fix:
    """Send all traffic to one version."""
    rule = {"type": "FixedRatio", "agent_version": version, "traffic_percentage": 100}
    title = "Let the agent serve its latest version" if version == LATEST else f"Send all traffic to version {version}"
    return _patch(facts, agent, "version_selector", {"version_selection_rules": [rule]}, title)


def admit(facts: Facts, agent: Agent, scheme: str) -> Fix:
    """Add an authorization scheme to those that are there."""
    there = loose.field(_shown(agent), "authorization_schemes", "authorizationSchemes")
    schemes = [*(there if isinstance(there, list) else ()), {"type": scheme}]
    title = f"Add the scheme {scheme} to the agent's authorization schemes"
    return _patch(facts, agent, "authorization_schemes", schemes, title)


def offer(facts: Facts, agent: Agent, protocol: str, settings: Mapping[str, Any] | None = None) -> Fix:
    """Add a protocol to those that the agent lets through, or settings to one of them."""
    there = loose.part(_shown(agent), "protocol_configuration", "protocolConfiguration")
    before = dict(there) or {word.lower(): {} for word in agent.protocols or ()}
    after = {**before, protocol: {**loose.part(before, protocol), **(settings or {})}}
    title = f"Set {', '.join(settings)} of the {protocol} protocol" if settings else f"Offer the {protocol} protocol"
    return _patch(facts, agent, "protocol_configuration", after, title)


def describe(facts: Facts, agent: Agent) -> Fix:
    """Complete the card that other agents read, keeping what is in it."""
    skills = [
        {"id": "SKILL-ID", "name": "NAME", "description": "WHAT IT DOES", **skill}
        for skill in loose.objects(agent.card, "skills") or ({},)
    ]
    card = {"version": "1.0", "description": f"DESCRIPTION OF {agent.name}", **(agent.card or {}), "skills": skills}
    old = json.dumps({"agent_card": agent.card}) if agent.card else ""
    change = PatchAgent(_endpoint(facts), agent.name, json.dumps({"agent_card": card}), old, _audience(facts))
    return changes.fix(change, "Complete the agent's card; put your own words where capitals stand", needs=WRITERS)


def person(title: str, *, needs: str = "", note: str = "", portal: str = "") -> Fix:
    """What only a person can do."""
    return changes.fix(AskPerson(portal), title, needs=needs, note=note)


def _patch(facts: Facts, agent: Agent, field: str, value: Any, title: str) -> Fix:
    there = loose.field(_shown(agent), field)
    old = json.dumps({"agent_endpoint": {field: there}}) if there is not None else ""
    body = json.dumps({"agent_endpoint": {field: value}})
    note = f"The call replaces {field} as a whole; what is there now is kept in it." if there is not None else ""
    change = PatchAgent(_endpoint(facts), agent.name, body, old, _audience(facts))
    return changes.fix(change, title, needs=WRITERS, note=note)


def _shown(agent: Agent) -> loose.Json:
    return loose.part(agent.raw, "agent_endpoint", "agentEndpoint")


def _endpoint(facts: Facts) -> str:
    found = facts.ask(ProjectEndpoint())
    return found.value if isinstance(found, Known) else "https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT"


def _audience(facts: Facts) -> str:
    return (facts.cloud.ai_scope or "https://ai.azure.com/.default").removesuffix("/.default")
