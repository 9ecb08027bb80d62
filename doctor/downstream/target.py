"""The resource behind a dependency: found, read, and its kind made certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.downstream import other_cloud, properties, resolve
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import HostName, Lookup
    from doctor.model.foundry import Json

_PROJECTS = "microsoft.cognitiveservices/accounts/projects"


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that is called."""

    resource_id: str
    """The scope on which permissions count."""
    kind: Kind
    resource: Json | None = None
    """As read; None when it could not be."""
    problem: Problem | None = None
    """Why it could not be read."""
    contradiction: str = ""
    """The connection's metadata names another resource than the one that is called."""


@dataclass(frozen=True, slots=True)
class _Called:
    """The resource that a call goes to, and what the connection says that contradicts it."""

    resource_id: str
    contradiction: str = ""


def locate(dependency: Dependency, kind: Kind, known: Knowledge, lookup: Lookup) -> Target | Problem:
    """The resource that a dependency calls, or why it cannot be told. A custom domain is never guessed at."""
    called = _unseen(dependency.target, known, lookup) or _called(dependency, known, lookup)
    if isinstance(called, Problem):
        return called
    resource_id = resolve.below_host(called.resource_id, dependency.target)
    kind = _by_type(kind, resource_id, dependency, known)
    if not kind.api_version:
        return Target(resource_id, kind, contradiction=called.contradiction)
    fact = lookup.resource(_owner(resource_id), kind.api_version, properties=("properties", *kind.decisive))
    if not isinstance(fact, Known):
        return Target(resource_id, kind, None, fact.problem, called.contradiction)
    if not isinstance(properties.dig(fact.value, "properties"), Mapping):
        problem = Problem(Cause.UNRECOGNISED, f"{clean(resolve.resource_name(resource_id))} shows no properties")
        return Target(resource_id, kind, None, problem, called.contradiction)
    return Target(resource_id, _by_resource(kind, fact.value, known), fact.value, None, called.contradiction)


def _unseen(url: str, known: Knowledge, lookup: Lookup) -> Problem | None:
    """Why nothing is looked for at an address: another cloud's, or a record's name in a private DNS zone."""
    if "privatelink" in resolve.place(url).host.split("."):
        summary = "its address is a name in a private DNS zone, not the one that the service itself is called by"
        return Problem(Cause.DOWNSTREAM_NOT_FOUND, summary)
    return other_cloud.unseen(url, known, lookup.cloud)


def _called(dependency: Dependency, known: Knowledge, lookup: Lookup) -> _Called | Problem:
    """The target where it is an id; the owner of the host that is called; else what the metadata states."""
    if direct := resolve.arm_id(dependency.target):
        return _Called(direct)
    stated, host = resolve.metadata_id(dependency.connection), resolve.host_name(dependency.target, known)
    if host is None:
        shown = clean(resolve.place(dependency.target).host) or "no address"
        summary = f"its address ({shown}) does not tell which resource it is, and the connection does not say"
        return _Called(stated) if stated else Problem(Cause.DOWNSTREAM_NOT_FOUND, summary)
    if stated and _owns(stated, host, known, lookup):
        return _Called(stated)
    fact = lookup.resolve(host.host)
    contradiction = (
        f"the connection's metadata names {clean(resolve.resource_name(stated))}, but {clean(host.host)} is called"
        if stated
        else ""
    )
    if isinstance(fact, Known):
        return _Called(fact.value, contradiction)
    if contradiction:
        return replace(fact.problem, summary=f"{contradiction}; {fact.problem.summary}")
    return fact.problem


def _owns(stated: str, host: HostName, known: Knowledge, lookup: Lookup) -> bool:
    """Whether the resource that the metadata states answers at the host: by a property that shows it, else by name."""
    owner = _owner(stated)
    if resolve.resource_type(owner).lower() not in {one.lower() for one in host.arm_types}:
        return False
    if host.shared:
        return True
    kinds = known.of_type(resolve.resource_type(owner))
    if host.properties and kinds and kinds[0].api_version:
        fact = lookup.resource(owner, kinds[0].api_version, properties=("properties",))
        if not isinstance(fact, Known):
            # What is not read is told when its settings are asked for.
            return True
        shown = [one for path in host.properties for one in properties.texts(properties.dig(fact.value, path))]
        if shown:
            return any(host.host == resolve.place(one).host or host.label == one.lower() for one in shown)
    return resolve.resource_name(owner).lower() == host.label


def _by_type(kind: Kind, resource_id: str, dependency: Dependency, known: Knowledge) -> Kind:
    """Another kind when the resource turns out to be of another type: Event Hubs behind a Service Bus address."""
    found = resolve.resource_type(resource_id).lower()
    if not kind.arm_types or any(found.startswith(one.lower()) for one in kind.arm_types):
        return kind
    where = resolve.place(dependency.target)
    owners = [one for one, _ in known.of_host(where.host, where.path)] if where.host else []
    fitting = known.of_type(found)
    return next((one for one in fitting if one in owners), fitting[0] if fitting else kind)


def _by_resource(kind: Kind, resource: Json, known: Knowledge) -> Kind:
    """The kind that the resource's own `kind` names: a speech resource, a workflow app."""
    named = properties.text(resource, "kind").lower().replace(" ", "")
    for one in known.of_type(kind.arm_types[0]) if kind.arm_types and named else ():
        if named in {value.lower() for value in one.resource_kinds}:
            return one
    return kind


def _owner(resource_id: str) -> str:
    """The resource that carries the settings: the account of a Foundry project."""
    is_project = resolve.resource_type(resource_id).lower().startswith(_PROJECTS)
    return resource_id[: resource_id.lower().index("/projects/")] if is_project else resource_id
