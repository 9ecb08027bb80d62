"""All built-in roles and the documentation's own tables, through the reasoning."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from doctor.model.access import Access, Action
from doctor.rbac import BUNDLED_DATE, bundled_definitions, grants, role_guid, role_label, role_name
from doctor.rbac.actions import Held
from doctor.rbac.data import generate
from tests.rbac.worlds import ACCOUNT, APPLICATION, FOUNDRY_USER, INVOKE, ME, OWNER, ask, facts, given

DATA = Path(__file__).parents[1] / "data" / "rbac"
COMPUTED: dict[str, Any] = json.loads((DATA / "role_grants.json").read_text(encoding="utf-8"))
TABLES: dict[str, dict[str, Any]] = {
    table["id"]: table for table in json.loads((DATA / "truth_tables.json").read_text(encoding="utf-8"))["tables"]
}
ROLES = bundled_definitions()
BY_NAME = {role.name: role.guid for role in ROLES.values()}
AI_SERVICES = "Microsoft.CognitiveServices/accounts/AIServices"
PROBES = {
    **{name: Action(action, data=True) for name, action in COMPUTED["data_actions"].items()},
    **{name: Action(action, data=False) for name, action in COMPUTED["control_actions"].items()},
}


def held_by(action: Action) -> set[str]:
    return {role.name for role in ROLES.values() if grants(role, action).held is Held.YES}


def test_all_of_them_are_there_and_dated() -> None:
    assert len(ROLES) == 928
    packed = json.loads((Path(generate.__file__).parent / "role_definitions.json").read_text(encoding="utf-8"))
    assert packed["date"] == BUNDLED_DATE
    assert all(guid == role.guid == role_guid(f"/x/{guid.upper()}/") for guid, role in ROLES.items())


@pytest.mark.parametrize("probe", sorted(COMPUTED["all_granting"]))
def test_who_grants_a_probe_action_over_all_roles(probe: str) -> None:
    assert held_by(PROBES[probe]) == set(COMPUTED["all_granting"][probe])


def test_exactly_five_roles_may_invoke_an_application() -> None:
    may = {role.name for role in ROLES.values() if grants(role, INVOKE).granted}
    assert may == set(COMPUTED["all_granting"]["applications_invoke"])
    assert len(may) == 5


@pytest.mark.parametrize("guid", sorted(COMPUTED["roles"]))
def test_what_a_role_grants(guid: str) -> None:
    expected = COMPUTED["roles"][guid]
    for kind in ("data", "control"):
        found = [name for name in COMPUTED[f"{kind}_actions"] if grants(ROLES[guid], PROBES[name]).held is Held.YES]
        assert found == expected[kind]
    assert ROLES[guid].name == expected["name"]
    assert any(entry.condition for entry in ROLES[guid].permissions) is expected["conditional"]


def answer(role: str, action: Action) -> bool | str:
    """How a role answers for an action on the application: yes, no, or only under its own condition."""
    decision = ask(facts(given(ME, BY_NAME[role], ACCOUNT)), action=action)
    return {Access.GRANTED: True, Access.NOT_GRANTED: False, Access.CONDITIONAL: "constrained"}[decision.access]


def documented() -> list[tuple[str, str, str, bool, bool | str]]:
    """Role, operation, action, whether a data action, and the documented answer."""
    return [
        (role, row["operation"], action.replace("...", AI_SERVICES), row["permission_kind"] == "data", expected)
        for table in TABLES.values()
        for row in table.get("rows", [])
        if "permission" in row and "roles" in row
        for role, expected in {**row["roles"], **row.get("extra", {})}.items()
        for action in row["permission"].split(" | ")
    ]


STALE = ("Foundry Owner", "Microsoft.Authorization/roleAssignments/write")
"""The documentation says that Foundry Owner cannot assign roles; the live definition can, under a condition."""


@pytest.mark.parametrize(("role", "operation", "action", "data", "expected"), documented())
def test_a_documented_truth(role: str, operation: str, action: str, *, data: bool, expected: bool | str) -> None:
    if (role, action) == STALE:
        assert expected is False
        expected = "constrained"
    assert answer(role, Action(action, data=data)) == expected


@pytest.mark.parametrize("row", TABLES["hosted_agent_permissions.billing"]["rows"], ids=lambda row: row["role"])
def test_who_may_read_billing(row: dict[str, Any]) -> None:
    action = Action(TABLES["hosted_agent_permissions.billing"]["permission"], data=False)
    assert answer(row["role"], action) is row["allowed"]


def test_the_roles_that_may_and_those_that_never_may() -> None:
    table = TABLES["role_to_data_action.computed"]
    interact = PROBES["endpoints_interact"]
    assert held_by(INVOKE) == set(table["applications_invoke"])
    assert held_by(interact) == set(table["endpoints_interact"])
    for role in table["never_applications_invoke"]:
        assert answer(role, INVOKE) is False


def test_every_role_that_the_documentation_names_exists() -> None:
    named = {row["role"] for row in TABLES["agent_identity.common_downstream_roles"]["rows"]}
    named |= {row["role"] for row in TABLES["standard_agent_setup.project_managed_identity"]["rows"]}
    named |= set(TABLES["hosted_agent_permissions.account_level_access_for_agent_identity"]["any_of"])
    named = {name.removesuffix(" (Preview)") for name in named if "native" not in name.lower()}
    assert "Cosmos DB Built-in Data Reader" not in BY_NAME
    assert {name for name in named if not name.startswith("Cosmos DB Built-in")} <= set(BY_NAME)


def test_account_level_roles_reach_the_account() -> None:
    chat = PROBES["openai_chat_completions"]
    for role in TABLES["hosted_agent_permissions.account_level_access_for_agent_identity"]["any_of"]:
        assert answer(role, chat) is True


@pytest.mark.parametrize(("guid", "names"), TABLES["role_rename"]["map"].items())
def test_a_renamed_role_is_shown_with_both_names(guid: str, names: list[str]) -> None:
    former, present = names
    label = f"{present} (formerly {former})"
    assert (
        role_label(guid) == role_label(guid.upper()) == role_label(guid, former) == role_label(guid, present) == label
    )
    assert role_name(guid, former) == present


def test_names_of_other_roles() -> None:
    assert role_label(OWNER) == "Owner"
    assert role_label("ffffffff-0000-0000-0000-000000000000") == "role ffffffff-0000-0000-0000-000000000000"
    assert role_label("ffffffff-0000-0000-0000-000000000000", "Ours\x1b[0m") == "Ours\\x1b[0m"


def test_the_bundled_list_is_read_only_when_needed() -> None:
    code = "import doctor.rbac.definitions as d; import doctor.rbac; assert d._bundle.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_live_definition_wins_over_the_bundled_one() -> None:
    known = facts(given(ME, FOUNDRY_USER, APPLICATION))
    assert known.role(FOUNDRY_USER) is ROLES[FOUNDRY_USER]
    live = facts(roles=(ROLES[OWNER].__class__(FOUNDRY_USER, "Foundry User", (), live=True),))
    assert live.role(FOUNDRY_USER.upper()) is live.definitions[FOUNDRY_USER]
    assert len(list(live.roles())) == 928


def test_packing_and_reading_back_changes_nothing() -> None:
    dump = [
        {
            "name": guid,
            "properties": {
                "roleName": "X",
                "type": "BuiltInRole",
                "description": None,
                "assignableScopes": ["/"],
                "permissions": [{"actions": ["a/*", "b"], "notDataActions": ["b"], "condition": "c"}],
            },
        }
        for guid in ("B", "A")
    ]
    packed = generate.pack(dump, {}, "2026-01-01")
    assert packed["strings"] == ["a/*", "b"]
    assert packed["roles"] == [[one, "X", "", [[[0, 1], [], [], [1], "c", ""]]] for one in ("a", "b")]
    dump[0]["properties"]["assignableScopes"] = ["/subscriptions/x"]
    with pytest.raises(ValueError, match="no built-in role"):
        generate.pack(dump, {}, "2026-01-01")
