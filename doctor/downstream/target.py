"""The resource behind a dependency: found, read, and its kind made certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.downstream import properties, resolve
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
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


def locate(dependency: Dependency, kind: Kind, known: Knowledge, lookup: Lookup) -> Target | Problem:
    """The resource of a dependency, or why it cannot be told. A custom domain is never guessed at."""
    stated = resolve.stated_id(dependency.connection, dependency.target)
    found = stated or _by_host(dependency, known, lookup)
    if isinstance(found, Problem):
        return found
    resource_id = resolve.below_host(found, dependency.target)
    kind = _by_type(kind, resource_id, dependency, known)
    if not kind.api_version:
        return Target(resource_id, kind)
    owner = _owner(resource_id)
    fact = lookup.resource(owner, kind.api_version, properties=kind.decisive)
    if not isinstance(fact, Known):
        return Target(resource_id, kind, None, fact.problem)
    return Target(resource_id, _by_resource(kind, fact.value, known), fact.value)


def _by_host(dependency: Dependency, known: Knowledge, lookup: Lookup) -> str | Problem:
    host = resolve.host_name(dependency.target, known)
    if host is None:
        shown = clean(resolve.place(dependency.target).host) or "no address"
        summary = f"its address ({shown}) does not tell which resource it is, and the connection does not say"
        return Problem(Cause.DOWNSTREAM_NOT_FOUND, summary)
    fact = lookup.resolve(host.host)
    return fact.value if isinstance(fact, Known) else fact.problem


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
