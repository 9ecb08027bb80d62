"""The documented truth tables that are about more than one role and one action, reproduced through the reasoning.

The tables of roles and actions are in tests/rbac/test_builtin_roles.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doctor import downstream, rbac
from doctor.downstream.identities import by_connection
from doctor.facts.agent_subject import INTERACT
from doctor.facts.application_subject import INVOKE
from doctor.model.access import Action
from doctor.model.foundry import Connection
from doctor.model.identity import IdentityRole
from doctor.rbac import Needs
from doctor.simulator import Simulator, load_scenario
from doctor.target import Kind, parse
from tests.check.cli import check

DATA = Path(__file__).resolve().parents[1] / "data" / "rbac" / "truth_tables.json"
TABLES: dict[str, dict[str, Any]] = {t["id"]: t for t in json.loads(DATA.read_text(encoding="utf-8"))["tables"]}
ROLES = {role.name: role for role in rbac.bundled_definitions().values()}
KINDS = downstream.load()
AGENTS_WRITE = Action("Microsoft.CognitiveServices/accounts/AIServices/agents/write", data=True)
ASSIGN = Action("Microsoft.Authorization/roleAssignments/write", data=False)


def role(name: str) -> rbac.RoleDefinition:
    """The built-in role of a documented name: former names in brackets and "(Preview)" are left out."""
    return ROLES[name.partition(" (")[0]]


def may(name: str, action: Action) -> bool:
    return rbac.grants(role(name), action).granted


def control(name: str) -> Action:
    return Action(f"Microsoft.CognitiveServices/{name}", data=False)


SUMMARY = {
    "create_projects": control("accounts/projects/write"),
    "create_accounts": control("accounts/write"),
    "build_develop_data_actions": AGENTS_WRITE,
    "reader": control("accounts/projects/read"),
    "manage_models": control("accounts/deployments/write"),
}
DIFFERS = {
    # The table's own note: an older page has it otherwise, and so have the definitions.
    ("Foundry Project Manager (Azure AI Project Manager)", "create_projects"),
}


@pytest.mark.parametrize("row", TABLES["rbac_foundry.summary"]["rows"], ids=lambda row: row["role"])
@pytest.mark.parametrize("column", SUMMARY)
def test_what_the_foundry_roles_may(row: dict[str, Any], column: str) -> None:
    expected = row[column]
    assert may(row["role"], SUMMARY[column]) is (not expected if (row["role"], column) in DIFFERS else expected)


@pytest.mark.parametrize("row", TABLES["rbac_foundry.summary"]["rows"], ids=lambda row: row["role"])
def test_who_may_assign_roles(row: dict[str, Any]) -> None:
    held = rbac.grants(role(row["role"]), ASSIGN)
    if row["role"].startswith("Foundry Owner"):
        # The page says no; the live definition grants it under a condition since 2026-05-25.
        assert held.held.name == "YES"
        assert not held.granted
    elif row["assign_roles"] is False:
        assert held.held.name in {"NO", "SUBTRACTED"}
    else:
        assert held.held.name == "YES"
        assert held.granted is (row["assign_roles"] == "any")


METRICS = Action("Microsoft.Insights/metrics/read", data=False)
LOGS = Action("Microsoft.OperationalInsights/workspaces/query/read", data=False)
LOGS_DATA = Action("Microsoft.OperationalInsights/workspaces/tables/data/read", data=True)


@pytest.mark.parametrize("row", TABLES["hosted_agent_permissions.telemetry"]["rows"], ids=lambda row: row["role"])
def test_who_may_read_telemetry(row: dict[str, Any]) -> None:
    name, expected = row["role"], row["can_read"]
    reads_logs = may(name, LOGS) or may(name, LOGS_DATA)
    if expected == "metrics only":
        assert (may(name, METRICS), reads_logs) == (True, False)
    else:
        assert reads_logs is bool(expected)


def test_the_roles_that_a_projects_identity_needs_exist_and_are_enough() -> None:
    rows = TABLES["hosted_agent_permissions.project_managed_identity"]["rows"]
    assert may(rows[0]["role"], INVOKE)
    pull = Action("Microsoft.ContainerRegistry/registries/pull/read", data=False)
    content = Action("Microsoft.ContainerRegistry/registries/repositories/content/read", data=True)
    assert {name: (may(name, pull), may(name, content)) for name in rows[1]["role_any_of"]} == {
        "AcrPull": (True, False),
        "Container Registry Repository Reader": (False, True),
    }
    assert may(rows[2]["role"], LOGS) or may(rows[2]["role"], LOGS_DATA)


def enough(kind_id: str, names: list[str]) -> bool:
    """Whether the roles together hold what one of the kind's scenarios needs."""
    kind = KINDS.get(kind_id)
    assert kind is not None
    return any(
        all(
            any(may(name, action) for name in names for action in group)
            for group in Needs(all_of=scenario.needs).all_of
        )
        for scenario in kind.scenarios
        if scenario.needs
    )


def test_the_roles_for_a_search_index_are_enough() -> None:
    table = TABLES["tool.azure_ai_search"]
    assert enough("ai_search", table["keyless"]["roles"])
    assert enough("foundry_iq_kb", table["foundry_iq"]["project_managed_identity"])
    assert enough("foundry_account", ["Cognitive Services User"])


def test_the_common_downstream_roles_are_enough() -> None:
    rows = TABLES["agent_identity.common_downstream_roles"]["rows"]
    assert enough("storage_blob", [rows[0]["role"]])
    assert role(rows[1]["role"])
    assert "00000000-0000-0000-0000-000000000001" in rows[2]["role"]


OWN_AUDIENCE = {"Logic Apps": "logic_apps_consumption"}
"""A trigger's authorization policy may name any audience, the documented one among them."""


@pytest.mark.parametrize("row", TABLES["agent_identity.audiences"]["rows"], ids=lambda row: row["service"])
def test_the_audience_of_each_service_is_known(row: dict[str, Any]) -> None:
    if row["service"] in OWN_AUDIENCE:
        kind = KINDS.get(OWN_AUDIENCE[row["service"]])
        assert kind is not None
        assert not kind.audiences
    else:
        assert any(row["audience"] in kind.audiences for kind in KINDS.kinds.values())


@pytest.mark.parametrize("row", TABLES["agent_identity.connection_auth"]["rows"], ids=lambda row: row["tool"])
def test_an_agents_connection_calls_as_the_agent(row: dict[str, Any]) -> None:
    connection = Connection("id", "name", auth_type=row["authType"], category=row["category"])
    caller = by_connection(connection, IdentityRole.APPLICATION_AGENT)
    assert (caller.who.value, caller.role) == ("identity", IdentityRole.APPLICATION_AGENT)
    assert caller.needs_audience is ("audience" in row.get("needs", ["audience"]))


WHO = {
    "published": ("identity", IdentityRole.APPLICATION_AGENT),
    "project": ("identity", IdentityRole.PROJECT_MANAGED_IDENTITY),
    "account": ("identity", IdentityRole.ACCOUNT_MANAGED_IDENTITY),
    "that": ("user-assigned", None),
    "the": ("end-user", None),
    "none": ("key", None),
    "service": ("service-principal", None),
}
"""First word of the table's column → who calls."""
NOT_RESEARCHED = {"AgenticUser", "AgentUserImpersonation"}
"""The downstream facts, which are newer, say of these: not documented, do not evaluate."""


@pytest.mark.parametrize(
    ("auth_type", "said"),
    [
        (name.partition(" (")[0].partition(" with ")[0].strip(), row)
        for row in TABLES["connection_authType_to_principal"]["rows"]
        for name in row["authType"].split(" / ")
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_which_principal_a_connection_uses(auth_type: str, said: dict[str, Any]) -> None:
    assigned = "that" in said["principal_to_check"].split()
    connection = Connection(
        "id",
        "name",
        auth_type=auth_type,
        category="Other",
        credential_resource_id="/subscriptions/x" if assigned else "",
    )
    caller = by_connection(connection, IdentityRole.APPLICATION_AGENT)
    if auth_type in NOT_RESEARCHED:
        assert caller.who.value == "unknown"
    elif auth_type == "None":
        assert caller.who.value == "nobody"
    else:
        word = said["principal_to_check"].replace(":", " ").split()[0]
        assert (caller.who.value, caller.role) == WHO[word]


def test_what_is_said_of_agent_applications() -> None:
    facts = {row["topic"]: row["fact"] for row in TABLES["agent_applications.facts"]["rows"]}
    assert INVOKE.name in facts["who may invoke"]
    assert may("Foundry User", INVOKE)
    assert not may("Foundry Agent Consumer", INVOKE)
    assert may("Foundry Agent Consumer", INTERACT)


@pytest.mark.parametrize(
    ("row", "scenario", "cause", "fix"),
    [
        (0, "contributor", "role-lacks-action", "53ca6127-db72-4b80-b1b0-d745d6d5456d"),
        (1, "wrong-audience", "wrong-audience", "az account get-access-token --scope"),
        (2, "lost-on-publish", "lost-on-publish", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
    ],
)
def test_what_the_documentation_advises(row: int, scenario: str, cause: str, fix: str, tmp_path: Path) -> None:
    assert TABLES["agent_applications.troubleshooting"]["rows"][row]["fix"]
    with Simulator(scenario) as azure:
        ran = check(azure, tmp_path)
    assert ran.root["cause"] == cause
    assert fix in json.dumps(ran.root)


@pytest.mark.parametrize("row", TABLES["agent_endpoint.authorization_schemes"]["rows"], ids=lambda row: row["scheme"])
def test_which_schemes_admit_a_caller_by_role(row: dict[str, Any], tmp_path: Path) -> None:
    names = row["scheme"].replace("(alias ", "").replace(")", "").split()
    by_role = "interact/action" in row.get("needs", "")
    scenario = load_scenario("new-model-agent")
    for name in names:
        agents = {key: replace(one, schemes=(name,)) for key, one in scenario.agents.items()}
        with Simulator(replace(scenario, agents=agents)) as azure:
            result = check(azure, tmp_path, "--select", "authorization-policy").result("authorization-policy")
        assert result["status"] == ("pass" if by_role else "fail"), name
        assert result["cause"] in ({None} if by_role else {"channel-only", "wrong-audience"}), name


def test_migration_changes_address_action_and_identity() -> None:
    address = TABLES["migration.application_to_agent_endpoint"]["rows"][0]
    parts = {"{p}": "shop", "{app}": "desk", "{agent}": "desk"}

    def read(text: str) -> tuple[Kind, str]:
        url = text.replace("…", "https://contoso.services.ai.azure.com")
        for placeholder, name in parts.items():
            url = url.replace(placeholder, name)
        target = parse(url, ai_suffixes=("services.ai.azure.com",))
        return target.kind, target.api_version

    assert read(address["from"]) == (Kind.APPLICATION, "2025-11-15-preview")
    assert read(address["to"]) == (Kind.AGENT, "v1")
    assert INVOKE != INTERACT


TOOLS = {
    "Fabric Data Agent": ("fabric_dataagent_preview", "fabric_data_agent"),
    "Logic Apps": ("mcp", "logic_apps_standard"),
    "File Search": ("file_search", ""),
    "Browser Automation": ("browser_automation_preview", "playwright"),
    "Computer Use": ("computer_use_preview", ""),
    "Image Generation": ("image_generation", ""),
    "MCP": ("mcp", "mcp_remote_tool"),
    "Azure AI Search": ("azure_ai_search", "ai_search"),
    "Code Interpreter": ("code_interpreter", ""),
    "Function calling": ("function", ""),
    "Bing grounding": ("bing_grounding", "bing_grounding"),
    "Web search": ("web_search", "bing_grounding"),
    "SharePoint": ("sharepoint_grounding_preview", "sharepoint"),
    "Foundry IQ": ("mcp", "foundry_iq_kb"),
    "OpenAPI": ("openapi", "openapi_managed_identity"),
    "Azure Functions": ("azure_function", "functions_queue_tool"),
    "A2A": ("a2a_preview", "a2a_remote"),
}


@pytest.mark.parametrize("name", TOOLS)
def test_which_tools_work_with_a_private_link(name: str) -> None:
    table = TABLES["network.tool_support_with_private_link"]
    assert downstream.works_privately(*TOOLS[name]) is (name in table["supported"])
    assert {*TOOLS} == {*table["supported"], *table["not_supported"]}
