from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.simulator.client import Answer, Client
    from tests.simulator.conftest import Serve, Write

GRAPH = "https://graph.microsoft.com/v1.0"
SCOPE = "https://graph.microsoft.com/.default"


def _ask(client: Client, path: str, body: Any = None, **query: str) -> Answer:
    asked = "&".join(f"${key}={quote(value)}" for key, value in query.items())
    method = "GET" if body is None else "POST"
    return client.send(method, f"{GRAPH}/{path}?{asked}", token=client.token(SCOPE), body=body)


def test_who_i_am_and_whom_a_name_means(serve: Serve) -> None:
    client = serve()
    caller = client.simulator.state.directory.id("caller")
    assert _ask(client, "me").json["id"] == caller
    found = _ask(client, "users", filter="userPrincipalName eq 'DANA@contoso.example'").json["value"]
    assert [one["id"] for one in found] == [caller]
    assert _ask(client, "users/dana@contoso.example").json["id"] == caller
    assert _ask(client, "users", filter="startswith(displayName, 'nobody')").json["value"] == []
    assert len(_ask(client, "servicePrincipals", top="2").json["value"]) == 2


def test_a_service_principal_is_found_by_its_client_id(serve: Serve) -> None:
    client = serve("new-model-agent")
    directory = client.simulator.state.directory
    app = directory.client_id("project-identity")
    found = _ask(client, "servicePrincipals", filter=f"servicePrincipalNames/any(c:c eq '{app}')").json["value"]
    assert [one["id"] for one in found] == [directory.id("project-identity")]
    agent = directory.id("agent:helpdesk-agent")
    assert _ask(client, f"servicePrincipals/{agent}").json["appId"] == agent


def test_groups_their_members_and_those_who_are_in_them(serve: Serve) -> None:
    client = serve("group-grant")
    directory = client.simulator.state.directory
    caller = directory.id("caller")
    groups = _ask(client, f"users/{caller}/getMemberGroups", {"securityEnabledOnly": True}).json["value"]
    assert groups
    assert set(groups) == set(directory.with_groups(caller)) - {caller}
    members = {one["id"] for group in groups for one in _ask(client, f"groups/{group}/members").json["value"]}
    assert caller in members
    kinds = {
        one["@odata.type"]
        for one in _ask(client, "directoryObjects/getByIds", {"ids": [caller, *groups]}).json["value"]
    }
    assert kinds == {"#microsoft.graph.user", "#microsoft.graph.group"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("users/nobody@contoso.example", 404, "Request_ResourceNotFound"), ("applications", 501, "NotSimulated")],
)
def test_what_is_not_there_and_what_is_not_simulated(serve: Serve, path: str, status: int, code: str) -> None:
    answer = _ask(serve(), path)
    assert (answer.status, answer.code) == (status, code)


def test_a_filter_that_is_not_understood_is_refused(serve: Serve) -> None:
    assert _ask(serve(), "users", filter="accountEnabled").code == "Request_UnsupportedQuery"


def test_a_directory_may_be_closed_and_a_token_for_something_else_is_refused(serve: Serve, write: Write) -> None:
    closed = _ask(serve(write("[entra]\ndirectory_readable = false\n")), "me")
    assert (closed.status, closed.code) == (403, "Authorization_RequestDenied")
    client = serve()
    arm = client.token("https://management.azure.com/.default")
    assert client.send("GET", f"{GRAPH}/me?", token=arm).status == 401
