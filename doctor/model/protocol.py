"""The protocols in which an agent or application can be called: their words, addresses and versions.

Source: ProtocolConfiguration and AgentEndpointProtocol of azure-ai-projects 2.10.0 (October 2026); the addresses as
configure-agent.md, publish-copilot-virtual-network.md and enable-agent-to-agent-endpoint.md of Microsoft's
documentation and the changelog of azure-dev's azure.ai.agents extension show them. No REST address of the voice
protocols is documented.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from doctor.model.foundry import Protocol

PREVIEW = "2025-11-15-preview"
"""What an application's Responses route takes; on an agent's endpoint it is not found."""


class AgentProtocol(str, Enum):
    """One protocol, under the name that an agent's record gives it."""

    path: str
    """Below `…/endpoint/protocols/`; "" where none is documented."""
    api_version: str
    """Of the route of an agent's endpoint."""
    label: str

    RESPONSES = ("responses", "openai/responses", "v1", "Responses")
    INVOCATIONS = ("invocations", "invocations", "v1", "Invocations")
    INVOCATIONS_WS = ("invocations_ws", "invocations_ws", "v1", "Invocations over WebSocket")
    ACTIVITY = ("activity", "activityprotocol", "2025-05-15-preview", "Activity")
    A2A = ("a2a", "a2a", "v1", "A2A")
    MCP = ("mcp", "mcp", "v1", "MCP")
    VOICE = ("voice", "", "", "Voice")
    VOICE_ENGINE = ("voice_conversation_engine", "", "", "Voice conversation engine")

    def __new__(cls, word: str, path: str, api_version: str, label: str) -> Self:
        """Make a member that is its own word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.path, member.api_version, member.label = path, api_version, label
        return member

    @classmethod
    def named(cls, word: str) -> AgentProtocol | None:
        """The protocol of a record's word, in any letter case; None: it is not known."""
        plain = word.strip().lower().replace("-", "_")
        plain = {"activityprotocol": "activity", "activity_protocol": "activity"}.get(plain, plain)
        return next((one for one in cls if one.value == plain), None)

    @classmethod
    def at(cls, path: str) -> AgentProtocol | None:
        """The protocol of an address's path (`endpoint/protocols/openai/responses`), in any letter case.

        None: the path names no protocol, or one that is not known.
        """
        word = protocol_word(path)
        return cls.RESPONSES if word.lower() == "openai" else cls.named(word) if word else None


def protocol_word(path: str) -> str:
    """The segment of a path that names the protocol, as it stands there; "" when there is none."""
    segments = [one for one in path.split("/") if one]
    lowered = [one.lower() for one in segments]
    place = lowered.index("protocols") + 1 if "protocols" in lowered else len(segments)
    return segments[place] if place < len(segments) else ""


RETIRED = "1.0.0"
"""The container protocol whose requests are blocked since 2026-07-31 (isolate-sessions-per-user.md, July 2026)."""
_STILL_TAKEN = {AgentProtocol.VOICE, AgentProtocol.VOICE_ENGINE}
"""They want just that version (azure-ai-projects 2.10.0)."""


def is_retired(declared: Protocol) -> bool:
    """Whether a container declares a protocol in a version that the platform blocks; `v1` and the like tell nothing."""
    return declared.version.strip() == RETIRED and AgentProtocol.named(declared.name) not in _STILL_TAKEN
