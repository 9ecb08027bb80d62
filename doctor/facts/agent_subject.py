"""An agent at its own endpoint as the subject of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.facts.records import Predecessor, TheAgent
from doctor.facts.routing import shares
from doctor.model.access import Action
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.foundry import AgentRef
from doctor.model.identity import IdentityRole
from doctor.model.protocol import AgentProtocol, protocol_word

if TYPE_CHECKING:
    from doctor.facts.subject import Facts

INTERACT = Action("Microsoft.CognitiveServices/accounts/AIServices/endpoints/interact/action", data=True)
"""What calling an agent's own endpoint takes (configure-agent.md of Microsoft's documentation, April 2026)."""


class AgentSubject:
    """Implements `doctor.facts.subjects.Subject`."""

    record = TheAgent()
    ahead = TheAgent()
    action = INTERACT
    role = IdentityRole.AGENT
    stateless = False
    has_deployments = False
    end = "/endpoint"

    def spoken(self, facts: Facts) -> tuple[AgentProtocol, str]:
        """What the address says; Responses, and its protocol's api-version, where it says none."""
        target = facts.target
        protocol = target.protocol if target.protocol and target.protocol.path else AgentProtocol.RESPONSES
        return protocol, target.api_version or self.version_of(protocol)

    def version_of(self, protocol: AgentProtocol) -> str:
        """Each protocol has its own."""
        return protocol.api_version

    def protocols(self, facts: Facts) -> tuple[AgentProtocol, ...]:
        """That of the given address, else each one that the agent offers."""
        target = facts.target
        if target.protocol is not None:
            return (target.protocol,)
        if protocol_word(target.path):
            return ()
        agent = facts.ask(TheAgent())
        if isinstance(agent, Known) and agent.value.protocols:
            found = [AgentProtocol.named(word) for word in agent.value.protocols]
            return tuple(dict.fromkeys(one for one in found if one is not None))
        return (AgentProtocol.RESPONSES,)

    def served(self, facts: Facts) -> Fact[tuple[AgentRef, ...]]:
        """As its version rules say."""
        agent = facts.ask(TheAgent())
        if isinstance(agent, Unread):
            return agent
        found = shares(agent.value)
        if isinstance(found, Unread):
            return found
        if not found.value:
            summary = f"the routing of agent {agent.value.name} sends traffic to no version"
            return Unread(Problem(Cause.NO_DEPLOYMENT, summary, because_of=("version",)))
        return Known(tuple(AgentRef(name=agent.value.name, version=one.version) for one in found.value))

    def acting_as(self, facts: Facts) -> IdentityRole:
        """The identity of its own; a legacy agent has none and acts as the project's."""
        agent = facts.ask(TheAgent())
        legacy = isinstance(agent, Known) and agent.value.is_legacy
        return IdentityRole.PROJECT_AGENT if legacy else self.role

    def owner(self, role: IdentityRole) -> TheAgent | Predecessor:
        """Itself; of an application's identity the application that it was published as before."""
        return self.record if role is self.role else Predecessor()

    def base_url(self, _: Facts) -> str:
        """Its record tells none."""
        return ""
