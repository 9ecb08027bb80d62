"""The grants that a new identity will need: before publishing an agent, or before moving it to the new agent model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import knowledge, questions, scenarios
from doctor.downstream.dependency import Who
from doctor.downstream.kind import Store
from doctor.downstream.lost import moving
from doctor.downstream.stores import cosmos, dispatch, key_vault
from doctor.downstream.target import Target, locate
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.change import GrantRole
from doctor.model.fact import Known, Problem
from doctor.model.identity import Identity, IdentityRole
from doctor.model.plan import PLACEHOLDER, Grant, Plan, State
from doctor.model.untrusted import clean
from doctor.rbac import role_label

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency, Inventory
    from doctor.downstream.judgement import Ask, Judgement
    from doctor.downstream.kind import Scenario
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup


def plan(
    inventory: Inventory,
    lookup: Lookup,
    known: Knowledge | None = None,
    *,
    today: IdentityRole = IdentityRole.PROJECT_AGENT,
) -> Plan:
    """The grants for the identity that the agent will act with (`inventory.agent`).

    `today` is the identity that it acts with now: the project's shared one before publishing, the application's before
    moving to the new agent model. Each grant is the narrow role for the use, on the resource itself; when today's
    identity may write and it cannot be seen whether the tool writes, the writing role is planned.
    """
    table = known or knowledge.load()
    role = inventory.agent or IdentityRole.APPLICATION_AGENT
    fact = lookup.identity(role)
    new = fact.value if isinstance(fact, Known) else Identity(PLACEHOLDER, role)
    old = lookup.identity(today)
    now = old.value if isinstance(old, Known) else None
    grants: list[Grant] = []
    changing = moving(inventory, table)
    for dependency in changing:
        grants += _of(dependency, new, now, lookup, table)
    grants += [_person(one, table) for one in inventory.dependencies if _needs_person(one, inventory, changing)]
    unread = [f"{clean(one.subject) or 'connections'}: {one.problem.summary}" for one in inventory.unread]
    unread += [f"{clean(one.subject)}: {one.problem.summary}" for one in inventory.dependencies if one.problem]
    return Plan(new.object_id, tuple(grants), _unchanged(inventory), tuple(unread))


def _needs_person(one: Dependency, inventory: Inventory, changing: tuple[Dependency, ...]) -> bool:
    is_agent = one.caller.who is Who.IDENTITY and one.caller.role is inventory.agent
    return is_agent and one.problem is None and one not in changing


def _person(dependency: Dependency, known: Knowledge) -> Grant:
    kind = known.get(dependency.kind)
    title = kind.title if kind else "unknown kind of target"
    verify = kind.to_verify() if kind else "Find out who may call this target, and admit the new identity there."
    subject, today = clean(dependency.subject), "not visible from Azure"
    return Grant(subject, title, "", "calling it", "", today, State.PERSON, reason=verify)


def _unchanged(inventory: Inventory) -> tuple[str, ...]:
    lines = []
    for one in inventory.dependencies:
        if one.caller.who is Who.IDENTITY and one.caller.role is not inventory.agent and one.caller.role is not None:
            lines.append(f"{clean(one.subject)}: {one.caller.role.label} calls, before and after")
        elif one.caller.who in {Who.KEY, Who.END_USER, Who.USER_ASSIGNED, Who.SERVICE_PRINCIPAL}:
            who = {Who.KEY: "a key is used", Who.END_USER: "the end user calls"}.get(
                one.caller.who, "its own identity calls"
            )
            lines.append(f"{clean(one.subject)}: {who}, before and after")
    return tuple(dict.fromkeys(lines))


def _of(dependency: Dependency, new: Identity, today: Identity | None, lookup: Lookup, known: Knowledge) -> list[Grant]:
    subject = clean(dependency.subject)
    kind = known.kinds[dependency.kind]
    target = locate(dependency, kind, known, lookup)
    if isinstance(target, Problem):
        return [Grant(subject, kind.title, "", "", "", "not known", State.UNKNOWN, None, target.summary)]
    chosen = _widened(dependency, target, today, questions.judged(dependency, target, known), lookup)
    found = [_grant(subject, one, target, today, lookup) for one in questions.asks(dependency, target, new, chosen)]
    return found if dependency.used is not None else [_perhaps(one) for one in found]


def _perhaps(grant: Grant) -> Grant:
    """A grant for something of which it is not known whether it is used."""
    if grant.state is not State.MISSING:
        return grant
    return replace(grant, state=State.UNKNOWN, reason="it is not known whether a tool uses it")


def _widened(
    dependency: Dependency,
    target: Target,
    today: Identity | None,
    chosen: tuple[Scenario, ...],
    lookup: Lookup,
) -> tuple[Scenario, ...]:
    """Writing instead of reading, when the identity of today may write and the tool does not say."""
    for one in scenarios.remarked(dependency, target.kind) if today else ():
        found = questions.answer(dependency, target, today, (one,), lookup) if today else None
        if found is not None and found.access is Access.GRANTED:
            return (one,)
    return chosen


def _grant(subject: str, ask: Ask, target: Target, today: Identity | None, lookup: Lookup) -> Grant:
    had = dispatch.judge(replace(ask, identity=today), lookup) if today else None
    exists = ask.identity.object_id != PLACEHOLDER
    has = dispatch.judge(ask, lookup) if exists else None
    state = _state(has, target, exists=exists)
    known = {Access.GRANTED: True, Access.NOT_GRANTED: False}
    grant = Grant(
        subject,
        ask.kind.title,
        ask.scope,
        ask.scenario.title,
        "",
        had.reason if had else "the identity of today could not be read",
        state,
        known.get(had.access) if had else None,
        has.reason if has else "",
    )
    grant = _narrow(ask, grant)
    return replace(grant, fix=None) if state is State.PRESENT else grant


def _state(has: Judgement | None, target: Target, *, exists: bool) -> State:
    if not exists or has is None:
        return State.MISSING if target.problem is None else State.UNKNOWN
    states = {Access.GRANTED: State.PRESENT, Access.NOT_GRANTED: State.MISSING}
    return states.get(has.access, State.PERSON if has.cause is Cause.NOT_CHECKABLE else State.UNKNOWN)


def _narrow(ask: Ask, grant: Grant) -> Grant:
    """The grant with the narrow role for its use, and the change that gives it."""
    scenario = ask.scenario
    if scenario.native is not None:
        return replace(grant, role=scenario.native.name, fix=cosmos.fix(ask, scenario.native))
    if ask.kind.store is Store.KEY_VAULT and not key_vault.uses_roles(ask):
        return replace(grant, role="access policy", fix=key_vault.fix(ask))
    if not scenario.role_guid:
        return replace(grant, reason=grant.reason or ask.kind.to_verify(ask.identity.object_id))
    name = role_label(scenario.role_guid, scenario.role_name)
    change = GrantRole(ask.identity.object_id, scenario.role_guid, ask.scope, "ServicePrincipal", ask.kind.api_version)
    return replace(grant, role=name, fix=changes.fix(change, f"Assign {name} to {ask.who} on {ask.what}"))
