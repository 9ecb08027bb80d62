"""What a target calls in its turn, with an identity of its own: a knowledge base of AI Search, its model and sources.

Which model and sources those are stands in the search service's own data plane, which Azure Resource Manager does not
show. So the second hop is never a pass: what can be seen of the identity is said, and how to settle the rest.
Source: "Azure AI Search: connect with a managed identity" and "Agentic retrieval" of Microsoft Learn; public issue
microsoft/iq-series 5, where a refused second hop showed as tool_user_error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from doctor import changes
from doctor.changes import bash
from doctor.downstream import properties, resolve
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.change import CallRest, RunAz
from doctor.model.finding import unknown
from doctor.model.resource_id import ResourceId
from doctor.model.status import Status
from doctor.model.untrusted import clean
from doctor.rbac import Needs

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Scenario
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.access import Decision
    from doctor.model.finding import Finding
    from doctor.model.fix import Fix

_BEST_FIRST = (Access.GRANTED, Access.CONDITIONAL, Access.UNKNOWN, Access.NOT_GRANTED)


def considered(finding: Finding, dependency: Dependency, target: Target, lookup: Lookup) -> Finding:
    """The finding about the first hop, or an unknown about the second where the first one does not fail already."""
    wanted = [one for one in target.kind.scenarios if one.id in target.kind.second_hop]
    if not wanted or finding.status is Status.FAIL or target.resource is None:
        return finding
    hop = _Hop(target, dependency, lookup)
    first = f"first hop: {finding.summary}"
    needs = tuple(f"for {one.title} its own identity needs {one.role_name}" for one in wanted)
    if finding.status is Status.UNKNOWN and finding.required:
        return replace(finding, evidence=(*finding.evidence, *hop.evidence, *needs))
    told = (first, *hop.evidence, *needs, hop.settle, *finding.evidence)
    return hop.judge(wanted, tuple(dict.fromkeys(told)), finding)


@dataclass(frozen=True, slots=True)
class _Hop:
    """The calls that a target makes itself."""

    target: Target
    dependency: Dependency
    lookup: Lookup

    @property
    def principals(self) -> tuple[tuple[str, str], ...]:
        """Name and object id of each identity that the target has; "" where Azure does not show the id."""
        identity = properties.dig(self.target.resource, "identity")
        own = properties.text(identity, "principalId").lower()
        found = [("its system-assigned identity", own)] if own else []
        assigned = properties.dig(identity, "userAssignedIdentities")
        for resource_id, entry in assigned.items() if isinstance(assigned, dict) else ():
            name = f"its user-assigned identity {clean(resolve.resource_name(resource_id))}"
            found.append((name, properties.text(entry, "principalId").lower()))
        return tuple(found)

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(
            f"second hop: {self._name} calls as {name}, object id {oid or 'not shown'}" for name, oid in self.principals
        )

    @property
    def _name(self) -> str:
        return f"{self.target.kind.title} {clean(resolve.resource_name(self.target.resource_id))}"

    @property
    def settle(self) -> str:
        """How to see which model and sources are called."""
        url = urlsplit(self.dependency.target)
        version = parse_qs(url.query).get("api-version", [""])[0]
        path = url.path.rstrip("/").removesuffix("/mcp")
        if not version or not path:
            return "To settle it: open the knowledge base in the search service and see which model and sources it uses"
        audience = next(iter(self.target.kind.audiences_at(url.hostname or "")), "")
        call = CallRest("GET", f"https://{url.hostname}{path}?api-version={version}", audience=audience)
        return f"To settle it, see which model and sources the knowledge base uses: {bash.write(call)}"

    def judge(self, wanted: list[Scenario], told: tuple[str, ...], first: Finding) -> Finding:
        if not self.principals:
            summary = f"{self._name} has no managed identity of its own, so its calls of a model or a source work with"
            summary = f"{summary} keys only; whether they use keys cannot be seen from Azure"
            return unknown(Cause.PRINCIPAL_NOT_FOUND, summary, evidence=told, fixes=(self._identity(),))
        account = self.dependency.account_id
        models = next((one for one in wanted if one.id == "second_hop_model"), None)
        decisions = [self._may(oid, models, account) for _, oid in self.principals if oid and models and account]
        best = min(decisions, key=lambda one: _BEST_FIRST.index(one.access), default=None)
        named = clean(resolve.resource_name(account))
        who = " or ".join(f"{name} ({oid or 'object id not shown'})" for name, oid in self.principals)
        if best is not None and best.access is Access.NOT_GRANTED and models is not None:
            summary = f"{self._name} calls its model as {who}, which may not call models of {named}; which"
            summary = f"{summary} account the knowledge base uses cannot be seen from Azure"
            cause = best.cause or Cause.NO_ASSIGNMENT
            return unknown(cause, summary, evidence=told, fixes=self._grants(best, models, named), decisions=(best,))
        may = f", which may call models of {named}" if best is not None and best.access is Access.GRANTED else ""
        summary = f"{self._name} calls its model and sources as {who}{may}; which they are cannot be seen from Azure"
        return unknown(Cause.NOT_CHECKABLE, summary, evidence=told, decisions=first.decisions)

    def _may(self, object_id: str, scenario: Scenario, scope: str) -> Decision:
        return self.lookup.access(object_id, Needs(all_of=scenario.needs), scope)

    def _grants(self, decision: Decision, scenario: Scenario, account: str) -> tuple[Fix, ...]:
        needs, note = Needs(all_of=scenario.needs), f"Only if the knowledge base's model is deployed in {account}."
        found = self.lookup.remedies(
            decision, needs, prefer=(scenario.role_guid,), api_version=self.target.kind.api_version
        )
        return tuple(replace(one, note=f"{note} {one.note}".strip()) for one in found)

    def _identity(self) -> Fix:
        at = ResourceId.read(self.target.resource_id)
        where = ("--name", at.name, "--resource-group", at.resource_group, "--subscription", at.after("subscriptions"))
        update = ("search", "service", "update", *where, "--identity-type")
        change = RunAz((*update, "SystemAssigned"), (*update, "None"))
        note = "The new identity then needs its roles on the model's account and on the sources."
        title = f"Give search service {clean(at.name)} a managed identity, unless the knowledge base uses keys"
        return changes.fix(change, title, needs="Search Service Contributor on the search service", note=note)
