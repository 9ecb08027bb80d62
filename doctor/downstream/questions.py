"""All questions of one dependency about one identity, and their answers as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import scenarios
from doctor.downstream.judgement import Ask, Judgement
from doctor.downstream.kind import Judge as When
from doctor.downstream.kind import Scenario, Store
from doctor.downstream.stores import dispatch
from doctor.model.access import Access

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.identity import Identity

_WORST_FIRST = (Access.NOT_GRANTED, Access.UNKNOWN, Access.CONDITIONAL, Access.GRANTED)
_STORE_ALONE = Scenario("call", "calling it", When.ALWAYS)
"""Stores that know no scenarios: who is admitted may call."""


def judged(dependency: Dependency, target: Target, known: Knowledge) -> tuple[Scenario, ...]:
    """The scenarios that are judged for a dependency."""
    found = scenarios.chosen(dependency, target.kind, target.resource, known)
    if found or target.kind.store in {Store.RBAC, Store.COSMOS, Store.KEY_VAULT}:
        return found
    return (_STORE_ALONE,)


def asks(dependency: Dependency, target: Target, identity: Identity, chosen: tuple[Scenario, ...]) -> tuple[Ask, ...]:
    """One question for each scenario and each part of the target that is used."""
    return tuple(
        Ask(
            identity,
            target.kind,
            scenario,
            target.resource_id,
            child,
            target.resource,
            dependency.audience,
            dependency.target,
        )
        for scenario in chosen
        for child in (dependency.children or ("",))
    )


def answer(
    dependency: Dependency, target: Target, identity: Identity, chosen: tuple[Scenario, ...], lookup: Lookup
) -> Judgement | None:
    """The worst answer, with the evidence and the fixes of all; None when there is nothing to ask."""
    found = [dispatch.judge(one, lookup) for one in asks(dependency, target, identity, chosen)]
    if not found:
        return None
    worst = min(found, key=lambda one: _WORST_FIRST.index(one.access))
    same = [one for one in found if one.access is worst.access]
    return replace(
        worst,
        evidence=tuple(dict.fromkeys(line for one in same for line in one.evidence)),
        fixes=(),
        search=lambda: tuple(dict.fromkeys(fix for one in same for fix in one.changes())),
        decisions=tuple(decision for one in found for decision in one.decisions),
    )
