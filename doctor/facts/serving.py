"""What serves the subject's calls: the routed agent versions, their identity, and what their tools use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor import downstream
from doctor.downstream import Inventory
from doctor.facts.lookup import RunLookup
from doctor.facts.place import FindPlace
from doctor.facts.question import Question
from doctor.facts.records import (
    AccountConnections,
    TheAccount,
    TheConnections,
    TheProject,
    VersionOf,
)
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.finding import Finding
from doctor.model.foundry import AgentRef, AgentVersion
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from doctor.downstream import Dependency
    from doctor.facts.subject import Facts
    from doctor.model.identity import IdentityRole


@dataclass(frozen=True, slots=True)
class ServedRefs(Question[Fact[tuple[AgentRef, ...]]]):
    """The agents and versions that traffic is routed to, by name."""

    def answer(self, facts: Facts) -> Fact[tuple[AgentRef, ...]]:
        """As the subject's own records say."""
        return subject_of(facts).served(facts)


@dataclass(frozen=True, slots=True)
class ServedVersions(Question[Fact[tuple[AgentVersion, ...]]]):
    """The agent versions that traffic is routed to, with their tools."""

    def answer(self, facts: Facts) -> Fact[tuple[AgentVersion, ...]]:
        """All of them, or why one could not be read."""
        refs = facts.ask(ServedRefs())
        if isinstance(refs, Unread):
            return refs
        if not refs.value:
            return Unread(Problem(Cause.NOT_CHECKABLE, "nothing says which agent the application serves"))
        versions = facts.ask_all(VersionOf(ref) for ref in refs.value)
        unread = [fact for fact in versions if isinstance(fact, Unread)]
        return unread[0] if unread else Known(tuple(fact.value for fact in versions if isinstance(fact, Known)))


@dataclass(frozen=True, slots=True)
class ToolInventory(Question[Inventory]):
    """Everything that the routed agent versions use."""

    def answer(self, facts: Facts) -> Inventory:
        """The tools of the versions, joined with the connections."""
        facts.begin(TheConnections(), TheProject(), TheAccount())
        versions, place, account = facts.ask(ServedVersions()), facts.ask(FindPlace()), facts.ask(TheAccount())
        urls = account.value.endpoints.values() if isinstance(account, Known) else ()
        return downstream.inventory(
            versions,
            facts.ask(TheConnections()),
            RunLookup(facts),
            agent=subject_of(facts).acting_as(facts),
            project_id=place.value.project_id if isinstance(place, Known) else "",
            own_hosts=frozenset(host.lower() for url in urls if (host := urlsplit(url).hostname)),
            of_account=lambda: facts.ask(AccountConnections()),
        )


@dataclass(frozen=True, slots=True)
class Assessment(Question[tuple[Finding, ...]]):
    """What can be said about one of the things that the tools use."""

    number: int
    """Its place in the inventory."""

    def answer(self, facts: Facts) -> tuple[Finding, ...]:
        """As the kind of resource judges it."""
        return downstream.assess(facts.ask(ToolInventory()).dependencies[self.number], RunLookup(facts))


@dataclass(frozen=True, slots=True)
class Models(Question[Fact[tuple[Finding, ...]]]):
    """What can be said about the model that each served version names."""

    def answer(self, facts: Facts) -> Fact[tuple[Finding, ...]]:
        """One finding for each version."""
        versions, place = facts.ask(ServedVersions()), facts.ask(FindPlace())
        if isinstance(versions, Unread):
            return versions
        if isinstance(place, Unread):
            return place
        project = place.value.project_id
        named = downstream.Connections(
            facts.ask(TheConnections()), lambda: facts.ask(AccountConnections()), ResourceId.of(project)
        )
        lookup, known = RunLookup(facts), downstream.load()
        return Known(tuple(downstream.model.judge(one, project, named, known, lookup) for one in versions.value))


@dataclass(frozen=True, slots=True)
class CapabilityHosts(Question[Fact[Finding]]):
    """What can be said about the capability hosts that the project's agents hang on."""

    def answer(self, facts: Facts) -> Fact[Finding]:
        """One finding for all of them."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        return Known(downstream.capability.judge(place.value.project_id, RunLookup(facts)))


@dataclass(frozen=True, slots=True)
class LostOnPublish(Question[tuple[Finding, ...]]):
    """What publishing left with the project's shared identity, over every permission store."""

    def answer(self, facts: Facts) -> tuple[Finding, ...]:
        """Both identities over every thing that is used."""
        return downstream.lost_on_publish(facts.ask(ToolInventory()), RunLookup(facts))


def assessments(facts: Facts) -> tuple[Finding, ...]:
    """What can be said about everything that the tools use, in the order of the tools."""
    dependencies: tuple[Dependency, ...] = facts.ask(ToolInventory()).dependencies
    found = facts.ask_all(Assessment(number) for number in range(len(dependencies)))
    return tuple(finding for findings in found for finding in findings)


def may_act_as(facts: Facts, role: IdentityRole) -> bool:
    """Whether a tool calls with that identity, as far as the tools could be read."""
    found = facts.ask(ToolInventory())
    return bool(found.unread) or any(role in {one.caller.role, *one.caller.others} for one in found.dependencies)
