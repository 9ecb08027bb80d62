"""Connections themselves, keys, and the networks around targets."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doctor import rbac
from doctor.downstream.named import Connections
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem, Unread
from doctor.model.resource_id import ResourceId
from doctor.model.status import Status
from tests.downstream import world as w

TOOL = {"type": "mcp", "project_connection_id": "c"}
STORE = w.resource("Microsoft.Storage/storageAccounts", "store1")
SEARCH = w.resource("Microsoft.Search/searchServices", "search1")
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB = {
    "auth_type": "AgenticIdentityToken",
    "category": "RemoteTool",
    "target": "https://store1.blob.core.windows.net/docs",
    "audience": "https://storage.azure.com",
    "metadata": {"ResourceId": STORE},
}


def blob(properties: dict[str, Any] | None = None, role: w.IdentityRole = w.APP, **changed: Any) -> Any:
    world = w.World(resources={STORE: {"properties": properties or {}}}).assign(role, BLOB_READER, STORE)
    return w.verdict(world, (TOOL,), (w.connection("c", **{**BLOB, **changed}),))


def test_a_connection_that_does_not_exist() -> None:
    found = w.verdict(w.World(), ({"type": "mcp", "project_connection_id": "ghost"},))
    assert (found.status, found.cause, found.subject) == (Status.FAIL, Cause.CONNECTION_MISSING, "ghost")


@pytest.mark.parametrize(
    ("reference", "status", "cause"),
    [
        ("ghost", Status.UNKNOWN, Cause.CANNOT_READ),
        (f"{w.PROJECT.partition('/projects/')[0]}/connections/ghost", Status.UNKNOWN, Cause.CANNOT_READ),
        (f"{w.PROJECT}/connections/ghost", Status.FAIL, Cause.CONNECTION_MISSING),
    ],
)
def test_a_name_may_be_a_connection_of_an_account_that_we_may_not_look_into(
    reference: str, status: Status, cause: Cause
) -> None:
    hidden: Unread = Unread(Problem(Cause.CANNOT_READ, "we may not read the connections of contoso"))
    tool = {"type": "mcp", "project_connection_id": reference}
    found = w.verdict(w.World(), (tool,), of_account=hidden)
    assert (found.status, found.cause) == (status, cause)


def test_a_projects_own_connection_comes_before_the_accounts_of_its_name() -> None:
    own, project = w.connection("c"), ResourceId.read(w.PROJECT)
    shared = replace(own, id=f"{w.ACCOUNT}/connections/c", shared_to_all=True)
    for listed, of_account in (((shared, own), ()), ((own,), (shared,)), ((shared, own), (shared,))):
        found = Connections(Known(listed), lambda rest=of_account: Known(rest), project)
        assert found.find("c") == own
        assert found.find(shared.id) == shared
    assert Connections(Known(()), lambda: Known((shared,)), project).find("c") == shared


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"error": "key vault secret is gone"}, Cause.CONNECTION_BROKEN),
        ({"target": "https://placeholder"}, Cause.CONNECTION_BROKEN),
        ({"overall_status": "Unauthenticated"}, Cause.CONSENT_MISSING),
        ({"audience": ""}, Cause.CONNECTION_BROKEN),
        ({"audience": "https://vault.azure.net"}, Cause.WRONG_AUDIENCE),
    ],
)
def test_a_broken_connection_fails_whatever_roles_there_are(changed: dict[str, str], cause: Cause) -> None:
    found = blob(**changed)
    assert (found.status, found.cause) == (Status.FAIL, cause)


def test_the_servers_address_is_no_audience() -> None:
    vault = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://v.vault.azure.net",
        audience="https://v.vault.azure.net",
    )
    found = w.verdict(w.World(), (TOOL,), (vault,))
    assert (found.status, found.cause) == (Status.FAIL, Cause.WRONG_AUDIENCE)
    assert "server's address" in found.summary
    words = shlex.split(found.fixes[0].command)
    assert json.loads(words[-1]) == {"properties": {"audience": "https://vault.azure.net"}}


@pytest.mark.parametrize("audience", ["https://storage.azure.com/", "https://store1.blob.core.windows.net"])
def test_audiences_that_the_service_accepts(audience: str) -> None:
    assert blob(audience=audience).status is Status.PASS


def test_an_audience_of_a_service_that_is_known_less_well_is_not_failed() -> None:
    namespace = w.resource("Microsoft.ServiceBus/namespaces", "n")
    bus = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://n.servicebus.windows.net",
        audience="https://else.example.org",
        metadata={"ResourceId": namespace},
    )
    found = w.verdict(w.World(), (TOOL,), (bus,))
    assert (found.status, found.cause) == (Status.UNKNOWN, Cause.WRONG_AUDIENCE)


KEYS: list[tuple[str, str, str, dict[str, Any], Status, Cause | None]] = [
    ("AzureBlob", "AccountKey", STORE, {"allowSharedKeyAccess": False}, Status.FAIL, Cause.KEY_AUTH_REFUSED),
    ("AzureBlob", "SAS", STORE, {"allowSharedKeyAccess": False}, Status.FAIL, Cause.KEY_AUTH_REFUSED),
    ("AzureBlob", "AccountKey", STORE, {}, Status.WARN, Cause.KEY_IN_USE),
    ("CognitiveSearch", "ApiKey", SEARCH, {"disableLocalAuth": True}, Status.FAIL, Cause.KEY_AUTH_REFUSED),
    ("CognitiveSearch", "ApiKey", SEARCH, {"authOptions": None}, Status.WARN, Cause.KEY_IN_USE),
    (
        "CosmosDb",
        "AccountKey",
        w.resource("Microsoft.DocumentDB/databaseAccounts", "x"),
        {"disableLocalAuth": True},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    (
        "AzureOpenAI",
        "ApiKey",
        w.resource("Microsoft.CognitiveServices/accounts", "x"),
        {"disableLocalAuth": True},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    ("GroundingWithBingSearch", "ApiKey", w.resource("Microsoft.Bing/accounts", "x"), {}, Status.PASS, None),
    (
        "RemoteTool",
        "CustomKeys",
        w.resource("Microsoft.Web/sites", "x"),
        {"state": "Stopped"},
        Status.FAIL,
        Cause.TOOL_FAILED,
    ),
    ("RemoteTool", "CustomKeys", w.resource("Microsoft.Web/sites", "x"), {"state": "Running"}, Status.PASS, None),
    (
        "AppInsights",
        "ApiKey",
        w.resource("Microsoft.Insights/components", "x"),
        {"DisableLocalAuth": True},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    (
        "AzurePostgresDb",
        "UsernamePassword",
        w.resource("Microsoft.DBforPostgreSQL/flexibleServers", "x"),
        {"authConfig": {"passwordAuth": "Disabled"}},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    (
        "AzureSqlDb",
        "UsernamePassword",
        w.resource("Microsoft.Sql/servers", "x"),
        {"administrators": {"azureADOnlyAuthentication": True}},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    (
        "AzureBlob",
        "AccountKey",
        STORE,
        {"publicNetworkAccess": "Disabled"},
        Status.FAIL,
        Cause.NETWORK_DENIED,
    ),
    (
        "AzureBlob",
        "AccountKey",
        STORE,
        {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}},
        Status.FAIL,
        Cause.NETWORK_DENIED,
    ),
    (
        "AppConfig",
        "ApiKey",
        w.resource("Microsoft.AppConfiguration/configurationStores", "x"),
        {"disableLocalAuth": True},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
    (
        "ManagedOnlineEndpoint",
        "ApiKey",
        w.resource("Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints", "x"),
        {"authMode": "AADToken"},
        Status.FAIL,
        Cause.KEY_AUTH_REFUSED,
    ),
]


@pytest.mark.parametrize("case", KEYS, ids=lambda case: f"{case[0]}-{case[4].value}")
def test_keys(case: tuple[str, str, str, dict[str, Any], Status, Cause | None]) -> None:
    category, auth, resource_id, body, status, cause = case
    world = w.World(resources={resource_id: {"properties": body}})
    connection = w.connection("c", auth_type=auth, category=category, metadata={"ResourceId": resource_id})
    found = w.verdict(world, (TOOL,), (connection,))
    assert (found.status, found.cause) == (status, cause), found
    hidden = w.World(unreadable={resource_id})
    unread = w.verdict(hidden, (TOOL,), (connection,))
    assert (unread.status, unread.cause, unread.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True)
    gone = w.verdict(w.World(), (TOOL,), (connection,))
    assert (gone.status, gone.cause) == (Status.FAIL, Cause.DOWNSTREAM_NOT_FOUND)


DENY = {"defaultAction": "Deny", "bypass": "None"}
TRUST = {"defaultAction": "Deny", "bypass": "Logging, AzureServices"}
PENDING = {"name": "pe1", "properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}
APPROVED = {"name": "pe1", "properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
RULES = {**DENY, "ipRules": [{"value": "1.2.3.4"}]}


@pytest.mark.parametrize(
    ("properties", "role", "status"),
    [
        ({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}, w.APP, Status.PASS),
        ({"publicNetworkAccess": "Disabled"}, w.APP, Status.FAIL),
        ({"publicNetworkAccess": "disabled", "privateEndpointConnections": [PENDING]}, w.APP, Status.FAIL),
        ({"publicNetworkAccess": "Disabled", "privateEndpointConnections": [APPROVED]}, w.APP, Status.FAIL),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, w.APP, Status.UNKNOWN),
        ({"networkAcls": DENY}, w.APP, Status.FAIL),
        ({"networkAcls": RULES}, w.APP, Status.FAIL),
        ({"networkAcls": TRUST}, w.APP, Status.UNKNOWN),
        ({"networkAcls": TRUST}, w.PMI, Status.PASS),
        ({"networkAcls": DENY}, w.PMI, Status.FAIL),
        ({"networkAcls": TRUST, "publicNetworkAccess": "Disabled"}, w.PMI, Status.UNKNOWN),
    ],
)
def test_networks(properties: dict[str, Any], role: w.IdentityRole, status: Status) -> None:
    found = blob(properties, role, auth_type="AgenticIdentityToken" if role is w.APP else "ProjectManagedIdentity")
    assert found.status is status, found
    assert found.cause is (None if status is Status.PASS else Cause.NETWORK_DENIED)


def test_a_private_endpoint_that_waits_is_named() -> None:
    found = blob({"publicNetworkAccess": "Disabled", "privateEndpointConnections": [PENDING]})
    assert "private endpoint pe1 is Pending" in found.evidence


@pytest.mark.parametrize(("rules", "status"), [("Allow", Status.PASS), ("Deny", Status.FAIL), (None, Status.UNKNOWN)])
def test_rules_that_are_kept_beside_the_resource(rules: str | None, status: Status) -> None:
    namespace = w.resource("Microsoft.ServiceBus/namespaces", "n")
    world = w.World(resources={namespace: {"properties": {"publicNetworkAccess": "Enabled"}}})
    world.assign(w.APP, "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", namespace)
    if rules:
        world.children[f"{namespace}/networkRuleSets/default"] = {"properties": {"defaultAction": rules}}
    bus = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://n.servicebus.windows.net",
        audience="https://servicebus.azure.net",
        metadata={"ResourceId": namespace},
    )
    assert w.verdict(world, (TOOL,), (bus,)).status is status


def test_a_firewalled_search_service_lets_trusted_identities_through() -> None:
    body = {"authOptions": {"aadOrApiKey": {}}, "networkRuleSet": {"ipRules": [{"value": "1.2.3.4"}]}}
    connection = w.connection("c", auth_type="AAD", category="CognitiveSearch", metadata={"ResourceId": SEARCH})
    tool = {"type": "azure_ai_search", "azure_ai_search": {"indexes": [{"project_connection_id": "c"}]}}
    for bypass, status in (("AzureServices", Status.PASS), ("None", Status.FAIL)):
        body["networkRuleSet"]["bypass"] = bypass  # type: ignore[call-overload]
        world = w.World(resources={SEARCH: {"properties": body}})
        world.assign(w.PMI, "1407120a-92aa-4202-b7e9-c0e197c71c8f", SEARCH)
        assert w.verdict(world, (tool,), (connection,)).status is status


def test_hostile_names_stay_visible_text() -> None:
    name = "c\x1b[31m\u202e\n::error::x"
    tool = {"type": "mcp", "project_connection_id": name}
    found = w.verdict(w.World(), (tool,), (w.connection(name, **{**BLOB, "error": "bad\x07\nnews"}),))
    for text in (found.subject, found.summary, *found.evidence):
        assert text.isprintable()


def test_an_assignment_that_ends_soon_is_a_warning() -> None:
    for days, status in ((2, Status.WARN), (90, Status.PASS)):
        world = w.World(resources={STORE: {"properties": {}}})
        world.assign(w.APP, BLOB_READER, STORE, ends_on=w.NOW + timedelta(days=days))
        found = w.verdict(world, (TOOL,), (w.connection("c", **BLOB),))
        assert found.status is status


def test_an_assignment_of_a_moment_ago_is_not_counted_on_yet() -> None:
    for minutes, status in ((2, Status.UNKNOWN), (30, Status.PASS)):
        world = w.World(resources={STORE: {"properties": {}}})
        world.assign(w.APP, BLOB_READER, STORE, created_on=w.NOW - timedelta(minutes=minutes))
        found = w.verdict(world, (TOOL,), (w.connection("c", **BLOB),))
        assert (found.status, found.cause) == (status, None if status is Status.PASS else Cause.NOT_PROPAGATED)


@pytest.mark.parametrize(
    ("audience", "status", "cause"),
    [
        ("https://mcp.contoso.com/mcp", Status.FAIL, Cause.WRONG_AUDIENCE),
        ("https://MCP.contoso.com/mcp/", Status.FAIL, Cause.WRONG_AUDIENCE),
        ("https://mcp.contoso.com", Status.UNKNOWN, Cause.WRONG_AUDIENCE),
        ("api://contoso-mcp", Status.UNKNOWN, Cause.NOT_CHECKABLE),
    ],
)
def test_the_address_of_a_server_of_ones_own_is_no_audience(audience: str, status: Status, cause: Cause) -> None:
    server = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://mcp.contoso.com/mcp",
        audience=audience,
    )
    found = w.verdict(w.World(), (TOOL,), (server,))
    assert (found.status, found.cause, found.required) == (status, cause, True), found


@pytest.mark.parametrize(
    ("public", "endpoints", "status"),
    [(None, [APPROVED], Status.FAIL), (None, [], Status.PASS), ("Enabled", [APPROVED], Status.PASS)],
)
def test_a_private_endpoint_may_close_what_is_not_said_to_be_open(
    public: str | None, endpoints: list[Any], status: Status
) -> None:
    store = w.resource("Microsoft.AppConfiguration/configurationStores", "s")
    body = {"publicNetworkAccess": public, "privateEndpointConnections": endpoints}
    world = w.World(resources={store: {"properties": body}})
    world.assign(w.APP, "516239f1-63e1-4d78-a4de-a74fb236a071", store)
    connection = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://s.azconfig.io",
        audience="https://azconfig.io",
        metadata={"ResourceId": store},
    )
    assert w.verdict(world, (TOOL,), (connection,)).status is status


def test_a_user_assigned_identity_is_read_from_its_own_resource() -> None:
    identity = w.resource("Microsoft.ManagedIdentity/userAssignedIdentities", "mi1")
    connection = w.connection(
        "c",
        auth_type="ManagedIdentity",
        category="AzureBlob",
        target="https://store1.blob.core.windows.net/docs",
        metadata={"ResourceId": STORE},
        credential_resource_id=identity,
    )
    world = w.World(resources={STORE: {"properties": {}}})
    world.children[identity] = {"properties": {"principalId": w.IDS[w.AGENT].upper(), "clientId": "x"}}
    missing = w.verdict(world, (TOOL,), (connection,))
    assert (missing.status, missing.cause) == (Status.FAIL, Cause.NO_ASSIGNMENT)
    world.assign(w.AGENT, BLOB_READER, STORE)
    assert w.verdict(world, (TOOL,), (connection,)).status is Status.PASS
    world.unreadable.add(identity)
    unread = w.verdict(world, (TOOL,), (connection,))
    assert (unread.status, unread.cause, unread.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True)


def test_the_vault_that_keeps_the_keys_of_connections_is_called_by_the_account() -> None:
    vault = w.resource("Microsoft.KeyVault/vaults", "v")
    keyed = w.connection("k", auth_type="CustomKeys", target="https://x.example.org")
    store = w.Connection(
        id=f"{w.ACCOUNT}/connections/v",
        name="v",
        auth_type="AccountManagedIdentity",
        category="AzureKeyVault",
        target=vault,
        shared_to_all=True,
    )
    tool = {"type": "mcp", "project_connection_id": "k"}
    world = w.World(resources={vault: {"properties": {"enableRbacAuthorization": True}}})
    inventory = w.take(world, (w.agent(tool),), (keyed, store))
    kept = next(one for one in inventory.dependencies if one.subject == "v")
    assert not inventory.unused
    (missing,) = w.assess(kept, world)
    assert (missing.status, missing.cause) == (Status.FAIL, Cause.NO_ASSIGNMENT)
    assert "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" in missing.fixes[0].command
    # Reading secrets is not enough: Foundry writes them too.
    world.assign(w.AMI, "4633458b-17de-408a-b874-0445c86b69e6", vault)
    assert w.assess(kept, world)[0].cause is Cause.ROLE_LACKS_ACTION
    world.assign(w.AMI, "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", vault)
    assert w.assess(kept, world)[0].status is Status.PASS
    without = w.take(world, (w.agent(),), (keyed, store))
    assert not without.dependencies


def test_access_lists_may_admit_without_a_role() -> None:
    world = w.World(resources={STORE: {"properties": {"isHnsEnabled": True}}})
    found = w.verdict(world, (TOOL,), (w.connection("c", **BLOB),))
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NO_ASSIGNMENT, True)
    assert "access lists" in found.summary


@pytest.mark.parametrize(
    ("gap", "status"),
    [(rbac.Gap.DENIALS, Status.UNKNOWN), (rbac.Gap.GROUPS, Status.PASS), (rbac.Gap.ELIGIBLE, Status.PASS)],
)
def test_a_grant_that_something_unread_may_take_back_is_no_pass(gap: rbac.Gap, status: Status) -> None:
    world = w.World(resources={STORE: {"properties": {}}}, gaps=frozenset({gap})).assign(w.APP, BLOB_READER, STORE)
    assert w.verdict(world, (TOOL,), (w.connection("c", **BLOB),)).status is status


def test_what_a_person_must_verify_names_the_identity() -> None:
    graph = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://graph.microsoft.com/v1.0",
        audience="https://graph.microsoft.com",
    )
    found = w.verdict(w.World(), (TOOL,), (graph,))
    told = " ".join(found.evidence)
    assert f"/servicePrincipals/{w.IDS[w.APP]}/appRoleAssignments" in told
    assert "OBJECT_ID" not in told
