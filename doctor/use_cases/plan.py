"""The grants that an agent's new identity, its callers and its maker will need, and which of them are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import inventory
from doctor.downstream import plan as planned_grants
from doctor.facts import serving
from doctor.facts.lookup import RunLookup
from doctor.facts.opening import settle_target
from doctor.facts.place import FindPlace
from doctor.facts.records import (
    AccountConnections,
    Predecessor,
    TheAgent,
    TheApplication,
    TheConnections,
    VersionOf,
)
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.foundry import AgentRef
from doctor.model.identity import IdentityRole
from doctor.use_cases.access import opened
from doctor.use_cases.plan_people import Step, callers, rights
from doctor.use_cases.run_checks import LIVE

if TYPE_CHECKING:
    from doctor.facts.ground import Ground
    from doctor.facts.options import Options
    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentVersion
    from doctor.model.plan import Plan


def plan(
    target: str | Options,
    *,
    agent: str = "",
    migrate: bool = False,
    ground: Ground = LIVE,
) -> Plan:
    """What the new identity will need: the application's, or for an agent, or with `migrate`, the agent's own.

    Args:
        target: the application or agent, or all the options of the run.
        agent: name of the agent that will be published as the target, where that is not published yet; before an agent
            is created, one with the tools that it will have.
        migrate: plan for the identity that the agent gets at its own endpoint.
        ground: its settings, clock and network.

    Raises:
        MalformedTarget, AmbiguousTarget, BadConnectTo, BadTrust: as `check` does.
    """
    with opened(target, ground) as facts:
        return planned(settle_target(facts), agent, migrate=migrate)


def planned(facts: Facts, agent_name: str, *, migrate: bool) -> Plan:
    """The plan of a run's target.

    The new identity is the application's; for a new-model agent, or with `migrate`, the agent's own. What is there
    today is what the project's shared identity has, or before and after moving from an application what that one has.
    """
    place, connections = facts.ask(FindPlace()), facts.ask(TheConnections())
    is_agent = _is_agent(facts)
    role = IdentityRole.AGENT if is_agent or migrate else IdentityRole.APPLICATION_AGENT
    comes_from = facts.ask(Predecessor()) if is_agent else None
    leaves_application = isinstance(comes_from, Known) or (migrate and not is_agent and not agent_name)
    today = IdentityRole.APPLICATION_AGENT if leaves_application else IdentityRole.PROJECT_AGENT
    found = inventory(
        _versions(facts, agent_name),
        connections,
        RunLookup(facts),
        agent=role,
        project_id=place.value.project_id if isinstance(place, Known) else "",
        of_account=lambda: facts.ask(AccountConnections()),
    )
    plan = planned_grants(found, RunLookup(facts), today=today)
    if isinstance(place, Unread):
        return plan
    step = Step.MOVE if leaves_application else _beginning(facts) if agent_name else None
    plan = replace(plan, rights=rights(facts, step, place.value.project_id)) if step else plan
    application = comes_from.value.id if isinstance(comes_from, Known) else place.value.id
    return _with_callers(facts, plan, application, place.value.project_id) if step is Step.MOVE else plan


def _is_agent(facts: Facts) -> bool:
    return subject_of(facts).role is IdentityRole.AGENT


def _with_callers(facts: Facts, plan: Plan, application: str, project_id: str) -> Plan:
    """The plan with those who call the application; as it is when nothing says which agent that serves."""
    refs = Known((AgentRef(facts.target.name),)) if _is_agent(facts) else facts.ask(serving.ServedRefs())
    if isinstance(refs, Unread):
        return replace(plan, unread=(*plan.unread, f"callers: {refs.problem.summary}"))
    for ref in refs.value[:1]:
        called = callers(facts, application, f"{project_id}/agents/{ref.name}")
        if isinstance(called, Unread):
            return replace(plan, unread=(*plan.unread, f"callers: {called.problem.summary}"))
        return replace(plan, callers=called.value)
    return plan


def _beginning(facts: Facts) -> Step | None:
    """The step that brings the target into being; None when it is there, or nothing says that it is not."""
    is_agent = _is_agent(facts)
    fact: Fact[object] = facts.ask(TheAgent()) if is_agent else facts.ask(TheApplication())
    if isinstance(fact, Known) or fact.problem.cause is not Cause.APPLICATION_NOT_FOUND:
        return None
    return Step.CREATE if is_agent else Step.PUBLISH


def _versions(facts: Facts, agent_name: str) -> Fact[tuple[AgentVersion, ...]]:
    if not agent_name:
        found = facts.ask(serving.ServedVersions())
        if isinstance(found, Unread) and found.problem.cause is Cause.APPLICATION_NOT_FOUND:
            then = "an agent with the same tools" if _is_agent(facts) else "its agent"
            hint = f"{found.problem.summary}; name {then} with --agent to plan before it is there"
            return Unread(replace(found.problem, summary=hint))
        return found
    version = facts.ask(VersionOf(AgentRef(name=agent_name)))
    return version if isinstance(version, Unread) else Known((version.value,))
