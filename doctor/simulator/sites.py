"""A project of the simulated Azure, with its account: where it is, who is in it, and its agents as they are now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.simulator.agent_records import agent_record, version_record, versions_of
from doctor.simulator.places import beside

if TYPE_CHECKING:
    from doctor.simulator.identities import Directory
    from doctor.simulator.places import Places
    from doctor.simulator.scenario_agents import Agent
    from doctor.simulator.scenario_model import Scenario
    from doctor.simulator.wire import Json

Expand = Callable[[Any], Any]
"""Fills in `${principal:NAME}` and the like."""


@dataclass(slots=True)
class AgentState:
    """An agent as it is now: `record` and `versions` are what is shown, and what calls are judged by."""

    name: str
    said: Agent
    record: Json
    versions: dict[str, Json]
    calls: int = 0
    """Calls so far, by which traffic is shared out."""


@dataclass(frozen=True, slots=True)
class Site:
    """A project: `scenario` is the whole scenario, narrowed to what concerns this project."""

    scenario: Scenario
    places: Places
    directory: Directory
    agents: dict[str, AgentState]
    """Lower-case name → agent."""


def sites(scenario: Scenario, places: Places, directory: Directory, expand: Expand) -> list[Site]:
    """The project that the scenario's own tables are about, and those of `[projects.KEY]`."""
    made = [Site(scenario, places, directory, _agents(scenario, directory, expand))]
    for key, other in scenario.projects.items():
        narrowed, inside = beside(scenario, other), directory.of(key)
        made.append(Site(narrowed, places.others[key], inside, _agents(narrowed, inside, expand)))
    return made


def _agents(scenario: Scenario, directory: Directory, expand: Expand) -> dict[str, AgentState]:
    return {
        name.lower(): AgentState(
            name,
            one,
            expand(agent_record(name, one, directory)),
            {version: expand(version_record(name, one, version, directory)) for version in versions_of(one)},
        )
        for name, one in scenario.agents.items()
    }
