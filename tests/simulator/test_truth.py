"""The proof of the whole: the real check, over TLS, finds in each scenario what is wrong with it, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from doctor.cli import check, demo, simulate
from doctor.simulator import Simulator, load_scenario, scenario_names

if TYPE_CHECKING:
    from pathlib import Path

PATIENT = {"throttled-briefly"}
"""Scenarios that a client gets through by asking again."""


def _check(scenario: str, folder: Path) -> tuple[int, dict[str, Any], Simulator]:
    document = folder / "report.json"
    with Simulator(scenario) as simulator, demo._environment(simulator.environ):
        arguments = [*simulate.check_arguments(simulator), "--report", f"json={document}"]
        result = CliRunner().invoke(check.command, arguments)
    assert document.is_file(), result.output
    return result.exit_code, json.loads(document.read_text(encoding="utf-8")), simulator


@pytest.mark.parametrize("name", scenario_names())
def test_check_finds_what_the_scenario_is_about(name: str, tmp_path: Path) -> None:
    expected = load_scenario(name).expect
    exit_code, report, simulator = _check(name, tmp_path)
    first = report["root_causes"][0] if report["root_causes"] else {"cause": "", "subject": ""}
    assert (exit_code, report["verdict"], first["cause"]) == (expected.exit_code, expected.verdict, expected.root_cause)
    if expected.subject:
        assert first["subject"] == expected.subject
    statuses = {one["check"]: one["status"] for one in report["results"]}
    assert {check_id: statuses[check_id] for check_id in expected.checks} == expected.checks
    assert "error" not in statuses.values()
    # No fact is asked for twice, except of a service that asked for patience.
    asked = [(one.method, one.host, one.path, one.query, one.authenticated) for one in simulator.requests]
    reads = [one for one in asked if one[0] == "GET" and not one[1].startswith("login.")]
    if name not in PATIENT and not simulator.scenario.faults:
        assert len(reads) == len(set(reads))
    secrets = [simulator.environ["AZURE_CLIENT_SECRET"], "eyJ"]
    assert not [secret for secret in secrets if secret in json.dumps(report)]
