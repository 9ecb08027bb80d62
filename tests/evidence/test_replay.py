"""What was recorded tells the same again: for every scenario, with names and with pseudonyms."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import Simulator
from doctor.simulator.scenario import scenario_names
from tests.check.cli import check, invoke

if TYPE_CHECKING:
    from pathlib import Path

TIMES = {"duration_ms", "started_ms", "elapsed_ms"}


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(held) for key, held in value.items() if key not in TIMES}
    if isinstance(value, str):
        return re.sub(r"\b\d+ ms\b", "N ms", value)
    return [without_times(one) for one in value] if isinstance(value, list) else value


def told(document: dict[str, Any]) -> dict[str, Any]:
    """The report without times, its requests in an order that does not depend on threads."""
    made = without_times(document)
    made["exchanges"] = sorted(json.dumps({**one, "number": 0}, sort_keys=True) for one in made["exchanges"])
    return made


@pytest.mark.parametrize("scenario", scenario_names())
def test_a_replay_tells_what_the_check_told(scenario: str, tmp_path: Path) -> None:
    named, redacted = tmp_path / "named.zip", tmp_path / "redacted.zip"
    with Simulator(scenario) as simulator:
        ran = check(simulator, tmp_path, "--bundle", str(named), "--keep-ids")
    assert invoke(["redact", str(named), "-o", str(redacted)]).exit_code == 0
    for bundle in (named, redacted):
        with zipfile.ZipFile(bundle) as archive:
            recorded = json.loads(archive.read("report.json"))
        again = invoke(["replay", str(bundle), "--format", "json"])
        assert again.exit_code == ran.exit_code, again.stdout + again.stderr
        assert told(json.loads(again.stdout)) == told(recorded)
        if bundle is named:
            assert told(recorded) == told(ran.document)
