from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.simulator.client import Answer, Client
    from tests.simulator.conftest import Serve, Write

AGENT = "[agents.helpdesk-agent]\n"
BODY = {"input": "Hello"}


def _agent(serve: Serve, write: Write, text: str) -> Client:
    return serve(write(text, base="new-model-agent"))


def _call(client: Client, path: str, body: Any = None, *, version: str = "v1", method: str = "POST") -> Answer:
    base = f"{client.simulator.state.places.endpoint}/agents/helpdesk-agent"
    query = f"?api-version={version}" if version else "?"
    return client.call(body, url=f"{base}{path}{query}", method=method)


@pytest.mark.parametrize("path", ["openai/responses", "openai/v1/responses"])
def test_the_responses_route_answers_and_its_v1_form_needs_no_version(serve: Serve, path: str) -> None:
    client = serve("new-model-agent")
    answer = _call(client, f"/endpoint/protocols/{path}", BODY)
    assert (answer.status, answer.json["agent_reference"]["name"]) == (200, "helpdesk-agent")
    bare = _call(client, f"/endpoint/protocols/{path}", BODY, version="")
    assert bare.status == (200 if "v1" in path else 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [("invocations", 404), ("a2a", 404), ("mcp", 404), ("activityprotocol", 404), ("nonsense", 404)],
)
def test_a_protocol_that_is_not_enabled_is_not_found(serve: Serve, path: str, status: int) -> None:
    assert _call(serve("new-model-agent"), f"/endpoint/protocols/{path}", BODY).status == status


def test_each_enabled_protocol_answers_in_its_own_way(serve: Serve, write: Write) -> None:
    text = (
        f"{AGENT}protocols = {{ invocations = {{}}, invocations_ws = {{}}, activity = {{}}, a2a = {{}}, mcp = {{}} }}\n"
        'card = { version = "1.0", description = "Helps", skills = [] }\nopenapi = { openapi = "3.1.0" }\n'
    )
    client = _agent(serve, write, text)
    assert _call(client, "/endpoint/protocols/openai/responses", BODY).status == 404
    assert _call(client, "/endpoint/protocols/invocations", {"a": 1}).status == 200
    assert _call(client, "/endpoint/protocols/invocations/docs/openapi.json", method="GET").json["openapi"] == "3.1.0"
    assert _call(client, "/endpoint/protocols/invocations_ws", method="GET").status == 426
    assert _call(client, "/endpoint/protocols/activityProtocol", {}, version="2025-05-15-preview").status == 403
    for card in ("v0.3", "v1.0"):
        shown = _call(client, f"/endpoint/protocols/a2a/agentCard/{card}", method="GET")
        assert shown.json["protocolVersion"] == card.removeprefix("v")
        assert shown.json["url"].endswith("/protocols/a2a")
    opened = _call(client, "/endpoint/protocols/mcp", {"jsonrpc": "2.0", "id": 1, "method": "initialize"})
    assert opened.json["result"]["serverInfo"]["name"] == "helpdesk-agent"
    listed = _call(client, "/endpoint/protocols/mcp", {"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
    assert listed.json["result"] == {"tools": []}
    assert _call(client, "/endpoint/protocols/mcp", {}).status == 400


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ('state = "disabled"\n', 403, "Forbidden"),
        ('schemes = ["BotServiceRbac"]\n', 403, "Forbidden"),
        ('identity = "disabled"\n', 400, "tool_user_error"),
        ('routing = { "2" = 100 }\n', 404, "not_found"),
        ('versions."1".status = "creating"\n', 409, "agent_version_not_ready"),
        (
            'versions."1" = { status = "failed", error = { code = "ImageError", message = "No image." } }\n',
            400,
            "agent_version_failed",
        ),
        ('kind = "hosted"\ndefinition.protocol_versions = [{ protocol = "invocations", version = "2" }]\n', 404, "404"),
        (
            'kind = "hosted"\ndefinition.protocol_versions = [{ protocol = "responses", version = "1.0.0" }]\n',
            400,
            "bad_request",
        ),
        ('kind = "hosted"\nfailure = "ReadinessTimeout"\n', 502, "ReadinessTimeout"),
        ('model = "gone"\n', 404, "DeploymentNotFound"),
    ],
)
def test_an_agent_that_cannot_answer_says_why(serve: Serve, write: Write, text: str, status: int, code: str) -> None:
    answer = _call(_agent(serve, write, AGENT + text), "/endpoint/protocols/openai/responses", BODY)
    assert (answer.status, answer.code) == (status, code)


def test_traffic_is_shared_out_by_the_rules(serve: Serve, write: Write) -> None:
    text = f'{AGENT}routing = {{ "@latest" = 50, "0" = 50 }}\nversions."0".status = "deleted"\n'
    client = _agent(serve, write, text)
    statuses = [_call(client, "/endpoint/protocols/openai/responses", BODY).status for _ in range(10)]
    assert statuses.count(200) == 5


def test_an_agent_is_enabled_disabled_and_patched(serve: Serve, write: Write) -> None:
    client = _agent(serve, write, f'{AGENT}routing = {{ "@latest" = 100 }}\n')
    assert _call(client, ":disable").status == 204
    record = _call(client, "", method="GET").json
    assert (record["state"], record["configuration_state"]) == ("disabled", "disabled")
    assert _call(client, "/endpoint/protocols/openai/responses", BODY).status == 403
    assert _call(client, ":enable").status == 204
    change = {"agent_endpoint": {"protocol_configuration": {"invocations": {}}}}
    patched = _call(client, "", change, method="PATCH").json["agent_endpoint"]
    assert patched["protocol_configuration"] == {"invocations": {}}
    assert patched["version_selector"]["version_selection_rules"][0]["agent_version"] == "@latest"
    assert _call(client, "/endpoint/protocols/openai/responses", BODY).status == 404


def test_an_identity_that_is_disabled_is_not_enabled_by_a_call(serve: Serve, write: Write) -> None:
    client = _agent(serve, write, f'{AGENT}state = "disabled"\nstate_source = "agent_blueprint"\n')
    assert _call(client, ":enable").status == 204
    assert _call(client, "", method="GET").json["state"] == "disabled"


def test_drafts_are_hidden_and_take_no_traffic(serve: Serve, write: Write) -> None:
    client = _agent(serve, write, f'{AGENT}versions."draft-1" = {{ draft = true }}\n')
    assert [one["version"] for one in _call(client, "/versions", method="GET").json["data"]] == ["1"]
    base = f"{client.simulator.state.places.endpoint}/agents/helpdesk-agent/versions"
    every = client.call(None, url=f"{base}?api-version=v1&include_drafts=true", method="GET").json["data"]
    assert len(every) == 2
    rules = {"version_selection_rules": [{"type": "FixedRatio", "agent_version": "draft-1", "traffic_percentage": 100}]}
    refused = _call(client, "", {"agent_endpoint": {"version_selector": rules}}, method="PATCH")
    assert refused.status == 400


def test_a_token_for_the_blueprint_is_judged_by_the_schemes(serve: Serve, write: Write) -> None:
    client = _agent(serve, write, f'{AGENT}schemes = ["AgentBlueprint"]\n')
    audience = client.simulator.state.directory.client_id("blueprint:helpdesk-agent")
    assert client.call({}).status == 401
    assert client.call({}, scope=f"api://{audience}/.default").status == 400
    open_to_both = _agent(serve, write, f'{AGENT}schemes = ["Entra"]\n')
    assert open_to_both.call({}, scope=f"api://{audience}/.default").status == 401


def test_speaking_for_a_user_takes_another_action(serve: Serve) -> None:
    client = serve("new-model-agent")
    headers = {"x-ms-user-identity": "sam"}
    answer = client.send(
        "POST", client.simulator.target, token=client.token("https://ai.azure.com/.default"), body={}, headers=headers
    )
    assert answer.status == 403
    assert "UserIdentityImpersonation" in answer.json["error"]["message"]


def test_sessions_are_listed_created_and_not_lent(serve: Serve, write: Write) -> None:
    text = f'{AGENT}sessions.mine = {{}}\nsessions.theirs = {{ owner = "sam" }}\n[principals.sam]\n'
    client = _agent(serve, write, text)
    assert len(_call(client, "/endpoint/sessions", method="GET").json["data"]) == 2
    made = {"version_indicator": {"type": "version_ref", "agent_version": "@latest"}}
    assert _call(client, "/endpoint/sessions", made).status == 400
    assert _call(client, "/endpoint/sessions", {}).status == 201
    body = {"input": "Hi", "agent_session_id": "theirs"}
    assert _call(client, "/endpoint/protocols/openai/responses", body).code == "session_not_accessible"


def test_another_project_has_agents_and_hosts_of_its_own(serve: Serve, write: Write) -> None:
    text = """
    [projects.other]
    account = { name = "fabrikam", subdomain = "contoso-two" }
    project = { name = "sales" }
    [projects.other.agents.seller]
    new_model = true
    [grants.other]
    principal = "caller"
    role = "Foundry Agent Consumer"
    scope = "other:agent:seller"
    """
    client = serve(write(text))
    url = "https://contoso-two.services.ai.azure.com/api/projects/sales/agents/seller/endpoint/protocols/openai"
    assert client.call({}, url=f"{url}/responses?api-version=v1").status == 400
    accounts = client.arm(
        f"{client.simulator.state.places.subscription}/providers/Microsoft.CognitiveServices/accounts"
    )
    shown = {one["name"]: one["properties"]["customSubDomainName"] for one in accounts.json["value"]}
    assert shown == {"contoso-ai": "contoso-ai", "fabrikam": "contoso-two"}
