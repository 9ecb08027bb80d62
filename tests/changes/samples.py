"""One change of each kind."""

from __future__ import annotations

from doctor.model.change import (
    ActivateRole,
    AddDatabaseUser,
    AddFederatedCredential,
    AddNativeRole,
    AllowNetwork,
    AskPerson,
    CallResource,
    CallRest,
    Change,
    CreateRole,
    GrantRole,
    PatchAgent,
    PutConnection,
    RegisterProvider,
    RemoveRole,
    RunAz,
    SetAccessPolicy,
    SetProperty,
    SignIn,
    SwitchAgent,
    Wait,
)

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
PRINCIPAL = "22222222-2222-2222-2222-222222222222"
FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/contoso"
PROJECT = f"{ACCOUNT}/projects/shop"
COSMOS = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/orders"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/secrets"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/docs"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci"
ENDPOINT = "https://contoso.services.ai.azure.com/api/projects/shop"
_ISSUER = "https://token.actions.githubusercontent.com"
_READER = "00000000-0000-0000-0000-000000000001"

CHANGES: tuple[Change, ...] = (
    GrantRole(PRINCIPAL, FOUNDRY_USER, PROJECT, "AgentServicePrincipal"),
    GrantRole("", FOUNDRY_USER, f"{PROJECT}/agents/helper", "Device"),
    RemoveRole(PRINCIPAL, FOUNDRY_USER, PROJECT),
    RemoveRole("", "", "", f"{PROJECT}/providers/Microsoft.Authorization/roleAssignments/a"),
    ActivateRole(PRINCIPAL, FOUNDRY_USER, PROJECT),
    CreateRole("Callers of shop", GROUP, data_actions=("Microsoft.CognitiveServices/accounts/x/action",)),
    SetProperty(STORAGE, "properties.publicNetworkAccess", '"Enabled"', "2023-05-01", '"Disabled"'),
    SetProperty(STORAGE, "properties.networkAcls.ipRules", '[{"value":"1.2.3.4"}]', "2023-05-01"),
    CallResource(f"{PROJECT}/applications/support", "enable", "2025-12-01", "disable"),
    SwitchAgent(ENDPOINT, "help er", enabled=True),
    PatchAgent(ENDPOINT, "helper", '{"agent_endpoint":{"authorization_schemes":[{"type":"Entra"}]}}', "{}"),
    AddFederatedCredential(SUBSCRIPTION, "main", _ISSUER, "repo:contoso/shop:ref:refs/heads/main", "api://AzureAD"),
    AddFederatedCredential(IDENTITY, "main", _ISSUER, "repo:contoso/shop:ref:refs/heads/main", "api://AzureAD"),
    AddNativeRole(COSMOS, PRINCIPAL, _READER, f"{COSMOS}/dbs/orders", api_version="2024-11-15"),
    SetAccessPolicy(VAULT, PRINCIPAL, (("secrets", ("get", "list")),), (("secrets", ("get",)),), "2023-07-01"),
    SetAccessPolicy(VAULT, PRINCIPAL, (("keys", ("sign",)),)),
    AddDatabaseUser("x.database.windows.net", "orders", ("CREATE USER [a]",), ("DROP USER [a]",)),
    AddDatabaseUser("x.postgres.database.azure.com", "postgres", ("SELECT 1",), engine="postgresql"),
    RegisterProvider("Microsoft.BotService", SUBSCRIPTION),
    PutConnection(f"{PROJECT}/connections/docs", '{"properties":{"category":"AzureBlob"}}', "2025-12-01"),
    PutConnection(
        f"{PROJECT}/connections/docs", '{"properties":{"audience":"x"}}', "2025-12-01", exists=True, old="{}"
    ),
    AllowNetwork(STORAGE, "203.0.113.7"),
    AllowNetwork(STORAGE),
    AllowNetwork(f"{GROUP}/providers/Contoso.Things/things/one", "203.0.113.7"),
    SignIn(SUBSCRIPTION, "https://ai.azure.com/.default"),
    Wait(10),
    RunAz(("webapp", "start", "--name", "a b"), ("webapp", "stop", "--name", "a b")),
    CallRest("GET", "https://graph.microsoft.com/v1.0/me", audience="https://graph.microsoft.com"),
    AskPerson("https://entra.microsoft.com"),
)
