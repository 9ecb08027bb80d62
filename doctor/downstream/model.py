"""Is the model that the agent names there? A deployment of the account, or of the resource behind a connection.

The project's own model is used without any role assignment; what decides is whether the deployment exists and is in
state Succeeded. Sources: `GET {account}/deployments` of api-version 2025-06-01; the forms of `definition.model` in
azure-ai-projects 2.10.0; `aiServicesConnections` of a capability host ("Capability hosts", Microsoft Learn).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.capability import CAPABILITY_HOSTS
from doctor.downstream.dependency import Caller, Dependency, Who
from doctor.downstream.target import locate
from doctor.model.cause import Cause
from doctor.model.fact import Problem, Unread
from doctor.model.finding import failed, passed, unknown
from doctor.model.fix import Fix
from doctor.model.loose import shown
from doctor.model.status import Status
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.named import Connections
    from doctor.model.fact import Fact
    from doctor.model.finding import Finding
    from doctor.model.foundry import AgentVersion, Connection, Json

_API_VERSION = "2025-06-01"
_MOVING = frozenset({"accepted", "creating", "moving"})
_BROKEN = frozenset({"failed", "canceled", "deleting", "disabled"})
_BEST_FIRST = (Status.PASS, Status.UNKNOWN, Status.FAIL)
_WITH_MODEL = frozenset({"prompt", "voice"})


def judge(version: AgentVersion, project_id: str, named: Connections, known: Knowledge, lookup: Lookup) -> Finding:
    """What can be said about the model of one agent version; the finding's subject is left to the caller."""
    owner = f"{clean(version.name)} version {clean(version.version) or 'latest'}"
    kind = version.kind.lower() or "prompt"
    if kind not in _WITH_MODEL:
        return passed(f"{owner} is a {clean(kind)} agent and names no model itself")
    written = properties.dig(version.definition, "model")
    if not version.model or not (written is None or isinstance(written, (str, Mapping))):
        found = shown(written or None)
        return unknown(Cause.UNRECOGNISED, f"definition.model of {owner} should name a model, but is {found}")
    own = _deployments(project_id.partition("/projects/")[0], lookup)
    if isinstance(own, Unread):
        summary = f"Whether model {clean(version.model)} is deployed could not be read: {own.problem.summary}"
        return unknown(own.problem.cause, summary, evidence=own.problem.evidence, fixes=own.problem.fixes)
    if (deployment := _named(own.value, version.model)) is not None:
        return _of_deployment(deployment, version.model)
    reference, slash, name = version.model.partition("/")
    connection = named.find(reference) if slash else None
    if connection is not None and not isinstance(connection, Problem):
        return _behind(connection, name, known, lookup)
    return _elsewhere(version.model, project_id, own.value, connection, (named, known, lookup))


def _deployments(account_id: str, lookup: Lookup) -> Fact[tuple[Json, ...]]:
    return lookup.list(f"{account_id}/deployments", _API_VERSION)


def _named(deployments: tuple[Json, ...], name: str) -> Json | None:
    wanted = name.strip().lower()
    return next((one for one in deployments if properties.text(one, "name").rsplit("/", 1)[-1].lower() == wanted), None)


def _of_deployment(deployment: Json, name: str) -> Finding:
    """A deployment by its state."""
    state = properties.text(deployment, "properties.provisioningState")
    running = properties.text(deployment, "properties.deploymentState")
    evidence = (f"deployment {clean(name)}: state {clean(state) or 'not said'}",)
    if running.lower() == "paused":
        return failed(Cause.MODEL_NOT_AVAILABLE, f"Model deployment {clean(name)} is paused", evidence=evidence)
    if state.lower() == "succeeded":
        return passed(f"Model deployment {clean(name)} is there and in state Succeeded", evidence=evidence)
    if state.lower() in _MOVING | _BROKEN:
        fix = Fix("Wait until the deployment is made" if state.lower() in _MOVING else "Make the deployment anew")
        summary = f"Model deployment {clean(name)} is in state {clean(state)}, so it cannot be used"
        transient = state.lower() in _MOVING
        return failed(Cause.MODEL_NOT_AVAILABLE, summary, evidence=evidence, fixes=(fix,), transient=transient)
    if state.lower() == "updating":
        summary = f"Model deployment {clean(name)} is being updated; whether it answers meanwhile is not known"
        finding = unknown(
            Cause.MODEL_NOT_AVAILABLE, summary, evidence=evidence, fixes=(Fix("Wait until it is updated"),)
        )
        return replace(finding, transient=True)
    summary = f"properties.provisioningState of model deployment {clean(name)} is {shown(state or None)}"
    return unknown(Cause.MODEL_NOT_AVAILABLE, f"{summary}, and says nothing that is known", evidence=evidence)


def _behind(connection: Connection, name: str, known: Knowledge, lookup: Lookup) -> Finding:
    """A deployment of the resource that a connection leads to."""
    label = clean(connection.name)
    owner = _account_of(connection, known, lookup)
    if owner is None:
        summary = f"Model {clean(name)} is called through connection {label}; only what is behind it knows the model"
        return unknown(Cause.NOT_CHECKABLE, summary, evidence=("To settle it: make one real call (--invoke)",))
    if isinstance(owner, Problem):
        return unknown(owner.cause, f"The resource behind connection {label} was not found: {owner.summary}")
    fact = _deployments(owner, lookup)
    if isinstance(fact, Unread):
        summary = f"The deployments behind connection {label} could not be read: {fact.problem.summary}"
        return unknown(fact.problem.cause, summary, evidence=fact.problem.evidence, fixes=fact.problem.fixes)
    deployment = _named(fact.value, name)
    if deployment is None:
        return _absent(name, f"the resource behind connection {label}", fact.value)
    return _of_deployment(deployment, name)


def _account_of(connection: Connection, known: Knowledge, lookup: Lookup) -> str | Problem | None:
    """The account behind a connection; None where it leads to something else than an account."""
    kind, called = known.get("foundry_account"), Caller(Who.PLATFORM)
    dependency = Dependency("model", called, "foundry_account", connection=connection, target=connection.target)
    if kind is None or connection.category.lower() not in {one.lower() for one in kind.categories}:
        return None
    target = locate(dependency, kind, known, lookup)
    return target if isinstance(target, Problem) else target.resource_id


def _elsewhere(
    model: str,
    project_id: str,
    own: tuple[Json, ...],
    connection: Problem | None,
    ways: tuple[Connections, Knowledge, Lookup],
) -> Finding:
    """A model that the account does not have: the project's capability host may name a resource that has it."""
    named, known, lookup = ways
    hosts = lookup.list(f"{project_id}/capabilityHosts", CAPABILITY_HOSTS)
    if isinstance(hosts, Unread):
        summary = f"The account has no deployment {clean(model)}; whether the capability host names another resource"
        summary = f"{summary} could not be read: {hosts.problem.summary}"
        return unknown(hosts.problem.cause, summary, evidence=hosts.problem.evidence, fixes=hosts.problem.fixes)
    paths = (properties.dig(host, "properties.aiServicesConnections") for host in hosts.value)
    others = [named.find(reference) for path in paths for reference in properties.texts(path)]
    found = [
        unknown(one.cause, one.summary) if isinstance(one, Problem) else _behind(one, model, known, lookup)
        for one in others
    ]
    if found:
        return min(found, key=lambda one: _BEST_FIRST.index(one.status))
    if isinstance(connection, Problem) and connection.cause is not Cause.CONNECTION_MISSING:
        return unknown(connection.cause, f"Model {clean(model)} is not known to be deployed: {connection.summary}")
    more = f" ({connection.summary})" if isinstance(connection, Problem) else ""
    absent = _absent(model, "the account", own)
    return replace(absent, summary=f"{absent.summary}{more}")


def _absent(model: str, where: str, deployments: tuple[Json, ...]) -> Finding:
    names = ", ".join(sorted(clean(properties.text(one, "name").rsplit("/", 1)[-1]) for one in deployments))
    fix = Fix(title=f"Deploy a model under the name {clean(model)}, or name one in the agent that is deployed")
    summary = f"There is no model deployment {clean(model)} in {where}"
    return failed(Cause.MODEL_NOT_AVAILABLE, summary, evidence=(f"deployed there: {names or 'nothing'}",), fixes=(fix,))
