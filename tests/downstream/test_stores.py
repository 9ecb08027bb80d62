"""Permission stores that are not Azure RBAC: who is in them, who is not, and what only a person can see."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from doctor.downstream import assess
from doctor.model.cause import Cause
from doctor.model.status import Status
from tests.downstream import world as w

TOOL = {"type": "mcp", "project_connection_id": "c"}
COSMOS = w.resource("Microsoft.DocumentDB/databaseAccounts", "cosmos1")
VAULT = w.resource("Microsoft.KeyVault/vaults", "vault1")
SITE = w.resource("Microsoft.Web/sites", "site1")
POSTGRES = w.resource("Microsoft.DBforPostgreSQL/flexibleServers", "pg1")
SQL = w.resource("Microsoft.Sql/servers", "sql1")
APIM = w.resource("Microsoft.ApiManagement/service", "apim1")
LOGIC = w.resource("Microsoft.Logic/workflows", "logic1")
READ, WRITE = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
CUSTOM = "99999999-0000-0000-0000-000000000009"


def ask(world: w.World, resource_id: str, target: str, audience: str, auth: str = "AgenticIdentityToken") -> Any:
    connection = w.connection(
        "c",
        auth_type=auth,
        category="RemoteTool",
        target=target,
        audience=audience,
        metadata={"ResourceId": resource_id},
    )
    return w.verdict(world, (TOOL,), (connection,))


def cosmos_world(*assignments: dict[str, str], definitions: list[Any] | None = None) -> w.World:
    world = w.World(resources={COSMOS: {"properties": {}}})
    world.children[f"{COSMOS}/sqlRoleAssignments"] = [{"properties": one} for one in assignments]
    if definitions is not None:
        world.children[f"{COSMOS}/sqlRoleDefinitions"] = definitions
    return world


def native(who: w.IdentityRole = w.APP, guid: str = READ, scope: str = COSMOS) -> dict[str, str]:
    return {"principalId": w.IDS[who], "roleDefinitionId": f"{COSMOS}/sqlRoleDefinitions/{guid}", "scope": scope}


def cosmos(world: w.World) -> Any:
    return ask(world, COSMOS, "https://cosmos1.documents.azure.com:443/", "https://cosmos.azure.com/")


def definition(*actions: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    permissions = [{"dataActions": actions, "notDataActions": without}]
    return {"id": f"{COSMOS}/sqlRoleDefinitions/{CUSTOM}", "properties": {"permissions": permissions}}


DATA = "Microsoft.DocumentDB/databaseAccounts/"


@pytest.mark.parametrize(
    ("world", "status", "cause"),
    [
        (cosmos_world(native()), Status.PASS, None),
        (cosmos_world(native(guid=WRITE)), Status.PASS, None),
        (cosmos_world(native(scope="/")), Status.PASS, None),
        (cosmos_world(native(scope=COSMOS.upper())), Status.PASS, None),
        (cosmos_world(), Status.FAIL, Cause.NATIVE_ROLE_MISSING),
        (cosmos_world(native(w.PMI)), Status.FAIL, Cause.NATIVE_ROLE_MISSING),
        (cosmos_world(native(scope=f"{COSMOS}/dbs/shop")), Status.UNKNOWN, Cause.WRONG_SCOPE),
        (cosmos_world(native(scope=f"{COSMOS}0")), Status.FAIL, Cause.NATIVE_ROLE_MISSING),
        (cosmos_world(native(guid=CUSTOM), definitions=[definition(f"{DATA}*")]), Status.PASS, None),
        (
            cosmos_world(native(guid=CUSTOM), definitions=[definition(f"{DATA}readMetadata")]),
            Status.FAIL,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (
            cosmos_world(native(guid=CUSTOM), definitions=[definition(f"{DATA}*", without=(f"{DATA}readMetadata",))]),
            Status.FAIL,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (cosmos_world(native(guid=CUSTOM)), Status.UNKNOWN, Cause.RESOURCE_NOT_FOUND),
        (cosmos_world(native(scope="")), Status.FAIL, Cause.NATIVE_ROLE_MISSING),
    ],
)
def test_cosmos_db(world: w.World, status: Status, cause: Cause | None) -> None:
    found = cosmos(world)
    assert (found.status, found.cause) == (status, cause), found


def test_cosmos_db_counts_a_known_group() -> None:
    group = "dddddddd-0000-0000-0000-000000000001"
    world = cosmos_world({"principalId": group, "roleDefinitionId": READ, "scope": COSMOS})
    world.members[w.IDS[w.APP]] = frozenset({group})
    assert cosmos(world).status is Status.PASS


def test_the_command_for_cosmos_db_names_the_account_and_the_principal() -> None:
    fix = cosmos(cosmos_world()).fixes[0]
    words = shlex.split(fix.command)
    assert words[:6] == ["az", "cosmosdb", "sql", "role", "assignment", "create"]
    assert words[words.index("--principal-id") + 1] == w.IDS[w.APP]
    assert words[words.index("--account-name") + 1] == "cosmos1"
    assert words[words.index("--role-definition-id") + 1] == READ
    assert fix.undo


def setup_world(*assignments: dict[str, str], **more: Any) -> Any:
    """A project in standard setup whose only idle connection is its Cosmos DB."""
    world = cosmos_world(*assignments)
    hosts = [{"properties": {"threadStorageConnections": ["memory"], **more}}]
    world.children[f"{w.PROJECT}/capabilityHosts"] = hosts
    world.assign(w.PMI, "230815da-be43-4aae-9cb4-875f7bd000aa", COSMOS)
    connection = w.connection(
        "memory",
        auth_type="AAD",
        category="CosmosDB",
        target="https://cosmos1.documents.azure.com:443/",
        metadata={"ResourceId": COSMOS},
    )
    (found,) = assess(w.only(w.take(world, (w.agent(),), (connection,))), world)
    return found


def test_the_standard_setup_needs_the_whole_database() -> None:
    database = f"{COSMOS}/dbs/enterprise_memory"
    assert setup_world(native(w.PMI, WRITE, database)).status is Status.PASS
    assert setup_world(native(w.PMI, WRITE)).status is Status.PASS
    on_containers = setup_world(native(w.PMI, WRITE, f"{database}/colls/x-thread-message-store"))
    assert (on_containers.status, on_containers.cause) == (Status.FAIL, Cause.NATIVE_ROLE_MISSING)
    assert f"--scope {database}" in on_containers.fixes[0].command
    assert setup_world(native(w.PMI, READ, database)).cause is Cause.NATIVE_ROLE_MISSING
    assert setup_world(native(w.APP, WRITE, database)).cause is Cause.NATIVE_ROLE_MISSING


def vault(properties: dict[str, Any], **assigned: str) -> Any:
    world = w.World(resources={VAULT: {"properties": properties}})
    for role, guid in assigned.items():
        world.assign(w.IdentityRole[role], guid, VAULT)
    return ask(world, VAULT, "https://vault1.vault.azure.net", "https://vault.azure.net")


def policy(who: w.IdentityRole, *secrets: str, **more: Any) -> dict[str, Any]:
    return {"objectId": w.IDS[who], "permissions": {"secrets": list(secrets)}, **more}


@pytest.mark.parametrize("mode", [{}, {"enableRbacAuthorization": None}, {"enableRbacAuthorization": False}])
@pytest.mark.parametrize(
    ("policies", "cause"),
    [
        ([policy(w.APP, "get")], None),
        ([policy(w.APP, "All")], None),
        ([policy(w.APP, "list")], Cause.NATIVE_ROLE_MISSING),
        ([policy(w.SHARED, "get")], Cause.NATIVE_ROLE_MISSING),
        ([policy(w.APP, "get", applicationId="x")], Cause.NATIVE_ROLE_MISSING),
        ([], Cause.NATIVE_ROLE_MISSING),
    ],
)
def test_key_vault_with_access_policies(mode: dict[str, Any], policies: list[Any], cause: Cause | None) -> None:
    found = vault({**mode, "accessPolicies": policies})
    assert found.cause is cause
    assert found.status is (Status.FAIL if cause else Status.PASS)


def test_key_vault_with_roles_ignores_policies() -> None:
    found = vault({"enableRbacAuthorization": True, "accessPolicies": [policy(w.APP, "get")]})
    assert (found.status, found.cause) == (Status.FAIL, Cause.NO_ASSIGNMENT)


def test_a_new_access_policy_keeps_what_was_there() -> None:
    fix = vault({"accessPolicies": [policy(w.APP, "list")]}).fixes[0]
    assert fix.command.endswith("--secret-permissions list get")
    assert fix.undo.endswith("--secret-permissions list")
    assert "delete-policy" in vault({"accessPolicies": []}).fixes[0].undo


ENTRA = "azureActiveDirectory"


def site_settings(
    audiences: list[str] | None = None, *, on: bool = True, claims: dict[str, Any] | None = None, **policy_: Any
) -> dict[str, Any]:
    validation = {
        "allowedAudiences": audiences or ["api://shop"],
        "defaultAuthorizationPolicy": policy_,
        "jwtClaimChecks": claims,
    }
    entra = {"enabled": True, "registration": {"clientId": "reg-client"}, "validation": validation}
    return {
        "properties": {
            "platform": {"enabled": on},
            "globalValidation": {"requireAuthentication": True, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {ENTRA: entra},
        }
    }


def site(
    settings: dict[str, Any] | None, audience: str = "api://shop", *, clientless: bool = False, **body: Any
) -> Any:
    world = w.World(
        clientless={w.APP} if clientless else set(),
        resources={SITE: {"kind": "functionapp", "properties": {"state": "Running"}, **body}},
    )
    if settings is not None:
        world.children[f"{SITE}/config/authsettingsV2"] = settings
    else:
        world.unreadable.add(f"{SITE}/config/authsettingsV2")
    return ask(world, SITE, "https://site1.azurewebsites.net/mcp", audience)


@pytest.mark.parametrize(
    ("settings", "audience", "status", "cause"),
    [
        (site_settings(), "api://shop", Status.PASS, None),
        (site_settings(), "reg-client", Status.PASS, None),
        (site_settings(), "api://shop/", Status.FAIL, Cause.WRONG_AUDIENCE),
        (site_settings(), "https://site1.azurewebsites.net", Status.FAIL, Cause.WRONG_AUDIENCE),
        (site_settings(allowedPrincipals={"identities": [w.IDS[w.APP]]}), "api://shop", Status.PASS, None),
        (
            site_settings(allowedPrincipals={"identities": [w.IDS[w.SHARED]]}),
            "api://shop",
            Status.FAIL,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (
            site_settings(allowedPrincipals={"groups": ["some-group"]}),
            "api://shop",
            Status.UNKNOWN,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (site_settings(allowedApplications=[w.CLIENTS[w.APP]]), "api://shop", Status.PASS, None),
        (site_settings(allowedApplications=["other"]), "api://shop", Status.FAIL, Cause.NATIVE_ROLE_MISSING),
        (
            site_settings(claims={"allowedClientApplications": [w.CLIENTS[w.APP].upper()]}),
            "api://shop",
            Status.PASS,
            None,
        ),
        (
            site_settings(claims={"allowedClientApplications": ["x"]}, allowedApplications=[w.CLIENTS[w.APP]]),
            "api://shop",
            Status.FAIL,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (
            site_settings(claims={"allowedGroups": ["g"]}, allowedPrincipals={"identities": [w.IDS[w.APP]]}),
            "api://shop",
            Status.UNKNOWN,
            Cause.NATIVE_ROLE_MISSING,
        ),
        (site_settings(on=False), "api://shop", Status.UNKNOWN, Cause.NOT_CHECKABLE),
        (None, "api://shop", Status.UNKNOWN, Cause.CANNOT_READ),
    ],
)
def test_easy_auth(settings: dict[str, Any] | None, audience: str, status: Status, cause: Cause | None) -> None:
    found = site(settings, audience)
    assert (found.status, found.cause) == (status, cause), found


def test_easy_auth_that_says_too_little_is_no_pass() -> None:
    without_state = site_settings()
    del without_state["properties"]["platform"]
    assert site(without_state).cause is Cause.NOT_CHECKABLE
    without_audiences = site_settings()
    entra = without_audiences["properties"]["identityProviders"][ENTRA]
    entra["registration"], entra["validation"]["allowedAudiences"] = {}, []
    found = site(without_audiences)
    assert (found.status, found.cause) == (Status.UNKNOWN, Cause.NOT_CHECKABLE)
    off = site_settings()
    off["properties"]["identityProviders"][ENTRA]["enabled"] = False
    assert (site(off).status, site(off).cause) == (Status.FAIL, Cause.NATIVE_ROLE_MISSING)
    listed = site(site_settings(allowedApplications=["x"]), clientless=True)
    assert (listed.status, listed.cause) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING)


@pytest.mark.parametrize("open_", [{"requireAuthentication": False}, {"unauthenticatedClientAction": "AllowAnonymous"}])
def test_a_site_that_lets_anybody_in_decides_in_its_code(open_: dict[str, Any]) -> None:
    settings = site_settings()
    settings["properties"]["globalValidation"] = open_
    found = site(settings)
    assert (found.status, found.cause) == (Status.UNKNOWN, Cause.NOT_CHECKABLE)


def test_a_stopped_site_fails() -> None:
    found = site(site_settings(), properties={"state": "Stopped"})
    assert (found.status, found.cause) == (Status.FAIL, Cause.TOOL_FAILED)
    assert found.fixes[0].command.startswith("az webapp start")


def test_the_mcp_server_of_a_standard_logic_app_must_be_open() -> None:
    closed = site(site_settings(), kind="functionapp,workflowapp")
    assert (closed.status, closed.cause) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING)
    settings = site_settings()
    settings["properties"]["globalValidation"] = {"unauthenticatedClientAction": "AllowAnonymous"}
    assert site(settings, kind="functionapp,workflowapp").status is Status.PASS
    assert site(settings).cause is Cause.NOT_CHECKABLE


def postgres(*admins: str, **properties: Any) -> Any:
    world = w.World(resources={POSTGRES: {"properties": properties}})
    world.children[f"{POSTGRES}/administrators"] = [{"properties": {"objectId": one}} for one in admins]
    return ask(world, POSTGRES, "https://pg1.postgres.database.azure.com", "https://ossrdbms-aad.database.windows.net")


def test_postgresql() -> None:
    assert postgres(w.IDS[w.APP]).status is Status.PASS
    ordinary = postgres(w.IDS[w.SHARED])
    assert (ordinary.status, ordinary.cause, ordinary.required) == (Status.UNKNOWN, Cause.NOT_CHECKABLE, True)
    assert any("pgaadauth" in line for line in ordinary.evidence)
    off = postgres(w.IDS[w.APP], authConfig={"activeDirectoryAuth": "Disabled"})
    assert (off.status, off.cause) == (Status.FAIL, Cause.RBAC_NOT_HONOURED)
    stopped = postgres(w.IDS[w.APP], state="Stopped")
    assert (stopped.status, stopped.cause) == (Status.FAIL, Cause.TOOL_FAILED)


def test_azure_sql() -> None:
    for sid, status in ((w.IDS[w.APP], Status.PASS), (w.CLIENTS[w.APP], Status.PASS), ("x", Status.UNKNOWN)):
        world = w.World(resources={SQL: {"properties": {"administrators": {"sid": sid}}}})
        found = ask(world, SQL, "https://sql1.database.windows.net", "https://database.windows.net/")
        assert found.status is status
        assert found.required


def test_a_server_without_an_administrator_admits_nobody_that_we_can_see() -> None:
    for body in ({}, {"administrators": {}}, {"administrators": {"sid": ""}}):
        world = w.World(resources={SQL: {"properties": body}}, clientless={w.APP})
        found = ask(world, SQL, "https://sql1.database.windows.net", "https://database.windows.net/")
        assert (found.status, found.cause) == (Status.UNKNOWN, Cause.NOT_CHECKABLE)


ADMITS = """<policies><inbound><validate-azure-ad-token tenant-id="t">
<client-application-ids><application-id>{client}</application-id></client-application-ids>
<audiences><audience>api://gateway</audience></audiences></validate-azure-ad-token></inbound></policies>"""


def gateway(policy_: str | None, audience: str = "api://gateway", *, clientless: bool = False, **api: Any) -> Any:
    world = w.World(
        clientless={w.APP} if clientless else set(),
        resources={APIM: {"properties": {"publicNetworkAccess": "Enabled"}}},
    )
    apis = [
        {"name": "all", "properties": {"path": ""}},
        {"name": "shop", "properties": {"path": "shop/v1", **api}},
        {"name": "shops", "properties": {"path": "shop/v1/m"}},
    ]
    world.children[f"{APIM}/apis"] = apis
    if policy_ is not None:
        world.children[f"{APIM}/apis/shop/policies/policy"] = {"properties": {"value": policy_}}
    return ask(world, APIM, "https://apim1.azure-api.net/shop/v1/mcp", audience)


def test_api_management() -> None:
    assert gateway(ADMITS.format(client=w.CLIENTS[w.APP])).status is Status.PASS
    other = gateway(ADMITS.format(client=w.IDS[w.APP]))
    # The policy is one of several, so that a wrong client id is not certain to be the end of it.
    assert (other.status, other.cause, other.required) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING, True)
    assert gateway(ADMITS.format(client="x"), "api://else").cause is Cause.WRONG_AUDIENCE
    assert gateway("<policies><inbound><base /></inbound></policies>").cause is Cause.NOT_CHECKABLE
    assert gateway(ADMITS.format(client="{{named-value}}")).cause is Cause.NOT_CHECKABLE
    assert gateway(None).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "more",
    [
        "<required-claims><claim name='roles'><value>x</value></claim></required-claims>",
        "</validate-azure-ad-token><choose><when condition='@(false)'></when></choose><validate-azure-ad-token>",
        "</validate-azure-ad-token><validate-azure-ad-token tenant-id='other'>",
        "</validate-azure-ad-token><include-fragment fragment-id='f' /><validate-azure-ad-token>",
        "</validate-azure-ad-token><ip-filter action='forbid' /><validate-azure-ad-token>",
        "<application-id>@(context.Variables[0])</application-id>",
    ],
)
def test_a_gateway_that_decides_by_more_than_the_client_and_the_audience_is_no_pass(more: str) -> None:
    policy_ = ADMITS.format(client=w.CLIENTS[w.APP]).replace(
        "</client-application-ids>", f"</client-application-ids>{more}"
    )
    assert gateway(policy_).cause is Cause.NOT_CHECKABLE


def test_a_gateway_that_wants_a_subscription_key_too_is_no_pass() -> None:
    admits = ADMITS.format(client=w.CLIENTS[w.APP])
    assert gateway(admits, subscriptionRequired=False).status is Status.PASS
    found = gateway(admits, subscriptionRequired=True)
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING, True)
    assert "subscription key" in found.summary


def test_a_gateway_that_lists_client_ids_is_open_for_an_identity_whose_own_is_not_known() -> None:
    found = gateway(ADMITS.format(client=w.CLIENTS[w.APP]), clientless=True)
    assert (found.status, found.cause) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING)
    assert "is not known" in found.summary


def test_what_is_commented_out_of_a_gateway_policy_admits_nobody() -> None:
    assert (
        gateway(f"<policies><!-- {ADMITS.format(client=w.CLIENTS[w.APP])} --></policies>").cause is Cause.NOT_CHECKABLE
    )


def logic(*policies: dict[str, str], state: str = "Enabled", clientless: bool = False) -> Any:
    named = {
        f"p{n}": {"claims": [{"name": name, "value": value} for name, value in one.items()]}
        for n, one in enumerate(policies)
    }
    triggers = {"triggers": {"openAuthenticationPolicies": {"policies": named}}}
    world = w.World(
        clientless={w.APP} if clientless else set(),
        resources={LOGIC: {"properties": {"state": state, "accessControl": triggers}}},
    )
    return ask(world, LOGIC, "https://prod-1.westeurope.logic.azure.com/workflows/x", "https://logic.azure.com")


def test_logic_apps() -> None:
    mine = {"iss": "https://sts/", "aud": "https://logic.azure.com/", "oid": w.IDS[w.APP]}
    assert logic(mine).status is Status.PASS
    assert logic({**mine, "oid": w.IDS[w.SHARED]}, mine).status is Status.PASS
    for none in ([], [{**mine, "oid": w.IDS[w.SHARED]}], [{**mine, "aud": "https://else"}]):
        found = logic(*none)
        assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NATIVE_ROLE_MISSING, True)
    assert logic({**mine, "roles": "x"}).cause is Cause.NOT_CHECKABLE
    for open_ in ({}, {"aud": mine["aud"]}, {"aud": mine["aud"], "oid": mine["oid"]}):
        assert logic(open_).status is Status.UNKNOWN
    by_client = {"iss": mine["iss"], "aud": mine["aud"], "appid": w.CLIENTS[w.APP]}
    assert logic(by_client).status is Status.PASS
    assert logic(by_client, clientless=True).cause is Cause.NOT_CHECKABLE
    off = logic(mine, state="Disabled")
    assert (off.status, off.cause) == (Status.FAIL, Cause.TOOL_FAILED)


@pytest.mark.parametrize(
    ("target", "audience", "says"),
    [
        ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com", "appRoleAssignments"),
        ("https://mcp.example.org/mcp", "api://crm", "server's owner"),
    ],
)
def test_what_only_a_person_can_see(target: str, audience: str, says: str) -> None:
    connection = w.connection(
        "c", auth_type="AgenticIdentityToken", category="RemoteTool", target=target, audience=audience
    )
    found = w.verdict(w.World(), (TOOL,), (connection,))
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NOT_CHECKABLE, True)
    assert any(says in line for line in found.evidence)
