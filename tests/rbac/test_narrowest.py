"""The one narrowest-role question: exact answers for what agents and the people around them need."""

from __future__ import annotations

import pytest

from doctor.model.access import Action
from doctor.model.authorization import Permission
from doctor.rbac import narrowest
from doctor.rbac.breadth import breadth
from tests.rbac.worlds import ACCOUNT, GROUP, MANAGEMENT, PROJECT, STORAGE, SUBSCRIPTION, facts, role

DATA, CONTROL = True, False
AI = "Microsoft.CognitiveServices/accounts"
STORES = "Microsoft.Storage/storageAccounts"
BLOB = f"{STORES}/blobServices/containers/blobs"
QUEUES = f"{STORES}/queueServices/queues"


def at(kind: str) -> str:
    return f"{GROUP}/providers/{kind}/one"


@pytest.mark.parametrize(
    ("action", "data", "scope", "name"),
    [
        (f"{AI}/AIServices/applications/invoke/action", DATA, PROJECT, "Foundry User"),
        (f"{AI}/AIServices/endpoints/interact/action", DATA, PROJECT, "Foundry Agent Consumer"),
        (f"{AI}/AIServices/endpoints/interact/action", DATA, f"{PROJECT}/agents/helper", "Foundry Agent Consumer"),
        (f"{AI}/AIServices/agents/write", DATA, PROJECT, "Foundry User"),
        (f"{AI}/OpenAI/deployments/chat/completions/action", DATA, ACCOUNT, "Cognitive Services OpenAI User"),
        (f"{AI}/projects/read", CONTROL, PROJECT, "Reader"),
        (f"{AI}/projects/applications/read", CONTROL, PROJECT, "Reader"),
        (f"{AI}/projects/connections/read", CONTROL, PROJECT, "Reader"),
        ("Microsoft.Authorization/roleAssignments/read", CONTROL, PROJECT, "Reader"),
        ("Microsoft.Authorization/roleAssignments/read", CONTROL, SUBSCRIPTION, "Reader"),
        ("Microsoft.Resources/subscriptions/resourceGroups/read", CONTROL, GROUP, "Reader"),
        ("Microsoft.Authorization/roleAssignments/write", CONTROL, PROJECT, "Role Based Access Control Administrator"),
        (f"{BLOB}/read", DATA, STORAGE, "Storage Blob Data Reader"),
        (f"{BLOB}/write", DATA, STORAGE, "Storage Blob Data Contributor"),
        ("Microsoft.Storage/storageAccounts/listKeys/action", CONTROL, STORAGE, "Reader and Data Access"),
        ("Microsoft.Storage/storageAccounts/write", CONTROL, STORAGE, "Storage Account Contributor"),
        (
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            DATA,
            at("Microsoft.KeyVault/vaults"),
            "Key Vault Secrets User",
        ),
        (
            "Microsoft.Search/searchServices/indexes/documents/read",
            DATA,
            at("Microsoft.Search/searchServices"),
            "Search Index Data Reader",
        ),
        (
            "Microsoft.Search/searchServices/indexes/write",
            CONTROL,
            at("Microsoft.Search/searchServices"),
            "Search Service Contributor",
        ),
        (
            "Microsoft.ContainerRegistry/registries/pull/read",
            CONTROL,
            at("Microsoft.ContainerRegistry/registries"),
            "AcrPull",
        ),
        (
            "Microsoft.OperationalInsights/workspaces/query/read",
            CONTROL,
            at("Microsoft.OperationalInsights/workspaces"),
            "Log Analytics Data Reader",
        ),
        (
            "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
            CONTROL,
            at("Microsoft.Logic/workflows"),
            "Logic App Contributor",
        ),
        (
            "Microsoft.EventHub/namespaces/messages/send/action",
            DATA,
            at("Microsoft.EventHub/namespaces"),
            "Azure Event Hubs Data Sender",
        ),
        (
            "Microsoft.BotService/botServices/write",
            CONTROL,
            at("Microsoft.BotService/botServices"),
            "Azure Bot Service Contributor Role",
        ),
        ("Microsoft.Contoso/things/write", CONTROL, at("Microsoft.Contoso/things"), "Contributor"),
        (f"{AI}/projects/applications/write", CONTROL, PROJECT, "Foundry Project Manager"),
        (f"{AI}/projects/applications/agentDeployments/write", CONTROL, PROJECT, "Foundry Project Manager"),
        (f"{AI}/projects/connections/write", CONTROL, PROJECT, "Foundry Project Manager"),
        (f"{AI}/write", CONTROL, ACCOUNT, "Cognitive Services Contributor"),
        (f"{AI}/deployments/write", CONTROL, ACCOUNT, "Cognitive Services Contributor"),
        (f"{AI}/deployments/read", CONTROL, ACCOUNT, "Reader"),
        (f"{AI}/capabilityHosts/read", CONTROL, ACCOUNT, "Reader"),
        (f"{AI}/AIServices/agents/read", DATA, PROJECT, "Foundry User"),
        (f"{AI}/AIServices/agents/delete", DATA, PROJECT, "Foundry User"),
        (f"{AI}/AIServices/responses/write", DATA, PROJECT, "Foundry Project Runtime User"),
        (f"{AI}/OpenAI/deployments/embeddings/action", DATA, ACCOUNT, "Cognitive Services OpenAI User"),
        (f"{AI}/OpenAI/responses/write", DATA, ACCOUNT, "Cognitive Services OpenAI User"),
        (f"{AI}/SpeechServices/text-to-speech/frontend/action", DATA, ACCOUNT, "Cognitive Services Speech User"),
        (f"{AI}/FormRecognizer/documentmodels:analyze/action", DATA, ACCOUNT, "Cognitive Services User"),
        (f"{AI}/ContentSafety/text:analyze/action", DATA, ACCOUNT, "Cognitive Services User"),
        ("Microsoft.Resources/deployments/write", CONTROL, GROUP, "Contributor"),
        ("Microsoft.BotService/register/action", CONTROL, SUBSCRIPTION, "Contributor"),
        ("Microsoft.Authorization/denyAssignments/read", CONTROL, PROJECT, "Reader"),
        ("Microsoft.Storage/storageAccounts/read", CONTROL, STORAGE, "Reader"),
        (f"{BLOB}/modifyPermissions/action", DATA, STORAGE, "Storage Blob Data Owner"),
        (f"{STORES}/blobServices/generateUserDelegationKey/action", CONTROL, STORAGE, "Storage Blob Delegator"),
        (f"{QUEUES}/messages/add/action", DATA, STORAGE, "Storage Queue Data Message Sender"),
        (f"{QUEUES}/messages/process/action", DATA, STORAGE, "Storage Queue Data Message Processor"),
        (f"{QUEUES}/messages/read", DATA, STORAGE, "Storage Queue Data Reader"),
        (f"{STORES}/tableServices/tables/entities/read", DATA, STORAGE, "Storage Table Data Reader"),
        (
            f"{STORES}/fileServices/readFileBackupSemantics/action",
            DATA,
            STORAGE,
            "Storage File Data Privileged Reader",
        ),
        *(
            (action, data, at("/".join(action.split("/")[:2])), name)
            for action, data, name in (
                ("Microsoft.Search/searchServices/indexes/documents/write", DATA, "Search Index Data Contributor"),
                ("Microsoft.KeyVault/vaults/secrets/setSecret/action", DATA, "Key Vault Secrets Officer"),
                ("Microsoft.KeyVault/vaults/keys/decrypt/action", DATA, "Key Vault Crypto User"),
                ("Microsoft.KeyVault/vaults/certificates/read", DATA, "Key Vault Certificate User"),
                ("Microsoft.ContainerRegistry/registries/push/write", CONTROL, "AcrPush"),
                (
                    "Microsoft.ContainerRegistry/registries/repositories/content/read",
                    DATA,
                    "Container Registry Repository Reader",
                ),
                ("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/write", CONTROL, "Cosmos DB Operator"),
                ("Microsoft.Insights/components/read", CONTROL, "Reader"),
                ("Microsoft.Insights/telemetry/write", DATA, "Monitoring Metrics Publisher"),
                ("Microsoft.ServiceBus/namespaces/messages/send/action", DATA, "Azure Service Bus Data Sender"),
                ("Microsoft.ServiceBus/namespaces/messages/receive/action", DATA, "Azure Service Bus Data Receiver"),
                ("Microsoft.EventHub/namespaces/messages/receive/action", DATA, "Azure Event Hubs Data Receiver"),
                ("Microsoft.EventGrid/events/send/action", DATA, "EventGrid Data Sender"),
                ("Microsoft.EventGrid/events/receive/action", DATA, "EventGrid Data Receiver"),
                (
                    "Microsoft.AppConfiguration/configurationStores/keyValues/read",
                    DATA,
                    "App Configuration Data Reader",
                ),
                (
                    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action",
                    CONTROL,
                    "AzureML Data Scientist",
                ),
                (
                    "Microsoft.App/sessionPools/interpreters/execute/action",
                    DATA,
                    "Azure ContainerApps Session Executor",
                ),
            )
        ),
    ],
)
def test_the_narrowest_role(action: str, data: bool, scope: str, name: str) -> None:  # noqa: FBT001 - a column
    found = narrowest(Action(action, data), scope, facts())
    assert found is not None
    assert found.name == name


def test_no_role_holds_an_action_that_only_the_platform_has() -> None:
    assert narrowest(Action("Microsoft.Contoso/things/read", data=True), GROUP, facts()) is None


def test_the_widest_role_is_never_first_where_another_one_holds_it() -> None:
    for name in ("write", "delete", "read"):
        found = narrowest(Action(f"{AI}/projects/applications/{name}", data=False), PROJECT, facts())
        assert found is not None
        assert found.name not in {"Owner", "Contributor"}


def test_how_a_role_is_written_does_not_count_only_what_it_reaches() -> None:
    one = role("1", Permission(data_actions=("Microsoft.Storage/*",)))
    cut = role(
        "2", Permission(data_actions=("Microsoft.Storage/*", f"{BLOB}/*", f"{BLOB}/read", "Microsoft.Storage/*"))
    )
    assert breadth(one, STORAGE) == breadth(cut, STORAGE)
    less = role("3", Permission(data_actions=("Microsoft.Storage/*",), not_data_actions=(f"{BLOB}/write",)))
    assert breadth(less, STORAGE) < breadth(one, STORAGE)


def test_a_role_of_another_management_group_cannot_be_assigned_here() -> None:
    elsewhere = MANAGEMENT.replace("contoso", "fabrikam")
    only = role("9", Permission(data_actions=("Contoso.Things/read",)), assignable_scopes=(elsewhere,))
    wanted = Action("Contoso.Things/read", data=True)
    assert narrowest(wanted, GROUP, facts(roles=(only,), ancestors=(MANAGEMENT,))) is None
    assert narrowest(wanted, GROUP, facts(roles=(only,), ancestors=(elsewhere,))) == only
