"""Every form in which people name an agent or application is read as the same target."""

from __future__ import annotations

import base64
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.protocol import AgentProtocol
from doctor.target import Kind, MalformedTarget, Target, parse

SUFFIXES = ("services.ai.azure.com",)
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", fullmatch=True)


def read(text: str) -> Target:
    return parse(text, ai_suffixes=SUFFIXES)


def project_url(account: str, project: str) -> str:
    return f"https://{account}.services.ai.azure.com/api/projects/{project}"


def project_id(account: str, project: str) -> str:
    return (
        f"/subscriptions/{GUID}/resourceGroups/rg.one/providers/Microsoft.CognitiveServices"
        f"/accounts/{account}/projects/{project}"
    )


def encoded(guid: str = GUID) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(guid).bytes).decode().rstrip("=")


def agent_forms(account: str, project: str, name: str) -> list[str]:
    base, scope = f"{project_url(account, project)}/agents/{name}", f"{project_id(account, project)}/agents/{name}"
    protocols = f"{base}/endpoint/protocols"
    quoted = scope.replace("/", "%2F")
    return [
        f"{protocols}/openai/responses?api-version=v1",
        f"{protocols}/openai/responses",
        f"{protocols}/openai",
        f"{protocols}/openai/v1/responses",
        f"{protocols}/OpenAI/Responses?API-version=v1",
        f"{protocols}/invocations?api-version=v1&agent_session_id=s-1",
        f"{protocols}/invocations_ws".replace("https", "wss"),
        f"{protocols}/activityProtocol?api-version=2025-05-15-preview",
        f"{protocols}/a2a/agentCard/v1.0",
        f"{protocols}/mcp/",
        f"{base}/endpoint",
        f"{base}/endpoint/sessions/s-1?api-version=v1",
        f"{base}?api-version=v1",
        f"{base}/",
        f"{base}:enable?api-version=v1",
        f"{base}/versions/3?api-version=v1",
        f"{base}/microsoft365/publish",
        base.replace("/agents/", "/Agents/").replace("/api/projects/", "/API/Projects/"),
        f"  {base}\n",
        scope,
        scope.strip("/") + "/",
        scope.replace("resourceGroups", "RESOURCEGROUPS").replace("Microsoft", "MICROSOFT"),
        f"{scope}/providers/Microsoft.Authorization/roleAssignments/{GUID}",
        f"https://portal.azure.com/#@contoso.example/resource{scope}/users",
        f"https://ms.portal.azure.com/?feature=x#view/Blade/~/id/{quoted}",
        f"https://ai.azure.com/nextgen/r/{encoded()},rg.one,,{account},{project}/build/agents/{name}/build?version=3",
        f"https://ai.azure.com/nextgen/r/{encoded()},rg.one,,{account},{project}/build/agents/{name}?tid={GUID}",
        f"https://ai.azure.com/resource/agents/{name}?wsid={project_id(account, project)}&tid={GUID}",
    ]


@settings(deadline=None)  # a busy machine is no fault
@given(NAMES, NAMES, NAMES)
def test_every_form_of_an_agent(account: str, project: str, name: str) -> None:
    for text in agent_forms(account, project, name):
        found = read(text)
        assert (found.kind, found.account, found.project, found.name, found.wrong_because) == (
            Kind.AGENT, account, project, name, "",
        ), text  # fmt: skip
        assert found.subscription in {"", GUID}


@settings(deadline=None)  # a busy machine is no fault
@given(NAMES, NAMES, NAMES)
def test_every_form_of_an_application(account: str, project: str, name: str) -> None:
    base = f"{project_url(account, project)}/applications/{name}"
    scope = f"{project_id(account, project)}/applications/{name}"
    forms = [
        base,
        f"{base}/protocols/openai/responses?api-version=2025-11-15-preview",
        f"{base}/protocols/openai",
        f"{base}/protocols/activityprotocol",
        scope,
        f"{scope}/agentDeployments/blue",
        f"https://management.azure.com{scope}?api-version=2025-12-01",
        f"https://portal.azure.com/#@contoso.example/resource{scope}/overview",
    ]
    for text in forms:
        found = read(text)
        assert (found.kind, found.account, found.project, found.name, found.wrong_because) == (
            Kind.APPLICATION, account, project, name, "",
        ), text  # fmt: skip


@settings(deadline=None)  # a busy machine is no fault
@given(NAMES, NAMES)
def test_every_form_of_a_project(account: str, project: str) -> None:
    scope = project_id(account, project)
    forms = [
        project_url(account, project),
        f"{project_url(account, project)}/agents?api-version=v1",
        scope,
        f"https://ai.azure.com/foundryProject/overview?wsid={scope}&tid={GUID}",
        f"https://ai.azure.com/nextgen/r/{encoded()},rg.one,,{account},{project}/home",
        f"https://portal.azure.com/#@contoso.example/resource{scope}/overview",
    ]
    for text in forms:
        found = read(text)
        assert (found.kind, found.account, found.project, found.name) == (Kind.PROJECT, account, project, ""), text


@pytest.mark.parametrize("text", ["contoso/shop/desk", "desk"])
def test_a_name_does_not_say_whose_it_is(text: str) -> None:
    found = read(text)
    assert found.either
    assert found.name == "desk"
    assert not read(project_id("contoso", "shop") + "/agents/desk").either


@pytest.mark.parametrize(
    ("path", "protocol", "version"),
    [
        ("endpoint/protocols/openai/responses?api-version=v1", AgentProtocol.RESPONSES, "v1"),
        ("endpoint/protocols/openai", AgentProtocol.RESPONSES, ""),
        ("endpoint/protocols/openai/v1", AgentProtocol.RESPONSES, ""),
        ("endpoint/protocols/Invocations", AgentProtocol.INVOCATIONS, ""),
        ("endpoint/protocols/invocations_ws?api-version=v1", AgentProtocol.INVOCATIONS_WS, "v1"),
        ("endpoint/protocols/activityProtocol", AgentProtocol.ACTIVITY, ""),
        ("endpoint/protocols/ACTIVITYPROTOCOL", AgentProtocol.ACTIVITY, ""),
        ("endpoint/protocols/a2a/agentCard/v0.3", AgentProtocol.A2A, ""),
        ("endpoint/protocols/mcp", AgentProtocol.MCP, ""),
        ("endpoint/protocols/grpc", None, ""),
        ("endpoint", None, ""),
        ("", None, ""),
    ],
)
def test_the_protocol_of_an_address(path: str, protocol: AgentProtocol | None, version: str) -> None:
    found = read(f"{project_url('contoso', 'shop')}/agents/desk/{path}")
    assert (found.protocol, found.api_version, found.wrong_because) == (protocol, version, "")


def test_the_subscription_of_a_portals_route_in_either_order_of_bytes() -> None:
    swapped = base64.urlsafe_b64encode(uuid.UUID(GUID).bytes_le).decode().rstrip("=")
    for one in (encoded(), swapped, GUID):
        found = read(f"https://ai.azure.com/nextgen/r/{one},rg,,contoso,shop/build/agents/desk/build")
        assert (found.subscription, found.resource_group) == (GUID, "rg")


@pytest.mark.parametrize(
    ("path", "why", "right"),
    [
        ("agents/desk/protocols/openai/responses", "between its name and /protocols",
         "agents/desk/endpoint/protocols/openai/responses"),
        ("applications/desk/endpoint/protocols/openai/responses", "an application's has not",
         "applications/desk/protocols/openai/responses"),
        ("agents/desk/endpoint/openai/responses", "goes on with /protocols",
         "agents/desk/endpoint/protocols/openai/responses"),
        ("agents/desk/chat", "no route 'chat'", "agents/desk/endpoint/protocols/openai/responses"),
        ("openai/v1/responses", "project's own API", "agents/NAME/endpoint/protocols/openai/responses"),
    ],
)  # fmt: skip
def test_a_foundry_address_that_is_no_agents(path: str, why: str, right: str) -> None:
    found = read(f"{project_url('contoso', 'shop')}/{path}")
    assert why in found.wrong_because
    assert found.right_form == f"{project_url('contoso', 'shop')}/{right}"


def told(text: str) -> str:
    """What is said of a text that is no target; "" of one that is."""
    try:
        found = read(text)
    except MalformedTarget as error:
        return f"{error} {error.nearest}"
    assert found.given == text.strip()
    return ""


@settings(deadline=None)  # a busy machine is no fault
@given(st.one_of(st.text(), st.text(alphabet="/:.?#%@,;[]<>\"'` acegst-")))
def test_any_text_is_a_target_or_malformed(text: str) -> None:
    assert told(text).isprintable()


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_within_an_address_does_no_harm(first: str, second: str) -> None:
    for text in (
        f"https://{first}.services.ai.azure.com/api/projects/{second}",
        f"https://contoso.services.ai.azure.com/api/projects/{first}/agents/{second}",
        f"https://ai.azure.com/nextgen/r/{first},{second},,a,b/build/agents/c",
        f"https://portal.azure.com/#{first}/subscriptions/{second}",
        f"/subscriptions/{first}/resourceGroups/{second}",
    ):
        assert told(text).isprintable()


def test_a_host_that_the_user_vouches_for() -> None:
    url = "https://gateway.example/api/projects/shop/applications/support"
    assert parse(url, ai_suffixes=SUFFIXES, allowed_hosts=("gateway.example",)).name == "support"
