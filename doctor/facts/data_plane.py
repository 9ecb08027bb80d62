"""What a project's own endpoint says, as facts: agents, their versions, and whatever else it serves by path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.facts import reads
from doctor.facts.question import EstateQuestion
from doctor.facts.tokens import foundry_token
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Unread
from doctor.model.foundry import Json
from doctor.reading import Asked

if TYPE_CHECKING:
    from doctor.facts.estate import Estate

AGENTS_READ = "the data action Microsoft.CognitiveServices/accounts/AIServices/agents/read"
CONNECTIONS_READ = "the data action Microsoft.CognitiveServices/accounts/AIServices/connections/read"
_FOUNDRY = "the Foundry project endpoint"


_PREVIEWS = {"toolboxes": "Toolboxes=V1Preview"}
"""What the data plane does not show without an opt-in (public issues: a toolbox is not found without its header)."""


@dataclass(frozen=True, slots=True)
class AtEndpoint(EstateQuestion[Fact[Json]]):
    """One object of a project's data plane, read with the caller's token."""

    endpoint: str
    path: str
    what: str
    """What it is called in a sentence: "agent desk"."""
    permission: str
    missing: Cause = Cause.RESOURCE_NOT_FOUND

    def answer(self, estate: Estate) -> Fact[Json]:
        """One GET."""
        token = estate.ask(foundry_token(estate))
        if isinstance(token, Unread):
            return Unread(replace(token.problem, because_of=("token",)))
        features = {"Foundry-Features": _PREVIEWS[family]} if (family := self.path.split("/")[0]) in _PREVIEWS else None
        answer = estate.clients.foundry.get(self.endpoint, self.path, token.value, headers=features)
        asked = Asked(self.what, self.permission, self.missing, _FOUNDRY)
        return reads.one(answer, asked, dict)


def agent_at(endpoint: str, name: str) -> AtEndpoint:
    """The question for an agent's record."""
    return AtEndpoint(endpoint, f"agents/{name}", f"agent {name}", AGENTS_READ, Cause.APPLICATION_NOT_FOUND)


def agents_at(endpoint: str) -> AtEndpoint:
    """The question for the first page of a project's agents, with their latest versions."""
    return AtEndpoint(endpoint, "agents", f"the agents of {endpoint.rpartition('/')[2]}", AGENTS_READ)


def connections_at(endpoint: str) -> AtEndpoint:
    """The question for a project's connections, as its own endpoint lists them."""
    return AtEndpoint(endpoint, "connections", f"the connections of {endpoint.rpartition('/')[2]}", CONNECTIONS_READ)
