"""Which protocols are judged, and what can be asked of each without cost or side effect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.question import Question
from doctor.facts.records import TheAgent
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.protocol import AgentProtocol

if TYPE_CHECKING:
    from doctor.azure.foundry import Foundry
    from doctor.azure.token import Token
    from doctor.facts.subject import Facts
    from doctor.model.exchange import Answer

_CARDS = ("agentCard/v1.0", "agentCard/v0.3")
"""Where the A2A card is, the later version first (enable-agent-to-agent-endpoint.md, 2026)."""
_DESCRIPTION = "docs/openapi.json"
_INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "agentdoctor", "version": "1"},
    },
}
FREE = (AgentProtocol.RESPONSES, AgentProtocol.A2A, AgentProtocol.MCP, AgentProtocol.INVOCATIONS)
"""Protocols that can be asked something free, the surest first."""


@dataclass(frozen=True, slots=True)
class AskedProtocols(Question[tuple[AgentProtocol, ...]]):
    """The protocols that are judged: that of the given address, else each one that the agent offers."""

    def answer(self, facts: Facts) -> tuple[AgentProtocol, ...]:
        """None at all where the address names one that is not known."""
        return subject_of(facts).protocols(facts)


def tried(facts: Facts) -> AgentProtocol | None:
    """The protocol that the caller's token is tried at: the surest of those that are judged."""
    asked = facts.ask(AskedProtocols())
    return next((one for one in FREE if one in asked), asked[0] if asked else None)


def offers_responses(facts: Facts) -> bool:
    """Whether the agent is known to let Responses through, whose probe then proves the same permission."""
    agent = facts.ask(TheAgent())
    offered = agent.value.protocols if isinstance(agent, Known) else None
    return any(AgentProtocol.named(word) is AgentProtocol.RESPONSES for word in offered or ())


def free_probe(client: Foundry, base: str, protocol: AgentProtocol, version: str, token: Token) -> Fact[Answer]:
    """The answer to what can be asked of a protocol other than Responses with the caller's token.

    Args:
        client: the Foundry endpoint.
        base: URL of the agent's endpoint.
        protocol: which one.
        version: the api-version.
        token: the caller's.
    """
    at = f"{base}/protocols/{protocol.path}"
    match protocol:
        case AgentProtocol.A2A:
            later, earlier = _CARDS
            answer = client.get(at, later, token, version)
            return Known(answer if answer.status != 404 else client.get(at, earlier, token, version))
        case AgentProtocol.MCP:
            return Known(client.probe(f"{at}?api-version={version}", token, json.dumps(_INITIALIZE).encode()))
        case AgentProtocol.INVOCATIONS:
            answer = client.get(at, _DESCRIPTION, token, version)
            if answer.status != 404:
                return Known(answer)
            summary = "the agent's container publishes no description, and any other request is a real call"
            return Unread(Problem(Cause.NOT_CHECKABLE, summary, status=404))
        case _:
            return Unread(nothing_free(protocol))


def nothing_free(protocol: AgentProtocol | None) -> Problem:
    """Why a protocol cannot be tried."""
    what = f"the {protocol.label} protocol" if protocol else "a protocol that is not known"
    return Problem(Cause.NOT_CHECKABLE, f"nothing can be asked of {what} without making a real call")


def real_call(protocol: AgentProtocol, prompt: str) -> bytes | None:
    """The body of one real call; None where a single request is none. An Invocations body is the container's own."""
    match protocol:
        case AgentProtocol.RESPONSES:
            return json.dumps({"input": prompt, "store": False}).encode()
        case AgentProtocol.INVOCATIONS:
            return (prompt if prompt.lstrip().startswith(("{", "[")) else json.dumps({"message": prompt})).encode()
        case AgentProtocol.A2A:
            part = {"kind": "text", "text": prompt}
            message = {"kind": "message", "role": "user", "messageId": "agentdoctor", "parts": [part]}
            call = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": message}}
            return json.dumps(call).encode()
        case AgentProtocol.MCP:
            return json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}).encode()
        case _:
            return None
