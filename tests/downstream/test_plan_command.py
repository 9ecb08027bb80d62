"""`agentdoctor plan`: its exit codes, and each of its formats."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest

from doctor import changes
from doctor.cli import plan_code, plan_text
from doctor.cli.plan import exit_code
from doctor.downstream import plan
from doctor.model.change import AddNativeRole, GrantRole, SetAccessPolicy
from doctor.model.plan import Grant, Plan, State, to_document
from doctor.simulator import Simulator
from tests.check.cli import attach, invoke
from tests.downstream import world as w
from tests.downstream.test_lost_and_plan import CONNECTIONS, give, used
from tests.reports.schemas import strict

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.model.change import Change

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
    assert "missing    blob" in text
    assert "no role helps" in text
    assert " ".join(text.split()).count("identity has it") >= 4
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


def of(*grants: Grant) -> Plan:
    return Plan(w.IDS[w.APP], grants, (), ())


def grant(change: Change) -> Grant:
    return Grant("c", "K", STORE, "use", "R", "", State.MISSING, fix=changes.fix(change, "Grant it"))


def role(scope: str) -> Grant:
    return grant(GrantRole("1", ROLE, scope, "ServicePrincipal", "2023"))


def policy(vault: str, **verbs: tuple[str, ...]) -> Grant:
    return grant(SetAccessPolicy(vault, "1", tuple(verbs.items()), api_version="2023-07-01"))


STORE = w.resource("Microsoft.Storage/storageAccounts", "store1")
VAULT = w.resource("Microsoft.KeyVault/vaults", "vault1")
COSMOS = w.resource("Microsoft.DocumentDB/databaseAccounts", "cosmos1")
ROLE = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"


def test_what_two_tools_need_is_granted_once() -> None:
    same, one = role(STORE), policy(VAULT, secrets=("get",))
    two = policy(VAULT, secrets=("get", "list"), keys=("unwrapKey",))
    planned = of(same, same, one, two)
    script, bicep, terraform = (write(planned) for write in plan_code.WRITERS.values())
    assert bicep.count("roleAssignments@") == terraform.count('"azurerm_role_assignment"') == 1
    assert script.count(f"--scope {STORE}") == script.count("set-policy") == 1
    assert bicep.count("accessPolicies@") == terraform.count('"azurerm_key_vault_access_policy"') == 1
    assert "          secrets: ['get', 'list']\n          keys: ['unwrapKey']\n" in bicep
    assert 'secret_permissions = ["Get", "List"]\n  key_permissions    = ["UnwrapKey"]' in terraform
    assert "By hand" not in bicep + terraform + script


@pytest.mark.parametrize("name", ["it's", "${x}", "a\\b", 'q"'])
def test_no_name_leaves_its_quotes(name: str) -> None:
    inside = grant(AddNativeRole(COSMOS, "1", ROLE, f"{COSMOS}/dbs/{name}", api_version="2024-11-15"))
    on_store = role(f"{STORE}/blobServices/default/containers/{name}")
    planned = of(inside, on_store)
    bicep = plan_code.bicep_files(planned)
    escaped = name.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    assert f"    scope: '${{target1.id}}/dbs/{escaped}'\n" in bicep
    assert f"  name: 'store1/default/{escaped}'\n" in bicep
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${")
    assert plan_code.terraform_file(planned).count(f'/{quoted}"\n') == 2


def test_bicep_of_nothing_says_so_and_never_hides_what_was_not_read() -> None:
    assert plan_code.bicep_files(of()) == "// Nothing is missing.\n"
    unread = Plan(w.IDS[w.APP], (), (), ("tools: forbidden",))
    assert plan_code.bicep_files(unread) == "// Not read, so grants may be missing here: tools: forbidden\n"


def test_bicep_leaves_an_index_to_a_person_and_the_others_do_not() -> None:
    scope = f"{w.resource('Microsoft.Search/searchServices', 's1')}/indexes/products"
    planned = of(role(scope))
    assert "// By hand, c: use" in plan_code.bicep_files(planned)
    assert scope in plan_code.terraform_file(planned)
    assert scope in plan_code.script(planned)


def test_bicep_and_terraform_hold_every_store() -> None:
    bicep = plan_code.bicep_files(a_plan())
    for kind in (
        "Microsoft.Authorization/roleAssignments@2022-04-01",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15",
        "Microsoft.KeyVault/vaults/accessPolicies@2023-07-01",
    ):
        assert kind in bicep
    assert bicep.count("param agentObjectId string") == 1
    assert bicep.count("{") == bicep.count("}")
    terraform = plan_code.terraform_file(a_plan())
    for kind in ("azurerm_role_assignment", "azurerm_cosmosdb_sql_role_assignment", "azurerm_key_vault_access_policy"):
        assert f'resource "{kind}"' in terraform
    assert terraform.count("{") == terraform.count("}")
    assert "aaaaaaaa" not in bicep + terraform
    assert w.IDS[w.APP] in plan_code.bicep_files(a_plan(published=True)) + plan_code.terraform_file(
        a_plan(published=True)
    )


def test_what_code_cannot_do_is_said_in_it() -> None:
    for write in plan_code.WRITERS.values():
        assert "By hand, site" in write(a_plan())


def test_a_complete_plan_writes_nothing_to_do() -> None:
    done = a_plan(published=True, granted=True)
    assert "az " not in plan_code.script(done)
    assert "resource " not in plan_code.terraform_file(done)
    assert plan_code.bicep_files(done) == "// Nothing is missing.\n"


def test_a_plan_of_what_could_not_be_read_does_not_say_that_nothing_is_needed() -> None:
    assert "nothing has to be granted" in " ".join(plan_text.table(of(), 80).split())
    unread = plan_text.table(Plan(w.IDS[w.APP], (), (), ("tools: forbidden",)), 80)
    assert "What has to be granted is not known." in unread
    assert "nothing has to be granted" not in unread


def test_json() -> None:
    document = to_document(a_plan())
    assert document["schema"] == "agentdoctor/plan/1"
    assert document["principal"] == "AGENT_OBJECT_ID"
    assert {one["state"] for one in document["grants"]} == {"missing"}
    schema = json.loads((files("reports") / "schema" / "plan-1.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(strict(schema)).validate(document)
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


def test_the_script_sets_what_two_tools_need_of_a_vault_in_one_command() -> None:
    """A second `set-policy` would undo the first for the same kind of object."""
    other = VAULT.replace("vault1", "vault2")
    planned = of(policy(VAULT, secrets=("get",)), policy(VAULT, secrets=("list", "get"), keys=("sign",)))
    planned = replace(planned, grants=(*planned.grants, policy(other, secrets=("get",))))
    head = f"az keyvault set-policy --name vault1 --subscription {VAULT.split('/')[2]} --object-id 1"
    commands = [line for line in plan_code.script(planned).splitlines() if line.startswith("az ")]
    assert commands == [
        f"{head} --secret-permissions get list --key-permissions sign",
        f"{head.replace('vault1', 'vault2')} --secret-permissions get",
    ]


@pytest.mark.parametrize(
    ("scenario", "options", "says"),
    [
        ("agent-not-made-yet", ["--agent", "helpdesk-agent"], "moving to the agent's own endpoint"),
        ("not-found", ["--agent", "helpdesk-agent"], "publishing the application; The caller"),
        ("agent-lost-on-move", [], "there      dana@contoso.example"),
        ("agent-lost-on-move", [], "missing    reports: Storage Blob Data Reader"),
    ],
)
def test_what_people_need_before_and_after_is_listed_too(scenario: str, options: list[str], says: str) -> None:
    with Simulator(scenario) as azure:
        ran = invoke(["plan", azure.target, *attach(azure), *options], azure.environ)
        document = json.loads(
            invoke(["plan", azure.target, *attach(azure), *options, "-f", "json"], azure.environ).stdout
        )
    assert ran.exit_code == 1
    assert " ".join(says.split()) in " ".join(ran.stdout.split())
    assert document["rights"]
    prose = [line for line in ran.stdout.splitlines() if "/" not in line and not line.strip().startswith("az ")]
    assert all(len(line) <= 80 for line in prose)


AT_APPLICATION = """
title = "The role is on the application"
story = "The role was given on the application alone."
base = "healthy"
[grants.caller-invokes]
scope = "application"
[expect]
verdict = "pass"
exit_code = 0
"""


def test_before_a_new_agent_is_created() -> None:
    with Simulator("new-model-agent") as azure:
        target = azure.target.replace("/agents/helpdesk-agent/", "/agents/newcomer/")
        ran = invoke(["plan", target, *attach(azure), "--agent", "helpdesk-agent"], azure.environ)
    assert ran.exit_code == 1
    assert "for creating the agent" in ran.stdout
    assert "missing    reports: Storage Blob Data Reader" in ran.stdout
    assert "AGENT_OBJECT_ID" in ran.stdout


def test_who_may_call_the_application_alone_needs_a_role_at_the_agent(tmp_path: Path) -> None:
    """Foundry User on the application reaches the application, and nothing beside it."""
    file = tmp_path / "scenario.toml"
    file.write_text(AT_APPLICATION, encoding="utf-8")
    with Simulator(file) as azure:
        ran = invoke(["plan", azure.target, *attach(azure), "--migrate", "-f", "json"], azure.environ)
    (caller,) = json.loads(ran.stdout)["callers"]
    assert (caller["state"], caller["role"], caller["has_today"]) == ("missing", "Foundry Agent Consumer", True)
    assert caller["command"].startswith("az role assignment create")
    assert caller["scope"].endswith("/agents/helpdesk-agent")
