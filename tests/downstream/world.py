"""An Azure in memory that answers a Lookup: what is not put in does not exist, what is marked unreadable is unread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from doctor import rbac
from doctor.check import unread
from doctor.downstream import Dependency, assess, inventory
from doctor.model.authorization import RoleAssignment
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.fix import Fix
from doctor.model.foundry import AgentVersion, Connection
from doctor.model.identity import Identity, IdentityRole
from doctor.rbac import AccessFacts, Needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.downstream import HostName, Inventory
    from doctor.model.access import Decision
    from doctor.model.finding import Finding

NOW = datetime(2026, 11, 1, 12, tzinfo=timezone.utc)
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg1"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/foundry1"
PROJECT = f"{ACCOUNT}/projects/p1"

APP = IdentityRole.APPLICATION_AGENT
SHARED = IdentityRole.PROJECT_AGENT
PMI = IdentityRole.PROJECT_MANAGED_IDENTITY
AMI = IdentityRole.ACCOUNT_MANAGED_IDENTITY
AGENT = IdentityRole.AGENT

IDS = {
    APP: "aaaaaaaa-0000-0000-0000-000000000001",
    SHARED: "aaaaaaaa-0000-0000-0000-000000000002",
    PMI: "aaaaaaaa-0000-0000-0000-000000000003",
    AMI: "aaaaaaaa-0000-0000-0000-000000000004",
    AGENT: "aaaaaaaa-0000-0000-0000-000000000005",
}
CLIENTS = {role: oid.replace("aaaaaaaa", "cccccccc") for role, oid in IDS.items()}


def resource(provider: str, name: str) -> str:
    """An ARM id in the world's resource group."""
    return f"{GROUP}/providers/{provider}/{name}"


def connection(name: str, **fields: Any) -> Connection:
    """A connection of the project."""
    return Connection(id=f"{PROJECT}/connections/{name}", name=name, **fields)


def agent(*tools: dict[str, Any], **fields: Any) -> AgentVersion:
    """A version of an agent: a workflow or a hosted one where its definition says so, else a prompt agent."""
    given = fields.pop("definition", {})
    kinds = {"workflow": "workflow", "container_configuration": "hosted", "environment_variables": "hosted"}
    kind = next((kind for name, kind in kinds.items() if name in given), "prompt")
    container = {"container_configuration": {}} if kind == "hosted" else {}
    definition = {"kind": kind, "model": fields.get("model", ""), "tools": [*tools], **container, **given}
    return AgentVersion(name="agent1", version="1", kind=kind, tools=tools, definition=definition, **fields)


@dataclass
class World:
    """The facts; every method of the protocol only reads them."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: dict[str, Any] = field(default_factory=dict)
    """ARM paths below a resource: a dict for a GET, a list for a list."""
    hosts: dict[str, str] = field(default_factory=dict)
    foundry: dict[str, Any] = field(default_factory=dict)
    assignments: list[RoleAssignment] = field(default_factory=list)
    definitions: dict[str, Any] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    """Ids, paths, hosts, roles of identities, and "assignments"."""
    absent: set[IdentityRole] = field(default_factory=set)
    clientless: set[IdentityRole] = field(default_factory=set)
    """Identities whose client id is not known."""
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    denials: tuple[Any, ...] = ()
    gaps: frozenset[str] = frozenset()
    """Kinds of fact about access that could not be read."""
    asked: list[str] = field(default_factory=list)
    now: datetime = NOW
    cloud: str = "public"

    def assign(self, role: IdentityRole, guid: str, scope: str, **fields: Any) -> World:
        """Give an identity a role."""
        number = len(self.assignments)
        self.assignments.append(RoleAssignment(f"ra{number}", IDS[role], guid, scope, "ServicePrincipal", **fields))
        return self

    def _fact(self, name: str, found: Any, missing: Cause = Cause.RESOURCE_NOT_FOUND) -> Fact[Any]:
        self.asked.append(name)
        if name in self.unreadable:
            return Unread(Problem(Cause.CANNOT_READ, f"no permission to read {name.rsplit('/', 1)[-1]}", status=403))
        if found is None:
            return Unread(Problem(missing, f"{name} is not there", status=404))
        return Known(found)

    def prefetch(self, resource_ids: Sequence[str], hosts: Sequence[HostName]) -> None:
        self.asked.append(f"graph {len(resource_ids)} {len(hosts)}")

    def resource(self, resource_id: str, api_version: str, *, properties: Sequence[str] = ()) -> Fact[Any]:
        assert api_version
        account = {"properties": {}} if resource_id == ACCOUNT else None
        return self._fact(resource_id, self.resources.get(resource_id, account))

    def read(self, path: str, api_version: str) -> Fact[Any]:
        assert api_version
        return self._fact(path, self.children.get(path))

    def list(self, path: str, api_version: str) -> Fact[Any]:
        assert api_version
        found = self.children.get(path)
        return self._fact(path, None if found is None else tuple(found))

    def resolve(self, host: str) -> Fact[str]:
        return self._fact(host, self.hosts.get(host), Cause.DOWNSTREAM_NOT_FOUND)

    def identity(self, role: IdentityRole) -> Fact[Identity]:
        if role in self.absent:
            return Unread(Problem(Cause.PRINCIPAL_NOT_FOUND, f"{role.label} does not exist"))
        client_id = "" if role in self.clientless else CLIENTS[role]
        identity = Identity(IDS[role], role, role.value, client_id=client_id)
        return self._fact(role.value, identity)

    def facts(self) -> AccessFacts:
        """The same facts for doctor.rbac."""
        identities = tuple(Identity(oid, role, role.value) for role, oid in IDS.items() if role not in self.absent)
        return AccessFacts(
            tuple(self.assignments),
            self.definitions,
            self.now,
            denials=self.denials,
            identities=identities,
            groups=self.members,
            unread=self.gaps | ({rbac.Gap.ASSIGNMENTS} if "assignments" in self.unreadable else set()),
        )

    def access(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        self.asked.append(f"access {principal_id}")
        return rbac.decide_all(principal_id, needs, scope, self.facts())

    def remedies(
        self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
    ) -> tuple[Fix, ...]:
        assert api_version
        role = prefer[0] if prefer else "ROLE"
        command = (
            f"az role assignment create --assignee-object-id {decision.question.principal_id}"
            f" --assignee-principal-type ServicePrincipal --role {role} --scope {decision.question.scope}"
        )
        return (Fix(f"Assign {role}", command, verified=True),)

    def groups(self, principal_id: str) -> frozenset[str]:
        return self.members.get(principal_id, frozenset())

    def data_plane(self, path: str) -> Fact[Any]:
        return self._fact(path, self.foundry.get(path))


def take(
    world: World, versions: tuple[AgentVersion, ...], connections: tuple[Connection, ...], **more: Any
) -> Inventory:
    """The inventory of an agent published as an application."""
    hidden = more.pop("of_account", Known(()))
    role = more.pop("role", APP)
    return inventory(
        Known(versions), Known(connections), world, agent=role, project_id=PROJECT, of_account=lambda: hidden, **more
    )


def only(found: Inventory) -> Dependency:
    """The one dependency of an inventory."""
    assert len(found.dependencies) == 1, [one.subject for one in found.dependencies]
    return found.dependencies[0]


def judge(found: Inventory, world: World) -> list[Finding]:
    """The findings about an inventory: what could not be read, then each dependency."""
    gaps = [unread(gap.problem).about(gap.subject) for gap in found.unread]
    return [*gaps, *(finding for one in found.dependencies for finding in assess(one, world))]


def verdict(
    world: World, tools: tuple[dict[str, Any], ...], connections: tuple[Connection, ...] = (), **more: Any
) -> Finding:
    """The one finding about an agent with these tools."""
    (finding,) = assess(only(take(world, (agent(*tools),), connections, **more)), world)
    return finding
