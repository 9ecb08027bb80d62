"""What is asked about, an application or an agent, behind one protocol.

Each of the two is one module; whoever asks for what both have does not ask which of them it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from doctor.facts.agent_subject import AgentSubject
from doctor.facts.application_subject import ApplicationSubject
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.facts.question import Question
    from doctor.facts.subject import Facts
    from doctor.model.access import Action
    from doctor.model.fact import Fact
    from doctor.model.foundry import Agent, AgentRef, Application
    from doctor.model.identity import IdentityRole
    from doctor.model.protocol import AgentProtocol


class Subject(Protocol):
    """An application or an agent, as far as both have the same."""

    @property
    def record(self) -> Question[Fact[Application]] | Question[Fact[Agent]]:
        """The question for what Azure says of it: its state, policy, protocols and own identity."""

    @property
    def ahead(self) -> Question[Any]:
        """What a whole run asks first, with the address alone."""

    @property
    def action(self) -> Action:
        """The data action that calling it takes."""

    @property
    def role(self) -> IdentityRole:
        """The part that its own identity plays."""

    @property
    def stateless(self) -> bool:
        """Whether its contract is that it keeps nothing between calls."""

    @property
    def has_deployments(self) -> bool:
        """Whether deployments serve its calls; else versions do, by the rules of its record."""

    @property
    def end(self) -> str:
        """What its base URL has behind its name."""

    def spoken(self, facts: Facts, /) -> tuple[AgentProtocol, str]:
        """The protocol of the given address, and the api-version that is called."""

    def version_of(self, protocol: AgentProtocol, /) -> str:
        """The api-version that the route of a protocol takes."""

    def protocols(self, facts: Facts, /) -> tuple[AgentProtocol, ...]:
        """The protocols that are judged; none at all where the address names one that is not known."""

    def served(self, facts: Facts, /) -> Fact[tuple[AgentRef, ...]]:
        """The agents and versions that traffic is routed to, by name."""

    def acting_as(self, facts: Facts, /) -> IdentityRole:
        """With which identity the agent that is routed to acts."""

    def owner(self, role: IdentityRole, /) -> Question[Fact[Application]] | Question[Fact[Agent]] | None:
        """The question for the record that names an application's or an agent's identity; None where there is none."""

    def base_url(self, facts: Facts, /) -> str:
        """Its URL as its record tells; "" where it tells none."""


def subject_of(facts: Facts) -> Subject:
    """The subject of a run."""
    return AgentSubject() if facts.target.kind is Kind.AGENT else ApplicationSubject()
