"""What does this agent really use? Its versions' tools, model and container, joined with the connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import identities, knowledge, resolve
from doctor.downstream.dependency import Caller, Dependency, Gap, Inventory, Who
from doctor.downstream.expand import expand
from doctor.downstream.named import Connections
from doctor.downstream.platform import secret_store, standard_setup
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known, Problem, Unread
from doctor.model.identity import IdentityRole
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
_DIRECT = frozenset({"openai", "cognitiveservices"})
"""Families of account hosts that a container calls with its own rights, and not through the project."""
_OPENAPI = "openapi_managed_identity"
_STRANGE = Caller(Who.UNKNOWN, confidence=Confidence.LOW, note="This type of tool is not known here.")
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
    of_account: Callable[[], Fact[tuple[Connection, ...]]] | None = None,
    known: Knowledge | None = None,
) -> Inventory:
    """Everything that the routed agent versions use, with who calls each.

    Args:
        versions: the agent versions that traffic is routed to. When they could not be read, every connection is listed
            with `used` None, and the gap is named.
        connections: the project's connections (the account's may be among them).
        lookup: for toolboxes, the agents of a workflow, index assets, memory stores and capability hosts.
        agent: with which identity the agent acts: the application's when it is published, its own in the new model,
            the project's shared one otherwise.
        project_id: ARM id of the project.
        own_hosts: hosts of this Foundry account, which the agent needs no role for.
        of_account: asks for the account's connections, of which the project has those that are shared with it. Where
            they could not be read, a name that is not among the `connections` may be one of theirs.
        known: the kinds; the bundled ones when None.
    """
    named = Connections(connections, of_account or (lambda: Known(())), ResourceId.of(project_id))
    join = _Join(named, known or knowledge.load(), agent, project_id, own_hosts)
    unread = [Gap("", connections.problem)] if isinstance(connections, Unread) else []
    if isinstance(versions, Unread):
        listed = tuple(join.connection(one) for one in named.own)
        notes = ("The agent could not be read, so it is not known which connections its tools use.",)
        found_all = Inventory(listed, (), notes, (Gap("agent", versions.problem), *unread), agent)
        return _prefetched(found_all, join.known, lookup)
    expansion = expand(versions.value, lookup)
    found = [*(join.use(one) for one in expansion.found)]
    found += [join.settled(one) for one in standard_setup(lookup, project_id)]
    found += secret_store(found, named)
    dependencies = _merged(one for one in found if one.kind or one.reference or one.tool != "environment")
    used = [one.connection for one in dependencies if one.connection]
    unused = tuple(one for one in named.own if one not in used)
    gaps = (*expansion.unread, *unread)
    found_all = Inventory(dependencies, unused, expansion.notes, gaps, agent)
    return _prefetched(found_all, join.known, lookup)


def _prefetched(found: Inventory, known: Knowledge, lookup: Lookup) -> Inventory:
    """The inventory, after asking Resource Graph once for every resource that it names."""
    ids, hosts = [], []
    for one in found.dependencies:
        stated, host = resolve.looked_for(one.connection, one.target, known)
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
        named: Connections,
        known: Knowledge,
        agent: IdentityRole,
        project_id: str,
        own_hosts: frozenset[str],
    ) -> None:
        self.named = named
        self.known = known
        self.agent = agent
        self.project_id = project_id
        self.account_id = project_id.partition("/projects/")[0]
        self.own_hosts = own_hosts

    def connection(self, connection: Connection) -> Dependency:
        """A connection of which it is not known whether a tool uses it."""
        caller = identities.by_connection(connection, self.agent)
        found = Dependency("connection", caller, connection=connection, reference=connection.name, used=None)
        keeps_secrets = connection.category.lower() == "azurekeyvault"
        return self.settled(replace(found, scenarios=("connection_store",)) if keeps_secrets else found)

    def use(self, found: Found) -> Dependency:
        """What a tool names, with its connection and its caller."""
        use = found.use
        connection, problem = self._found(use.reference)
        dependency = Dependency(
            use.tool,
            self._caller(found, connection),
            _OPENAPI if use.openapi_auth == "managed_identity" else use.rule.kind if use.rule else "",
            use.label,
            use.reference,
            connection,
            problem,
            target=use.target or self._home(use),
            children=(use.child,) if use.child else (),
            scenarios=use.rule.scenarios if use.rule else (),
            writes=use.writes,
            audience=use.audience,
            via=found.via,
            key_names=use.key_names,
        )
        return self.settled(dependency)

    def _found(self, reference: str) -> tuple[Connection | None, Problem | None]:
        found = self.named.find(reference) if reference else None
        return (None, found) if isinstance(found, Problem) else (found, None)

    def settled(self, dependency: Dependency) -> Dependency:
        """The dependency with its connection, target, audience, kind and sub-scopes worked out."""
        connection, problem = dependency.connection, dependency.problem
        if connection is None and problem is None:
            connection, problem = self._found(dependency.reference)
        target = connection.target if connection and connection.target else dependency.target
        audience = connection.audience if connection and connection.audience else dependency.audience
        kind_id = resolve.kind_of(
            self.known, connection=connection, target=target, audience=audience, hint=dependency.kind
        )
        if dependency.tool == "environment" and self._is_own(target):
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
            account_id=self.account_id,
        )

    def _is_own(self, target: str) -> bool:
        """An address of the agent's own account that wants no role; its OpenAI and service addresses want one.

        Source: "Hosted agent permissions" of Microsoft Learn.
        """
        host = resolve.place(target).host
        return host in self.own_hosts and host.partition(".")[2].split(".")[0] not in _DIRECT

    def _caller(self, found: Found, connection: Connection | None) -> Caller:
        use = found.use
        if use.tool == "image":
            return Caller(Who.IDENTITY, IdentityRole.PROJECT_MANAGED_IDENTITY)
        sends = use.rule is None or use.rule.rule.who not in {Who.CLIENT.value, Who.PLATFORM.value}
        if sends and use.key_in_tool and (connection is None or use.tool == "environment"):
            return Caller(Who.KEY)
        if use.tool == "environment":
            return Caller(Who.IDENTITY, self.agent, Confidence.MEDIUM, note=_CODE_DECIDES)
        if use.rule is None:
            return identities.by_connection(connection, self.agent) if use.tool == "model" else _STRANGE
        caller = identities.for_tool(use.rule, connection, self.agent, use.openapi_auth)
        if found.other_agent and caller.role is self.agent:
            shared = (IdentityRole.PROJECT_AGENT,) if self.agent is not IdentityRole.PROJECT_AGENT else ()
            return replace(caller, confidence=Confidence.LOW, others=shared, note=_WORKFLOW)
        return caller

    def _home(self, use: Use) -> str:
        """The agent's own project or account, for tools that name no other."""
        return self.project_id if use.toolbox else self.account_id if use.memory else ""
