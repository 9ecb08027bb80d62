from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import load_scenario, scenario_names
from tests.simulator.client import AI_SCOPE, ARM_SCOPE

if TYPE_CHECKING:
    from tests.simulator.client import Client
    from tests.simulator.conftest import Serve, Write

INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
TOKEN_TEXT = (
    "Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired."
)


def _endpoint(client: Client, rest: str, version: str = "2025-11-15-preview") -> str:
    return f"{client.simulator.state.places.endpoint}/{rest}?api-version={version}"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_no_token_and_a_bad_token_get_the_token_dialect(serve: Serve, token: str) -> None:
    client = serve()
    answer = client.send("POST", client.simulator.target, token=token, body={})
    assert (answer.status, answer.json) == (401, {"statusCode": 401, "message": TOKEN_TEXT})


def test_a_token_for_another_audience_gets_the_token_dialect(serve: Serve, write: Write) -> None:
    assert serve().call({}, scope=ARM_SCOPE).json == {"statusCode": 401, "message": TOKEN_TEXT}
    wanted = serve("wrong-audience").call({})
    assert "audience is incorrect (https://cognitiveservices.azure.com)" in wanted.json["message"]
    expired = serve(write("[entra]\ntoken_minutes = -1\n")).call({})
    assert expired.json["message"] == TOKEN_TEXT


def test_a_token_of_another_tenant_is_a_400(serve: Serve) -> None:
    client = serve("wrong-tenant")
    answer = client.call({})
    tenant = client.simulator.environ["AZURE_TENANT_ID"]
    assert (answer.status, answer.code) == (400, "Tenant provided in token does not match resource token")
    assert answer.json["error"]["message"] == f"Token tenant {tenant} does not match resource tenant."


def test_both_dialects_of_a_missing_data_action(serve: Serve) -> None:
    old, new = serve("owner-is-not-enough"), serve("contributor")
    caller = old.simulator.state.directory.id("caller")
    first, second = old.call({}), new.call({})
    assert (first.status, first.code) == (401, "PermissionDenied")
    assert first.json["error"]["message"] == (
        f"The principal `{caller}` lacks the required data action `{INVOKE}` to perform `POST "
        "/api/projects/{projectName}/applications/{applicationName}/protocols/openai/responses` operation. For "
        "instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions."
    )
    assert second.status == 403
    assert second.json["error"]["message"] == (
        f"Identity(object id: {caller}) does not have permissions for {INVOKE} actions."
    )


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("private-network", "Public access is disabled. Please configure private endpoint."),
        ("firewall", "Access denied due to Virtual Network/Firewall rules."),
    ],
)
def test_a_network_rule_answers_before_anything_else(serve: Serve, scenario: str, message: str) -> None:
    client = serve(scenario)
    for token in ("", client.token(AI_SCOPE)):
        answer = client.send("POST", client.simulator.target, token=token, body={})
        assert (answer.status, answer.json) == (403, {"error": {"code": "403", "message": message}})


def test_a_network_rule_may_answer_as_html(serve: Serve, write: Write) -> None:
    answer = serve(write("[endpoint]\nnetwork = 'html'\n")).call({})
    assert (answer.status, answer.headers["content-type"]) == (403, "text/html")
    assert b"<center>nginx</center>" in answer.body


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "missing_required_parameter"),
        ({"input": ""}, 400, "missing_required_parameter"),
        ([], 400, "invalid_type"),
        (b"{", 400, "invalid_json"),
        ({"input": "hi", "previous_response_id": "resp_1"}, 400, "unsupported_parameter"),
        ({"input": "hi", "conversation": "conv_1"}, 400, "unsupported_parameter"),
    ],
)
def test_who_is_let_in_is_told_about_the_content(serve: Serve, body: Any, status: int, code: str) -> None:
    answer = serve().call(body)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["type"] == "invalid_request_error"


def test_a_body_of_another_kind_is_a_415(serve: Serve) -> None:
    client = serve()
    headers = {"Content-Type": "text/plain"}
    answer = client.send("POST", client.simulator.target, token=client.token(AI_SCOPE), body=b"hi", headers=headers)
    assert answer.status == 415


def test_a_real_call_is_answered(serve: Serve) -> None:
    answer = serve().call({"input": "Hello"})
    assert (answer.status, answer.json["object"], answer.json["status"]) == (200, "response", "completed")
    assert "simulated" in answer.json["output"][0]["content"][0]["text"]


def _events(body: bytes) -> list[dict[str, Any]]:
    blocks = [block for block in body.decode().split("\n\n") if block]
    return [json.loads(block.split("data: ", 1)[1]) for block in blocks]


def test_a_real_call_may_be_streamed(serve: Serve) -> None:
    answer = serve().call({"input": "Hello", "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = _events(answer.body)
    assert [event["type"] for event in events][:: len(events) - 1] == ["response.created", "response.completed"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


@pytest.mark.parametrize(
    ("scenario", "works"),
    [
        ("healthy", True),
        ("ten-downstream", True),
        ("lost-on-publish", False),
        ("wrong-principal", False),
        ("agent-cannot-read-blobs", False),
        ("project-identity-forgotten", False),
        ("search-keys-only", False),
        ("key-refused", False),
        ("key-vault-access-policies", False),
        ("cosmos-native-missing", False),
        ("connection-missing", False),
        ("audience-missing", False),
        ("openapi-tool-identity", False),
        ("agent-role-eligible", False),
        ("user-token-tool", True),
        ("condition-beside-the-point", True),
        ("custom-role", True),
        ("group-grant", True),
        ("management-group-grant", True),
        ("new-model-agent", True),
        ("cannot-read-but-works", True),
        ("letter-case", True),
    ],
)
def test_a_tool_works_when_its_target_lets_the_agent_in(serve: Serve, scenario: str, *, works: bool) -> None:
    client = serve(scenario)
    answer = client.call({"input": "Hello"})
    assert answer.status == (200 if works else 400)
    if not works:
        assert answer.code == "tool_user_error"
        events = _events(client.call({"input": "Hello", "stream": True}).body)
        assert (events[-1]["type"], events[-1]["response"]["status"]) == ("response.failed", "failed")


def test_granting_the_role_repairs_the_tool(serve: Serve) -> None:
    client = serve("lost-on-publish")
    client.simulator.state.assign("application-agent", "Storage Blob Data Reader", "contosoreports")
    assert client.call({"input": "Hello"}).status == 200


@pytest.mark.parametrize("kind", ["conversations", "files", "vector_stores", "containers"])
def test_an_application_keeps_no_state(serve: Serve, kind: str) -> None:
    client = serve()
    answer = client.call({}, url=_endpoint(client, f"applications/helpdesk/protocols/openai/{kind}"))
    assert answer.status == 404
    assert kind in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("rest", "version", "status", "message"),
    [
        ("applications/gone/protocols/openai/responses", "v1", 404, "Resource not found"),
        ("applications/helpdesk/protocols/activity", "v1", 404, "Resource not found"),
        ("applications/helpdesk/protocols/openai/responses", "", 400, "Missing required query parameter: api-version"),
        ("applications/helpdesk/protocols/openai/responses", "v9", 400, "API version not supported: v9"),
    ],
)
def test_a_wrong_path_is_not_found(serve: Serve, rest: str, version: str, status: int, message: str) -> None:
    client = serve()
    answer = client.call({}, url=_endpoint(client, rest, version))
    assert (answer.status, answer.json["error"]["message"]) == (status, message)


def test_what_is_not_simulated_says_so(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    for url in (_endpoint(client, "evaluations", "v1"), f"https://{places.foundry_host}/openai/v1/models"):
        answer = client.call({}, url=url)
        assert (answer.status, answer.headers["x-agentdoctor-simulator"]) == (501, "not simulated")


def test_a_missing_project_and_a_foreign_path(serve: Serve) -> None:
    answer = serve("project-not-found").call({})
    assert (answer.status, answer.json["error"]["message"]) == (404, "The project does not exist.")
    client = serve()
    assert client.call({}, url=f"https://{client.simulator.state.places.foundry_host}/elsewhere").status == 404
    assert client.call({}, method="GET").status == 405


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        ("teams-only", 403),
        ("disabled", 403),
        ("stopped-deployment", 503),
        ("no-deployment", 503),
        ("activity-protocol", 400),
        ("identity-creating", 400),
        ("fresh-assignment", 401),
        ("denied", 401),
        ("sibling-scope", 401),
        ("agent-consumer-trap", 401),
        ("custom-role-subtracts", 401),
        ("not-found", 404),
        ("throttled", 429),
        ("gateway-html", 200),
    ],
)
def test_a_broken_application_does_not_answer(serve: Serve, scenario: str, status: int) -> None:
    answer = serve(scenario).call({"input": "Hello"})
    assert answer.status == status
    assert b'"output"' not in answer.body


@pytest.mark.parametrize("name", [name for name in scenario_names() if load_scenario(name).expect.verdict == "pass"])
def test_whoever_is_expected_to_pass_gets_an_answer(serve: Serve, name: str) -> None:
    client = serve(name)
    scope = f"{client.simulator.state.places.audience}/.default"
    protocol = client.simulator.target.partition("?")[0].rpartition("/")[2]
    # A channel's address takes no direct call, whoever makes it.
    expected = 403 if protocol == "activityprotocol" else 200
    assert client.call(_CALLS.get(protocol, {"input": "Hello"}), scope=scope).status == expected


_CALLS = {
    "mcp": {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}},
    "a2a": {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": {"role": "user", "parts": []}}},
}
"""What a call of each protocol that is not Responses says at the least."""


def test_an_agent_is_described_with_its_tools(serve: Serve) -> None:
    client = serve()
    agent = client.project("agents/helpdesk-agent").json
    assert agent["instance_identity"] is None
    assert agent["versions"]["latest"]["definition"]["tools"][0]["project_connection_id"] == "reports"
    version = client.project("agents/helpdesk-agent/versions/1").json
    assert version == agent["versions"]["latest"]
    assert client.project("agents").json["data"] == [agent]
    assert client.project("agents/helpdesk-agent/versions").json["data"] == [version]
    assert client.project("agents/helpdesk-agent/versions/2").status == 404
    assert client.project("agents/gone").status == 404


def test_reading_an_agent_takes_a_data_action(serve: Serve) -> None:
    answer = serve("owner-is-not-enough").project("agents/helpdesk-agent")
    assert (answer.status, answer.code) == (401, "PermissionDenied")
    assert "`GET /api/projects/{projectName}/agents/{agentName}`" in answer.json["error"]["message"]
    assert "AIServices/agents/read" in answer.json["error"]["message"]


def test_a_new_agent_has_its_own_identity_and_endpoint(serve: Serve) -> None:
    client = serve("new-model-agent")
    state = client.simulator.state
    agent = client.project("agents/helpdesk-agent").json
    assert agent["instance_identity"]["principal_id"] == state.directory.id("agent:helpdesk-agent")
    assert agent["agent_endpoint"]["authorization_schemes"][0]["type"] == "Entra"
    assert client.call({}).code == "missing_required_parameter"
    preview = _endpoint(client, "agents/helpdesk-agent/endpoint/protocols/openai/responses")
    assert client.call({}, url=preview).status == 404
    for one in ("caller-invokes", "caller-reads"):
        state.unassign(state.assignments[one].id)
    refused = client.call({})
    assert "AIServices/endpoints/interact/action" in refused.json["error"]["message"]
    state.assign("caller", "Foundry Agent Consumer", "project/agents/helpdesk-agent")
    assert client.call({}).status == 400


def test_an_old_agent_has_no_endpoint_of_its_own(serve: Serve) -> None:
    client = serve()
    url = _endpoint(client, "agents/helpdesk-agent/endpoint/protocols/openai/responses", "v1")
    assert client.call({}, url=url).status == 404


def test_connections_and_other_things_are_served_without_secrets(serve: Serve, write: Write) -> None:
    text = """
    [served."toolboxes/search"]
    name = "search"
    default_version = "1"
    [served."memory_stores/notes"]
    name = "notes"
    """
    client = serve(write(text))
    found = client.project("connections").json["value"]
    assert {one["name"]: one["credentials"] for one in found} == {
        "reports": {"type": "AgenticIdentityToken"},
        "handbook": {"type": "AAD"},
    }
    assert client.project("connections/reports").json["name"] == "reports"
    assert client.project("connections/gone").status == 404
    assert client.project("memory_stores/notes").json == {"name": "notes"}
    assert client.project("toolboxes/search").status == 404
    preview = {"Foundry-Features": "Toolboxes=V1Preview"}
    assert client.project("toolboxes/search", headers=preview).json["default_version"] == "1"
    assert client.project("indexes/gone").status == 404


@pytest.mark.parametrize("kind", ["services.ai", "cognitiveservices"])
def test_every_host_of_the_account_is_served_and_names_its_request(serve: Serve, kind: str) -> None:
    client = serve()
    url = f"https://contoso-ai.{kind}.azure.com/api/projects/support/agents?api-version=v1"
    answer = client.call(None, url=url, method="GET")
    assert (answer.status, len(answer.json["data"])) == (200, 1)
    assert {"x-request-id", "apim-request-id", "x-ms-request-id"} <= set(answer.headers)


def test_connections_are_filtered_by_type_and_default(serve: Serve, write: Write) -> None:
    client = serve(write("[connections.handbook.properties]\nisDefault = true\n"))
    base = f"{client.simulator.state.places.endpoint}/connections?api-version=v1"
    for query, names in (("connectionType=RemoteTool", {"reports"}), ("defaultConnection=true", {"handbook"})):
        found = client.call(None, url=f"{base}&{query}", method="GET").json["value"]
        assert {one["name"] for one in found} == names
