"""An Azure in one process: Entra, Resource Manager, Resource Graph and Foundry over TLS on loopback.

It imports nothing of ours and decides access by its own plain code, so that it can contradict the reasoning it is used
to test. What no public source says about a service's answer is marked "simulated" where it is made.
"""

from __future__ import annotations

from doctor.simulator.run import Simulator
from doctor.simulator.scenario import ScenarioError, catalogue, load_scenario, scenario_names
from doctor.simulator.scenario_model import Scenario

__all__ = ["Scenario", "ScenarioError", "Simulator", "catalogue", "load_scenario", "scenario_names"]
