"""The grants that an agent's new identity will need, and which of them are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import inventory
from doctor.downstream import plan as planned_grants
from doctor.facts import serving
from doctor.facts.lookup import RunLookup
from doctor.facts.opening import settle_target
from doctor.facts.place import FindPlace
from doctor.facts.records import AccountConnections, Predecessor, TheConnections, VersionOf
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.foundry import AgentRef
from doctor.model.identity import IdentityRole
from doctor.use_cases.access import opened
from doctor.use_cases.run_checks import LIVE

if TYPE_CHECKING:
    from doctor.downstream import Plan
    from doctor.facts.ground import Ground
    from doctor.facts.options import Options
    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentVersion


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
        agent: name of the agent that will be published as the target, where that is not published yet.
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
    is_agent = subject_of(facts).role is IdentityRole.AGENT
    role = IdentityRole.AGENT if is_agent or migrate else IdentityRole.APPLICATION_AGENT
    comes_from = is_agent and isinstance(facts.ask(Predecessor()), Known)
    leaves_application = comes_from or (migrate and not is_agent and not agent_name)
    today = IdentityRole.APPLICATION_AGENT if leaves_application else IdentityRole.PROJECT_AGENT
    found = inventory(
        _versions(facts, agent_name),
        connections,
        RunLookup(facts),
        agent=role,
        project_id=place.value.project_id if isinstance(place, Known) else "",
        of_account=lambda: facts.ask(AccountConnections()),
    )
    return planned_grants(found, RunLookup(facts), today=today)


def _versions(facts: Facts, agent_name: str) -> Fact[tuple[AgentVersion, ...]]:
    if not agent_name:
        found = facts.ask(serving.ServedVersions())
        if isinstance(found, Unread) and found.problem.cause is Cause.APPLICATION_NOT_FOUND:
            hint = f"{found.problem.summary}; name its agent with --agent to plan before it is published"
            return Unread(replace(found.problem, summary=hint))
        return found
    version = facts.ask(VersionOf(AgentRef(name=agent_name)))
    return version if isinstance(version, Unread) else Known((version.value,))
