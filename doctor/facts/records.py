"""The Foundry records of the subject: application, deployments, agent, versions, project, account, connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from doctor.azure import read_agents, read_foundry
from doctor.facts import reads
from doctor.facts.data_plane import AGENTS_READ, AtEndpoint, agent_at, agents_at
from doctor.facts.place import FindPlace
from doctor.facts.question import Question
from doctor.facts.resources import (
    APPLICATIONS_VERSION,
    AccountAt,
    ConnectionsOf,
    ProjectAt,
    Resource,
    ResourceList,
    label,
    list_label,
    whole_row,
)
from doctor.facts.which import Served
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.foundry import (
    Account,
    Agent,
    AgentRef,
    AgentVersion,
    Application,
    Connection,
    Deployment,
    Json,
    Project,
)
from doctor.model.resource_id import ResourceId
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.facts.subject import Facts


@dataclass(frozen=True, slots=True)
class TheAccount(Question[Fact[Account]]):
    """The Foundry account that the subject lies in."""

    def answer(self, facts: Facts) -> Fact[Account]:
        """By its id."""
        place = facts.ask(FindPlace())
        return place if isinstance(place, Unread) else facts.ask(AccountAt(ResourceId.read(place.value.account_id)))


@dataclass(frozen=True, slots=True)
class TheProject(Question[Fact[Project]]):
    """The project that the subject lies in."""

    def answer(self, facts: Facts) -> Fact[Project]:
        """By its id."""
        place = facts.ask(FindPlace())
        return place if isinstance(place, Unread) else facts.ask(ProjectAt(ResourceId.read(place.value.project_id)))


@dataclass(frozen=True, slots=True)
class TheApplication(Question[Fact[Application]]):
    """The Agent Application; of a new-model agent there is none."""

    def answer(self, facts: Facts) -> Fact[Application]:
        """As a list has shown it whole, else read by itself; where it is not there, its project may not be either."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        if place.value.kind is Kind.AGENT:
            return Unread(Problem(Cause.NOT_CHECKABLE, "a new-model agent has no Agent Application"))
        at = ResourceId.read(place.value.id)
        row = whole_row(facts.estate, at, "defaultInstanceIdentity")
        question = Resource(at, APPLICATIONS_VERSION, Cause.APPLICATION_NOT_FOUND)
        fact = Known(row) if row is not None else facts.ask(question)
        if isinstance(fact, Unread) and fact.problem.cause is Cause.APPLICATION_NOT_FOUND:
            project = facts.ask(TheProject())
            if isinstance(project, Unread) and project.problem.cause is Cause.RESOURCE_NOT_FOUND:
                return project
        return reads.parsed(fact, read_foundry.application, label(at))


@dataclass(frozen=True, slots=True)
class Predecessor(Question[Fact[Application]]):
    """The Agent Application that serves the agent too, or has its name: callers and roles come from there."""

    def answer(self, facts: Facts) -> Fact[Application]:
        """One list, in which one that names the agent comes before one that is named like it."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        path = ResourceId.read(place.value.project_id).child("applications")
        rows = facts.ask(ResourceList(path, APPLICATIONS_VERSION))
        found = reads.each(rows, read_foundry.application, list_label(path))
        if isinstance(found, Unread):
            return found
        name = facts.target.name.lower()
        serving = [one for one in found.value if name in {ref.name.lower() for ref in one.agents}]
        named = [one for one in found.value if one.name.lower() == name]
        if not (serving or named):
            return Unread(Problem(Cause.NOT_CHECKABLE, f"no application serves agent {facts.target.name}"))
        return Known((serving or named)[0])


@dataclass(frozen=True, slots=True)
class TheDeployments(Question[Fact[tuple[Deployment, ...]]]):
    """The application's agent deployments."""

    def answer(self, facts: Facts) -> Fact[tuple[Deployment, ...]]:
        """One list."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        path = ResourceId.read(place.value.id).child("agentDeployments")
        rows = facts.ask(ResourceList(path, APPLICATIONS_VERSION, Cause.APPLICATION_NOT_FOUND))
        return reads.each(rows, read_foundry.deployment, list_label(path))


@dataclass(frozen=True, slots=True)
class Siblings(Question[Fact[tuple[str, ...]]]):
    """Names of the agents and applications in the project, for a hint when the target does not exist."""

    def answer(self, facts: Facts) -> Fact[tuple[str, ...]]:
        """Both lists."""
        place = facts.ask(FindPlace())
        return place if isinstance(place, Unread) else facts.ask(Served(ResourceId.read(place.value.project_id)))


@dataclass(frozen=True, slots=True)
class TheConnections(Question[Fact[tuple[Connection, ...]]]):
    """The connections of the project; Azure may show some of the account's among them."""

    def answer(self, facts: Facts) -> Fact[tuple[Connection, ...]]:
        """One list."""
        place = facts.ask(FindPlace())
        return place if isinstance(place, Unread) else facts.ask(ConnectionsOf(ResourceId.read(place.value.project_id)))


@dataclass(frozen=True, slots=True)
class AccountConnections(Question[Fact[tuple[Connection, ...]]]):
    """The connections of the account, of which the project may use the shared ones."""

    def answer(self, facts: Facts) -> Fact[tuple[Connection, ...]]:
        """One list."""
        place = facts.ask(FindPlace())
        return place if isinstance(place, Unread) else facts.ask(ConnectionsOf(ResourceId.read(place.value.account_id)))


@dataclass(frozen=True, slots=True)
class ProjectEndpoint(Question[Fact[str]]):
    """URL of the project's data plane, without a slash at its end."""

    def answer(self, facts: Facts) -> Fact[str]:
        """From the target's address where it is one, else from the account's custom subdomain."""
        target = facts.target
        if target.is_url and target.project:
            return Known(f"https://{target.host}/api/projects/{quote(target.project, safe='')}")
        facts.begin(TheAccount())
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        account = facts.ask(TheAccount())
        subdomain = account.value.custom_subdomain if isinstance(account, Known) else ""
        host = f"{subdomain or place.value.account}.{facts.cloud.ai_suffix}"
        return Known(f"https://{host}/api/projects/{place.value.project}")


@dataclass(frozen=True, slots=True)
class AgentRecord(Question[Fact[Json]]):
    """What the data plane says about an agent by name."""

    name: str

    def answer(self, facts: Facts) -> Fact[Json]:
        """One GET."""
        endpoint = facts.ask(ProjectEndpoint())
        if isinstance(endpoint, Unread):
            return endpoint
        return facts.ask(agent_at(endpoint.value, self.name))


@dataclass(frozen=True, slots=True)
class ProjectAgents(Question[Fact[Json]]):
    """The first page of the project's agents, with their latest versions."""

    def answer(self, facts: Facts) -> Fact[Json]:
        """One list."""
        endpoint = facts.ask(ProjectEndpoint())
        return endpoint if isinstance(endpoint, Unread) else facts.ask(agents_at(endpoint.value))


@dataclass(frozen=True, slots=True)
class TheAgent(Question[Fact[Agent]]):
    """The new-model agent that is the target."""

    def answer(self, facts: Facts) -> Fact[Agent]:
        """By its name."""
        what = f"agent {facts.target.name}"
        return reads.parsed(facts.ask(AgentRecord(facts.target.name)), read_agents.agent, what)


@dataclass(frozen=True, slots=True)
class VersionOf(Question[Fact[AgentVersion]]):
    """One version of an agent, with its tools; the latest where none is named."""

    ref: AgentRef

    def answer(self, facts: Facts) -> Fact[AgentVersion]:
        """One GET."""
        name, version = self.ref.name, self.ref.version
        if not name:
            return Unread(Problem(Cause.NOT_CHECKABLE, "the deployment does not name its agent"))
        if not version:
            return self._latest(facts)
        endpoint = facts.ask(ProjectEndpoint())
        if isinstance(endpoint, Unread):
            return endpoint
        if (listed := _as_latest(facts, endpoint.value, self.ref)) is not None:
            return Known(listed)
        what, path = f"agent {name} version {version}", f"agents/{name}/versions/{version}"
        return reads.parsed(
            facts.ask(AtEndpoint(endpoint.value, path, what, AGENTS_READ)), read_agents.agent_version, what
        )

    def _latest(self, facts: Facts) -> Fact[AgentVersion]:
        agent = reads.parsed(facts.ask(AgentRecord(self.ref.name)), read_agents.agent, f"agent {self.ref.name}")
        if isinstance(agent, Unread):
            return agent
        if agent.value.latest is None:
            summary = f"agent {self.ref.name} does not say which version is its latest"
            return Unread(Problem(Cause.UNRECOGNISED, summary))
        return Known(agent.value.latest)


def _as_latest(facts: Facts, endpoint: str, ref: AgentRef) -> AgentVersion | None:
    """The version, where it is the latest of an agent whose record is known already."""
    for question, fact in facts.answered(AtEndpoint):
        if (
            isinstance(fact, Unread)
            or question.endpoint != endpoint
            or question.path not in {"agents", f"agents/{ref.name}"}
        ):
            continue
        for row in (fact.value, *loose.objects(fact.value, "data", "value")):
            agent = reads.parsed(Known(row), read_agents.agent, "")
            latest = agent.value.latest if isinstance(agent, Known) and agent.value.name == ref.name else None
            if latest is not None and latest.version == ref.version and "definition" not in latest.odd:
                return latest
    return None
