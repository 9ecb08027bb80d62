from __future__ import annotations

import contextlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.azure import read_agents, read_authorization, read_foundry
from doctor.model import loose
from doctor.model.authorization import Permission
from doctor.model.foundry import AgentIdentity, AgentRef, Protocol, TrafficRule
from doctor.model.loose import Garbage

EXAMPLES = Path(__file__).parent.parent / "data" / "spec_examples"
OID = "CE2CE14E-85D7-4629-BDBC-454D0519D987"


def example(name: str, status: str = "200") -> Any:
    return json.loads((EXAMPLES / name).read_text())["responses"][status].get("body", {})


@pytest.mark.parametrize("name", sorted(str(p.relative_to(EXAMPLES)) for p in EXAMPLES.rglob("*.json")))
def test_every_official_example_is_read(name: str) -> None:
    if name == "INDEX.json":
        return
    reader = {
        "AgentApplication": read_foundry.application,
        "AgentDeployment": read_foundry.deployment,
        "GetProject.json": read_foundry.project,
    }.get(name.split("/", maxsplit=1)[0])
    for response in json.loads((EXAMPLES / name).read_text())["responses"].values():
        body = response.get("body", {})
        for item in body.get("value", [body]):
            if reader is None:
                kind = name.lower()
                reader_of = (
                    read_authorization.deny_assignment if "deny" in kind
                    else read_authorization.role_definition if "definition" in kind
                    else read_authorization.eligible_assignment if "eligibility" in kind
                    else read_authorization.role_assignment
                )  # fmt: skip
                assert reader_of(item).scope if hasattr(reader_of(item), "scope") else reader_of(item).guid
            else:
                assert reader(item).name == item.get("name", "")


def test_role_assignment_of_the_specification() -> None:
    found = read_authorization.role_assignment(example("authorization/RoleAssignments_ListForScope.json")["value"][0])
    assert found.role_guid == "0b5fe924-9a61-425c-96af-cfe6e287ca2d"
    assert (found.principal_id, found.principal_type) == (OID.lower(), "User")
    assert found.scope == "/subscriptions/a925f2f7-5c63-4b7b-8799-25a5f97bc3b2"
    assert (found.created_on, found.ends_on, found.condition) == (None, None, "")


def test_eligibility_of_the_specification() -> None:
    body = example("authorization/GetRoleEligibilityScheduleInstancesByScope.json")
    found = read_authorization.eligible_assignment(body["value"][0])
    assert found.starts_on == datetime(2020, 9, 10, 0, 32, 36, 860000, tzinfo=timezone.utc)
    assert found.ends_on == datetime(2021, 9, 10, 0, 31, 41, 477000, tzinfo=timezone.utc)
    assert (found.member_type, found.role_guid[:8]) == ("Direct", "b24988ac")
    assert "foo_storage_container" in found.condition


def test_deny_assignment_of_the_specification() -> None:
    found = read_authorization.deny_assignment(example("authorization/GetDenyAssignmentByScope.json")["value"][0])
    assert found.permissions == (Permission(actions=("action",), data_actions=("action",)),)
    assert (found.principals[0].id, found.exclude_principals[0].type) == ("principalid1", "principalType2")
    assert (found.system_protected, found.do_not_apply_to_child_scopes) == (True, False)


def test_deployment_of_the_specification() -> None:
    found = read_foundry.deployment(example("AgentDeployment/list.json")["value"][0])
    assert (found.state, found.provisioning_state, found.deployment_type) == ("Running", "Succeeded", "Managed")
    assert found.protocols == (Protocol("Agent", "1.0"),)
    assert found.agents == (AgentRef("support-agent", "1.0.0", "agent-123"),)


def test_an_application_without_properties_says_nothing() -> None:
    found = read_foundry.application(example("AgentApplication/get.json"))
    assert (found.is_enabled, found.routing, found.instance, found.blueprint) == (None, None, None, None)
    assert (found.authorization_scheme, found.provisioning_state, found.agents) == ("", "", ())


def test_a_full_application() -> None:
    properties = {
        "baseUrl": "https://a.services.ai.azure.com/api/projects/p/applications/x/protocols/openai",
        "isEnabled": "True",
        "provisioningState": "Succeeded",
        "agents": [{"agentId": "i", "agentName": "n"}, "noise", None],
        "defaultInstanceIdentity": {"principalId": OID, "clientId": "C", "kind": "AgentInstance"},
        "agentIdentityBlueprint": {"provisioningState": "Creating"},
        "trafficRoutingPolicy": {
            "protocol": "FixedRatio",
            "rules": [{"ruleId": "r", "deploymentId": "d", "trafficPercentage": "100"}, {"deploymentId": "e"}],
        },
    }
    found = read_foundry.application({"name": "a/p/x", "properties": properties})
    assert (found.name, found.is_enabled) == ("x", True)
    assert found.instance == AgentIdentity(principal_id=OID.lower(), client_id="c", kind="AgentInstance")
    assert found.blueprint == AgentIdentity(provisioning_state="Creating")
    assert found.agents == (AgentRef("n", "", "i"),)
    assert found.routing == (TrafficRule("d", 100.0), TrafficRule("e", None))


@pytest.mark.parametrize(
    ("policy", "scheme"),
    [
        ({"type": "Channels"}, "Channels"),
        ({"authorizationScheme": "Default"}, "Default"),
        ({"AuthorizationScheme": "channels"}, "channels"),
        ({"TYPE": "OrganizationScope"}, "OrganizationScope"),
        ({"type": None, "authorizationScheme": "SomethingNew"}, "SomethingNew"),
        ("Default", "Default"),
        ({}, ""),
        (None, ""),
        (["Default"], ""),
        ({"type": {"x": 1}}, ""),
    ],
)
def test_authorization_scheme_in_every_spelling(policy: Any, scheme: Any) -> None:
    assert read_foundry.application({"properties": {"authorizationPolicy": policy}}).authorization_scheme == scheme


@pytest.mark.parametrize(
    "value", [None, "", 5, [], {}, "0B5F-…", {"id": OID}, {"principalId": OID}, {"agentIdentityId": OID}, OID]
)
def test_project_agent_identity_in_every_spelling(value: Any) -> None:
    found = read_foundry.project({"properties": {"agentIdentity": value, "internalId": "AB-CD"}})
    assert found.internal_id == "abcd"
    if OID in json.dumps(value):
        assert found.agent_identity_id == OID.lower()


def test_account_network() -> None:
    found = read_foundry.account(
        {
            "name": "a",
            "kind": "AIServices",
            "identity": {"type": "SystemAssigned, UserAssigned", "principalId": OID,
                         "userAssignedIdentities": {"/sub/x": {"principalId": "U"}, "/sub/y": None}},
            "properties": {
                "publicNetworkAccess": "Disabled",
                "disableLocalAuth": True,
                "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}, {}],
                                "virtualNetworkRules": [{"id": "/s"}]},
                "privateEndpointConnections": [
                    {"name": "pe", "properties": {"groupIds": ["account"],
                     "privateLinkServiceConnectionState": {"status": "Pending"}}}],
                "endpoints": {"AI Foundry API": "https://a.services.ai.azure.com/"},
            },
        }
    )  # fmt: skip
    assert (found.public_network_access, found.acl_default_action, found.ip_rules) == ("Disabled", "Deny", ("1.2.3.4",))
    assert (found.private_endpoints[0].status, found.private_endpoints[0].group_ids) == ("Pending", ("account",))
    assert found.identity.user_assigned == {"/sub/x": "u", "/sub/y": ""}
    assert (found.disable_local_auth, found.subnet_rules) == (True, ("/s",))


def test_a_connection_never_keeps_a_key() -> None:
    planted = "hush-hush-hush"
    raw = {
        "id": "/c",
        "name": "a/p/store",
        "properties": {
            "authType": "ManagedIdentity",
            "category": "AzureBlob",
            "target": "https://s.blob.core.windows.net",
            "metadata": {"ResourceId": "/r", "n": 5, "flag": True, "apiKey": planted, "deep": {"x": 1}},
            "credentials": {"key": planted, "keys": {"any": planted}, "clientId": "C", "resourceId": "/uami"},
            "error": {"message": "broken"},
            "isSharedToAll": True,
        },
    }
    found = read_foundry.connection(raw)
    assert planted not in repr(found)
    assert (found.name, found.auth_type, found.category) == ("store", "ManagedIdentity", "AzureBlob")
    assert (found.client_id, found.credential_resource_id, found.error) == ("c", "/uami", "broken")
    assert found.metadata == {"ResourceId": "/r", "n": "5", "flag": "true", "apiKey": "[redacted]"}


def test_a_connection_of_the_data_plane() -> None:
    raw = {
        "name": "s",
        "type": "CognitiveSearch",
        "target": "https://s",
        "credentials": {"type": "AAD"},
        "metadata": {},
    }
    found = read_foundry.connection(raw)
    assert (found.auth_type, found.category, found.target) == ("AAD", "CognitiveSearch", "https://s")


def test_a_new_model_agent() -> None:
    planted = "hush-hush-hush"
    definition = {
        "kind": "prompt",
        "model": "gpt-5",
        "tools": [
            {"type": "mcp", "server_label": "x", "headers": {"X-Api": planted}, "authorization": planted},
            "junk",
        ],
    }
    raw = {
        "name": "helper",
        "state": "enabled",
        "versions": {"latest": {"version": "3", "definition": definition}},
        "agent_endpoint": {
            "version_selector": {
                "version_selection_rules": [{"type": "FixedRatio", "agent_version": "3", "traffic_percentage": 100}]
            },
            "protocol_configuration": {"responses": {}, "a2a": None},
            "authorization_schemes": [{"type": "Entra"}, {"type": "BotService"}, 5],
        },
        "instance_identity": {"principal_id": OID, "client_id": "c", "status": "active"},
        "blueprint": None,
    }
    found = read_agents.agent(raw)
    assert planted not in repr(found)
    assert (found.name, found.state, found.protocols) == ("helper", "enabled", ("responses",))
    assert found.authorization_schemes == ("Entra", "BotService")
    assert found.instance == AgentIdentity(principal_id=OID.lower(), client_id="c", provisioning_state="active")
    assert found.version_rules == (TrafficRule("3", 100.0),)
    assert (found.latest.version, found.latest.kind, found.latest.model) == ("3", "prompt", "gpt-5")
    assert [tool["type"] for tool in found.latest.tools] == ["mcp"]


def test_a_legacy_agent_is_its_own_version_and_has_no_identity() -> None:
    found = read_agents.agent({"id": "asst_1", "name": "old", "model": "gpt-4o", "tools": [{"type": "file_search"}]})
    assert (found.instance, found.protocols, found.latest.version) == (None, None, "")
    assert (found.latest.model, len(found.latest.tools)) == ("gpt-4o", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-09-10T00:32:36.86Z", datetime(2020, 9, 10, 0, 32, 36, 860000, tzinfo=timezone.utc)),
        ("2020-09-10T00:32:36.1234567Z", datetime(2020, 9, 10, 0, 32, 36, 123456, tzinfo=timezone.utc)),
        ("2020-09-10T02:32:36+02:00", datetime(2020, 9, 10, 0, 32, 36, tzinfo=timezone.utc)),
        ("2020-09-10 00:32", datetime(2020, 9, 10, 0, 32, tzinfo=timezone.utc)),
        ("2020-09-10", datetime(2020, 9, 10, tzinfo=timezone.utc)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=timezone.utc)),
        ("0001-01-01T00:00:00+09:00", None),
        ("2020-13-10", None),
        ("tomorrow", None),
        (5, None),
        (None, None),
    ],
)
def test_dates_of_any_precision(text: str, expected: Any) -> None:
    assert loose.date(text) == expected


ASSIGNMENT = {"principalId": OID, "roleDefinitionId": "/a/B", "scope": "/Sub/X/"}


@pytest.mark.parametrize(
    ("change", "scope"),
    [({}, "/Sub/X"), ({"scope": "/"}, "/"), ({"scope": "subscriptions/s"}, "/subscriptions/s")],
)
def test_scopes(change: Any, scope: Any) -> None:
    assert read_authorization.role_assignment({"properties": {**ASSIGNMENT, **change}}).scope == scope


@pytest.mark.parametrize(
    ("id_", "scope"),
    [
        ("/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/g", "/subscriptions/s"),
        ("/providers/Microsoft.Authorization/roleAssignments/g", "/"),
        ("/a/providers/Microsoft.Authorization/locks/l/providers/microsoft.authorization/roleAssignments/g",
         "/a/providers/Microsoft.Authorization/locks/l"),
    ],
)  # fmt: skip
def test_a_missing_scope_is_in_the_id(id_: Any, scope: Any) -> None:
    raw = {"id": id_, "properties": {**ASSIGNMENT, "scope": None}}
    assert read_authorization.role_assignment(raw).scope == scope


def test_flat_items_of_resource_graph_and_any_letter_case() -> None:
    found = read_authorization.role_assignment(
        {"ID": "x", "PRINCIPALID": OID, "roledefinitionid": "G", "Scope": "/S", "createdon": "2026-01-01"}
    )
    assert (found.principal_id, found.role_guid, found.scope) == (OID.lower(), "g", "/S")
    assert found.created_on == datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_an_active_instance_has_the_id_of_its_assignment_and_an_end() -> None:
    found = read_authorization.active_assignment(
        {"id": "i", "properties": {**ASSIGNMENT, "originRoleAssignmentId": "o", "endDateTime": "2026-01-02T00:00:00Z"}}
    )
    assert (found.id, found.ends_on) == ("o", datetime(2026, 1, 2, tzinfo=timezone.utc))


def test_a_custom_role() -> None:
    raw = {
        "name": "G",
        "properties": {"type": "CustomRole", "permissions": [{"dataActions": ["a/*"], "actions": None}]},
    }
    found = read_authorization.role_definition(raw)
    assert (found.guid, found.built_in, found.live) == ("g", False, True)
    assert found.permissions == (Permission(data_actions=("a/*",)),)


@pytest.mark.parametrize(
    ("reader", "raw"),
    [
        (read_authorization.role_assignment, None),
        (read_authorization.role_assignment, {"properties": {"principalId": OID}}),
        (read_authorization.role_assignment, {"properties": {**ASSIGNMENT, "principalId": {}}}),
        (read_authorization.role_assignment, {"properties": {**ASSIGNMENT, "scope": ""}}),
        (read_authorization.active_assignment, {"properties": {**ASSIGNMENT, "endDateTime": "never"}}),
        (read_authorization.role_definition, {"properties": {"permissions": []}}),
        (read_authorization.role_definition, {"name": "g", "properties": {}}),
        (read_authorization.role_definition, {"name": "g", "properties": {"permissions": [{"actions": "*"}]}}),
        (read_authorization.deny_assignment, {"properties": {"scope": "/", "permissions": []}}),
        (read_authorization.deny_assignment, {"properties": {"scope": "/", "principals": [{"id": "a"}]}}),
        (read_authorization.deny_assignment, {"properties": {"scope": "/", "principals": [5], "permissions": []}}),
        (read_authorization.permissions, {"value": []}),
        (read_foundry.application, []),
        (read_agents.agent, "x"),
    ],
)
def test_what_decides_about_access_must_be_readable(reader: Any, raw: Any) -> None:
    with pytest.raises(Garbage) as caught:
        reader(raw)
    assert str(caught.value).endswith(".")


KEYS = st.sampled_from(
    ["id", "name", "properties", "identity", "principalId", "roleDefinitionId", "scope", "permissions", "principals",
     "agents", "protocols", "credentials", "metadata", "versions", "latest", "definition", "agent_endpoint", "rules",
     "trafficRoutingPolicy", "endDateTime", "networkAcls", "actions", "authorizationPolicy", "tools"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)
READERS = [
    read_authorization.role_assignment, read_authorization.active_assignment, read_authorization.eligible_assignment,
    read_authorization.role_definition, read_authorization.deny_assignment, read_authorization.permissions,
    read_foundry.application, read_foundry.deployment, read_foundry.account, read_foundry.project,
    read_foundry.connection, read_agents.agent, read_agents.agent_version,
]  # fmt: skip


@given(JSON)
def test_garbage_never_raises_anything_but_garbage(raw: Any) -> None:
    for reader in READERS:
        with contextlib.suppress(Garbage):
            reader(raw)
