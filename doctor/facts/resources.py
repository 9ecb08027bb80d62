"""The Foundry resources of the target as facts: application, deployments, account, project, connections, agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from doctor.azure import read_agents, read_foundry
from doctor.azure.errors import AzureError
from doctor.facts import refusals
from doctor.facts.memo import together
from doctor.facts.place import ACCOUNTS_VERSION, APPLICATIONS_VERSION, Place
from doctor.facts.refusals import Asked
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.identity import Identity, IdentityRole
from doctor.model.loose import Garbage
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.facts.arm_reads import ArmReads
    from doctor.facts.place import Places
    from doctor.facts.sign_in import SignIn
    from doctor.facts.wiring import Wiring
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

T = TypeVar("T")

_PROVIDER = "Microsoft.CognitiveServices/accounts"
_AGENTS_READ = "the data action Microsoft.CognitiveServices/accounts/AIServices/agents/read"
_FOUNDRY = "the Foundry project endpoint"


class Resources:
    """Reads each resource once, when it is first asked for."""

    def __init__(self, wiring: Wiring, reads: ArmReads, places: Places, sign_in: SignIn) -> None:
        self._memo = wiring.memo
        self._ledger = wiring.ledger
        self._foundry = wiring.foundry
        self._cloud = wiring.cloud
        self._kind = wiring.target.kind
        self._arm = wiring.arm
        self._reads = reads
        self._places = places
        self._sign_in = sign_in

    def account(self) -> Fact[Account]:
        """The Foundry account."""
        return self._memo.once("account", lambda: self._at_place(self._account))

    def project(self) -> Fact[Project]:
        """The project."""
        return self._memo.once("project", lambda: self._at_place(self._project))

    def application(self) -> Fact[Application]:
        """The Agent Application; of a new-model agent there is none."""
        return self._memo.once("application", lambda: self._at_place(self._application))

    def deployments(self) -> Fact[tuple[Deployment, ...]]:
        """The application's agent deployments."""
        return self._memo.once("deployments", lambda: self._at_place(self._deployments))

    def connections(self) -> Fact[tuple[Connection, ...]]:
        """The connections of the project, then those of the account that the project may use."""
        return self._memo.once("connections", lambda: self._at_place(self._connections))

    def account_connections(self) -> Fact[tuple[Connection, ...]]:
        """The connections of the account, of which the project may use the shared ones."""
        return self._memo.once("account-connections", lambda: self._at_place(self._account_connections))

    def agent(self) -> Fact[Agent]:
        """The new-model agent that is the target."""
        return self._memo.once("agent", lambda: self._at_place(lambda place: self._agent(place.name)))

    def agent_version(self, ref: AgentRef) -> Fact[AgentVersion]:
        """One version of an agent, with its tools."""
        return self._memo.once(("agent-version", ref.name, ref.version), lambda: self._agent_version(ref))

    def siblings(self) -> tuple[str, ...]:
        """Names of the applications in the project, for a hint when the target does not exist."""
        return self._memo.once("siblings", self._siblings)

    def _at_place(self, read: Callable[[Place], Fact[T]]) -> Fact[T]:
        place = self._places.find()
        return read(place.value) if isinstance(place, Known) else place

    def _account(self, place: Place) -> Fact[Account]:
        asked = Asked(f"account {place.account}", f"{_PROVIDER}/read")
        fact = self._one(place.account_id, ACCOUNTS_VERSION, asked, read_foundry.account)
        if isinstance(fact, Known):
            self._note(
                fact.value.identity.principal_id, IdentityRole.ACCOUNT_MANAGED_IDENTITY, place.account, "account"
            )
        return fact

    def _one(self, path: str, api_version: str, asked: Asked, read: Callable[[Json], T]) -> Fact[T]:
        """A resource, which a list that was read for its place may have shown already."""
        row = self._places.listed(path)
        return Known(read(row)) if row is not None else self._reads.one(path, api_version, asked, read)

    def _project(self, place: Place) -> Fact[Project]:
        asked = Asked(f"project {place.project}", f"{_PROVIDER}/projects/read")
        fact = self._one(place.project_id, ACCOUNTS_VERSION, asked, read_foundry.project)
        if isinstance(fact, Known):
            name = f"{place.account}/{place.project}"
            self._note(fact.value.identity.principal_id, IdentityRole.PROJECT_MANAGED_IDENTITY, name, "project")
            self._note(fact.value.agent_identity_id, IdentityRole.PROJECT_AGENT, name, "project")
        return fact

    def _application(self, place: Place) -> Fact[Application]:
        if place.kind is Kind.AGENT:
            return Unread(Problem(Cause.NOT_CHECKABLE, "a new-model agent has no Agent Application"))
        asked = Asked(
            f"application {place.name}", f"{_PROVIDER}/projects/applications/read", Cause.APPLICATION_NOT_FOUND
        )
        fact = self._one(place.id, APPLICATIONS_VERSION, asked, read_foundry.application)
        if isinstance(fact, Known) and fact.value.instance is not None:
            instance = fact.value.instance
            self._note(
                instance.principal_id, IdentityRole.APPLICATION_AGENT, place.name, "application", instance.client_id
            )
        if isinstance(fact, Unread) and fact.problem.cause is Cause.APPLICATION_NOT_FOUND:
            return self._in_missing_project(fact)
        return fact

    def _in_missing_project(self, fact: Unread) -> Unread:
        """Whether the application is missing, or what it would be in."""
        project = self.project()
        if isinstance(project, Unread) and project.problem.cause is Cause.RESOURCE_NOT_FOUND:
            return project
        return fact

    def _deployments(self, place: Place) -> Fact[tuple[Deployment, ...]]:
        path = f"{place.id}/agentDeployments"
        asked = Asked(
            f"the deployments of application {place.name}",
            f"{_PROVIDER}/projects/applications/agentDeployments/read",
            Cause.APPLICATION_NOT_FOUND,
        )
        return self._reads.all(lambda: self._arm.get_all(path, APPLICATIONS_VERSION), asked, read_foundry.deployment)

    def _connections(self, place: Place) -> Fact[tuple[Connection, ...]]:
        of_project, of_account = together(
            lambda: self._connection_list(place.project_id, f"{_PROVIDER}/projects/connections/read"),
            self.account_connections,
        )
        if isinstance(of_project, Unread):
            return of_project
        names = {connection.name.lower() for connection in of_project.value}
        # The project's list may hold the account's shared connections too; one of the same name hides the account's.
        shared = of_account.value if isinstance(of_account, Known) else ()
        return Known((*of_project.value, *(one for one in shared if one.name.lower() not in names)))

    def _account_connections(self, place: Place) -> Fact[tuple[Connection, ...]]:
        return self._connection_list(place.account_id, f"{_PROVIDER}/connections/read")

    def _connection_list(self, parent: str, permission: str) -> Fact[tuple[Connection, ...]]:
        asked = Asked(f"the connections of {parent.rsplit('/', 1)[-1]}", permission)
        path = f"{parent}/connections"
        return self._reads.all(lambda: self._arm.get_all(path, ACCOUNTS_VERSION), asked, read_foundry.connection)

    def _siblings(self) -> tuple[str, ...]:
        place = self._places.find()
        if isinstance(place, Unread):
            return ()
        asked = Asked("the applications", f"{_PROVIDER}/projects/applications/read")
        path = f"{place.value.project_id}/applications"
        fact = self._reads.all(
            lambda: self._arm.get_all(path, APPLICATIONS_VERSION), asked, lambda row: str(row.get("name", ""))
        )
        return tuple(sorted(name for name in fact.value if name)) if isinstance(fact, Known) else ()

    def _agent(self, name: str) -> Fact[Agent]:
        asked = Asked(f"agent {name}", _AGENTS_READ, Cause.APPLICATION_NOT_FOUND, _FOUNDRY)
        fact = self.data_plane(f"agents/{name}", asked, read_agents.agent)
        if isinstance(fact, Known) and fact.value.instance is not None:
            instance = fact.value.instance
            self._note(instance.principal_id, IdentityRole.AGENT, name, "agent", instance.client_id)
        return fact

    def _agent_version(self, ref: AgentRef) -> Fact[AgentVersion]:
        if not ref.name:
            return Unread(Problem(Cause.NOT_CHECKABLE, "the deployment does not name its agent"))
        asked = Asked(f"agent {ref.name} version {ref.version or 'latest'}", _AGENTS_READ, service=_FOUNDRY)
        if ref.version:
            return self.data_plane(f"agents/{ref.name}/versions/{ref.version}", asked, read_agents.agent_version)
        agent = self.data_plane(f"agents/{ref.name}", asked, read_agents.agent)
        if isinstance(agent, Unread):
            return agent
        if agent.value.latest is None:
            return Unread(Problem(Cause.UNRECOGNISED, f"agent {ref.name} does not say which version is its latest"))
        return Known(agent.value.latest)

    def data_plane(self, path: str, asked: Asked, read: Callable[[Json], T]) -> Fact[T]:
        """One object of the project's Foundry data plane, read with the caller's token."""
        place, account = self._places.find(), self.account()
        if isinstance(place, Unread):
            return place
        token = self._sign_in.foundry()
        if isinstance(token, Unread):
            return Unread(Problem(token.problem.cause, token.problem.summary, because_of=("token",)))
        label = account.value.custom_subdomain if isinstance(account, Known) else ""
        base = f"https://{label or place.value.account}.{self._cloud.ai_suffix}/api/projects/{place.value.project}"
        try:
            answer = self._foundry.get(base, path, token.value)
        except AzureError as error:
            return Unread(error.problem)
        if answer.status != 200:
            return Unread(refusals.problem(answer, asked))
        try:
            body = answer.json()
            if not isinstance(body, dict):
                raise Garbage(f"expected a JSON object, got {type(body).__name__}")
            return Known(read(body))
        except ValueError as error:
            return Unread(refusals.garbage(answer, asked, str(error)))

    def _note(self, object_id: str, role: IdentityRole, name: str, where: str, client_id: str = "") -> None:
        if object_id:
            self._ledger.note(Identity(object_id, role, name=name, seen_in=(where,), client_id=client_id))
