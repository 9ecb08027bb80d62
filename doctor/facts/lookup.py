"""What `doctor.downstream` looks up, answered by the run's questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.facts import access
from doctor.facts.ahead import TargetsAhead
from doctor.facts.data_plane import AtEndpoint
from doctor.facts.identities import identities
from doctor.facts.place import FindPlace
from doctor.facts.records import ProjectEndpoint, TheAccount, TheProject
from doctor.facts.resources import Resource, ResourceList, rows_of
from doctor.facts.subjects import subject_of
from doctor.facts.targets import Targets, labelled, owns
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.foundry import Account, Agent, Json, Project
from doctor.model.identity import Identity, IdentityRole
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from doctor.downstream.lookup import HostName
    from doctor.facts.question import Question
    from doctor.facts.subject import Facts
    from doctor.model.access import Decision
    from doctor.model.fix import Fix
    from doctor.rbac import Needs

_RESOURCES_VERSION = "2021-04-01"
_IDENTITIES_VERSION = "2023-01-31"
_READ = "Microsoft.Resources/subscriptions/resources/read"
_USER = "the data action of reading it (Foundry User)"
_OWNERS: dict[IdentityRole, Question[Fact[object]]] = {
    IdentityRole.PROJECT_AGENT: TheProject(),
    IdentityRole.PROJECT_MANAGED_IDENTITY: TheProject(),
    IdentityRole.ACCOUNT_MANAGED_IDENTITY: TheAccount(),
}
"""Whose record names the identity."""


class RunLookup:
    """Implements `doctor.downstream.lookup.Lookup`; it remembers nothing itself."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @property
    def now(self) -> datetime:
        """The run's time, with time zone."""
        return self._facts.now()

    @property
    def cloud(self) -> str:
        """Key of the cloud that is asked."""
        return self._facts.cloud.key

    def prefetch(self, resource_ids: Sequence[str], hosts: Sequence[HostName]) -> None:
        """Ask Resource Graph once for all of these; without an answer they are read one by one."""
        ids = tuple(dict.fromkeys(one for text in resource_ids if (one := ResourceId.of(text)) is not None))
        ahead = self._facts.ask(TargetsAhead()) or Targets((), ())
        shown = {one for row in rows_of(self._facts.estate) if (one := ResourceId.of(loose.text(row, "id")))}
        rest = Targets(
            tuple(one for one in ids if one not in shown and one not in ahead.ids),
            tuple(one for one in hosts if one not in ahead.hosts),
        )
        if rest.ids or rest.hosts:
            self._facts.ask(rest)

    def resource(self, resource_id: str, api_version: str, *, properties: Sequence[str] = ()) -> Fact[Json]:
        """The row of Resource Graph, or of a list, where it says all that is asked, else what ARM answers."""
        at = ResourceId.of(resource_id)
        if at is None:
            return Unread(Problem(Cause.NOT_CHECKABLE, f"{resource_id!r} is no resource id"))
        for row in rows_of(self._facts.estate, at):
            if all(_has(row, path) for path in properties):
                return Known(row)
        return self._facts.ask(Resource(at, api_version))

    def read(self, path: str, api_version: str) -> Fact[Json]:
        """One ARM GET."""
        return self._facts.ask(Resource(ResourceId.read(path), api_version))

    def list(self, path: str, api_version: str) -> Fact[tuple[Json, ...]]:
        """One ARM list, all its pages."""
        return self._facts.ask(ResourceList(ResourceId.read(path), api_version))

    def resolve(self, host: str) -> Fact[str]:
        """The id of the resource that owns a host, as Resource Graph or the subscription's own list shows it."""
        asked = tuple(self._facts.answered(Targets))
        wanted = next((one for question, _ in asked for one in question.hosts if one.host == host.lower()), None)
        if wanted is not None:
            rows = [row for _, fact in asked if isinstance(fact, Known) for row in fact.value]
            if found := _only(row for row in rows if owns(row, wanted)):
                return Known(found)
            listed = self._listed()
            if isinstance(listed, Known) and (found := _only(row for row in listed.value if labelled(row, wanted))):
                return Known(found)
        unread = next((fact for _, fact in asked if isinstance(fact, Unread)), None)
        if unread is not None:
            return unread
        return Unread(Problem(Cause.DOWNSTREAM_NOT_FOUND, f"No resource that we can see owns the host {host}."))

    def _listed(self) -> Fact[tuple[Json, ...]]:
        """The resources of the subject's subscription, without their properties."""
        place = self._facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        return self.list(f"/subscriptions/{place.value.subscription}/resources", _RESOURCES_VERSION)

    def identity(self, role: IdentityRole) -> Fact[Identity]:
        """The identity of that role, once its owner has been read."""
        own = role in {IdentityRole.AGENT, IdentityRole.APPLICATION_AGENT}
        question = subject_of(self._facts).owner(role) if own else _OWNERS.get(role)
        if question is None and own:
            return Unread(Problem(Cause.PRINCIPAL_NOT_FOUND, "An Agent Application is asked about, not an agent."))
        if question is None:
            return Unread(Problem(Cause.NOT_CHECKABLE, f"Nobody can tell from outside who is {role.label}."))
        owner: Fact[object] = self._facts.ask(question)
        if isinstance(owner, Unread):
            return owner
        entry = next((one for one in identities(self._facts) if one.role is role), None)
        if entry is not None:
            return Known(entry)
        if isinstance(owner.value, Account | Project) and (only := _only_assigned(owner.value)):
            return self._user_assigned(role, only)
        return Unread(_no_identity(role, owner.value))

    def _user_assigned(self, role: IdentityRole, resource_id: str) -> Fact[Identity]:
        """A user-assigned identity whose owner does not show its object id, as its own resource does."""
        fact = self.read(resource_id, _IDENTITIES_VERSION)
        if isinstance(fact, Unread):
            return fact
        shown = loose.part(fact.value, "properties")
        object_id, name = loose.guid(shown, "principalId"), ResourceId.read(resource_id).name
        if not object_id:
            return Unread(Problem(Cause.CANNOT_READ, f"The user-assigned identity {name} shows no principal id."))
        return Known(Identity(object_id, role, name, ("identity",), loose.guid(shown, "clientId")))

    def access(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        """Whether the principal may do all that is needed on the scope."""
        return access.decide(self._facts, principal_id, needs, scope)

    def remedies(
        self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
    ) -> tuple[Fix, ...]:
        """The smallest changes that turn the decision into a grant."""
        return access.remedies(self._facts, decision, needs, prefer=prefer, api_version=api_version)

    def groups(self, principal_id: str) -> frozenset[str]:
        """The groups that the principal's own list of assignments shows."""
        place = self._facts.ask(FindPlace())
        if isinstance(place, Unread):
            return frozenset()
        return access.access_facts(self._facts, (principal_id,), place.value.account_id).groups_of(principal_id)

    def data_plane(self, path: str) -> Fact[Json]:
        """One object below the Foundry project endpoint."""
        endpoint = self._facts.ask(ProjectEndpoint())
        if isinstance(endpoint, Unread):
            return endpoint
        return self._facts.ask(AtEndpoint(endpoint.value, path.strip("/"), path.strip("/"), _USER))


def _only_assigned(owner: Account | Project) -> str:
    """The ARM id of the one identity that a user assigned to a resource without an identity of its own; else ""."""
    assigned = tuple(owner.identity.user_assigned)
    return assigned[0] if len(assigned) == 1 and not owner.identity.principal_id else ""


def _no_identity(role: IdentityRole, owner: object) -> Problem:
    """Why a record names no identity of that part."""
    if role is IdentityRole.APPLICATION_AGENT:
        # A bare payload does not show the identity; that is no proof that there is none.
        summary = "The application does not show its agent identity."
        return Problem(Cause.CANNOT_READ, summary, because_of=("agent-identity",))
    held = owner.identity if isinstance(owner, Account | Project) else None
    if held is not None and (held.user_assigned or "userassigned" in held.type.lower()):
        listed = tuple(f"{one}: object id {oid or 'not shown'}" for one, oid in held.user_assigned.items())
        summary = f"Which of the user-assigned identities is {role.label} is not documented."
        if not listed:
            summary = f"{role.label} is a user-assigned identity that Azure did not show."
        return Problem(Cause.NOT_CHECKABLE, summary, listed)
    if isinstance(owner, Agent) and not (owner.shows_identity and "instance_identity" not in owner.odd):
        summary = f"The record of agent {owner.name} does not show its identity."
        return Problem(Cause.UNRECOGNISED, summary, because_of=("agent-identity",))
    return Problem(Cause.PRINCIPAL_NOT_FOUND, f"There is no such identity: {role.label}.")


def _only(rows: Iterable[Json]) -> str:
    """The id of the one resource among the rows; "" when there is none, or more than one."""
    found = {one: str(one) for row in rows if (one := ResourceId.of(loose.text(row, "id"))) is not None}
    return next(iter(found.values())) if len(found) == 1 else ""


def _has(row: Json, path: str) -> bool:
    *above, last = path.split(".")
    owner: object = row
    for name in above:
        owner = loose.field(owner, name)
    return loose.has(owner, last)
