"""Every kind judged by role assignments: right, missing, wrong identity, switched off, unreadable, gone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.status import Status
from tests.downstream import world as w

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OPEN = {"publicNetworkAccess": "Enabled"}


@dataclass(frozen=True)
class Case:
    """One kind behind an MCP connection of the agent's identity, unless a tool of its own is given."""

    arm_type: str
    target: str
    role: str
    audience: str = "https://storage.azure.com"
    body: dict[str, Any] = field(default_factory=lambda: dict(OPEN))
    off: dict[str, Any] = field(default_factory=lambda: {"publicNetworkAccess": "Disabled"})
    """What makes the right role useless."""
    off_cause: Cause = Cause.NETWORK_DENIED
    caller: w.IdentityRole = w.APP
    auth: str = "AgenticIdentityToken"
    category: str = "RemoteTool"
    tool: dict[str, Any] | None = None
    below: str = ""
    """What the tool uses below the resource."""
    sure: bool = True
    """Whether a missing role is certain enough for a fail."""
    owner_is_enough: bool = False
    top: dict[str, Any] = field(default_factory=dict)
    children: dict[str, Any] = field(default_factory=dict)
    second_hop: bool = False
    """The target calls something itself in its turn, which is never seen whole."""

    @property
    def resource_id(self) -> str:
        provider, _, rest = self.arm_type.partition("/")
        types = rest.split("/")
        path = "".join(f"/{one}/{'name1' if n == 0 else f'part{n}'}" for n, one in enumerate(types))
        return f"{w.GROUP}/providers/{provider}{path}"


STORAGE = "Microsoft.Storage/storageAccounts"
COGNITIVE = "Microsoft.CognitiveServices/accounts"
COG = "https://cognitiveservices.azure.com"
CASES = {
    "storage_blob": Case(
        STORAGE,
        "https://name1.blob.core.windows.net/docs",
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        below="/blobServices/default/containers/docs",
    ),
    "storage_queue": Case(
        STORAGE,
        "https://name1.queue.core.windows.net/jobs",
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
        below="/queueServices/default/queues/jobs",
    ),
    "storage_table": Case(STORAGE, "https://name1.table.core.windows.net", "76199698-9eea-4c19-bc75-cec21354c6b6"),
    "storage_file": Case(
        STORAGE,
        "https://name1.file.core.windows.net/share",
        "b8eda974-7b85-4f76-af95-65846b26df6d",
        below="/fileServices/default/fileshares/share",
        sure=False,
    ),
    "functions_queue_tool": Case(
        STORAGE,
        "https://name1.queue.core.windows.net",
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        caller=w.PMI,
        tool={
            "type": "azure_function",
            "azure_function": {
                "input_binding": {
                    "storage_queue": {
                        "queue_service_endpoint": "https://name1.queue.core.windows.net",
                        "queue_name": "in",
                    }
                },
            },
        },
        below="/queueServices/default/queues/in",
    ),
    "ai_search": Case(
        "Microsoft.Search/searchServices",
        "https://name1.search.windows.net",
        "1407120a-92aa-4202-b7e9-c0e197c71c8f",
        "",
        {"authOptions": {"aadOrApiKey": {}}},
        {"authOptions": None},
        Cause.RBAC_NOT_HONOURED,
        w.PMI,
        "AAD",
        "CognitiveSearch",
        {
            "type": "azure_ai_search",
            "azure_ai_search": {"indexes": [{"project_connection_id": "c", "index_name": "products"}]},
        },
        below="/indexes/products",
    ),
    "foundry_iq_kb": Case(
        "Microsoft.Search/searchServices",
        "https://name1.search.windows.net/knowledgebases/kb/mcp?api-version=x",
        "1407120a-92aa-4202-b7e9-c0e197c71c8f",
        "https://search.azure.com/",
        {"authOptions": None, "disableLocalAuth": True},
        {"authOptions": {"apiKeyOnly": {}}},
        Cause.RBAC_NOT_HONOURED,
        w.PMI,
        "ProjectManagedIdentity",
        second_hop=True,
    ),
    "foundry_account": Case(
        COGNITIVE,
        "https://name1.openai.azure.com",
        "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
        COG,
        {"customSubDomainName": "name1"},
        {"customSubDomainName": None},
        Cause.RBAC_NOT_HONOURED,
    ),
    "speech": Case(
        COGNITIVE,
        "https://name1.cognitiveservices.azure.com",
        "f2dc8367-1007-4938-bd23-fe263f013447",
        COG,
        {"customSubDomainName": "name1"},
        {"customSubDomainName": "name1", "publicNetworkAccess": "Disabled"},
        top={"kind": "SpeechServices"},
    ),
    "document_intelligence": Case(
        COGNITIVE,
        "https://name1.cognitiveservices.azure.com",
        "a97b65f3-24c7-4388-baec-2e87135dc908",
        COG,
        {"customSubDomainName": "name1"},
        {"customSubDomainName": "name1", "publicNetworkAccess": "Disabled"},
        top={"kind": "FormRecognizer"},
    ),
    "acr": Case(
        "Microsoft.ContainerRegistry/registries",
        "https://name1.azurecr.io",
        "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        "",
        {"roleAssignmentMode": "AbacRepositoryPermissions"},
        {"roleAssignmentMode": "AbacRepositoryPermissions", "publicNetworkAccess": "Disabled"},
        caller=w.PMI,
        tool={"type": "image"},
    ),
    "log_analytics": Case(
        "Microsoft.OperationalInsights/workspaces",
        "https://api.loganalytics.io/v1",
        "73c42c96-874c-492b-b04d-ab87d138a893",
        "https://api.loganalytics.io",
        off={"publicNetworkAccessForQuery": "Disabled"},
        sure=False,
        owner_is_enough=True,
    ),
    "service_bus": Case(
        "Microsoft.ServiceBus/namespaces",
        "https://name1.servicebus.windows.net",
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "https://servicebus.azure.net",
        children={"/networkRuleSets/default": {"properties": {"defaultAction": "Allow"}}},
    ),
    "event_hubs": Case(
        "Microsoft.EventHub/namespaces",
        "https://name1.servicebus.windows.net",
        "2b629674-e913-4c01-ae53-ef4638d8f975",
        "https://eventhubs.azure.net",
        children={"/networkRuleSets/default": {"properties": {"defaultAction": "Allow"}}},
    ),
    "event_grid": Case(
        "Microsoft.EventGrid/topics",
        "https://name1.westeurope-1.eventgrid.azure.net/api/events",
        "d5a91429-5739-47e2-a06b-3470a27159e7",
        "https://eventgrid.azure.net",
    ),
    "app_configuration": Case(
        "Microsoft.AppConfiguration/configurationStores",
        "https://name1.azconfig.io",
        "516239f1-63e1-4d78-a4de-a74fb236a071",
        "https://azconfig.io",
    ),
    "azure_ml_endpoint": Case(
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "https://part1.westeurope.inference.ml.azure.com/score",
        "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        "https://ml.azure.com",
        {"authMode": "AADToken"},
        {"authMode": "Key"},
        Cause.RBAC_NOT_HONOURED,
        owner_is_enough=True,
    ),
    "session_pool": Case(
        "Microsoft.App/sessionPools",
        "https://westeurope.dynamicsessions.io/x",
        "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0",
        "https://dynamicsessions.io",
        off={},
        sure=False,
    ),
    "foundry_project": Case(
        COGNITIVE,
        "https://name1.services.ai.azure.com/api/projects/peer/agents/helper/endpoint/protocols/a2a",
        "eed3b665-ab3a-47b6-8f48-c9382fb1dad6",
        "https://ai.azure.com",
        below="/projects/peer/agents/helper",
        category="RemoteA2A",
        tool={"type": "a2a_preview", "project_connection_id": "c"},
    ),
}


def build(case: Case, properties: dict[str, Any] | None = None) -> tuple[w.World, Any, Any]:
    """A world with the resource in it, the connection and the tool."""
    body = {"id": case.resource_id, "properties": case.body if properties is None else properties, **case.top}
    world = w.World(resources={case.resource_id: body})
    world.children |= {case.resource_id + path: value for path, value in case.children.items()}
    world.hosts[case.target.split("/")[2]] = case.resource_id
    connection = w.connection(
        "c", auth_type=case.auth, category=case.category, target=case.target, audience=case.audience
    )
    if "loganalytics" in case.target:
        connection = replace(connection, metadata={"ResourceId": case.resource_id})
    return world, connection, case.tool or {"type": "mcp", "project_connection_id": "c"}


def finding(world: w.World, connection: Any, tool: dict[str, Any]) -> Any:
    """The one finding; a hosted agent when the tool stands for its image."""
    if tool["type"] != "image":
        return w.verdict(world, (tool,), (connection,))
    hosted = w.AgentVersion(
        "h", "1", "hosted", definition={"container_configuration": {"image": "name1.azurecr.io/shop:1"}}
    )
    (found,) = w.assess(w.only(w.take(world, (hosted,), ())), world)
    return found


ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
CERTAIN = {name: case for name, case in CASES.items() if case.sure}
SURE = pytest.mark.parametrize("case", CERTAIN.values(), ids=CERTAIN.keys())


@ALL
@pytest.mark.parametrize("above", ["resource", "group", "subscription", "part"])
def test_right(case: Case, above: str) -> None:
    world, connection, tool = build(case)
    scopes = {"resource": case.resource_id, "group": w.GROUP, "subscription": w.SUBSCRIPTION}
    world.assign(case.caller, case.role, scopes.get(above, case.resource_id + case.below))
    found = finding(world, connection, tool)
    assert found.status is (Status.UNKNOWN if case.second_hop else Status.PASS), found
    assert w.IDS[case.caller] in " ".join(found.evidence)
    assert any(line.startswith("judged for ") for line in found.evidence)


@ALL
def test_missing(case: Case) -> None:
    world, connection, tool = build(case)
    found = finding(world, connection, tool)
    assert found.status is (Status.FAIL if case.sure else Status.UNKNOWN), found
    assert found.cause is Cause.NO_ASSIGNMENT
    assert found.required
    assert case.sure or "confidence" in found.summary
    assert found.fixes


@SURE
def test_owner_is_not_enough_where_data_actions_count(case: Case) -> None:
    world, connection, tool = build(case)
    world.assign(case.caller, OWNER, w.SUBSCRIPTION)
    found = finding(world, connection, tool)
    if case.owner_is_enough:
        assert found.status is Status.PASS
    else:
        # The owner of a registry may pull in its other mode.
        wanted = Cause.RBAC_NOT_HONOURED if tool["type"] == "image" else Cause.ROLE_LACKS_ACTION
        assert (found.status, found.cause) == (Status.FAIL, wanted)


@SURE
def test_wrong_identity(case: Case) -> None:
    world, connection, tool = build(case)
    other = w.AMI if case.caller is w.PMI else w.PMI
    world.assign(other, case.role, case.resource_id)
    found = finding(world, connection, tool)
    assert found.cause is Cause.WRONG_PRINCIPAL
    # Where the sources leave open who calls, the other identity may be the one.
    doubtful = tool["type"] == "azure_function"
    assert found.status is (Status.UNKNOWN if doubtful else Status.FAIL)


@SURE
def test_the_right_role_elsewhere_does_not_count(case: Case) -> None:
    world, connection, tool = build(case)
    world.assign(case.caller, case.role, case.resource_id + "0")
    found = finding(world, connection, tool)
    assert (found.status, found.cause) == (Status.FAIL, Cause.WRONG_SCOPE)


@pytest.mark.parametrize("case", [one for one in CASES.values() if one.off], ids=lambda case: case.arm_type)
def test_switched_off(case: Case) -> None:
    world, connection, tool = build(case, case.off)
    world.assign(case.caller, case.role, case.resource_id)
    found = finding(world, connection, tool)
    assert found.cause is case.off_cause, found
    assert found.status in {Status.FAIL, Status.UNKNOWN}
    assert found.required


@ALL
@pytest.mark.parametrize("hidden", ["resource", "identity", "assignments"])
def test_unreadable(case: Case, hidden: str) -> None:
    world, connection, tool = build(case)
    if hidden != "assignments":
        world.assign(case.caller, case.role, case.resource_id)
    world.unreadable.add({"resource": case.resource_id, "identity": case.caller.value}.get(hidden, hidden))
    found = finding(world, connection, tool)
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True), found


@ALL
def test_gone(case: Case) -> None:
    world, connection, tool = build(case)
    world.assign(case.caller, case.role, case.resource_id)
    world.resources.clear()
    found = finding(world, connection, tool)
    assert (found.status, found.cause) == (Status.FAIL, Cause.DOWNSTREAM_NOT_FOUND)


@pytest.mark.parametrize("case", [one for one in CASES.values() if "loganalytics" not in one.target])
def test_not_found_by_its_host(case: Case) -> None:
    world, connection, tool = build(case)
    world.hosts.clear()
    found = finding(world, connection, tool)
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.DOWNSTREAM_NOT_FOUND, True)


def test_a_role_on_a_part_is_neither_enough_nor_nothing_while_the_part_is_not_known() -> None:
    case = CASES["storage_table"]
    world, connection, tool = build(case)
    world.assign(case.caller, case.role, f"{case.resource_id}/tableServices/default/tables/t1")
    found = finding(world, connection, tool)
    assert (found.status, found.cause) == (Status.UNKNOWN, Cause.WRONG_SCOPE)


def test_a_control_role_reads_no_queue() -> None:
    case = CASES["functions_queue_tool"]
    world, connection, tool = build(case)
    world.assign(case.caller, "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", case.resource_id)
    assert finding(world, connection, tool).cause is Cause.ROLE_LACKS_ACTION
