"""What the routed agent's tools use, and whether each of it will admit the call."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor import downstream
from doctor.facts.memo import together
from doctor.facts.routing import routed
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.foundry import AgentRef
from doctor.model.identity import IdentityRole
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.downstream import Inventory
    from doctor.facts.downstream import DownstreamReads
    from doctor.facts.place import Places
    from doctor.facts.resources import Resources
    from doctor.facts.wiring import Wiring
    from doctor.model.finding import Finding
    from doctor.model.foundry import AgentVersion


class Tools:
    """Walks the tools once and assesses each dependency once, all at the same time."""

    def __init__(self, wiring: Wiring, places: Places, resources: Resources, lookup: DownstreamReads) -> None:
        self._memo = wiring.memo
        self._kind = wiring.target.kind
        self._places = places
        self._resources = resources
        self.lookup = lookup

    def inventory(self) -> Inventory:
        """Everything that the routed agent versions use."""
        return self._memo.once("inventory", self._inventory)

    def _inventory(self) -> Inventory:
        self._memo.start(self._resources.connections, self._resources.project, self._resources.account)
        versions = self.versions()
        place, account = self._places.find(), self._resources.account()
        hosts = (
            [urlsplit(url).hostname for url in account.value.endpoints.values()] if isinstance(account, Known) else []
        )
        return downstream.inventory(
            versions,
            self._resources.connections(),
            self.lookup,
            agent=self.acting_as(),
            project_id=place.value.project_id if isinstance(place, Known) else "",
            own_hosts=frozenset(host.lower() for host in hosts if host),
            of_account=self._resources.account_connections(),
        )

    def may_act_as(self, role: IdentityRole) -> bool:
        """Whether a tool calls with that identity, as far as the tools could be read."""
        found = self.inventory()
        return bool(found.unread) or any(role in {one.caller.role, *one.caller.others} for one in found.dependencies)

    def acting_as(self) -> IdentityRole:
        """With which identity the routed agent acts."""
        if self._kind is not Kind.AGENT:
            return IdentityRole.APPLICATION_AGENT
        agent = self._resources.agent()
        legacy = isinstance(agent, Known) and agent.value.instance is None
        return IdentityRole.PROJECT_AGENT if legacy else IdentityRole.AGENT

    def versions(self) -> Fact[tuple[AgentVersion, ...]]:
        """The agent versions that traffic is routed to."""
        return self._memo.once("versions", self._versions)

    def _versions(self) -> Fact[tuple[AgentVersion, ...]]:
        refs = self._agent_refs() if self._kind is Kind.AGENT else self._application_refs()
        if isinstance(refs, Unread):
            return refs
        if not refs.value:
            return Unread(Problem(Cause.NOT_CHECKABLE, "nothing says which agent the application serves"))
        facts = together(*(lambda ref=ref: self._resources.agent_version(ref) for ref in refs.value))
        unread = [fact for fact in facts if isinstance(fact, Unread)]
        return unread[0] if unread else Known(tuple(fact.value for fact in facts if isinstance(fact, Known)))

    def _application_refs(self) -> Fact[tuple[AgentRef, ...]]:
        self._memo.start(self._resources.deployments)
        application, deployments = self._resources.application(), self._resources.deployments()
        if isinstance(application, Unread):
            return application
        found: tuple[AgentRef, ...] = ()
        if isinstance(deployments, Known):
            found = tuple(ref for one in routed(application.value, deployments.value) for ref in one.agents)
        return Known(tuple(dict.fromkeys(found or application.value.agents)))

    def _agent_refs(self) -> Fact[tuple[AgentRef, ...]]:
        agent = self._resources.agent()
        if isinstance(agent, Unread):
            return agent
        rules = [rule for rule in agent.value.version_rules if rule.percentage is None or rule.percentage > 0]
        versions = [rule.deployment_id for rule in rules] or [agent.value.latest.version if agent.value.latest else ""]
        return Known(tuple(AgentRef(name=agent.value.name, version=version) for version in versions))

    def findings(self) -> tuple[Finding, ...]:
        """What can be said about every dependency, in the order of the tools."""
        return self._memo.once("downstream-findings", self._findings)

    def _findings(self) -> tuple[Finding, ...]:
        dependencies = self.inventory().dependencies
        if not dependencies:
            return ()
        found = together(*(lambda one=one: downstream.assess(one, self.lookup) for one in dependencies))
        return tuple(finding for findings in found for finding in findings)

    def lost(self) -> tuple[Finding, ...]:
        """What publishing left with the project's shared identity, over every permission store."""
        return self._memo.once("lost", lambda: downstream.lost_on_publish(self.inventory(), self.lookup))
