"""What an answer or a state does not prove is neither green nor red: other people's answers, cut ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario
from doctor.simulator.scenario_model import Fault
from tests.check.cli import Ran, check

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "services.ai"
PAGE = "<html><body>Sign in to the guest network</body></html>"


def answered(status: int, body: str, kind: str = "application/json") -> Fault:
    return Fault(kind="answer", host=ENDPOINT, path="/protocols/", status=status, body=body, content_type=kind)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (answered(200, PAGE, "text/html"), "not-azure"),
        (answered(401, PAGE, "text/html"), "not-azure"),
        (answered(403, PAGE, "text/html"), "not-azure"),
        (answered(404, PAGE, "text/html"), "not-azure"),
        (answered(400, ""), "unrecognised"),
        (answered(404, ""), "unrecognised"),
        (answered(400, "Bad Request", "text/plain"), "unrecognised"),
        (answered(400, '{"fault": {"faultstring": "Body missing"}}'), "unrecognised"),
        (answered(422, '{"detail": [{"loc": ["body"], "msg": "field required"}]}'), "unrecognised"),
        (answered(200, '{"ok": true}'), "unrecognised"),
        (Fault(kind="drip", host=ENDPOINT, path="/protocols/", ms=50), "timed-out"),
        (Fault(kind="bomb", host=ENDPOINT, path="/protocols/"), "not-azure"),
    ],
)
def test_somebody_elses_answer_to_the_probe_is_unknown(fault: Fault, cause: str, tmp_path: Path) -> None:
    with Simulator(replace(load_scenario("healthy"), faults={"probe": fault})) as azure:
        ran = check(azure, tmp_path, "--timeout", "8")
    assert (ran.exit_code, ran.root["check"], ran.root["cause"]) == (3, "endpoint-accepts-caller", cause)
    assert ran.result("endpoint-refuses-anonymous")["status"] == "unknown"
    assert "may call" not in ran.document["answer"].replace("whether dana@contoso.example may call", "")


def of(tmp_path: Path, application: dict[str, object], *options: str, without: str = "") -> Ran:
    scenario = load_scenario("healthy")
    agents = scenario.agents
    if without:
        tools = [one for one in agents["helpdesk-agent"].tools if one["type"] != without]
        agents = {"helpdesk-agent": replace(agents["helpdesk-agent"], tools=tools)}
    changed = replace(scenario, application=replace(scenario.application, **application), agents=agents)
    with Simulator(changed) as azure:
        return check(azure, tmp_path, *options)


def test_an_update_under_way_is_a_warning_while_calls_are_taken(tmp_path: Path) -> None:
    ran = of(tmp_path, {"provisioning_state": "Updating"})
    assert (ran.exit_code, ran.result("application")["status"]) == (0, "warn")


@pytest.mark.parametrize(
    ("works", "options", "without", "status", "exit_code"),
    [
        (True, (), "", "unknown", 3),
        (True, ("--invoke",), "", "warn", 0),
        (True, (), "mcp", "warn", 0),
        (False, ("--invoke",), "", "fail", 1),
    ],
)
def test_an_identity_in_the_making_is_settled_by_a_call(
    options: tuple[str, ...], without: str, status: str, exit_code: int, tmp_path: Path, *, works: bool
) -> None:
    ran = of(tmp_path, {"agent_identity": "Creating", "works_meanwhile": works}, *options, without=without)
    assert (ran.result("agent-identity")["status"], ran.exit_code) == (status, exit_code)
    assert exit_code == 0 or ran.root["check"] == "agent-identity"
