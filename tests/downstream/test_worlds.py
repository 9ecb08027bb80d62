# ruff: noqa: E501 - a world is a row
"""Whole worlds through the real command: what an expert would say of each was written down before it was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'title = "t"\nstory = "s"\nbase = "healthy"\n[expect]\nverdict = "pass"\nexit_code = 0\n'
AGENT = "[agents.helpdesk-agent]\n"
MCP = '{{ type = "mcp", server_label = "{0}", server_url = "{1}", project_connection_id = "{0}" }}'


def tools(*each: str) -> str:
    return f"{AGENT}tools = [ {', '.join(each)} ]\n"


def called(name: str, target: str, more: str = "", resource: str = "") -> str:
    """An MCP tool with a connection of that name, and the resource behind it."""
    return (
        tools(MCP.format(name, target))
        + f'[connections.{name}]\ntarget = "{target}"\ncall = {{ native = false }}\n{more}'
        + resource
    )


def thing(name: str, kind: str, properties: str, more: str = "") -> str:
    return f'[resources.{name}]\ntype = "{kind}"\n{more}properties = {{ {properties} }}\n'


def grant(who: str, role: str, scope: str) -> str:
    return f'[grants."{who}-{scope}"]\nprincipal = "{who}"\nrole = "{role}"\nscope = "{scope}"\n'


BLOB = "https://contosoreports.blob.core.windows.net/"
STORAGE = "Microsoft.Storage/storageAccounts"
REPORTS = "[connections.reports]\n"
SEARCH = "[resources.contoso-search.properties]\n"
HANDBOOK = "[connections.handbook]\n"
CAPHOST = '[project.children."capabilityHosts/default".properties]\nprovisioningState = "Succeeded"\n'
INJECTED = (
    '[account]\nproperties = { networkInjections = [{ scenario = "agent", subnetArmId = "/subscriptions/s/resourceGroups'
    '/net/providers/Microsoft.Network/virtualNetworks/v1/subnets/agents" }] }\n'
)
ORDERS = "https://contoso-orders.documents.azure.com:443/"
COSMOS = thing(
    "contoso-orders",
    "Microsoft.DocumentDB/databaseAccounts",
    f'documentEndpoint = "{ORDERS}", disableLocalAuth = false',
)
FUNCTION = "https://contoso-fn.azurewebsites.net/runtime/webhooks/mcp"
SITE = thing("contoso-fn", "Microsoft.Web/sites", 'defaultHostName = "contoso-fn.azurewebsites.net", state = "Running"')
SAYS = "pass", "", ""
OPEN = "unknown"

KB = "https://contoso-search.search.windows.net/knowledgebases/handbook/mcp?api-version=2025-11-01-preview"
KNOWLEDGE = called(
    "kb",
    KB,
    'auth_type = "ProjectManagedIdentity"\naudience = "https://search.azure.com/"\nresource = "contoso-search"\n',
)

WORLDS: dict[str, tuple[str, str, str]] = {
    # connections
    "workspace-identity-false-is-nothing": (
        HANDBOOK + "properties = { useWorkspaceManagedIdentity = false }\n",
        "pass",
        "",
    ),
    "workspace-identity-false-hides-no-missing-role": (
        'without = ["grants.project-searches"]\n'
        + HANDBOOK
        + "properties = { useWorkspaceManagedIdentity = false }\ncall = { native = false }\n",
        "fail",
        "role-lacks-action",
    ),
    "account-connection-not-shared": (
        REPORTS + "of_account = true\nproperties = { isSharedToAll = false }\n",
        "fail",
        "connection-missing",
    ),
    "account-connection-shared": (REPORTS + "of_account = true\n", "pass", ""),
    "account-connection-shared-with-others": (
        REPORTS + 'of_account = true\nproperties = { isSharedToAll = false, sharedUserList = ["someone"] }\n',
        OPEN,
        "not-checkable",
    ),
    "account-connection-shared-with-this-project": (
        REPORTS + 'of_account = true\nproperties = { isSharedToAll = false, sharedUserList = ["support"] }\n',
        "pass",
        "",
    ),
    "connection-without-a-category-word": (REPORTS + 'category = "SomethingNew"\n', "pass", ""),
    "connection-in-error": (REPORTS + 'properties = { error = "quota" }\n', "fail", "connection-broken"),
    "connection-auth-type-of-a-number": (REPORTS + "properties = { authType = 5 }\n", OPEN, "unrecognised"),
    "connection-auth-type-unknown": (REPORTS + 'auth_type = "Telepathy"\n', OPEN, "not-checkable"),
    "connection-audience-a-list": (
        REPORTS + 'properties = { audience = ["https://storage.azure.com"] }\n',
        OPEN,
        "unrecognised",
    ),
    "aad-remote-tool-has-no-known-caller": (REPORTS + 'auth_type = "AAD"\n', OPEN, "not-checkable"),
    "metadata-contradicts-the-target": (
        thing("otherreports", STORAGE, 'publicNetworkAccess = "Enabled"') + REPORTS + 'resource = "otherreports"\n',
        "warn",
        "connection-broken",
    ),
    "metadata-right-target-wrong": (
        'without = ["grants.agent-reads-reports"]\n'
        + thing("otherreports", STORAGE, 'publicNetworkAccess = "Enabled"')
        + grant("application-agent", "Storage Blob Data Reader", "otherreports")
        + REPORTS
        + 'resource = "otherreports"\ncall = { native = false }\n',
        "fail",
        "wrong-scope",
    ),
    "target-of-nobody": (
        REPORTS + 'target = "https://ghostreports.blob.core.windows.net/"\nresource = ""\n',
        OPEN,
        "downstream-not-found",
    ),
    # definitions
    "tools-no-list": (AGENT + 'definition = { tools = "mcp" }\n', OPEN, "unrecognised"),
    "tools-an-object": (AGENT + "definition = { tools = { a = 1 } }\n", OPEN, "unrecognised"),
    "kind-of-tomorrow": (AGENT + 'kind = "swarm"\n', OPEN, "unrecognised"),
    "tool-of-tomorrow": (tools('{ type = "hologram" }'), OPEN, "unrecognised"),
    "tool-without-a-type": (tools('{ server_label = "x" }'), OPEN, "unrecognised"),
    "connection-id-a-number": (
        tools('{ type = "mcp", server_label = "x", server_url = "https://x.example", project_connection_id = 7 }'),
        OPEN,
        "unrecognised",
    ),
    "search-without-indexes": (tools('{ type = "azure_ai_search" }'), OPEN, "unrecognised"),
    "search-indexes-a-text": (
        tools('{ type = "azure_ai_search", azure_ai_search = { indexes = "handbook" } }'),
        OPEN,
        "unrecognised",
    ),
    "workflow-unreadable": (AGENT + 'kind = "workflow"\ndefinition = { workflow = 5 }\n', OPEN, "unrecognised"),
    "workflow-without-agents": (
        AGENT + 'kind = "workflow"\ndefinition = { workflow = "kind: workflow" }\n',
        OPEN,
        "unrecognised",
    ),
    "external-agent": (AGENT + 'kind = "external"\n', OPEN, "not-checkable"),
    "no-tools-at-all": (AGENT + "tools = []\n", "pass", ""),
    "only-client-tools": (tools('{ type = "function", name = "f" }', '{ type = "code_interpreter" }'), "pass", ""),
    "openapi-auth-of-tomorrow": (
        tools(
            '{ type = "openapi", openapi = { name = "o", spec = { servers = [{ url = "https://x.example" }] }, auth = { type = "magic" } } }'
        ),
        OPEN,
        "unrecognised",
    ),
    "anonymous-server": (
        tools('{ type = "mcp", server_label = "docs", server_url = "https://mcp.example.com/" }'),
        OPEN,
        "not-checkable",
    ),
    "toolbox-that-hides": (
        tools('{ type = "toolbox", toolbox_name = "box" }')
        + '[served."toolboxes/box"]\ndefault_version = "1"\n[served."toolboxes/box/versions/1"]\nname = "box"\n',
        OPEN,
        "unrecognised",
    ),
    "index-asset-that-hides": (
        tools('{ type = "azure_ai_search", azure_ai_search = { indexes = [{ index_asset_id = "docs/versions/1" }] } }')
        + '[served."indexes/docs/versions/1"]\nname = "docs"\n',
        OPEN,
        "unrecognised",
    ),
    # keys and categories
    "bing-of-its-category": (
        tools(
            '{ type = "bing_grounding", bing_grounding = { search_configurations = [{ project_connection_id = "web" }] } }'
        )
        + '[connections.web]\nauth_type = "ApiKey"\ncategory = "GroundingWithBingSearch"\ntarget = "https://api.bing.microsoft.com/"\nresource = "bing1"\n'
        + thing("bing1", "Microsoft.Bing/accounts", 'provisioningState = "Succeeded"', 'kind = "Bing.Grounding"\n'),
        "pass",
        "",
    ),
    "bing-of-another-category": (
        tools(
            '{ type = "bing_grounding", bing_grounding = { search_configurations = [{ project_connection_id = "web" }] } }'
        )
        + '[connections.web]\nauth_type = "ApiKey"\ncategory = "CognitiveSearch"\ntarget = "https://api.bing.microsoft.com/"\n',
        "fail",
        "connection-broken",
    ),
    "storage-key-where-keys-are-off": (
        REPORTS + 'auth_type = "AccountKey"\ncall = { native = false }\n',
        "fail",
        "key-auth-refused",
    ),
    # clouds
    "another-clouds-vault": (
        called("vault", "https://contoso-v.vault.usgovcloudapi.net/", 'audience = "https://vault.usgovcloudapi.net"\n'),
        "fail",
        "wrong-audience",
    ),
    "another-clouds-search": (
        HANDBOOK + 'target = "https://contoso-search.search.windows.us/"\n',
        "fail",
        "wrong-audience",
    ),
    "a-public-account-from-government": (
        '[azure]\ncloud = "usgovernment"\n'
        + called("models", "https://contoso-m.openai.azure.com/", 'audience = "https://cognitiveservices.azure.com"\n'),
        "fail",
        "wrong-audience",
    ),
    "another-clouds-audience-for-a-public-account": (
        called(
            "models",
            "https://contoso-m.openai.azure.com/",
            'audience = "https://ai.azure.us"\nresource = "contoso-m"\n',
            thing("contoso-m", "Microsoft.CognitiveServices/accounts", 'customSubDomainName = "contoso-m"'),
        ),
        "fail",
        "wrong-audience",
    ),
    "address-in-a-private-dns-zone": (
        REPORTS + 'target = "https://contosoreports.privatelink.blob.core.windows.net/"\nresource = ""\n',
        OPEN,
        "downstream-not-found",
    ),
    "government-search-from-public-with-a-key": (
        HANDBOOK + 'auth_type = "ApiKey"\ntarget = "https://contoso-search.search.windows.us/"\nresource = ""\n',
        OPEN,
        "downstream-not-found",
    ),
    "audience-of-another-service": (REPORTS + 'audience = "https://vault.azure.net"\n', "fail", "wrong-audience"),
    # the second hop: what the search service calls as itself
    "knowledge-first-hop-missing": (
        'without = ["grants.project-searches"]\n' + KNOWLEDGE,
        "fail",
        "role-lacks-action",
    ),
    "knowledge-model-of-which-nothing-is-seen": (
        KNOWLEDGE + grant("identity:contoso-search", "Cognitive Services User", "account"),
        OPEN,
        "not-checkable",
    ),
    "knowledge-search-may-call-no-model": (KNOWLEDGE, OPEN, "no-assignment"),
    "knowledge-search-without-an-identity": (
        KNOWLEDGE + "[resources.contoso-search]\nidentity = false\n",
        OPEN,
        "principal-not-found",
    ),
    "knowledge-with-a-key": (
        called("kb", KB, 'auth_type = "CustomKeys"\nresource = "contoso-search"\n'),
        OPEN,
        "no-assignment",
    ),
    # identities that a user assigned
    "project-with-one-user-assigned-identity": (
        'without = ["grants.project-searches", "grants.project-reads-index"]\n'
        "[principals.workers]\nkind = 'service-principal'\n[project]\nidentity = false\nuser_identities = ['workers']\n"
        + grant("workers", "Search Index Data Reader", "contoso-search")
        + HANDBOOK
        + "call = { native = false }\n",
        "pass",
        "",
    ),
    "project-with-one-user-assigned-identity-without-the-role": (
        'without = ["grants.project-searches", "grants.project-reads-index"]\n'
        "[principals.workers]\nkind = 'service-principal'\n[project]\nidentity = false\nuser_identities = ['workers']\n"
        + HANDBOOK
        + "call = { native = false }\n",
        "fail",
        "no-assignment",
    ),
    "project-with-two-user-assigned-identities": (
        'without = ["grants.project-searches", "grants.project-reads-index"]\n'
        "[principals.workers]\nkind = 'service-principal'\n[principals.others]\nkind = 'service-principal'\n[project]\nidentity = false\nuser_identities = ['workers', 'others']\n"
        + HANDBOOK
        + "call = { native = false }\n",
        OPEN,
        "not-checkable",
    ),
    "search-key-in-use": (HANDBOOK + 'auth_type = "ApiKey"\n', "warn", "key-in-use"),
    "search-keys-only": (
        SEARCH + "authOptions = { apiKeyOnly = {} }\n[connections.handbook.call]\nnative = false\n",
        "fail",
        "rbac-not-honoured",
    ),
    "functions-mcp-with-a-token": (
        called("fn", FUNCTION, 'audience = "api://fn"\nresource = "contoso-fn"\n', SITE),
        OPEN,
        "key-missing",
    ),
    "functions-mcp-with-a-key": (
        called("fn", FUNCTION, 'auth_type = "CustomKeys"\nresource = "contoso-fn"\n', SITE),
        "pass",
        "",
    ),
    "functions-mcp-with-another-key": (
        called(
            "fn",
            FUNCTION,
            'auth_type = "CustomKeys"\nresource = "contoso-fn"\nproperties = { credentials = { keys = { X-Api = "v" } } }\n',
            SITE,
        ),
        OPEN,
        "key-missing",
    ),
    # networks
    "storage-private-only": (
        '[resources.contosoreports.properties]\npublicNetworkAccess = "Disabled"\n[connections.reports.call]\nnative = false\n',
        "fail",
        "network-denied",
    ),
    "storage-network-word-unknown": (
        '[resources.contosoreports.properties]\npublicNetworkAccess = "Sometimes"\n',
        OPEN,
        "unrecognised",
    ),
    "storage-acls-a-text": (
        "[resources.contosoreports.properties]\nnetworkAcls = { defaultAction = 5 }\n",
        OPEN,
        "unrecognised",
    ),
    "storage-deny-trusted-agent-identity": (
        '[resources.contosoreports.properties]\nnetworkAcls = { bypass = "AzureServices", defaultAction = "Deny", ipRules = [], virtualNetworkRules = [] }\n',
        OPEN,
        "network-denied",
    ),
    "storage-admits-the-agents-subnet": (
        INJECTED
        + '[resources.contosoreports.properties]\nnetworkAcls = { bypass = "None", defaultAction = "Deny", virtualNetworkRules = [{ id = "/subscriptions/s/resourceGroups'
        '/net/providers/Microsoft.Network/virtualNetworks/v1/subnets/agents" }] }\n',
        "pass",
        "",
    ),
    "storage-admits-another-subnet": (
        INJECTED
        + '[resources.contosoreports.properties]\nnetworkAcls = { bypass = "None", defaultAction = "Deny", virtualNetworkRules = [{ id = "/subscriptions/s/resourceGroups'
        '/net/providers/Microsoft.Network/virtualNetworks/v1/subnets/web" }] }\n[connections.reports.call]\nnative = false\n',
        "fail",
        "network-denied",
    ),
    "search-one-address-trusted": (
        SEARCH + 'networkRuleSet = { ipRules = [{ value = "203.0.113.7" }], bypass = "AzureServices" }\n',
        "pass",
        "",
    ),
    "search-wide-range": (
        SEARCH + 'networkRuleSet = { ipRules = [{ value = "20.0.0.0/8" }], bypass = "None" }\n',
        OPEN,
        "network-denied",
    ),
    "search-private-in-the-agents-network-unread": (
        INJECTED
        + SEARCH
        + 'publicNetworkAccess = "Disabled"\nprivateEndpointConnections = [{ properties = { privateLinkServiceConnectionState = { status = "Approved" } } }]\n',
        OPEN,
        "network-denied",
    ),
    # models and platform
    "model-deployed": (f'{AGENT}model = "gpt-4.1"\n', "pass", ""),
    "model-not-deployed": (f'{AGENT}model = "gpt-9"\n', "fail", "model-not-available"),
    "model-a-number": (f"{AGENT}definition = {{ model = 4 }}\n", OPEN, "unrecognised"),
    "model-empty": (f'{AGENT}model = ""\n', OPEN, "unrecognised"),
    "model-behind-a-gateway": (
        f'{AGENT}model = "gw/gpt-5"\n[connections.gw]\nauth_type = "ApiKey"\ncategory = "ModelGateway"\ntarget = "https://gw.example.com"\n',
        OPEN,
        "not-checkable",
    ),
    "capability-host-succeeded": (CAPHOST, "pass", ""),
    "capability-host-failed": (CAPHOST.replace("Succeeded", "Failed"), "fail", "platform-not-ready"),
    "capability-host-deleting": (CAPHOST.replace("Succeeded", "Deleting"), "fail", "platform-not-ready"),
    "capability-host-of-tomorrow": (CAPHOST.replace("Succeeded", "Dreaming"), OPEN, "platform-not-ready"),
    "capability-host-of-the-account-creating": (
        CAPHOST + '[account.children."capabilityHosts/main".properties]\nprovisioningState = "Creating"\n',
        "fail",
        "platform-not-ready",
    ),
    "standard-setup-cosmos-key": (
        CAPHOST
        + 'threadStorageConnections = ["threads"]\n[connections.threads]\nauth_type = "AccountKey"\ncategory = "CosmosDB"\n'
        f'target = "{ORDERS}"\nresource = "contoso-orders"\n' + COSMOS,
        "fail",
        "connection-broken",
    ),
    "standard-setup-cosmos-without-a-role": (
        CAPHOST
        + 'threadStorageConnections = ["threads"]\n[connections.threads]\nauth_type = "AAD"\ncategory = "CosmosDB"\n'
        f'target = "{ORDERS}"\nresource = "contoso-orders"\n' + COSMOS,
        "fail",
        "native-role-missing",
    ),
    "standard-setup-storage-without-a-role": (
        CAPHOST
        + 'storageConnections = ["files"]\n[connections.files]\nauth_type = "AAD"\ncategory = "AzureStorageAccount"\n'
        'target = "https://contosofiles.blob.core.windows.net/"\nresource = "contosofiles"\n'
        + thing("contosofiles", STORAGE, 'publicNetworkAccess = "Enabled"'),
        "fail",
        "no-assignment",
    ),
    # callers and stores
    "end-user-tool": (REPORTS + 'auth_type = "UserEntraToken"\ncall = { caller = "caller" }\n', "pass", ""),
    "end-user-tool-gone": (
        'without = ["resources.contosoreports", "grants.agent-reads-reports"]\n'
        + REPORTS
        + f'auth_type = "UserEntraToken"\nresource = ""\ntarget = "{BLOB}"\ncall = {{ caller = "caller" }}\n',
        OPEN,
        "downstream-not-found",
    ),
    "role-of-the-wrong-identity": (
        '[grants.agent-reads-reports]\nprincipal = "project-identity"\n[connections.reports.call]\nnative = false\n',
        "fail",
        "wrong-principal",
    ),
    "agent-role-on-a-sibling": (
        thing("otherreports", STORAGE, 'publicNetworkAccess = "Enabled"')
        + '[grants.agent-reads-reports]\nscope = "otherreports"\n',
        "fail",
        "wrong-scope",
    ),
    "resource-without-properties": (
        '[resources.bare]\ntype = "Microsoft.AppConfiguration/configurationStores"\n'
        + called("conf", "https://bare.azconfig.io", 'audience = "https://azconfig.io"\nresource = "bare"\n'),
        "fail",
        "no-assignment",
    ),
    "sql-only-the-database-knows": (
        called(
            "db",
            "https://contoso-sql.database.windows.net/",
            'audience = "https://database.windows.net/"\nresource = "contoso-sql"\n',
            thing("contoso-sql", "Microsoft.Sql/servers", 'publicNetworkAccess = "Enabled"'),
        ),
        OPEN,
        "not-checkable",
    ),
    "mcp-server-of-ones-own": (
        called("crm", "https://crm.example.com/mcp", 'audience = "api://crm"\n'),
        OPEN,
        "not-checkable",
    ),
    "mcp-server-of-ones-own-with-a-key": (
        called("crm", "https://crm.example.com/mcp", 'auth_type = "CustomKeys"\n'),
        "pass",
        "",
    ),
    "registry-abac-with-acrpull": (
        f'{AGENT}kind = "hosted"\ndefinition = {{ container_configuration = {{ image = "contosoagents.azurecr.io/a:1" }} }}\n'
        + thing(
            "contosoagents",
            "Microsoft.ContainerRegistry/registries",
            'loginServer = "contosoagents.azurecr.io", roleAssignmentMode = "AbacRepositoryPermissions"',
        )
        + grant("project-identity", "AcrPull", "contosoagents"),
        "fail",
        "rbac-not-honoured",
    ),
    "registry-refuses-tokens-for-resource-manager": (
        f'{AGENT}kind = "hosted"\ndefinition = {{ container_configuration = {{ image = "contosoagents.azurecr.io/a:1" }} }}\n'
        + thing(
            "contosoagents",
            "Microsoft.ContainerRegistry/registries",
            'loginServer = "contosoagents.azurecr.io", policies = { azureADAuthenticationAsArmPolicy = { status = "disabled" } }',
        )
        + grant("project-identity", "AcrPull", "contosoagents"),
        "fail",
        "rbac-not-honoured",
    ),
    "container-that-calls-its-accounts-models-without-a-role": (
        f'{AGENT}kind = "hosted"\ndefinition = {{ container_configuration = {{}}, environment_variables = {{ M = "https://contoso-ai.openai.azure.com/" }} }}\n',
        OPEN,
        "no-assignment",
    ),
    "files-of-the-capability-host-without-the-role": (
        CAPHOST
        + 'storageConnections = ["files"]\n[connections.files]\nauth_type = "AAD"\ncategory = "AzureStorageAccount"\n'
        + 'target = "https://contosofiles.blob.core.windows.net/"\nresource = "contosofiles"\ncall = { native = false }\n'
        + thing("contosofiles", STORAGE, 'publicNetworkAccess = "Enabled"')
        + grant("project-identity", "Storage Blob Data Reader", "contosofiles"),
        "fail",
        "role-lacks-action",
    ),
    "registry-right": (
        f'{AGENT}kind = "hosted"\ndefinition = {{ container_configuration = {{ image = "contosoagents.azurecr.io/a:1" }} }}\n'
        + thing(
            "contosoagents",
            "Microsoft.ContainerRegistry/registries",
            'loginServer = "contosoagents.azurecr.io", roleAssignmentMode = "LegacyRegistryPermissions"',
        )
        + grant("project-identity", "AcrPull", "contosoagents"),
        "pass",
        "",
    ),
    "hosted-without-a-container": (f'{AGENT}kind = "hosted"\n', OPEN, "unrecognised"),
}


@pytest.mark.parametrize("name", WORLDS)
def test_world(name: str, tmp_path: Path) -> None:
    text, verdict, cause = WORLDS[name]
    top, _, rest = text.partition("\n") if text.startswith("without") else ("", "", text)
    file = tmp_path / f"{name}.toml"
    file.write_text(HEAD.replace("[expect]", f"{top}\n[expect]") + rest, encoding="utf-8")
    with Simulator(str(file)) as azure:
        ran = check(azure, tmp_path)
    found = {
        "pass": ran.document["verdict"] == "pass" and not ran.document["summary"]["warn"],
        "warn": ran.document["verdict"] == "pass" and bool(ran.document["summary"]["warn"]),
    }
    causes = [one["cause"] for one in ran.document["root_causes"]]
    warns = [one["cause"] for one in ran.document["results"] if one["status"] == "warn"]
    shown = (
        ran.document["verdict"],
        causes,
        [r for r in ran.document["results"] if r["status"] not in {"pass", "skip"}],
    )
    assert found.get(verdict, ran.document["verdict"] == verdict), shown
    if cause:
        assert cause == ([*causes, *warns] or [""])[0], shown
