"""The capability hosts of a project and its account: without one in state Succeeded, agents of a standard setup fail.

Source: "Capability hosts" of Microsoft Learn (MicrosoftDocs/azure-ai-docs @095ac1e9): one for the account, one for each
project, no update; foundry-samples issue 810 for hosts that stay in Creating. A project without one keeps its agents'
state in Microsoft's own storage (basic setup).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.model.finding import failed, passed, unknown, warned
from doctor.model.fix import Fix
from doctor.model.loose import shown
from doctor.model.status import Status
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup
    from doctor.model.fact import Problem
    from doctor.model.finding import Finding
    from doctor.model.foundry import Json

CAPABILITY_HOSTS = "2025-06-01"
_BROKEN = frozenset({"failed", "canceled", "deleting"})
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS)
_ANEW = "Delete the capability host and create it again: an existing one cannot be changed"


def judge(project_id: str, lookup: Lookup) -> Finding:
    """The state of the capability hosts that the project's agents hang on: the worst of them, with all as evidence."""
    found = _each(project_id, lookup)
    worst = min(found, key=lambda one: _WORST_FIRST.index(one.status))
    return replace(worst, evidence=tuple(dict.fromkeys(line for one in found for line in (*one.evidence,))))


def _each(project_id: str, lookup: Lookup) -> tuple[Finding, ...]:
    account_id = project_id.partition("/projects/")[0]
    of_project = lookup.list(f"{project_id}/capabilityHosts", CAPABILITY_HOSTS)
    if isinstance(of_project, Unread):
        return (_unread("project", of_project.problem),)
    if not of_project.value:
        return (passed("The project has no capability host: its agents' state is kept in Microsoft's own storage."),)
    found = [_state("project", one) for one in of_project.value]
    of_account = lookup.list(f"{account_id}/capabilityHosts", CAPABILITY_HOSTS)
    if isinstance(of_account, Unread):
        return (*found, _unread("account", of_account.problem))
    return (*found, *(_state("account", one) for one in of_account.value))


def _unread(owner: str, problem: Problem) -> Finding:
    summary = f"The capability hosts of the {owner} could not be read: {problem.summary}"
    return unknown(problem.cause, summary, evidence=problem.evidence, fixes=problem.fixes)


def _state(owner: str, host: Json) -> Finding:
    name = clean(properties.text(host, "name").rsplit("/", 1)[-1]) or "without a name"
    state = properties.text(host, "properties.provisioningState")
    what, lower = f"Capability host {name} of the {owner}", state.lower()
    evidence = (f"{what}: state {clean(state) or 'not said'}",)
    if lower == "succeeded":
        return passed(f"{what} is in state Succeeded.", evidence=evidence)
    if lower == "updating":
        return warned(Cause.PLATFORM_NOT_READY, f"{what} is being updated.", evidence=evidence)
    if lower == "creating":
        summary = f"{what} is still being created, so agents of the project do not run; after 15 minutes it is stuck."
        fixes = (Fix("Wait until the capability host is made"), Fix(_ANEW))
        return failed(Cause.PLATFORM_NOT_READY, summary, evidence=evidence, fixes=fixes, transient=True)
    if lower in _BROKEN:
        summary = f"{what} is in state {clean(state)}, so agents of the project do not run."
        return failed(Cause.PLATFORM_NOT_READY, summary, evidence=evidence, fixes=(Fix(_ANEW),))
    summary = f"{what} says of its provisioningState {shown(state or None)}, which is not known."
    return unknown(Cause.PLATFORM_NOT_READY, summary, evidence=evidence)
