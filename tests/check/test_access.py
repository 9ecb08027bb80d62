"""`agentdoctor access`: who may invoke the application, and why one principal may not."""

from __future__ import annotations

import csv
import io
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest

from doctor.model.access import Access, Action
from doctor.model.access_table import AccessRow, AccessTable
from doctor.simulator import Simulator
from doctor.simulator.scenario_model import Fault
from reports import access_csv
from tests.check.cli import Ran, attach, check, invoke
from tests.reports.schemas import strict

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

VALIDATOR = jsonschema.Draft202012Validator(
    strict(json.loads((files("reports") / "schema" / "access-1.json").read_text(encoding="utf-8")))
)
READ_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"


def access(scenario: str, *options: str) -> Ran:
    with Simulator(scenario) as azure:
        return invoke(["access", azure.target, "--credential", "env", *attach(azure), *options], azure.environ)


def test_everybody_who_may() -> None:
    ran = access("healthy")
    assert ran.exit_code == 0
    assert "yes        dana@contoso.example (you) 12857d57-dd8b-547c-9c85-c4f59c6cfb16\n" in ran.stdout
    assert "           Foundry User on project support, inherited\n" in ran.stdout
    assert "Not seen" in ran.stdout


@pytest.mark.parametrize(
    "scenario",
    [
        "healthy",
        "new-model-agent",
        "agent-consumer-suffices",
        "agent-not-made-yet",
        "pim-not-activated",
        "management-group-grant",
        "condition-undecided",
        "cannot-read",
    ],
)
def test_what_is_told_of_everybody(scenario: str, snapshot: SnapshotAssertion) -> None:
    told = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "(a time)", access(scenario).stdout)
    assert max(map(len, told.splitlines())) <= 80
    assert told == snapshot


@pytest.mark.parametrize(
    ("scenario", "options", "answer", "code"),
    [
        ("new-model-agent", [], None, 0),
        ("new-model-agent", ["--principal", "me"], "granted", 0),
        ("agent-owner-may-not-call", ["--principal", "me"], "not-granted", 1),
        ("pim-not-activated", [], None, 0),
        ("agent-consumer-trap", ["--principal", "me"], "not-granted", 1),
        ("cannot-read", [], "unknown", 3),
        ("cannot-read", ["--principal", "me"], "unknown", 3),
    ],
)
def test_the_document_is_valid_and_every_field_described(
    scenario: str, options: list[str], answer: str | None, code: int
) -> None:
    ran = access(scenario, *options, "--format", "json")
    document = json.loads(ran.stdout)
    VALIDATOR.validate(document)
    assert (document["access"], ran.exit_code) == (answer, code)
    assert bool(document["fixes"]) is (answer == "not-granted")


def test_rows_for_a_spreadsheet() -> None:
    (row,) = csv.DictReader(io.StringIO(access("agent-consumer-suffices", "--format", "csv").stdout))
    assert (row["access"], row["you"], row["inherited"]) == ("granted", "true", "false")
    assert row["role"] == "Foundry Agent Consumer"
    assert row["scope"].endswith("/projects/support/agents/helpdesk-agent")


def test_a_name_is_no_formula_of_a_spreadsheet() -> None:
    name = '=HYPERLINK("x")\n##vso[task.complete]'
    row = AccessRow(Access.GRANTED, "1", "User", name, False, "R", "2", "/subscriptions/s", inherited=True)
    table = AccessTable(Action("a/read", data=False), "/subscriptions/s/r", (row,), ())
    head, line = access_csv.render(table).splitlines()
    assert head.startswith('"access","principal_id"')
    assert "'=HYPERLINK" in line


def test_a_group_is_an_entry() -> None:
    ran = access("group-grant")
    assert "Group" in ran.stdout


def test_an_eligible_assignment_is_shown_as_such() -> None:
    ran = access("pim-not-activated")
    at = next(number for number, line in enumerate(ran.stdout.splitlines()) if line.startswith("no "))
    assert "Foundry User" in ran.stdout.splitlines()[at + 1]
    assert "eligible" in ran.stdout


def test_nobody() -> None:
    assert "Nobody that we can see" in access("owner-is-not-enough").stdout


def test_without_permission_to_list_it_says_so_and_exits_3() -> None:
    ran = access("cannot-read")
    assert ran.exit_code == 3
    assert "Not known" in ran.stdout


@pytest.mark.parametrize(
    ("scenario", "who", "code", "says"),
    [
        ("healthy", "me", 0, "YES"),
        ("owner-is-not-enough", "me", 1, "holds no data actions"),
        ("healthy", "agent", 1, "NO"),
        ("healthy", "project", 1, "NO"),
        ("healthy", "00000000-0000-0000-0000-000000000001", 3, "NOT KNOWN: No role assignment"),
        ("healthy", "ME ", 0, "YES"),
        ("healthy", "Dana@contoso.example", 0, "YES"),
        ("sibling-scope", "me", 1, "support-eu"),
        ("denied", "me", 1, "enied"),
        ("pim-not-activated", "me", 1, "activate"),
        ("cannot-read", "me", 3, "ot known"),
    ],
)
def test_one_principal(scenario: str, who: str, code: int, says: str) -> None:
    ran = access(scenario, "--principal", who)
    assert (ran.exit_code, says in ran.stdout) == (code, True), ran.stdout


def test_the_change_stands_on_a_line_of_its_own() -> None:
    lines = access("owner-is-not-enough", "--principal", "me").stdout.splitlines()
    (command,) = [line for line in lines if line.startswith("az role assignment create")]
    assert "--assignee-principal-type User" in command
    assert "53ca6127-db72-4b80-b1b0-d745d6d5456d" in command
    assert command.endswith("/applications/helpdesk")


UNREAD = Fault(kind="error", path="denyAssignments", status=403, retry_after=-1)
DOWN = Fault(kind="error", host="services.ai.azure.com", status=503, retry_after=-1)


def test_a_grant_that_an_unread_denial_may_take_back_is_no_yes() -> None:
    with Simulator("healthy", faults=(UNREAD,)) as azure:
        base = ["access", azure.target, "--credential", "env", *attach(azure)]
        ran = invoke([*base, "--principal", "me"], azure.environ)
    assert (ran.exit_code, ran.stdout.startswith("NOT KNOWN: ")) == (3, True)
    assert "deny assignments could not be read, and may take it back" in " ".join(ran.stdout.split())


@pytest.mark.parametrize(
    ("faults", "status", "cause"), [((UNREAD,), "pass", None), ((UNREAD, DOWN), "unknown", "cannot-read")]
)
def test_the_endpoint_settles_what_an_unread_denial_leaves_open(
    faults: tuple[Fault, ...], status: str, cause: str | None, tmp_path: Path
) -> None:
    with Simulator("healthy", faults=faults) as azure:
        found = check(azure, tmp_path).result("caller-access")
    assert (found["status"], found.get("cause")) == (status, cause)


def test_an_agent_identity_is_given_the_role_as_a_service_principal() -> None:
    lines = access("healthy", "--principal", "agent").stdout.splitlines()
    (command,) = [line for line in lines if line.startswith("az role assignment create")]
    assert "--assignee-principal-type ServicePrincipal " in command


STRANGER = "00000000-0000-0000-0000-000000000001"


def test_an_id_that_was_seen_nowhere_is_given_no_role(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        found = check(azure, tmp_path, "--principal", STRANGER)
    told = found.result("caller-access")
    assert (told["status"], told["cause"], found.exit_code) == ("unknown", "principal-not-found", 3)
    assert [fix["command"] for fix in told["fixes"]] == [f"az ad sp show --id {STRANGER} --query id --output tsv"]


@pytest.mark.parametrize("command", ["access", "check"])
@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("00000000-0000-0000-0000-000000000000", "is the empty id"),
        ("3f2504e0-4f89-11d3-9a0c", "Give all 36 characters"),
        ("3f2504e0…", "Give all 36 characters"),
        ("robin@contoso.example", "az ad user show --id"),
        ("Some application", "az ad sp list"),
    ],
)
def test_what_names_nobody_is_refused_with_what_to_give(command: str, who: str, says: str) -> None:
    with Simulator("healthy") as azure:
        ran = invoke([command, azure.target, *attach(azure), "--principal", who], azure.environ)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_the_callers_own_name_is_the_caller(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        assert check(azure, tmp_path, "--principal", "me").result("token")["status"] == "pass"
        named = check(azure, tmp_path, "--principal", "dana@contoso.example")
    assert named.result("caller-access")["status"] == "pass"


def test_another_action_on_another_resource() -> None:
    with Simulator("lost-on-publish") as azure:
        base = ["access", azure.target, "--credential", "env", *attach(azure), "--action", READ_BLOBS]
        own = invoke([*base, "--principal", "agent", "-v"], azure.environ).stdout
        scope = next(word for word in own.split() if word.startswith("/subscriptions/")).split("/providers/")[0]
        storage = f"{scope}/providers/Microsoft.Storage/storageAccounts/contosoreports"
        agent = invoke([*base, "--principal", "agent", "--scope", storage], azure.environ)
        project = invoke([*base, "--principal", "project", "--scope", storage], azure.environ)
    assert (agent.exit_code, project.exit_code) == (1, 0)
    assert "publishing gave the application an identity of its own" in " ".join(agent.stdout.split())


@pytest.mark.parametrize(
    ("command", "options", "code", "says"),
    [
        ("access", ["--principal", "me"], 1, "holds no data actions"),
        ("access", [], 3, "Not known"),
        ("plan", [], 3, "Storage Blob Data Reader"),
    ],
)
def test_a_bundle_answers_in_place_of_azure(
    command: str, options: list[str], code: int, says: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "run.zip"
    with Simulator("owner-is-not-enough") as azure:
        check(azure, tmp_path, "--bundle", str(bundle))
    ran = invoke([command, str(bundle), *options])
    assert (ran.exit_code, says in ran.stdout) == (code, True), ran.stdout
