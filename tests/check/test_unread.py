"""A fact that could not be read keeps its own cause up to the verdict: never empty, never absent, never a grant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator
from doctor.simulator.scenario_model import Fault
from tests.check.cli import Ran, attach, check, invoke

if TYPE_CHECKING:
    from pathlib import Path

ARM = "management."
REFUSED = Fault(host=ARM, kind="error", status=403, retry_after=-1)
WAYS = {
    "cannot-read": REFUSED,
    "service-failed": Fault(host=ARM, kind="error", status=500, retry_after=-1),
    "throttled": Fault(host=ARM, kind="throttle", retry_after=600),
    "not-azure": Fault(host=ARM, kind="html"),
    "unrecognised": Fault(host=ARM, kind="garbage"),
}
LISTS = ("/subscriptions", "cognitiveservices/accounts", "/projects", "/applications")


def faulty(scenario: str, fault: Fault, folder: Path, *options: str, target: str | None = None) -> Ran:
    with Simulator(scenario, faults=(fault,)) as azure:
        return check(azure, folder, *options, target=target)


def at(fault: Fault, path: str, host: str = ARM) -> Fault:
    return Fault(host=host, path=path, kind=fault.kind, status=fault.status, retry_after=fault.retry_after)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cause", WAYS)
def test_a_list_that_cannot_be_read_does_not_make_an_application_absent(cause: str, path: str, tmp_path: Path) -> None:
    ran = faulty("resource-graph-closed", at(WAYS[cause], path), tmp_path, target="helpdesk")
    assert (ran.exit_code, ran.document["verdict"]) == (3, "unknown")
    assert ran.root["cause"] == cause
    assert not ran.root["fixes"] or not any(fix["verified"] for fix in ran.root["fixes"])


READS = {
    "/applications/helpdesk": "agent-identity",
    "agentDeployments": "deployment",
    "projects/support/connections": "downstream-access:connections",
    "roleAssignments": "caller-access",
}


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("cause", WAYS)
def test_the_result_that_needed_it_has_the_cause(cause: str, path: str, tmp_path: Path) -> None:
    ran = faulty("healthy", at(WAYS[cause], path), tmp_path)
    result = ran.result(READS[path])
    assert (result["status"], result["cause"]) == ("unknown", cause)
    assert "fail" not in {one["status"] for one in ran.document["results"]}


@pytest.mark.parametrize("cause", WAYS)
def test_assignments_that_cannot_be_read_are_no_reason_to_grant_a_role(cause: str, tmp_path: Path) -> None:
    ran = faulty("owner-is-not-enough", at(WAYS[cause], "roleAssignments"), tmp_path)
    assert ran.root["cause"] == "permission-denied", "what the endpoint said is proved"
    assert ran.result("caller-access")["cause"] == cause
    commands = [fix["command"] for one in ran.document["results"] for fix in one["fixes"]]
    assert not [one for one in commands if "role assignment create" in one]


def test_an_outage_of_one_host_is_told_once_with_its_name(tmp_path: Path) -> None:
    ran = faulty("healthy", WAYS["service-failed"], tmp_path)
    told = [one for one in ran.document["results"] if one["status"] == "unknown" and not one["because_of"]]
    assert len(ran.document["root_causes"]) == 1
    assert [one["cause"] for one in told] == ["service-failed"]


TO_LOOK = {
    "an application": ("healthy", "/applications/helpdesk", "Microsoft.CognitiveServices/accounts/projects/"),
    "its deployments": ("healthy", "agentDeployments", "applications/agentDeployments/read"),
    "the connections": ("healthy", "projects/support/connections", "accounts/projects/connections/read"),
}


@pytest.mark.parametrize("what", TO_LOOK)
def test_what_may_not_be_read_says_once_which_one_role_would_let_us_look(what: str, tmp_path: Path) -> None:
    scenario, path, action = TO_LOOK[what]
    notes = faulty(scenario, at(REFUSED, path), tmp_path).document["notes"]
    told = [note for note in notes if "would let us look" in note]
    assert len(told) == 1
    assert action in told[0]
    assert told[0].count(" on project support") == 1, told


def test_who_may_look_at_nothing_is_told_one_role_for_both_planes(tmp_path: Path) -> None:
    with Simulator("cannot-read") as azure:
        notes = check(azure, tmp_path).document["notes"]
    assert [note for note in notes if "Foundry User on the project's resource group would let us look" in note]


@pytest.mark.parametrize("cause", sorted(set(WAYS) - {"cannot-read"}))
def test_no_role_helps_where_no_permission_was_missing(cause: str, tmp_path: Path) -> None:
    ran = faulty("healthy", at(WAYS[cause], "/applications/helpdesk"), tmp_path)
    assert not [note for note in ran.document["notes"] if "let us look" in note]


def test_entra_that_runs_out_of_time_is_named(tmp_path: Path) -> None:
    ran = faulty("healthy", Fault(host="login.", kind="slow", ms=20000), tmp_path, "--timeout", "3")
    assert (ran.exit_code, ran.root["cause"]) == (3, "timed-out")
    assert "login.microsoftonline.com" in ran.root["summary"]


def test_a_request_that_runs_out_of_time_is_one_unknown_that_names_the_host(tmp_path: Path) -> None:
    ran = faulty("healthy", Fault(host=ARM, kind="slow", ms=20000), tmp_path, "--timeout", "3")
    assert ran.exit_code == 3
    assert [one["cause"] for one in ran.document["root_causes"]] == ["timed-out"]
    assert "management.azure.com" in ran.root["summary"]
    assert "error" not in {one["status"] for one in ran.document["results"]}
    assert ran.result("token")["status"] == "pass"


@pytest.mark.parametrize(
    ("right", "wrong", "cause"),
    [
        ("applications/helpdesk", "applications/helpdsk", "application-not-found"),
        ("projects/support", "projects/suport", "resource-not-found"),
    ],
)
def test_a_misspelt_name_is_the_root_and_the_nearest_one_the_change(
    right: str, wrong: str, cause: str, tmp_path: Path
) -> None:
    with Simulator("healthy") as azure:
        given = azure.target.split("/protocols")[0]
        ran = check(azure, tmp_path, target=given.replace(right, wrong))
        assert (ran.exit_code, ran.root["cause"], ran.root["check"]) == (1, cause, "application")
        assert ran.result("endpoint-accepts-caller")["because_of"] == ["application"]
        command = ran.root["fixes"][0]["command"]
        again = check(azure, tmp_path, target=command.rsplit(" ", 1)[1])
    assert again.exit_code == 0


def test_an_account_that_is_not_there_is_not_a_wrong_address(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        ran = check(azure, tmp_path, target="contosoo-ai/support/helpdesk")
    assert (ran.exit_code, ran.root["cause"], ran.root["check"]) == (3, "cannot-read", "application")
    assert ran.root["fixes"][0]["command"] == "agentdoctor check contoso-ai/support/helpdesk"
    assert "wrong-endpoint" not in {one["cause"] for one in ran.document["root_causes"]}


@pytest.mark.parametrize(
    ("scenario", "cause"), [("disabled", "application-disabled"), ("no-deployment", "no-deployment")]
)
@pytest.mark.parametrize("status", [403, 404, 500])
def test_what_the_control_plane_proves_comes_before_the_probes_refusal(
    scenario: str, cause: str, status: int, tmp_path: Path
) -> None:
    bare = Fault(host="services.ai", path="/applications/", kind="error", status=status, retry_after=-1)
    ran = faulty(scenario, bare, tmp_path)
    assert (ran.exit_code, ran.root["cause"]) == (1, cause)


def test_a_reason_is_not_lost_where_the_check_that_would_tell_it_is_not_run(tmp_path: Path) -> None:
    ran = faulty("healthy", WAYS["service-failed"], tmp_path, "--select", "deployment")
    assert (ran.exit_code, ran.root["cause"], ran.root["check"]) == (3, "service-failed", "deployment")
    alone = faulty("healthy", WAYS["service-failed"], tmp_path, "--select", "name-resolution", target="helpdesk")
    assert (alone.exit_code, alone.root["cause"]) == (3, "service-failed")


def test_without_any_login_nothing_is_verified(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with Simulator("healthy") as azure:
        nobody = {name: "" for name in azure.environ if name.startswith("AZURE_")}
        target = azure.target
        ran = invoke(
            ["check", target, *attach(azure), "--credential", "env", "--report", f"json={file}"],
            {**azure.environ, **nobody},
        )
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (ran.exit_code, document["verdict"]) == (3, "unknown")
    assert [one["cause"] for one in document["root_causes"]] == ["no-credential"]
