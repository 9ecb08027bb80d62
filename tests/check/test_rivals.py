"""Another identity that holds the role: told to a caller only where it may have been meant for him."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario
from doctor.simulator.scenario_model import Grant
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("scope", "cause"),
    [("account", "role-lacks-action"), ("project", "wrong-principal"), ("application", "wrong-principal")],
)
def test_a_caller_is_told_of_another_identitys_role_only_where_it_may_have_been_meant_for_him(
    scope: str, cause: str, tmp_path: Path
) -> None:
    scenario = load_scenario("owner-is-not-enough")
    rival = Grant(principal="project-identity", role="Foundry User", scope=scope)
    with Simulator(replace(scenario, grants={**scenario.grants, "rival": rival})) as azure:
        ran = check(azure, tmp_path)
    assert ran.result("caller-access")["cause"] == cause
