"""What a check costs, counted by the simulator: each fact is asked for once, and the budget of requests holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from doctor.cli import check, demo, simulate
from doctor.simulator import Simulator

if TYPE_CHECKING:
    from doctor.simulator.wire import Logged


def _asked(scenario: str) -> list[Logged]:
    with Simulator(scenario) as simulator, demo._environment(simulator.environ):
        result = CliRunner().invoke(check.command, simulate.check_arguments(simulator))
    assert result.exit_code == simulator.scenario.expect.exit_code, result.output
    return [one for one in simulator.requests if not one.host.startswith("login.")]


@pytest.mark.parametrize(
    "scenario", ["healthy", "owner-is-not-enough", "cannot-read", "contributor", "new-model-agent", "ten-downstream"]
)
def test_no_fact_is_asked_for_twice(scenario: str) -> None:
    asked = [(one.method, one.host, one.path, one.query, one.authenticated) for one in _asked(scenario)]
    reads = [one for one in asked if one[0] == "GET"]
    assert sorted(reads) == sorted(set(reads))


def test_ten_downstream_resources_take_at_most_24_requests() -> None:
    assert len(_asked("ten-downstream")) <= 24
