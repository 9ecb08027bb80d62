"""The simulated Azure, driven by the clients that people use: openai, azure-ai-projects and azure-identity."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from doctor.simulator import Simulator
from doctor.simulator.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

import openai
from azure.ai.projects import AIProjectClient
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential, get_bearer_token_provider


@contextmanager
def _attached(scenario: str) -> Iterator[Simulator]:
    """A simulator that every client of this process reaches through its proxy, as a shell would set it up."""
    with Simulator(scenario) as azure, Proxy(azure.port) as proxy:
        ca = str(azure.ca_file)
        ways = {"HTTPS_PROXY": proxy.url, "https_proxy": proxy.url, "NO_PROXY": "", "no_proxy": ""}
        trust = {"SSL_CERT_FILE": ca, "REQUESTS_CA_BUNDLE": ca}
        with mock.patch.dict(os.environ, {**ways, **trust}):
            yield azure


def _credential(azure: Simulator) -> ClientSecretCredential:
    given = azure.environ
    return ClientSecretCredential(given["AZURE_TENANT_ID"], given["AZURE_CLIENT_ID"], given["AZURE_CLIENT_SECRET"])


def _project(azure: Simulator) -> AIProjectClient:
    return AIProjectClient(azure.state.places.endpoint, _credential(azure), retry_total=0)


def _openai(azure: Simulator, base: str, version: str) -> openai.OpenAI:
    token = get_bearer_token_provider(_credential(azure), "https://ai.azure.com/.default")
    query = {"api-version": version} if version else {}
    return openai.OpenAI(api_key=token, base_url=base, default_query=query, max_retries=0)


def _bases(azure: Simulator) -> dict[str, tuple[str, str]]:
    endpoint = azure.state.places.endpoint
    own = f"{endpoint}/agents/helpdesk-agent/endpoint/protocols/openai"
    return {
        "application": (f"{endpoint}/applications/helpdesk/protocols/openai", "2025-11-15-preview"),
        "agent": (own, "v1"),
        "agent-v1": (f"{own}/v1", ""),
        "project": (f"{endpoint}/openai/v1", ""),
    }


@pytest.mark.parametrize(
    ("scenario", "way"),
    [("healthy", "application"), ("new-model-agent", "agent"), ("new-model-agent", "agent-v1"), ("healthy", "project")],
)
def test_openai_creates_and_streams_responses(scenario: str, way: str) -> None:
    with _attached(scenario) as azure:
        # An application's agent without an identity of its own runs as the project's shared one.
        azure.state.assign("project-agent", "Storage Blob Data Reader", "contosoreports")
        client = _openai(azure, *_bases(azure)[way])
        extra: Any = (
            {"agent_reference": {"type": "agent_reference", "name": "helpdesk-agent"}} if way == "project" else {}
        )
        whole = client.responses.create(input="Hello", extra_body=extra)
        assert (whole.status, whole.output_text) == (
            "completed",
            "Hello from helpdesk-agent. This answer is simulated.",
        )
        with client.responses.stream(input="Hello", model="gpt-4.1", extra_body=extra) as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert "response.output_text.delta" in kinds
    assert final.output_text == whole.output_text


def test_openai_is_told_of_a_missing_permission() -> None:
    with (
        _attached("owner-is-not-enough") as azure,
        pytest.raises(openai.AuthenticationError, match="lacks the required"),
    ):
        _openai(azure, *_bases(azure)["application"]).responses.create(input="Hello")


def test_the_projects_client_reads_agents_versions_connections_and_models() -> None:
    with _attached("new-model-agent") as azure:
        client = _project(azure)
        agents = list(client.agents.list())
        assert [one.name for one in agents] == ["helpdesk-agent"]
        assert agents[0].instance_identity is not None
        assert agents[0].agent_endpoint is not None
        versions = list(client.agents.list_versions(agent_name="helpdesk-agent"))
        assert [(one.version, one.status) for one in versions] == [("1", "active")]
        assert {one.name for one in client.connections.list()} == {"reports", "handbook"}
        assert [one.name for one in client.connections.list(connection_type="CognitiveSearch")] == ["handbook"]
        assert client.connections.get("reports").target.startswith("https://contosoreports.")
        assert [one.name for one in client.deployments.list()] == ["gpt-4.1"]


def test_openai_keeps_conversations_at_the_projects_route() -> None:
    with _attached("healthy") as azure:
        client = _openai(azure, *_bases(azure)["project"])
        conversation = client.conversations.create()
        assert client.conversations.retrieve(conversation.id).id == conversation.id
        assert client.conversations.delete(conversation.id).deleted


def test_many_agents_end_after_their_last_page(tmp_path: Any) -> None:
    tables = "".join(f"[agents.agent-{number:03}]\nnew_model = true\n" for number in range(45))
    path = tmp_path / "many.toml"
    head = 'title = "Many"\nstory = "Agents."\nbase = "healthy"\n'
    path.write_text(f'{head}{tables}[expect]\nverdict = "pass"\n', encoding="utf-8")
    with _attached(str(path)) as azure:
        names = [one.name for one in _project(azure).agents.list()]
    assert len(names) == len(set(names)) == 46


def test_what_is_not_simulated_is_an_error_that_says_so() -> None:
    with _attached("healthy") as azure, pytest.raises(HttpResponseError, match="does not serve") as raised:
        list(_project(azure).datasets.list())
    assert raised.value.status_code == 501
