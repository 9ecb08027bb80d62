"""`agentdoctor plan`: its exit codes, and each of its formats."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from doctor.cli import plan_code, plan_text
from doctor.cli.plan import exit_code
from doctor.downstream import plan
from doctor.simulator import Simulator
from tests.check.cli import attach, invoke
from tests.downstream import world as w
from tests.downstream.test_lost_and_plan import CONNECTIONS, give, used

if TYPE_CHECKING:
    from doctor.downstream import Plan

TARGET = "contoso-ai/support/helpdesk"


def a_plan(*, published: bool = False, granted: bool = False) -> Plan:
    world = w.World(absent=set() if published else {w.APP})
    for store in CONNECTIONS:
        give(world, store, *([w.SHARED, w.APP] if granted else [w.SHARED]))
    return plan(used(world, *CONNECTIONS), world)


def test_exit_codes() -> None:
    assert exit_code(a_plan()) == 1
    assert exit_code(a_plan(published=True, granted=True)) == 0
    hidden = w.World(unreadable={"assignments"})
    assert exit_code(plan(used(give(hidden, "blob"), "blob"), hidden)) == 3


def test_the_table_shows_what_is_missing_and_never_breaks_a_command() -> None:
    text = plan_text.table(a_plan(published=True), 80)
    assert "missing  blob" in text
    assert "no role helps" in text
    assert text.count("has it") >= 4
    commands = [line for line in text.splitlines() if line.strip().startswith("az ")]
    assert len(commands) == 3
    assert all(shlex.split(line)[0] == "az" for line in commands)


def test_the_script_is_a_script() -> None:
    for published in (True, False):
        text = plan_code.script(a_plan(published=published))
        shell = shutil.which("sh")
        assert shell
        assert subprocess.run([shell, "-n"], input=text, text=True, check=False).returncode == 0
        assert ('--principal-id "$AGENT_OBJECT_ID"' in text) is not published
        assert "# By hand, site" in text
    without = subprocess.run([shell], input=text, text=True, check=False, capture_output=True, env={})
    assert without.returncode != 0
    assert "object id of the new identity" in without.stderr


def test_bicep_and_terraform_hold_every_store() -> None:
    bicep = plan_code.bicep(a_plan())
    for kind in (
        "Microsoft.Authorization/roleAssignments@2022-04-01",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15",
        "Microsoft.KeyVault/vaults/accessPolicies@2023-07-01",
    ):
        assert kind in bicep
    assert bicep.count("param agentObjectId string") == 1
    assert bicep.count("{") == bicep.count("}")
    terraform = plan_code.terraform(a_plan())
    for kind in ("azurerm_role_assignment", "azurerm_cosmosdb_sql_role_assignment", "azurerm_key_vault_access_policy"):
        assert f'resource "{kind}"' in terraform
    assert terraform.count("{") == terraform.count("}")
    assert "aaaaaaaa" not in bicep + terraform
    assert w.IDS[w.APP] in plan_code.bicep(a_plan(published=True)) + plan_code.terraform(a_plan(published=True))


def test_what_code_cannot_do_is_said_in_it() -> None:
    for write in plan_code.WRITERS.values():
        assert "By hand, site" in write(a_plan())


def test_a_complete_plan_writes_nothing_to_do() -> None:
    done = a_plan(published=True, granted=True)
    assert "az " not in plan_code.script(done)
    assert "resource " not in plan_code.terraform(done)
    assert plan_code.bicep(done).strip() == ""


def test_json() -> None:
    document = json.loads(plan_text.document(a_plan()))
    assert document["schema"] == "agentdoctor/plan/1"
    assert document["principal"] == "AGENT_OBJECT_ID"
    assert {one["state"] for one in document["grants"]} == {"missing"}
    assert not document["complete"]


@pytest.mark.parametrize(
    ("scenario", "options", "code", "says"),
    [
        ("lost-on-publish", [], 1, "Storage Blob Data Reader"),
        ("healthy", [], 0, "there"),
        ("healthy", ["--migrate"], 1, "AGENT_OBJECT_ID"),
        ("healthy", ["--agent", "helpdesk-agent"], 0, "there"),
        ("lost-on-publish", ["--format", "az"], 1, "set -eu"),
        ("lost-on-publish", ["--format", "json"], 1, '"complete": false'),
        ("cannot-read", [], 3, "Not read"),
        ("not-found", [], 3, "--agent"),
    ],
)
def test_the_command(scenario: str, options: list[str], code: int, says: str) -> None:
    with Simulator(scenario) as azure:
        ran = invoke(["plan", TARGET, *attach(azure), *options], azure.environ)
    assert ran.exit_code == code, ran.stdout + ran.stderr
    assert says in ran.stdout
