"""The fifteen things that a checker of role names gets wrong, one test each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from doctor.downstream import Who, assess, lost_on_publish
from doctor.model.authorization import DenyAssignment, DenyPrincipal, Permission, RoleDefinition
from doctor.model.cause import Cause
from doctor.model.fact import Known
from doctor.model.status import Status
from tests.downstream import world as w

TOOL = {"type": "mcp", "project_connection_id": "c"}
STORE = w.resource("Microsoft.Storage/storageAccounts", "sto1")
SEARCH = w.resource("Microsoft.Search/searchServices", "search1")
COSMOS = w.resource("Microsoft.DocumentDB/databaseAccounts", "cosmos1")
VAULT = w.resource("Microsoft.KeyVault/vaults", "vault1")
REGISTRY = w.resource("Microsoft.ContainerRegistry/registries", "reg1")
OPENAI = w.resource("Microsoft.CognitiveServices/accounts", "openai1")
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
SEARCH_READER = "1407120a-92aa-4202-b7e9-c0e197c71c8f"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def blob(world: w.World, **changed: Any) -> Any:
    """The finding about a blob store that the agent calls with its own identity."""
    world.resources.setdefault(STORE, {"properties": {}})
    fields = {
        "auth_type": "AgenticIdentityToken",
        "category": "RemoteTool",
        "target": "https://sto1.blob.core.windows.net/docs",
        "audience": "https://storage.azure.com",
        "metadata": {"ResourceId": STORE},
    }
    return w.verdict(world, (TOOL,), (w.connection("c", **{**fields, **changed}),))


def search(world: w.World, role: w.IdentityRole = w.APP, **body: Any) -> Any:
    world.resources[SEARCH] = {"properties": {"authOptions": {"aadOrApiKey": {}}, **body}}
    connection = w.connection("c", auth_type="AAD", category="CognitiveSearch", metadata={"ResourceId": SEARCH})
    tool = {"type": "azure_ai_search", "azure_ai_search": {"indexes": [{"project_connection_id": "c"}]}}
    return w.verdict(world, (tool,), (connection,), role=role)


def image(world: w.World, **body: Any) -> Any:
    world.resources[REGISTRY] = {"properties": body}
    world.hosts["reg1.azurecr.io"] = REGISTRY
    hosted = w.AgentVersion(
        "h", "1", "hosted", definition={"container_configuration": {"image": "reg1.azurecr.io/a:1"}}
    )
    (found,) = assess(w.only(w.take(world, (hosted,), ())), world)
    return found


def test_01_wrong_principal() -> None:
    """Search with an AAD connection is called by the project's managed identity; publishing changes nothing there."""
    wrong = search(w.World().assign(w.APP, SEARCH_READER, SEARCH))
    assert (wrong.status, wrong.cause) == (Status.FAIL, Cause.WRONG_PRINCIPAL)
    assert w.IDS[w.PMI] in wrong.fixes[0].command
    assert w.IDS[w.APP] not in wrong.fixes[0].command
    assert search(w.World().assign(w.PMI, SEARCH_READER, SEARCH)).status is Status.PASS


def test_02_openapi_managed_identity_is_the_accounts() -> None:
    def finding(role: w.IdentityRole) -> Any:
        world = w.World(resources={OPENAI: {"properties": {"customSubDomainName": "openai1"}}}).assign(
            role, OPENAI_USER, OPENAI
        )
        world.hosts["openai1.openai.azure.com"] = OPENAI
        auth = {
            "type": "managed_identity",
            "security_scheme": {"audience": "https://cognitiveservices.azure.com"},
        }
        spec = {"servers": [{"url": "https://openai1.openai.azure.com/openai"}]}
        return w.verdict(world, ({"type": "openapi", "openapi": {"name": "api", "spec": spec, "auth": auth}},))

    assert finding(w.AMI).status is Status.PASS
    for role in (w.PMI, w.APP):
        assert (finding(role).status, finding(role).cause) == (Status.FAIL, Cause.WRONG_PRINCIPAL)


def test_03_no_rbac_to_check_at_all() -> None:
    """Keys, end users, SharePoint and Fabric: no role of the agent is ever asked for."""
    for tool, auth in (
        ({"type": "mcp", "project_connection_id": "c"}, "CustomKeys"),
        ({"type": "mcp", "project_connection_id": "c"}, "OAuth2"),
        ({"type": "mcp", "project_connection_id": "c"}, "UserEntraToken"),
        (
            {
                "type": "sharepoint_grounding_preview",
                "sharepoint_grounding_preview": {"project_connections": [{"project_connection_id": "c"}]},
            },
            "CustomKeys",
        ),
        (
            {
                "type": "fabric_dataagent_preview",
                "fabric_dataagent_preview": {"project_connections": [{"project_connection_id": "c"}]},
            },
            "CustomKeys",
        ),
    ):
        world = w.World()
        connection = w.connection("c", auth_type=auth, target="https://x.example.org", audience="https://x")
        found = w.verdict(world, (tool,), (connection,))
        assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NOT_CHECKABLE, False)
        assert not [one for one in world.asked if one.startswith("access")]


def test_04_documented_identity_and_the_other_one() -> None:
    """Sources contradict each other about who calls: both are asked about, and the difference is reported."""
    found = blob(w.World().assign(w.APP, BLOB_READER, STORE))
    assert found.status is Status.PASS
    text = " ".join(found.evidence)
    assert "the project's shared agent identity does not have what is needed" in text
    assert "new-foundry-portal#93" in text
    both = blob(w.World().assign(w.APP, BLOB_READER, STORE).assign(w.SHARED, BLOB_READER, STORE))
    assert "new-foundry-portal#93" not in " ".join(both.evidence)


def test_05_roles_are_matched_by_guid() -> None:
    """A renamed or localised role counts, a custom role of the same name does not."""
    named = RoleDefinition(BLOB_READER, "Lecteur des données blob", (_data("*/blobs/read"),), live=True)
    world = w.World(definitions={BLOB_READER: named}).assign(w.APP, BLOB_READER.upper(), STORE)
    assert blob(world).status is Status.PASS
    custom = "12345678-0000-0000-0000-000000000000"
    impostor = RoleDefinition(custom, "Storage Blob Data Reader", (), built_in=False, live=True)
    found = blob(w.World(definitions={custom: impostor}).assign(w.APP, custom, STORE))
    assert (found.status, found.cause) == (Status.FAIL, Cause.ROLE_LACKS_ACTION)


def _data(action: str) -> Permission:
    return Permission(data_actions=(action,))


def test_06_owner_and_contributor_are_not_full_access() -> None:
    for guid in (OWNER, CONTRIBUTOR):
        found = blob(w.World().assign(w.APP, guid, w.SUBSCRIPTION))
        assert (found.status, found.cause) == (Status.FAIL, Cause.ROLE_LACKS_ACTION)


def test_07_control_actions_and_wildcards_count_too() -> None:
    """AcrPull is a control action; a custom role with a wildcard is as good as the recommended role."""
    assert image(w.World().assign(w.PMI, ACR_PULL, REGISTRY)).status is Status.PASS
    custom = "12345678-0000-0000-0000-000000000000"
    wide = RoleDefinition(custom, "All storage", (_data("Microsoft.Storage/*"),), built_in=False)
    assert blob(w.World(definitions={custom: wide}).assign(w.APP, custom, w.GROUP)).status is Status.PASS
    less = replace(wide, permissions=(replace(wide.permissions[0], not_data_actions=("*/blobs/read",)),))
    assert blob(w.World(definitions={custom: less}).assign(w.APP, custom, w.GROUP)).cause is Cause.ROLE_LACKS_ACTION


def test_08_scope_is_not_text() -> None:
    """Above, below and beside: sto1 is no parent of sto10, and a grant on one container is neither all nor nothing."""
    group = "/providers/Microsoft.Management/managementGroups/mg1"
    for scope in ("/", group, w.SUBSCRIPTION.upper(), w.GROUP, STORE.lower()):
        assert blob(w.World().assign(w.APP, BLOB_READER, scope)).status is Status.PASS, scope
    assert blob(w.World().assign(w.APP, BLOB_READER, f"{STORE}0")).cause is Cause.WRONG_SCOPE
    container = f"{STORE}/blobServices/default/containers/docs"
    assert blob(w.World().assign(w.APP, BLOB_READER, container)).status is Status.PASS
    some = blob(w.World().assign(w.APP, BLOB_READER, container), target="https://sto1.blob.core.windows.net")
    assert (some.status, some.cause) == (Status.UNKNOWN, Cause.WRONG_SCOPE)


def test_09_groups_conditions_denials_and_ends() -> None:
    group = "dddddddd-0000-0000-0000-000000000001"
    world = w.World(members={w.IDS[w.APP]: frozenset({group})}).assign(w.APP, BLOB_READER, STORE)
    world.assignments[0] = replace(world.assignments[0], principal_id=group, principal_type="Group")
    assert blob(world).status is Status.PASS
    condition = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'other'"
    maybe = blob(w.World().assign(w.APP, BLOB_READER, STORE, condition=condition, condition_version="2.0"))
    assert (maybe.status, maybe.cause) == (Status.UNKNOWN, Cause.CONDITION_UNDECIDED)
    denied = w.World().assign(w.APP, BLOB_READER, STORE)
    denied.denials = (DenyAssignment("d", "lock", w.GROUP, (_data("*"),), (DenyPrincipal(w.IDS[w.APP]),)),)
    assert (blob(denied).status, blob(denied).cause) == (Status.FAIL, Cause.DENIED)
    over = blob(w.World().assign(w.APP, BLOB_READER, STORE, ends_on=w.NOW.replace(year=2025)))
    assert (over.status, over.cause) == (Status.FAIL, Cause.ASSIGNMENT_EXPIRED)


def cosmos(world: w.World, *scopes: str) -> Any:
    world.resources[COSMOS] = {"properties": {}}
    world.children[f"{COSMOS}/sqlRoleAssignments"] = [
        {
            "properties": {
                "principalId": w.IDS[w.PMI],
                "roleDefinitionId": "00000000-0000-0000-0000-000000000002",
                "scope": one,
            }
        }
        for one in scopes
    ]
    world.children[f"{w.PROJECT}/capabilityHosts"] = [{"properties": {"threadStorageConnections": ["memory"]}}]
    connection = w.connection("memory", auth_type="AAD", category="CosmosDB", metadata={"ResourceId": COSMOS})
    (found,) = assess(w.only(w.take(world, (w.agent(),), (connection,))), world)
    return found


def test_10_cosmos_db_keeps_its_own_roles() -> None:
    database = f"{COSMOS}/dbs/enterprise_memory"
    assert cosmos(w.World().assign(w.PMI, OWNER, COSMOS)).cause is Cause.NATIVE_ROLE_MISSING
    assert cosmos(w.World(), f"{database}/colls/one").cause is Cause.NATIVE_ROLE_MISSING
    assert cosmos(w.World(), database).status is Status.PASS


def test_11_key_vault_mode() -> None:
    secrets_user = "4633458b-17de-408a-b874-0445c86b69e6"
    mine = [{"objectId": w.IDS[w.APP], "permissions": {"secrets": ["get"]}}]
    for mode, policies, role, status in (
        (True, [], True, Status.PASS),
        (True, mine, False, Status.FAIL),
        (False, mine, False, Status.PASS),
        (None, [], True, Status.FAIL),
    ):
        body = {"enableRbacAuthorization": mode, "accessPolicies": policies}
        world = w.World(resources={VAULT: {"properties": body}})
        if role:
            world.assign(w.APP, secrets_user, VAULT)
        connection = w.connection(
            "c",
            auth_type="AgenticIdentityToken",
            category="RemoteTool",
            target="https://vault1.vault.azure.net",
            audience="https://vault.azure.net",
            metadata={"ResourceId": VAULT},
        )
        assert w.verdict(world, (TOOL,), (connection,)).status is status


def test_12_modes_that_ignore_a_role() -> None:
    keys_only = search(w.World().assign(w.PMI, SEARCH_READER, SEARCH), authOptions={"apiKeyOnly": {}})
    assert (keys_only.status, keys_only.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)
    roles_only = search(w.World().assign(w.PMI, SEARCH_READER, SEARCH), authOptions=None, disableLocalAuth=True)
    assert roles_only.status is Status.PASS
    abac = image(w.World().assign(w.PMI, ACR_PULL, REGISTRY), roleAssignmentMode="AbacRepositoryPermissions")
    assert (abac.status, abac.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)
    policy = {"azureADAuthenticationAsArmPolicy": {"status": "disabled"}}
    tokens = image(w.World().assign(w.PMI, ACR_PULL, REGISTRY), policies=policy)
    assert (tokens.status, tokens.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)


def test_13_network_is_not_permission() -> None:
    world = w.World(resources={STORE: {"properties": {"publicNetworkAccess": "Disabled"}}})
    found = blob(world.assign(w.APP, BLOB_READER, STORE))
    assert (found.status, found.cause) == (Status.FAIL, Cause.NETWORK_DENIED)
    assert "role assignment" not in " ".join(fix.command for fix in found.fixes)


def test_14_permission_outside_rbac_and_the_wrong_audience() -> None:
    site = w.resource("Microsoft.Web/sites", "site1")
    validation = {
        "allowedAudiences": ["api://x"],
        "defaultAuthorizationPolicy": {"allowedPrincipals": {"identities": [w.IDS[w.SHARED]]}},
    }
    settings = {
        "platform": {"enabled": True},
        "globalValidation": {"requireAuthentication": True},
        "identityProviders": {"azureActiveDirectory": {"validation": validation}},
    }
    world = w.World(resources={site: {"properties": {}}}).assign(w.APP, OWNER, site)
    world.children[f"{site}/config/authsettingsV2"] = {"properties": settings}
    fields = {"auth_type": "AgenticIdentityToken", "category": "RemoteTool", "metadata": {"ResourceId": site}}
    target = "https://site1.azurewebsites.net/mcp"
    for audience, cause in (("api://x", Cause.NATIVE_ROLE_MISSING), ("https://else", Cause.WRONG_AUDIENCE)):
        connection = w.connection("c", target=target, audience=audience, **fields)
        found = w.verdict(world, (TOOL,), (connection,))
        assert (found.status, found.cause) == (Status.FAIL, cause)
    wrong = blob(w.World().assign(w.APP, BLOB_READER, STORE), audience="https://vault.azure.net")
    assert (wrong.status, wrong.cause) == (Status.FAIL, Cause.WRONG_AUDIENCE)


def test_15_resolution_and_what_cannot_be_read_is_never_right() -> None:
    """The connection's target wins over the tool's URL; a custom domain is not guessed; unread is not right."""
    tool = {**TOOL, "server_url": "https://else.blob.core.windows.net"}
    connection = w.connection(
        "c",
        auth_type="AgenticIdentityToken_Preview",
        category="RemoteTool_Preview",
        target="https://sto1.blob.core.windows.net",
        audience="https://storage.azure.com",
    )
    world = w.World(resources={STORE: {"properties": {}}}, hosts={"sto1.blob.core.windows.net": STORE})
    world.assign(w.APP, BLOB_READER, STORE)
    assert w.verdict(world, (tool,), (connection,)).status is Status.PASS
    custom = replace(connection, target="https://files.contoso.com")
    unknown = w.verdict(world, (tool,), (custom,))
    assert (unknown.status, unknown.cause, unknown.required) == (Status.UNKNOWN, Cause.DOWNSTREAM_NOT_FOUND, True)
    world.unreadable.add(STORE)
    hidden = w.verdict(world, (tool,), (connection,))
    assert (hidden.status, hidden.cause, hidden.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True)
    role_less = blob(w.World(absent={w.APP}))
    assert (role_less.status, role_less.cause) == (Status.FAIL, Cause.PRINCIPAL_NOT_FOUND)


def test_a_published_agent_lost_what_the_shared_identity_has() -> None:
    world = w.World(resources={STORE: {"properties": {}}}).assign(w.SHARED, BLOB_READER, w.GROUP)
    connection = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://sto1.blob.core.windows.net/docs",
        audience="https://storage.azure.com",
        metadata={"ResourceId": STORE},
    )
    found = w.take(world, (w.agent(TOOL),), (connection,))
    assert w.only(found).caller.who is Who.IDENTITY
    (finding,) = lost_on_publish(found, world)
    assert (finding.status, finding.cause, finding.subject) == (Status.FAIL, Cause.LOST_ON_PUBLISH, "c")
    # The narrow role on the resource itself, not the group-wide one again.
    assert f"--scope {STORE}" in finding.fixes[0].command
    assert isinstance(world.identity(w.SHARED), Known)
