"""What an agent offers, protocol by protocol: its gate, what the served version declares, and what A2A wants beside.

Source: ProtocolConfiguration and AgentVersion of azure-ai-projects 2.10.0; enable-agent-to-agent-endpoint.md and
publish-copilot-virtual-network.md of Microsoft's documentation, 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.agents import changes as agent_changes
from doctor.check import Finding, failed, passed, sentence, unknown, unread
from doctor.facts import witness
from doctor.facts.protocols import AskedProtocols
from doctor.facts.records import TheAgent
from doctor.facts.serving import ServedVersions
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Known, Unread
from doctor.model.protocol import AgentProtocol, protocol_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.foundry import Agent, AgentVersion

_GATE = ("agent_endpoint", "agent_endpoint.protocol_configuration", "agent_endpoint.protocols")
_CARD = ("version", "description")
_SKILL = ("id", "name", "description")


def judged(facts: Facts) -> Iterator[Finding]:
    """One finding for each protocol that is judged; the subject names it where there are several."""
    fact = facts.ask(TheAgent())
    if isinstance(fact, Unread):
        yield unread(fact.problem, settled=witness.accepts(facts))
        return
    agent = fact.value
    asked = facts.ask(AskedProtocols())
    if not asked:
        yield _unnamed(facts, agent)
    for protocol in asked:
        finding = _judge(facts, agent, protocol)
        yield finding.about(protocol.label) if len(asked) > 1 else finding


def _unnamed(facts: Facts, agent: Agent) -> Finding:
    """The address names no protocol that is known, or the agent offers none."""
    word = protocol_word(facts.target.path)
    offered = _offered(agent)
    if agent.protocols == () and not word:
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            f"Agent {agent.name} offers no protocol at all.",
            fixes=(agent_changes.offer(facts, agent, AgentProtocol.RESPONSES.value),),
        )
    said = f"The address names the protocol {word!r}" if word else f"Agent {agent.name} offers protocols"
    return unknown(Cause.UNRECOGNISED, f"{said}, which is not known here ({offered}).", evidence=(offered,))


def _judge(facts: Facts, agent: Agent, protocol: AgentProtocol) -> Finding:
    odd = [f"{field}: {why}" for field, why in agent.odd.items() if field.startswith(_GATE[1:]) or field == _GATE[0]]
    evidence = (_offered(agent), *odd)
    if agent.protocols is None:
        if protocol is AgentProtocol.RESPONSES and not odd:
            # Responses is what an agent offers that says nothing else (configure-agent.md).
            return _declared(facts, agent, protocol, evidence)
        return unknown(
            Cause.UNRECOGNISED,
            f"Agent {agent.name} does not say which protocols it offers{f': {odd[0]}' if odd else ''}.",
            required=not witness.accepts(facts),
            evidence=evidence,
        )
    if protocol not in {AgentProtocol.named(word) for word in agent.protocols}:
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            f"Agent {agent.name} does not offer the {protocol.label} protocol.",
            evidence=evidence,
            fixes=(agent_changes.offer(facts, agent, protocol.value),),
        )
    return _declared(facts, agent, protocol, evidence)


def _declared(facts: Facts, agent: Agent, protocol: AgentProtocol, evidence: tuple[str, ...]) -> Finding:
    """Whether the served versions speak what the gate lets through."""
    needed = AgentProtocol.RESPONSES if protocol is AgentProtocol.A2A else protocol
    versions = facts.ask(ServedVersions())
    served = versions.value if isinstance(versions, Known) else ()
    silent = [one for one in served if one.hosted and needed not in _speaks(one)]
    if silent and silent[0].declared is not None and not any(field.startswith("definition") for field in silent[0].odd):
        under = " under it" if needed is not protocol else ""
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            f"The container of version {silent[0].version} does not declare the {needed.label} protocol{under}.",
            evidence=(*evidence, _declares(silent[0])),
            fixes=(
                agent_changes.person(
                    f"Declare {needed.value} in the protocol_versions of the agent's definition, serve it in the"
                    " container, and deploy a new version",
                    needs=agent_changes.WRITERS,
                ),
            ),
        )
    if silent and not witness.works(facts):
        return unknown(
            Cause.UNRECOGNISED,
            f"The container of version {silent[0].version} does not say whether it speaks {needed.label}.",
            required=not witness.accepts(facts),
            evidence=(*evidence, *(f"{field}: {why}" for field, why in silent[0].odd.items())),
        )
    if protocol is AgentProtocol.A2A:
        return _card(facts, agent, evidence)
    return passed(f"The {protocol.label} protocol is offered.", evidence=evidence)


def _card(facts: Facts, agent: Agent, evidence: tuple[str, ...]) -> Finding:
    """Whether the card that other agents read is there and complete, and Responses let through underneath."""
    if AgentProtocol.RESPONSES not in {AgentProtocol.named(word) for word in agent.protocols or ()}:
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            f"Agent {agent.name} offers A2A, but not the Responses protocol that A2A stands on.",
            evidence=evidence,
            fixes=(agent_changes.offer(facts, agent, AgentProtocol.RESPONSES.value),),
        )
    card = agent.card
    if "agent_card" in agent.odd:
        return unknown(Cause.UNRECOGNISED, f"The agent's card cannot be read: {agent.odd['agent_card']}.")
    if card is None:
        missing = ["all of it"]
    else:
        skills = loose.objects(card, "skills")
        missing = [f"its {one}" for one in _CARD if not loose.text(card, one)]
        missing += ["its skills"] if not skills else []
        missing += [
            f"the {one} of skill {number + 1}"
            for number, skill in enumerate(skills)
            for one in _SKILL
            if not loose.text(skill, one)
        ]
    if missing:
        return failed(
            Cause.PROTOCOL_NOT_ENABLED,
            sentence(f"Agent {agent.name} offers A2A, but its card is not complete: {', '.join(missing)} is missing"),
            evidence=evidence,
            fixes=(agent_changes.describe(facts, agent),),
        )
    return passed("The A2A protocol is offered, with a complete card; it wants a token too.", evidence=evidence)


def _speaks(version: AgentVersion) -> set[AgentProtocol | None]:
    return {AgentProtocol.named(one.name) for one in version.declared or ()}


def _declares(version: AgentVersion) -> str:
    words = ", ".join(f"{one.name} {one.version}".strip() for one in version.declared or ())
    return f"version {version.version} declares {words or 'nothing'}"


def _offered(agent: Agent) -> str:
    return f"offered: {', '.join(agent.protocols or ()) or ('nothing' if agent.protocols == () else 'not said')}"
