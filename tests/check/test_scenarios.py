"""Every scenario of the simulator: the right verdict, exit code and first root cause, through the real command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario, scenario_names
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path


def test_there_are_enough_of_them() -> None:
    assert len(scenario_names()) >= 15


@pytest.mark.parametrize("name", scenario_names())
def test_scenario(name: str, tmp_path: Path) -> None:
    expect = load_scenario(name).expect
    with Simulator(name) as azure:
        ran = check(azure, tmp_path)
    causes = ran.document["root_causes"]
    first = causes[0]["cause"] if causes else ""
    assert (ran.document["verdict"], ran.exit_code, first) == (expect.verdict, expect.exit_code, expect.root_cause)
    if expect.subject:
        assert expect.subject in (causes[0]["subject"], *causes[0]["explains"]) or any(
            reference.endswith(f":{expect.subject}") for reference in causes[0]["explains"]
        )
    for reference, status in expect.checks.items():
        assert ran.result(reference)["status"] == status, ran.result(reference)


@pytest.mark.parametrize("name", ["healthy", "group-grant", "custom-role", "us-government", "letter-case"])
def test_a_healthy_application_has_no_warnings(name: str, tmp_path: Path) -> None:
    with Simulator(name) as azure:
        ran = check(azure, tmp_path)
    assert ran.document["summary"]["warn"] == 0
    assert ran.document["summary"]["error"] == 0


@pytest.mark.parametrize(("graph", "most"), [(True, 24), (False, 33)])
@pytest.mark.parametrize("form", ["url", "id", "triple", "bare"])
def test_ten_downstream_resources_stay_within_the_budget(form: str, most: int, *, graph: bool, tmp_path: Path) -> None:
    scenario = load_scenario("ten-downstream")
    with Simulator(replace(scenario, arm=replace(scenario.arm, resource_graph=graph))) as azure:
        resource_id = check(azure, tmp_path).document["target"]["resource_id"]
        parts = resource_id.split("/")
        forms = {"id": resource_id, "triple": f"{parts[8]}/{parts[10]}/{parts[12]}", "bare": parts[12]}
        ran = check(azure, tmp_path, target=forms.get(form))
    assert ran.document["verdict"] == "pass"
    assert ran.document["requests"]["count"] <= most


@pytest.mark.parametrize("name", ["owner-is-not-enough", "lost-on-publish", "wrong-audience", "expired-secret"])
def test_no_token_and_no_secret_is_written_anywhere(name: str, tmp_path: Path) -> None:
    with Simulator(name) as azure:
        ran = check(azure, tmp_path, "--verbose", "--report", f"html={tmp_path / 'report.html'}")
        secret = azure.environ["AZURE_CLIENT_SECRET"]
    written = ran.stdout + ran.stderr + "".join(file.read_text() for file in tmp_path.iterdir())
    assert secret not in written
    assert "eyJ" not in written
