"""The facts about downstream resources: what `doctor.downstream` looks up, each read once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from doctor.facts.refusals import Asked
from doctor.facts.rows import Rows
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.identity import Identity, IdentityRole
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from doctor.downstream.lookup import HostName
    from doctor.facts.access import AccessQuestions
    from doctor.facts.arm_reads import ArmReads
    from doctor.facts.place import Places
    from doctor.facts.resources import Resources
    from doctor.facts.wiring import Wiring
    from doctor.model.access import Decision
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json
    from doctor.rbac import Needs

_RESOURCES_VERSION = "2021-04-01"


class DownstreamReads:
    """Implements `doctor.downstream.lookup.Lookup` over the run's memory."""

    def __init__(
        self, wiring: Wiring, reads: ArmReads, resources: Resources, access: AccessQuestions, places: Places
    ) -> None:
        self._wiring = wiring
        self._memo = wiring.memo
        self._arm = wiring.arm
        self._reads = reads
        self._resources = resources
        self._access = access
        self._places = places
        self._lock = threading.Lock()
        self._rows = Rows()
        self._graph_problem: Problem | None = None

    @property
    def now(self) -> datetime:
        """The run's time, with time zone."""
        return self._wiring.now()

    def prefetch(self, resource_ids: Sequence[str], hosts: Sequence[HostName]) -> None:
        """Ask Resource Graph once for all of these; without an answer they are read one by one."""
        rows = Rows()
        query = rows.query(resource_ids, hosts)
        if not query:
            return
        asked = Asked("the downstream resources (Resource Graph)", "Microsoft.Resources/subscriptions/resources/read")
        fact = self._reads.graph(query, (), asked)
        with self._lock:
            if isinstance(fact, Known):
                self._rows.add(fact.value)
            else:
                self._graph_problem = fact.problem
            self._rows.expect(hosts)

    def resource(self, resource_id: str, api_version: str, *, properties: Sequence[str] = ()) -> Fact[Json]:
        """The row of Resource Graph, or of a list, where it says all that is asked, else what ARM answers."""
        with self._lock:
            row = self._rows.by_id(resource_id)
        for known in (row, self._places.row(resource_id)):
            if known is not None and all(_has(known, path) for path in properties):
                return Known(known)
        return self.read(resource_id, api_version)

    def read(self, path: str, api_version: str) -> Fact[Json]:
        """One ARM GET."""
        asked = Asked(_label(path), _read_permission(path))
        return self._memo.once(
            ("arm", path.lower(), api_version), lambda: self._reads.one(path, api_version, asked, dict)
        )

    def list(self, path: str, api_version: str) -> Fact[tuple[Json, ...]]:
        """One ARM list, all its pages."""
        asked = Asked(_label(path), _read_permission(path))
        return self._memo.once(
            ("arm-list", path.lower(), api_version),
            lambda: self._reads.all(lambda: self._arm.get_all(path, api_version), asked, dict),
        )

    def resolve(self, host: str) -> Fact[str]:
        """The id of the resource that owns a host, as Resource Graph or the subscription's own list shows it."""
        with self._lock:
            found, problem = self._rows.by_host(host), self._graph_problem
        if found:
            return Known(found)
        listed = self._listed()
        if isinstance(listed, Known):
            with self._lock:
                found = self._rows.by_label(host, listed.value)
            if found:
                return Known(found)
        if problem is not None:
            return Unread(problem)
        return Unread(Problem(Cause.DOWNSTREAM_NOT_FOUND, f"No resource that we can see owns the host {host}."))

    def _listed(self) -> Fact[tuple[Json, ...]]:
        """The resources of the application's subscription, without their properties."""
        place = self._places.find()
        if isinstance(place, Unread):
            return place
        return self.list(f"/subscriptions/{place.value.subscription}/resources", _RESOURCES_VERSION)

    def identity(self, role: IdentityRole) -> Fact[Identity]:
        """The identity of that role, once its owner has been read."""
        owner = self._owner(role)
        if isinstance(owner, Unread):
            return owner
        entry = next((one for one in self._wiring.ledger.entries() if one.role is role), None)
        if entry is not None:
            return Known(entry)
        if role is IdentityRole.APPLICATION_AGENT:
            # A bare payload does not show the identity; that is no proof that there is none.
            summary = "The application does not show its agent identity."
            return Unread(Problem(Cause.CANNOT_READ, summary, because_of=("agent-identity",)))
        return Unread(Problem(Cause.PRINCIPAL_NOT_FOUND, f"There is no such identity: {role.label}."))

    def _owner(self, role: IdentityRole) -> Fact[object]:
        readers: dict[IdentityRole, Callable[[], Fact[object]]] = {
            IdentityRole.APPLICATION_AGENT: self._resources.application,
            IdentityRole.AGENT: self._resources.agent,
            IdentityRole.PROJECT_AGENT: self._resources.project,
            IdentityRole.PROJECT_MANAGED_IDENTITY: self._resources.project,
            IdentityRole.ACCOUNT_MANAGED_IDENTITY: self._resources.account,
        }
        if role is IdentityRole.AGENT and self._wiring.target.kind is not Kind.AGENT:
            return Unread(Problem(Cause.PRINCIPAL_NOT_FOUND, "An Agent Application is asked about, not an agent."))
        if role not in readers:
            return Unread(Problem(Cause.NOT_CHECKABLE, f"Nobody can tell from outside who is {role.label}."))
        return readers[role]()

    def access(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        """Whether the principal may do all that is needed on the scope."""
        return self._access.decide(principal_id, needs, scope)

    def remedies(
        self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
    ) -> tuple[Fix, ...]:
        """The smallest changes that turn the decision into a grant."""
        return self._access.remedies(decision, needs, prefer=prefer, api_version=api_version)

    def groups(self, principal_id: str) -> frozenset[str]:
        """The groups that the principal's own list of assignments shows."""
        place = self._places.find()
        if isinstance(place, Unread):
            return frozenset()
        return self._access.facts((principal_id,), place.value.account_id).groups_of(principal_id)

    def data_plane(self, path: str) -> Fact[Json]:
        """One object below the Foundry project endpoint."""
        asked = Asked(
            path.strip("/"), "the data action of reading it (Foundry User)", service="the Foundry project endpoint"
        )
        return self._memo.once(("data", path), lambda: self._resources.data_plane(path.strip("/"), asked, dict))


def _has(row: Json, path: str) -> bool:
    value: object = row
    for name in path.split("."):
        if not isinstance(value, dict):
            return False
        key = next((key for key in value if key.lower() == name.lower()), None)
        if key is None:
            return False
        value = value[key]
    return True


def _label(path: str) -> str:
    parts = path.strip("/").split("/")
    return " ".join(parts[-2:]) if len(parts) > 1 else path


def _read_permission(path: str) -> str:
    """The control action that reading an ARM path takes: its provider and types, and read."""
    _, _, below = path.rpartition("/providers/")
    parts = below.split("/")
    types = parts[1::2] if below != path else []
    return "/".join((parts[0], *types, "read")) if types else "Microsoft.Resources/subscriptions/resources/read"
