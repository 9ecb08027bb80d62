"""Every type of tool: which connection it names, what kind of target it has, and who calls."""

from __future__ import annotations

from typing import Any

import pytest

from doctor.downstream import Who, assess
from doctor.downstream.workflow import agents as workflow_agents
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known, Problem, Unread
from doctor.model.status import Status
from tests.downstream import world as w

C = {"project_connection_id": "c"}
TOOLS: list[tuple[str, dict[str, Any], str, Who, w.IdentityRole | None, str]] = [
    ("mcp", {**C, "server_label": "s"}, "AgenticIdentityToken", Who.IDENTITY, w.APP, "mcp_remote_tool"),
    ("mcp", C, "ProjectManagedIdentity", Who.IDENTITY, w.PMI, "mcp_remote_tool"),
    ("mcp", C, "UserEntraToken", Who.END_USER, None, "mcp_remote_tool"),
    ("mcp", C, "CustomKeys", Who.KEY, None, "mcp_remote_tool"),
    ("mcp", C, "None", Who.NOBODY, None, "mcp_remote_tool"),
    ("mcp", C, "AgenticIdentityToken_Preview", Who.IDENTITY, w.APP, "mcp_remote_tool"),
    ("mcp", C, "AgenticIdentity", Who.IDENTITY, w.APP, "mcp_remote_tool"),
    ("mcp", C, "SomethingNew", Who.UNKNOWN, None, "mcp_remote_tool"),
    ("mcp", C, "AgenticUser", Who.UNKNOWN, None, "mcp_remote_tool"),
    ("mcp", C, "AgentUserImpersonation", Who.UNKNOWN, None, "mcp_remote_tool"),
    ("a2a", C, "AgenticIdentityToken", Who.IDENTITY, w.APP, "a2a_remote"),
    ("a2a_preview", C, "OAuth2", Who.END_USER, None, "a2a_remote"),
    ("azure_ai_search", {"azure_ai_search": {"indexes": [C]}}, "AAD", Who.IDENTITY, w.PMI, "ai_search"),
    ("azure_ai_search", {"azure_ai_search": {"indexes": [C]}}, "ApiKey", Who.KEY, None, "ai_search"),
    ("bing_grounding", {"bing_grounding": {"search_configurations": [C]}}, "ApiKey", Who.KEY, None, "bing_grounding"),
    (
        "bing_custom_search_preview",
        {"bing_custom_search_preview": {"search_configurations": [C]}},
        "ApiKey",
        Who.KEY,
        None,
        "bing_grounding",
    ),
    ("web_search", {"custom_search_configuration": C}, "ApiKey", Who.KEY, None, "bing_grounding"),
    (
        "sharepoint_grounding_preview",
        {"sharepoint_grounding_preview": {"project_connections": [C]}},
        "CustomKeys",
        Who.END_USER,
        None,
        "sharepoint",
    ),
    (
        "fabric_dataagent_preview",
        {"fabric_dataagent_preview": {"project_connections": [C]}},
        "CustomKeys",
        Who.END_USER,
        None,
        "fabric_data_agent",
    ),
    ("fabric_iq_preview", C, "OAuth2", Who.END_USER, None, "fabric_data_agent"),
    ("work_iq_preview", C, "UserEntraToken", Who.END_USER, None, "mcp_remote_tool"),
    ("web_iq_preview", C, "ApiKey", Who.KEY, None, "mcp_remote_tool"),
    (
        "browser_automation_preview",
        {"browser_automation_preview": {"connection": C}},
        "ApiKey",
        Who.KEY,
        None,
        "playwright",
    ),
    (
        "openapi",
        {"openapi": {"auth": {"type": "project_connection", "security_scheme": C}}},
        "CustomKeys",
        Who.KEY,
        None,
        "",
    ),
    ("something_of_tomorrow", {"deep": [{"er": C}]}, "ProjectManagedIdentity", Who.UNKNOWN, None, ""),
]


@pytest.mark.parametrize("case", TOOLS, ids=lambda case: f"{case[0]}-{case[2]}")
def test_a_tool_names_its_connection_its_caller_and_its_kind(
    case: tuple[str, dict[str, Any], str, Who, w.IdentityRole | None, str],
) -> None:
    kind, fields, auth, who, role, target = case
    connection = w.connection("c", auth_type=auth, target="https://mcp.example.org/x")
    found = w.only(w.take(w.World(), (w.agent({"type": kind, **fields}),), (connection,)))
    assert (found.connection, found.tool, found.caller.who, found.caller.role) == (connection, kind, who, role)
    assert found.kind == target
    assert found.subject == "c"


@pytest.mark.parametrize(
    "reference",
    [
        "c",
        "C",
        f"{w.PROJECT}/connections/c",
        f"{w.PROJECT}/Connections/C/",
    ],
)
def test_a_connection_is_named_by_name_or_by_arm_id(reference: str) -> None:
    connection = w.connection("c", auth_type="CustomKeys")
    tool = {"type": "mcp", "project_connection_id": reference}
    assert w.only(w.take(w.World(), (w.agent(tool),), (connection,))).connection is connection


def test_the_projects_own_connection_wins_over_the_accounts() -> None:
    mine = w.connection("c", auth_type="CustomKeys")
    accounts = w.Connection(id=f"{w.ACCOUNT}/connections/c", name="c", auth_type="AAD", shared_to_all=True)
    tool = {"type": "mcp", "project_connection_id": "c"}
    assert w.only(w.take(w.World(), (w.agent(tool),), (accounts, mine))).connection is mine
    other = {"type": "mcp", "project_connection_id": f"{w.ACCOUNT}/connections/c"}
    assert w.only(w.take(w.World(), (w.agent(other),), (mine, accounts))).connection is accounts


@pytest.mark.parametrize("role", [w.APP, w.AGENT, w.SHARED])
def test_the_agents_identity_depends_on_how_it_is_published(role: w.IdentityRole) -> None:
    connection = w.connection("c", auth_type="AgenticIdentityToken")
    tool = {"type": "mcp", "project_connection_id": "c"}
    assert w.only(w.take(w.World(), (w.agent(tool),), (connection,), role=role)).caller.role is role


def test_tools_that_need_nothing() -> None:
    for kind in ("file_search", "code_interpreter", "image_generation"):
        assert w.verdict(w.World(), ({"type": kind},)).status is Status.PASS
    for kind in ("function", "computer_use_preview"):
        assert w.verdict(w.World(), ({"type": kind},)).status is Status.SKIP


def test_a_tool_with_a_key_of_its_own_and_one_with_none() -> None:
    keyed = {"type": "mcp", "server_label": "s", "server_url": "https://x.example.org", "headers": {"k": "v"}}
    bare = {"type": "mcp", "server_label": "s", "server_url": "https://x.example.org"}
    for tool, who in ((keyed, Who.KEY), (bare, Who.NOBODY)):
        found = w.only(w.take(w.World(), (w.agent(tool),), ()))
        assert (found.caller.who, found.subject) == (who, "s")
        (finding,) = assess(found, w.World())
        expected = (Status.UNKNOWN, Cause.NOT_CHECKABLE, who is Who.NOBODY)
        assert (finding.status, finding.cause, finding.required) == expected


def test_a_model_behind_a_connection_is_a_dependency() -> None:
    connection = w.connection(
        "gateway", auth_type="ApiKey", category="AzureOpenAI", target="https://o.openai.azure.com"
    )
    found = w.only(w.take(w.World(), (w.agent(model="gateway/gpt-4.1"),), (connection,)))
    assert (found.tool, found.subject, found.kind, found.caller.who) == ("model", "gateway", "foundry_account", Who.KEY)
    assert not w.take(w.World(), (w.agent(model="gpt-4.1"),), (connection,)).dependencies


def test_several_indexes_of_one_connection_are_one_dependency() -> None:
    indexes = [{"project_connection_id": "c", "index_name": name} for name in ("a", "b")]
    connection = w.connection("c", auth_type="AAD", category="CognitiveSearch")
    tool = {"type": "azure_ai_search", "azure_ai_search": {"indexes": indexes}}
    assert w.only(w.take(w.World(), (w.agent(tool),), (connection,))).children == ("indexes/a", "indexes/b")


def test_an_index_asset_is_followed_to_its_connection() -> None:
    world = w.World(foundry={"/indexes/shop/versions/2": {"connectionName": "c", "indexName": "products"}})
    connection = w.connection("c", auth_type="AAD", category="CognitiveSearch")
    tool = {"type": "azure_ai_search", "azure_ai_search": {"indexes": [{"index_asset_id": "shop/versions/2"}]}}
    found = w.only(w.take(world, (w.agent(tool),), (connection,)))
    assert (found.connection, found.children) == (connection, ("indexes/products",))


def test_a_toolbox_is_opened() -> None:
    url = "https://foundry1.services.ai.azure.com/api/projects/p1/toolboxes/box/mcp?api-version=v1"
    inner = {"type": "mcp", "server_label": "inside", "project_connection_id": "c"}
    world = w.World(
        foundry={"/toolboxes/box": {"default_version": "3"}, "/toolboxes/box/versions/3": {"tools": [inner]}}
    )
    box = w.connection("box", auth_type="AgenticIdentityToken", target=url, audience="https://ai.azure.com")
    connection = w.connection("c", auth_type="CustomKeys")
    tool = {"type": "mcp", "server_url": url, "project_connection_id": "box"}
    found = w.take(world, (w.agent(tool),), (box, connection))
    assert [(one.subject, one.kind, one.via) for one in found.dependencies] == [
        ("box", "foundry_project", ""),
        ("c", "mcp_remote_tool", "toolbox box"),
    ]


def test_a_toolbox_that_cannot_be_read_is_a_gap() -> None:
    tool = {"type": "toolbox", "toolbox_name": "box"}
    found = w.take(w.World(unreadable={"/toolboxes/box"}), (w.agent(tool),), ())
    assert [gap.subject for gap in found.unread] == ["box"]
    finding = next(iter(w.judge(found, w.World())))
    assert (finding.status, finding.cause, finding.required) == (Status.UNKNOWN, Cause.CANNOT_READ, True)


def test_a_toolbox_that_names_itself_ends() -> None:
    tool = {"type": "toolbox", "toolbox_name": "box", "toolbox_version": "1"}
    world = w.World(foundry={"/toolboxes/box/versions/1": {"tools": [tool]}})
    assert len(world.asked) == 0
    w.take(world, (w.agent(tool),), ())
    assert world.asked.count("/toolboxes/box/versions/1") == 1


YAML = """
kind: workflow
trigger:
  actions:
    - kind: InvokeAzureAgent
      id: first
      agent:
        # the triage agent
        name: "Triage"   # quoted
      conversationId: =System.ConversationId
    - kind: InvokeAzureAgent
      agent: { name: Billing }
    - kind: InvokeAzureAgent
      agentId: Escalation
    - {kind: InvokeAzureAgent, agent: {name: Inline}}
    - kind: InvokeAzureAgent
      agent:
        name: =Local.Chosen
    - kind: SetVariable
      name: NotAnAgent
"""


def test_a_workflow_names_its_agents() -> None:
    assert workflow_agents(YAML) == (("Triage", "Billing", "Escalation", "Inline"), True)
    assert workflow_agents("") == ((), False)
    assert workflow_agents("agent:\nname: beside\n") == ((), False)


def test_the_agents_of_a_workflow_are_walked() -> None:
    inner = {"type": "mcp", "project_connection_id": "c"}
    definition = {"kind": "prompt", "tools": [inner]}
    world = w.World(foundry={"/agents/Triage": {"versions": {"latest": {"definition": definition}}}})
    flow = w.AgentVersion("flow", "1", "workflow", definition={"workflow": "- agent:\n    name: Triage\n"})
    connection = w.connection("c", auth_type="AgenticIdentityToken")
    found = w.only(w.take(world, (flow,), (connection,)))
    assert (found.via, found.caller.confidence) == ("workflow agent Triage", Confidence.LOW)


def test_who_calls_for_the_agents_of_a_workflow_is_not_sure() -> None:
    """Only what holds for each identity that it may be is a pass, and nothing is a fail."""
    store = w.resource("Microsoft.Storage/storageAccounts", "store1")
    inner = {"type": "mcp", "project_connection_id": "c"}
    world = w.World(
        resources={store: {"properties": {}}},
        foundry={"/agents/T": {"versions": {"latest": {"definition": {"tools": [inner]}}}}},
    )
    flow = w.AgentVersion("flow", "1", "workflow", definition={"workflow": "- agent:\n    name: T\n"})
    connection = w.connection(
        "c",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://store1.blob.core.windows.net",
        audience="https://storage.azure.com",
        metadata={"ResourceId": store},
    )
    statuses = []
    for role in (None, w.APP, w.SHARED):
        if role:
            world.assign(role, "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", store)
        (found,) = assess(w.only(w.take(world, (flow,), (connection,))), world)
        statuses.append((found.status, found.cause))
    assert statuses == [
        (Status.UNKNOWN, Cause.NO_ASSIGNMENT),
        (Status.UNKNOWN, Cause.WRONG_PRINCIPAL),
        (Status.PASS, None),
    ]


def test_a_use_of_the_whole_service_is_not_narrowed_by_a_use_of_one_index() -> None:
    indexes = [{"project_connection_id": "c", "index_name": "a"}, {"project_connection_id": "c"}]
    connection = w.connection("c", auth_type="AAD", category="CognitiveSearch")
    tool = {"type": "azure_ai_search", "azure_ai_search": {"indexes": indexes}}
    assert w.only(w.take(w.World(), (w.agent(tool),), (connection,))).children == ()


def test_a_hosted_agent_names_its_image_its_connections_and_its_endpoints() -> None:
    secret = "sig=AAAABBBBCCCCDDDDEEEEFFFF"
    definition = {
        "kind": "hosted",
        "container_configuration": {"image": "reg1-abc123.azurecr.io/agents/shop:1"},
        "environment_variables": {
            "KEY": "${{connections.crm.credentials.key}}",
            "STORE": "https://store1.blob.core.windows.net/docs",
            "SIGNED": f"https://store2.blob.core.windows.net/docs?{secret}",
            "AZURE_AI_PROJECT_ENDPOINT": "https://foundry1.services.ai.azure.com/api/projects/p1",
            "ELSEWHERE": "https://api.example.org/v1",
        },
    }
    hosted = w.AgentVersion("h", "1", "hosted", definition=definition)
    own = frozenset({"foundry1.services.ai.azure.com"})
    found = w.take(w.World(), (hosted,), (w.connection("crm", auth_type="CustomKeys"),), own_hosts=own)
    seen = {(one.tool, one.kind, one.caller.who, one.caller.role) for one in found.dependencies}
    assert seen == {
        ("image", "acr", Who.IDENTITY, w.PMI),
        ("environment", "", Who.KEY, None),
        ("environment", "storage_blob", Who.IDENTITY, w.APP),
        ("environment", "storage_blob", Who.KEY, None),
    }
    assert secret not in repr(found)


def test_a_container_that_calls_its_own_accounts_models_directly_needs_a_role_there() -> None:
    addresses = {"PROJECT": "https://foundry1.services.ai.azure.com/", "MODELS": "https://foundry1.openai.azure.com/"}
    definition = {"kind": "hosted", "container_configuration": {}, "environment_variables": addresses}
    own = frozenset({"foundry1.services.ai.azure.com", "foundry1.openai.azure.com"})
    found = w.take(w.World(), (w.AgentVersion("h", "1", "hosted", definition=definition),), (), own_hosts=own)
    assert [(one.label, one.kind, one.caller.role) for one in found.dependencies] == [
        ("MODELS", "foundry_account", w.APP)
    ]


def test_an_openapi_tool_shows_whether_it_writes() -> None:
    for methods, writes in ((["get"], False), (["get", "put"], True), (["post"], None)):
        spec = {"servers": [{"url": "https://x.example.org"}], "paths": {"/a": {name: {} for name in methods}}}
        tool = {"type": "openapi", "openapi": {"name": "api", "spec": spec, "auth": {"type": "anonymous"}}}
        assert w.only(w.take(w.World(), (w.agent(tool),), ())).writes is writes


def test_without_the_agent_the_connections_are_listed_and_never_fail() -> None:
    search = w.resource("Microsoft.Search/searchServices", "s")
    connection = w.connection(
        "c",
        auth_type="AAD",
        category="CognitiveSearch",
        target="https://s.search.windows.net",
        metadata={"ResourceId": search},
    )
    world = w.World(resources={search: {"properties": {"authOptions": {"aadOrApiKey": {}}}}})
    problem = Problem(Cause.CANNOT_READ, "no permission to read the agent")
    found = w.inventory(Unread(problem), Known((connection,)), world, agent=w.APP, project_id=w.PROJECT)
    gap, finding = w.judge(found, world)
    assert (gap.status, gap.cause, gap.required, gap.subject) == (Status.UNKNOWN, Cause.CANNOT_READ, True, "agent")
    assert (finding.status, finding.cause, finding.required) == (Status.UNKNOWN, Cause.NO_ASSIGNMENT, False)
    assert found.notes


def test_connections_that_no_tool_uses_are_listed_and_not_judged() -> None:
    found = w.take(w.World(), (w.agent(),), (w.connection("spare", auth_type="AAD", category="AzureBlob"),))
    assert w.judge(found, w.World()) == []
    assert [one.name for one in found.unused] == ["spare"]


def test_unread_connections_are_a_gap_and_their_tools_unknown() -> None:
    problem = Problem(Cause.CANNOT_READ, "no permission to list connections")
    tool = {"type": "mcp", "project_connection_id": "c"}
    world = w.World()
    found = w.inventory(Known((w.agent(tool),)), Unread(problem), world, agent=w.APP, project_id=w.PROJECT)
    statuses = {(one.subject, one.status, one.cause) for one in w.judge(found, world)}
    assert statuses == {
        ("", Status.UNKNOWN, Cause.CANNOT_READ),
        ("c", Status.UNKNOWN, Cause.CANNOT_READ),
    }


def test_one_query_asks_for_every_target() -> None:
    tools = [{"type": "mcp", "project_connection_id": f"c{n}"} for n in range(6)]
    connections = [
        w.connection(f"c{n}", auth_type="ApiKey", target=f"https://store{n}.blob.core.windows.net") for n in range(5)
    ]
    stated = {"ResourceId": w.resource("Microsoft.X/y", "z")}
    connections.append(w.connection("c5", auth_type="ApiKey", metadata=stated))
    world = w.World()
    w.take(world, (w.agent(*tools),), tuple(connections))
    assert world.asked[-1:] == ["graph 1 5"]


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "azure_ai_search", "azure_ai_search": {"indexes": [{"index_connection_id": "c"}]}},
        {"type": "azure_ai_search", "resources": [{"project_connection_id": "c"}]},
        {"type": "bing_grounding", "bing_grounding": {"connections": [{"connection_id": "c"}]}},
        {"type": "openapi", "openapi": {"auth": {"type": "project_connection", "connection_id": "c"}}},
    ],
)
def test_a_connection_is_found_wherever_a_tools_shape_puts_it(tool: dict[str, Any]) -> None:
    connection = w.connection("c", auth_type="ApiKey", category="CognitiveSearch")
    assert w.only(w.take(w.World(), (w.agent(tool),), (connection,))).connection is connection


def test_an_openapi_description_may_be_text() -> None:
    spec = '{"servers": [{"url": "https://store1.blob.core.windows.net"}], "paths": {"/a": {"delete": {}}}}'
    tool = {"type": "openapi", "openapi": {"name": "api", "spec": spec, "auth": {"type": "managed_identity"}}}
    found = w.only(w.take(w.World(), (w.agent(tool),), ()))
    assert (found.kind, found.writes) == ("storage_blob", True)


def test_a_toolbox_of_the_own_project_is_never_more_than_unknown() -> None:
    tool = {"type": "toolbox", "toolbox_name": "box", "toolbox_version": "1"}
    world = w.World(foundry={"/toolboxes/box/versions/1": {"tools": []}})
    world.resources[w.ACCOUNT] = {"properties": {}}
    finding = w.verdict(world, (tool,))
    assert (finding.status, finding.cause) == (Status.UNKNOWN, Cause.NO_ASSIGNMENT)
    world.assign(w.APP, "53ca6127-db72-4b80-b1b0-d745d6d5456d", w.PROJECT)
    finding = w.verdict(world, (tool,))
    assert (finding.status, finding.cause, finding.required) == (Status.UNKNOWN, Cause.NOT_CHECKABLE, True)
    assert "low confidence" in finding.summary


def test_a_key_in_the_environment_is_no_call_of_an_identity() -> None:
    value = "AccountEndpoint=https://x.documents.azure.com:443/;AccountKey=c2VjcmV0"
    hosted = w.AgentVersion("h", "1", "hosted", definition={"environment_variables": {"DB": value}})
    assert w.only(w.take(w.World(), (hosted,), ())).caller.who is Who.KEY


SEARCH = w.resource("Microsoft.Search/searchServices", "s")
COGNITIVE = w.resource("Microsoft.CognitiveServices/accounts", "s")


@pytest.mark.parametrize(
    ("target", "resource_id", "kind"),
    [
        ("https://s.search.windows.net/knowledgebases/k/mcp", SEARCH, "foundry_iq_kb"),
        ("https://s.search.windows.net/mcp", SEARCH, "ai_search"),
        ("https://s.services.ai.azure.com/api/projects/p/agents/a", COGNITIVE, "foundry_project"),
        ("https://s.services.ai.azure.com/openai", COGNITIVE, "foundry_account"),
        ("https://files.contoso.com", w.resource("Microsoft.Storage/storageAccounts", "s"), "storage_blob"),
    ],
)
def test_the_url_tells_more_than_the_type_of_the_resource(target: str, resource_id: str, kind: str) -> None:
    tool = {"type": "mcp", "project_connection_id": "c"}
    for audience in ("", "https://cognitiveservices.azure.com", "https://search.azure.com"):
        connection = w.connection(
            "c", category="RemoteTool", target=target, audience=audience, metadata={"ResourceId": resource_id}
        )
        assert w.only(w.take(w.World(), (w.agent(tool),), (connection,))).kind == kind
