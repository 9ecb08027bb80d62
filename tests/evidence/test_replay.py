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
    """The report without times, and without how many requests were under way when it ended."""
    assert "No evidence" not in json.dumps(document["results"])
    return {key: held for key, held in without_times(document).items() if key not in {"exchanges", "requests"}}


def outline(document: dict[str, Any]) -> list[Any]:
    """What must be the same whatever things are called."""
    roots = [(one["cause"], one["check"]) for one in document["root_causes"]]
    results = sorted((one["check"], one["status"], one["cause"] or "") for one in document["results"])
    return [document["verdict"], document["exit_code"], roots, results, [one["role"] for one in document["identities"]]]


@pytest.mark.parametrize("scenario", scenario_names())
def test_a_replay_tells_what_the_check_told(scenario: str, tmp_path: Path) -> None:
    named, redacted = tmp_path / "named.zip", tmp_path / "redacted.zip"
    with Simulator(scenario) as simulator:
        ran = check(simulator, tmp_path, "--bundle", str(named), "--keep-ids")
    again = invoke(["replay", str(named), "--format", "json"])
    assert again.exit_code == ran.exit_code, again.stdout + again.stderr
    assert told(json.loads(again.stdout)) == told(ran.document)
    assert invoke(["redact", str(named), "-o", str(redacted)]).exit_code == 0
    with zipfile.ZipFile(redacted) as archive:
        hidden = json.loads(archive.read("report.json"))
    assert outline(hidden) == outline(ran.document)
    assert told(hidden)["redacted"]


def test_other_questions_are_answered_from_a_recording(tmp_path: Path) -> None:
    bundle = tmp_path / "out.zip"
    with Simulator("lost-on-publish") as simulator:
        check(simulator, tmp_path, "--bundle", str(bundle))
    agent = invoke(["access", str(bundle), "--principal", "agent"])
    assert (agent.exit_code, agent.stdout[:3]) == (1, "NO:"), agent.stderr
    assert "Storage Blob Data Reader" in invoke(["plan", str(bundle)]).stdout
