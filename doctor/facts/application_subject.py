"""An Agent Application as the subject of a run: the former publishing model, still in service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.azure import foundry
from doctor.facts.records import ProjectAgents, TheApplication, TheDeployments
from doctor.facts.routing import routed
from doctor.model.access import Action
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.model.protocol import AgentProtocol

if TYPE_CHECKING:
    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentRef

INVOKE = Action("Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action", data=True)
"""What calling an Agent Application takes (hosted-agent-permissions.md of Microsoft's documentation, April 2026)."""


class ApplicationSubject:
    """Implements `doctor.facts.subjects.Subject`."""

    record = TheApplication()
    ahead = ProjectAgents()
    """One list names the agent that the application serves, with its latest version."""
    action = INVOKE
    role = IdentityRole.APPLICATION_AGENT
    stateless = True
    has_deployments = True
    end = ""

    def spoken(self, _: Facts) -> tuple[AgentProtocol, str]:
        """Responses, which is what an application's clients speak."""
        return AgentProtocol.RESPONSES, foundry.APPLICATION_API

    def version_of(self, _: AgentProtocol) -> str:
        """The one of applications."""
        return foundry.APPLICATION_API

    def protocols(self, _: Facts) -> tuple[AgentProtocol, ...]:
        """Responses."""
        return (AgentProtocol.RESPONSES,)

    def served(self, facts: Facts) -> Fact[tuple[AgentRef, ...]]:
        """As its routing and deployments say, else as its own record does."""
        facts.begin(TheDeployments())
        application, deployments = facts.ask(TheApplication()), facts.ask(TheDeployments())
        if isinstance(application, Unread):
            return application
        found: tuple[AgentRef, ...] = ()
        if isinstance(deployments, Known):
            found = tuple(ref for one in routed(application.value, deployments.value) for ref in one.agents)
        return Known(tuple(dict.fromkeys(found or application.value.agents)))

    def acting_as(self, _: Facts) -> IdentityRole:
        """The identity of its own."""
        return self.role

    def owner(self, role: IdentityRole) -> TheApplication | None:
        """Itself; of an agent's own identity there is no record."""
        return self.record if role is self.role else None

    def base_url(self, facts: Facts) -> str:
        """The property of that name."""
        application = facts.ask(TheApplication())
        return application.value.base_url if isinstance(application, Known) else ""
