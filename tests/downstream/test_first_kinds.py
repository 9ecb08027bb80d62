"""Five kinds, each right, missing, with the wrong identity, switched off and unreadable."""

from __future__ import annotations

from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.status import Status
from tests.downstream import world as w

SEARCH = w.resource("Microsoft.Search/searchServices", "search1")
STORAGE = w.resource("Microsoft.Storage/storageAccounts", "store1")
VAULT = w.resource("Microsoft.KeyVault/vaults", "vault1")
OPENAI = w.resource("Microsoft.CognitiveServices/accounts", "openai1")
COSMOS = w.resource("Microsoft.DocumentDB/databaseAccounts", "cosmos1")

SEARCH_READER = "1407120a-92aa-4202-b7e9-c0e197c71c8f"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READ_ROLE = "00000000-0000-0000-0000-000000000001"


def search_tool(index: str = "products") -> dict[str, Any]:
    return {
        "type": "azure_ai_search",
        "azure_ai_search": {"indexes": [{"project_connection_id": "search", "index_name": index}]},
    }


def mcp(name: str) -> dict[str, Any]:
    return {"type": "mcp", "server_label": name, "server_url": "https://x.example.org", "project_connection_id": name}


CASES: dict[str, tuple[w.Connection, dict[str, Any], str, dict[str, Any], w.IdentityRole, str]] = {
    "search": (
        w.connection(
            "search",
            auth_type="AAD",
            category="CognitiveSearch",
            target="https://search1.search.windows.net",
            metadata={"ResourceId": SEARCH},
        ),
        search_tool(),
        SEARCH,
        {"properties": {"authOptions": {"aadOrApiKey": {}}, "publicNetworkAccess": "enabled"}},
        w.PMI,
        SEARCH_READER,
    ),
    "blob": (
        w.connection(
            "blob",
            auth_type="AgenticIdentityToken",
            category="RemoteTool",
            target="https://store1.blob.core.windows.net/docs",
            audience="https://storage.azure.com",
        ),
        mcp("blob"),
        STORAGE,
        {"properties": {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}},
        w.APP,
        BLOB_READER,
    ),
    "openai": (
        w.connection(
            "openai",
            auth_type="ProjectManagedIdentity",
            category="RemoteTool",
            target="https://openai1.openai.azure.com/",
            audience="https://cognitiveservices.azure.com/",
            metadata={"resourceId": OPENAI},
        ),
        mcp("openai"),
        OPENAI,
        {"properties": {"customSubDomainName": "openai1"}},
        w.PMI,
        OPENAI_USER,
    ),
    "vault": (
        w.connection(
            "vault",
            auth_type="AgenticIdentityToken",
            category="RemoteTool",
            target="https://vault1.vault.azure.net",
            audience="https://vault.azure.net",
            metadata={"ResourceId": VAULT},
        ),
        mcp("vault"),
        VAULT,
        {"properties": {"enableRbacAuthorization": True}},
        w.APP,
        SECRETS_USER,
    ),
}


def build(case: str) -> tuple[w.World, w.Connection, dict[str, Any], str, w.IdentityRole, str]:
    connection, tool, resource_id, body, role, guid = CASES[case]
    world = w.World(resources={resource_id: dict(body, id=resource_id)})
    world.hosts["store1.blob.core.windows.net"] = STORAGE
    return world, connection, tool, resource_id, role, guid


@pytest.mark.parametrize("case", CASES)
def test_the_right_role_on_the_right_identity_passes(case: str) -> None:
    world, connection, tool, resource_id, role, guid = build(case)
    world.assign(role, guid, resource_id)
    finding = w.verdict(world, (tool,), (connection,))
    assert finding.status is Status.PASS, finding
    assert finding.subject == connection.name
    assert finding.decisions


@pytest.mark.parametrize("case", CASES)
def test_no_assignment_fails_with_the_narrow_role_as_fix(case: str) -> None:
    world, connection, tool, _, role, guid = build(case)
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.NO_ASSIGNMENT), finding
    assert any(guid in fix.command and w.IDS[role] in fix.command for fix in finding.fixes)


@pytest.mark.parametrize("case", CASES)
def test_owner_lacks_the_data_action(case: str) -> None:
    world, connection, tool, resource_id, role, _ = build(case)
    world.assign(role, OWNER, resource_id)
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.ROLE_LACKS_ACTION)


@pytest.mark.parametrize("case", CASES)
def test_the_role_on_another_identity_is_named(case: str) -> None:
    world, connection, tool, resource_id, role, guid = build(case)
    world.assign(w.APP if role is w.PMI else w.PMI, guid, resource_id)
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.WRONG_PRINCIPAL)


@pytest.mark.parametrize("case", ["blob", "vault"])
def test_what_only_the_shared_identity_has_was_lost_on_publishing(case: str) -> None:
    world, connection, tool, resource_id, _, guid = build(case)
    world.assign(w.SHARED, guid, resource_id)
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.LOST_ON_PUBLISH)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("hidden", ["resource", "identity", "assignments"])
def test_what_cannot_be_read_is_unknown_and_required(case: str, hidden: str) -> None:
    world, connection, tool, resource_id, role, guid = build(case)
    world.assign(role, guid, resource_id)
    world.unreadable.add({"resource": resource_id, "identity": role.value}.get(hidden, hidden))
    if hidden == "assignments":
        world.assignments.clear()
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause, finding.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True), finding


@pytest.mark.parametrize("case", CASES)
def test_a_deleted_target_fails(case: str) -> None:
    world, connection, tool, resource_id, role, guid = build(case)
    world.assign(role, guid, resource_id)
    del world.resources[resource_id]
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.DOWNSTREAM_NOT_FOUND)


def test_a_search_service_for_keys_only_ignores_the_role() -> None:
    world, connection, tool, resource_id, role, guid = build("search")
    world.assign(role, guid, resource_id)
    world.resources[resource_id]["properties"] = {"authOptions": {"apiKeyOnly": {}}}
    finding = w.verdict(world, (tool,), (connection,))
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)
    assert "--auth-options aadOrApiKey" in finding.fixes[0].command


def test_a_role_on_the_index_is_enough_for_a_tool_of_that_index() -> None:
    world, connection, tool, resource_id, role, guid = build("search")
    world.assign(role, guid, f"{resource_id}/indexes/products")
    assert w.verdict(world, (tool,), (connection,)).status is Status.PASS
    other = w.verdict(world, (search_tool("people"),), (connection,))
    assert (other.status, other.cause) == (Status.FAIL, Cause.WRONG_SCOPE)


def cosmos(world: w.World, *assignments: tuple[str, str, str]) -> Any:
    world.resources[COSMOS] = {"id": COSMOS, "properties": {"publicNetworkAccess": "Enabled"}}
    world.children[f"{COSMOS}/sqlRoleAssignments"] = [
        {"properties": {"principalId": who, "roleDefinitionId": f"{COSMOS}/sqlRoleDefinitions/{guid}", "scope": scope}}
        for who, guid, scope in assignments
    ]
    connection = w.connection(
        "memory",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://cosmos1.documents.azure.com:443/",
        audience="https://cosmos.azure.com",
        metadata={"ResourceId": COSMOS},
    )
    return w.verdict(world, (mcp("memory"),), (connection,))


def test_cosmos_counts_its_own_role_assignments_only() -> None:
    world = w.World().assign(w.APP, OWNER, COSMOS)
    finding = cosmos(world)
    assert (finding.status, finding.cause) == (Status.FAIL, Cause.NATIVE_ROLE_MISSING)
    assert f"--role-definition-id {READ_ROLE}" in finding.fixes[0].command
    assert cosmos(w.World(), (w.IDS[w.APP].upper(), READ_ROLE, COSMOS)).status is Status.PASS
    assert cosmos(w.World(), (w.IDS[w.SHARED], READ_ROLE, COSMOS)).cause is Cause.NATIVE_ROLE_MISSING


def test_cosmos_that_cannot_be_read_is_unknown() -> None:
    world = w.World(unreadable={f"{COSMOS}/sqlRoleAssignments"})
    finding = cosmos(world)
    assert (finding.status, finding.cause, finding.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True)


def test_a_vault_with_access_policies_ignores_the_role() -> None:
    for mode in (False, None):
        world, connection, tool, resource_id, role, guid = build("vault")
        world.assign(role, guid, resource_id)
        vault: dict[str, Any] = {"enableRbacAuthorization": mode, "accessPolicies": []}
        world.resources[resource_id]["properties"] = vault
        finding = w.verdict(world, (tool,), (connection,))
        assert (finding.status, finding.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)
        world.assignments.clear()
        assert w.verdict(world, (tool,), (connection,)).cause is Cause.NATIVE_ROLE_MISSING
        vault["accessPolicies"] = [{"objectId": w.IDS[role], "permissions": {"secrets": ["Get"]}}]
        assert w.verdict(world, (tool,), (connection,)).status is Status.PASS
