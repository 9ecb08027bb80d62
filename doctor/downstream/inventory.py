"""What does this agent really use? Its versions' tools, model and container, joined with the connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import identities, knowledge, resolve
from doctor.downstream.dependency import Caller, Dependency, Gap, Inventory, Who
from doctor.downstream.expand import expand
from doctor.downstream.platform import secret_store, standard_setup
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known, Problem, Unread
from doctor.model.identity import IdentityRole
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.downstream.expand import Found
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.tools import Use
    from doctor.model.fact import Fact
    from doctor.model.foundry import AgentVersion, Connection


_RIVALS = (
    IdentityRole.PROJECT_AGENT,
    IdentityRole.PROJECT_MANAGED_IDENTITY,
    IdentityRole.ACCOUNT_MANAGED_IDENTITY,
)
_OPENAPI = "openapi_managed_identity"
_CODE_DECIDES = "The container's code is expected to call with the agent's identity; it may do otherwise."
_WORKFLOW = "A workflow calls this agent; whether it acts with its own identity then is not documented."


def inventory(
    versions: Fact[tuple[AgentVersion, ...]],
    connections: Fact[tuple[Connection, ...]],
    lookup: Lookup,
    *,
    agent: IdentityRole,
    project_id: str = "",
    own_hosts: frozenset[str] = frozenset(),
    of_account: Fact[tuple[Connection, ...]] | None = None,
    known: Knowledge | None = None,
) -> Inventory:
    """Everything that the routed agent versions use, with who calls each.

    Args:
        versions: the agent versions that traffic is routed to. When they could not be read, every connection is listed
            with `used` None, and the gap is named.
        connections: the project's and the account's connections.
        lookup: for toolboxes, the agents of a workflow, index assets, memory stores and capability hosts.
        agent: with which identity the agent acts: the application's when it is published, its own in the new model,
            the project's shared one otherwise.
        project_id: ARM id of the project.
        own_hosts: hosts of this Foundry account, which the agent needs no role for.
        of_account: the account's connections alone. Where they could not be read, a name that is not among the
            `connections` may be one of theirs.
        known: the kinds; the bundled ones when None.
    """
    join = _Join(connections, known or knowledge.load(), agent, project_id, own_hosts)
    join.hidden = of_account.problem if isinstance(of_account, Unread) else None
    unread = [Gap("", connections.problem)] if isinstance(connections, Unread) else []
    if isinstance(versions, Unread):
        listed = tuple(join.connection(one) for one in join.all)
        notes = ("The agent could not be read, so it is not known which connections its tools use.",)
        found_all = Inventory(listed, (), notes, (Gap("agent", versions.problem), *unread), agent)
        return _prefetched(found_all, join.known, lookup)
    expansion = expand(versions.value, lookup)
    found = [*(join.use(one) for one in expansion.found)]
    platform = standard_setup(found, join.all, lookup, project_id)
    found += [join.settled(one) for one in platform.dependencies]
    found += secret_store(found, join.all)
    dependencies = _merged(one for one in found if one.kind or one.reference or one.tool != "environment")
    used = [one.connection for one in dependencies if one.connection]
    unused = tuple(one for one in join.all if one not in used)
    gaps = (*expansion.unread, *platform.unread, *unread)
    found_all = Inventory(dependencies, unused, (*expansion.notes, *platform.notes), gaps, agent)
    return _prefetched(found_all, join.known, lookup)


def _prefetched(found: Inventory, known: Knowledge, lookup: Lookup) -> Inventory:
    """The inventory, after asking Resource Graph once for every resource that it names."""
    ids, hosts = [], []
    for one in found.dependencies:
        stated = resolve.stated_id(one.connection, one.target)
        host = None if stated else resolve.host_name(one.target, known)
        ids += [stated] if stated else []
        hosts += [host] if host else []
    if ids or hosts:
        lookup.prefetch(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(hosts)))
    return found


def _merged(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """One dependency for each connection and way to call it; several indexes of a service become its children."""
    merged: dict[tuple[object, ...], Dependency] = {}
    for one in found:
        key = (one.subject.lower(), one.tool, one.kind, one.caller, one.target, one.audience, one.via)
        had = merged.get(key)
        if had is None:
            merged[key] = one
            continue
        # A use that names no part of the target uses all of it.
        children = tuple(dict.fromkeys((*had.children, *one.children))) if had.children and one.children else ()
        scenarios = tuple(dict.fromkeys((*had.scenarios, *one.scenarios)))
        merged[key] = replace(had, children=children, scenarios=scenarios)
    return tuple(merged.values())


class _Join:
    """Joins what a definition names with the connections."""

    def __init__(
        self,
        connections: Fact[tuple[Connection, ...]],
        known: Knowledge,
        agent: IdentityRole,
        project_id: str,
        own_hosts: frozenset[str],
    ) -> None:
        self.all = connections.value if isinstance(connections, Known) else ()
        self.problem = connections.problem if isinstance(connections, Unread) else None
        self.known = known
        self.agent = agent
        self.project_id = project_id
        self.account_id = project_id.partition("/projects/")[0]
        self.own_hosts = own_hosts
        self.hidden: Problem | None = None
        """Why the account's connections are not among them."""

    def find(self, reference: str) -> Connection | None:
        """The connection of that name or ARM id; a project's own wins over the account's of the same name."""
        name = resolve.resource_name(reference).lower()
        of_account = resolve.is_arm_id(reference) and "/projects/" not in reference.lower()
        found = [one for one in self.all if one.name.lower() == name]
        return min(found, key=lambda one: one.of_account is not of_account, default=None)

    def connection(self, connection: Connection) -> Dependency:
        """A connection of which it is not known whether a tool uses it."""
        caller = identities.by_connection(connection, self.agent)
        found = Dependency("connection", caller, connection=connection, reference=connection.name, used=None)
        keeps_secrets = connection.category.lower() == "azurekeyvault"
        return self.settled(replace(found, scenarios=("connection_store",)) if keeps_secrets else found)

    def use(self, found: Found) -> Dependency:
        """What a tool names, with its connection and its caller."""
        use = found.use
        connection = self.find(use.reference) if use.reference else None
        dependency = Dependency(
            use.tool,
            self._caller(found, connection),
            _OPENAPI if use.openapi_auth == "managed_identity" else use.rule.kind if use.rule else "",
            use.label,
            use.reference,
            connection,
            self._problem(found) if use.reference and connection is None else None,
            target=use.target or self._home(use),
            children=(use.child,) if use.child else (),
            scenarios=use.rule.scenarios if use.rule else (),
            writes=use.writes,
            audience=use.audience,
            via=found.via,
        )
        return self.settled(dependency)

    def settled(self, dependency: Dependency) -> Dependency:
        """The dependency with its connection, target, audience, kind and sub-scopes worked out."""
        connection = dependency.connection or (self.find(dependency.reference) if dependency.reference else None)
        problem = dependency.problem
        if dependency.reference and connection is None and problem is None:
            problem = self._missing(dependency.reference)
        target = connection.target if connection and connection.target else dependency.target
        audience = connection.audience if connection and connection.audience else dependency.audience
        kind_id = resolve.kind_of(
            self.known, connection=connection, target=target, audience=audience, hint=dependency.kind
        )
        if dependency.tool == "environment" and resolve.place(target).host in self.own_hosts:
            kind_id = ""
        kind = self.known.get(kind_id)
        children = dependency.children
        if kind and kind.child and not any("/" in one for one in children):
            children = tuple(kind.child.format(one) for one in children)
        if kind and not children:
            named = resolve.child_of(kind, target)
            children = (named,) if named else ()
        rivals = (self.agent, *_RIVALS)
        return replace(
            dependency,
            rivals=tuple(one for one in dict.fromkeys(rivals) if one is not dependency.caller.role),
            connection=connection,
            problem=problem,
            target=target,
            audience=audience,
            kind=kind_id,
            children=children,
        )

    def _caller(self, found: Found, connection: Connection | None) -> Caller:
        use = found.use
        if use.tool == "image":
            return Caller(Who.IDENTITY, IdentityRole.PROJECT_MANAGED_IDENTITY)
        if use.key_in_tool and (connection is None or use.tool == "environment"):
            return Caller(Who.KEY)
        if use.tool == "environment":
            return Caller(Who.IDENTITY, self.agent, Confidence.MEDIUM, note=_CODE_DECIDES)
        if use.rule is None:
            return identities.by_connection(connection, self.agent) if connection else Caller(Who.UNKNOWN)
        caller = identities.for_tool(use.rule, connection, self.agent, use.openapi_auth)
        if found.other_agent and caller.role is self.agent:
            shared = (IdentityRole.PROJECT_AGENT,) if self.agent is not IdentityRole.PROJECT_AGENT else ()
            return replace(caller, confidence=Confidence.LOW, others=shared, note=_WORKFLOW)
        return caller

    def _home(self, use: Use) -> str:
        """The agent's own project or account, for tools that name no other."""
        return self.project_id if use.toolbox else self.account_id if use.memory else ""

    def _problem(self, found: Found) -> Problem:
        return self._missing(found.use.reference)

    def _missing(self, reference: str) -> Problem:
        if self.problem is not None:
            return self.problem
        if self.hidden is not None and not (resolve.is_arm_id(reference) and "/projects/" in reference.lower()):
            return self.hidden
        name = clean(resolve.resource_name(reference))
        return Problem(Cause.CONNECTION_MISSING, f"There is no connection named {name} in the project or its account")
