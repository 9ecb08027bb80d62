from __future__ import annotations

from tests.simulator.scenario_keys import README, page


def test_every_key_of_a_scenario_is_documented() -> None:
    assert README.read_text(encoding="utf-8") == page()
