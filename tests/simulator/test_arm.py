from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.client import AI_SCOPE, ARM, ARM_SCOPE

if TYPE_CHECKING:
    from tests.simulator.conftest import Serve, Write

EXAMPLES = Path(__file__).parents[1] / "data" / "spec_examples"


def _example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text())["responses"]["200"]["body"]


def _shape(found: Any, example: Any, where: str = "") -> list[str]:
    """Where an answer lacks what the official example has, or has it of another kind."""
    if isinstance(example, dict):
        if not isinstance(found, dict):
            return [f"{where}: not an object"]
        missing = [f"{where}.{key}" for key in example if key not in found]
        return missing + [
            each for key in example if key in found for each in _shape(found[key], example[key], f"{where}.{key}")
        ]
    if isinstance(example, list):
        return _shape(found[0], example[0], f"{where}[0]") if found and example else []
    return [] if type(found) is type(example) else [f"{where}: {type(found).__name__}"]


def test_answers_have_the_shapes_of_the_official_examples(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    optional = {".properties.description", ".properties.tags", ".etag", ".tags.ExpiredDate", ".tags.Owner"}
    found = [
        *_shape(client.arm(places.application).json, _example("AgentApplication/get.json")),
        *_shape(client.arm(f"{places.application}/agentDeployments").json, _example("AgentDeployment/list.json")),
    ]
    project = _shape(client.arm(places.project).json, _example("GetProject.json"))
    assert {each for each in found if each not in optional} == set()
    assert {each for each in project if each not in optional and ".endpoints." not in each} == set()
    listed = client.authorization(places.subscription, "roleAssignments").json
    assert _shape(listed, _example("authorization/RoleAssignments_ListForScope.json")) == []
    assert listed["value"][0]["type"] == "Microsoft.Authorization/roleAssignments"


def test_without_a_token_the_tenant_is_told(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    answer = client.send("GET", f"{ARM}{places.subscription}?api-version=2022-12-01")
    assert (answer.status, answer.code) == (401, "AuthenticationFailed")
    assert f'authorization_uri="https://login.windows.net/{places.tenant}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("token", "code"), [("garbage", "InvalidAuthenticationToken"), ("a.b.c", "InvalidAuthenticationToken")]
)
def test_a_token_that_entra_did_not_make_is_refused(serve: Serve, token: str, code: str) -> None:
    answer = serve().send("GET", f"{ARM}/subscriptions?api-version=2022-12-01", token=token)
    assert (answer.status, answer.code) == (401, code)


def test_a_token_for_foundry_is_not_one_for_resource_manager(serve: Serve) -> None:
    client = serve()
    answer = client.send("GET", f"{ARM}/subscriptions?api-version=2022-12-01", token=client.token(AI_SCOPE))
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationTokenAudience")


def test_an_expired_token_is_refused(serve: Serve, write: Write) -> None:
    client = serve(write("[entra]\ntoken_minutes = -1\n"))
    answer = client.arm("/subscriptions", "2022-12-01")
    assert (answer.status, answer.code) == (401, "ExpiredAuthenticationToken")


def test_a_token_of_another_tenant_is_told_which_tenant_is_wanted(serve: Serve) -> None:
    client = serve("wrong-tenant")
    places = client.simulator.state.places
    answer = client.arm(places.application)
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationTokenTenant")
    assert places.tenant in answer.headers["www-authenticate"]
    assert client.arm("/subscriptions", "2022-12-01").json == {"value": []}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "MissingApiVersionParameter"),
        ("api-version=", 400, "MissingApiVersionParameter"),
        ("api-version=latest", 400, "InvalidApiVersionParameter"),
        ("api-version=2025-06-01", 404, "InvalidResourceType"),
        ("api-version=2025-10-01-preview", 200, ""),
        ("api-version=2025-12-01", 200, ""),
        ("api-version=2026-07-01", 200, ""),
    ],
)
def test_applications_exist_in_some_api_versions(serve: Serve, query: str, status: int, code: str) -> None:
    client = serve()
    url = f"{ARM}{client.simulator.state.places.application}?{query}"
    answer = client.send("GET", url, token=client.token(ARM_SCOPE))
    assert answer.status == status
    assert not code or answer.code == code


def test_what_is_not_there_is_named(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    elsewhere = f"/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/{places.group.rsplit('/', 1)[-1]}"
    cases = {
        f"{places.project}/applications/gone": "ResourceNotFound",
        f"{places.account}/projects/gone/applications/gone": "ResourceNotFound",
        f"{places.account}/projects/gone/applications": "ResourceNotFound",
        f"{places.subscription}/resourceGroups/gone/providers/A.B/c/x": "ResourceGroupNotFound",
        elsewhere: "SubscriptionNotFound",
    }
    assert {path: client.arm(path).code for path in cases} == cases
    assert {client.arm(path).status for path in cases} == {404}


def test_the_parent_that_is_missing_is_the_one_that_is_named(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    answer = client.arm(f"{places.account}/projects/gone/applications/helpdesk")
    assert "accounts/contoso-ai/projects/gone' under" in answer.json["error"]["message"]


def test_who_lacks_the_action_is_told_action_scope_and_object_id(serve: Serve) -> None:
    client = serve("cannot-read")
    state = client.simulator.state
    answer = client.arm(state.places.application)
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    assert answer.json["error"]["message"] == (
        f"The client 'dana@contoso.example' with object id '{state.directory.id('caller')}' does not have "
        "authorization to perform action 'Microsoft.CognitiveServices/accounts/projects/applications/read' over scope "
        f"'{state.places.application}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )
    state.assign("caller", "Reader", "project")
    assert client.arm(state.places.application).status == 200
    assert client.arm(state.places.account).status == 403


def test_forbidden_comes_before_not_found(serve: Serve) -> None:
    client = serve("cannot-read")
    assert client.arm(f"{client.simulator.state.places.project}/applications/gone").status == 403


def test_a_list_of_applications_pages_by_thirty(serve: Serve, write: Write) -> None:
    client = serve(write("[arm]\npage_size = 1\n"))
    world = client.simulator.state
    for number in range(4):
        made = {**world.resources[world.places.application.lower()], "name": f"app-{number}"}
        made["id"] = f"{world.places.project}/applications/app-{number}"
        world.resources[made["id"].lower()] = made
    names, path = [], f"{ARM}{world.places.project}/applications?api-version=2025-12-01"
    while path:
        page = client.send("GET", path, token=client.token(ARM_SCOPE)).json
        assert len(page["value"]) == 1
        names += [one["name"] for one in page["value"]]
        path = page.get("nextLink", "")
    assert names == ["helpdesk", "app-0", "app-1", "app-2", "app-3"]
    listed = f"{world.places.project}/applications"
    assert len(client.arm(listed, count="30").json["value"]) == 1  # `$count` is not `count`
    url = f"{ARM}{listed}?api-version=2025-12-01&count=30&$skip=3"
    assert len(client.send("GET", url, token=client.token(ARM_SCOPE)).json["value"]) == 2
    assert client.arm(listed, skipToken="!!").code == "InvalidSkipToken"


def test_the_default_page_has_thirty(serve: Serve) -> None:
    client = serve()
    world = client.simulator.state
    one = world.resources[world.places.application.lower()]
    for number in range(40):
        path = f"{world.places.project}/applications/app-{number}"
        world.resources[path.lower()] = {**one, "id": path, "name": f"app-{number}"}
    page = client.arm(f"{world.places.project}/applications").json
    assert len(page["value"]) == 30
    assert "nextLink" in page


def test_lists_of_subscriptions_groups_and_resources(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    assert [one["subscriptionId"] for one in client.arm("/subscriptions").json["value"]] == [places.subscription_id]
    assert client.arm("/tenants").json["value"][0]["tenantId"] == places.tenant
    assert [one["name"] for one in client.arm(f"{places.subscription}/resourceGroups").json["value"]] == ["rg-agents"]
    assert client.arm(places.group).json["name"] == "rg-agents"
    assert client.arm(f"{places.subscription}/resourceGroups/gone").code == "ResourceGroupNotFound"
    wanted = "resourceType eq 'Microsoft.CognitiveServices/accounts' and name eq 'CONTOSO-AI'"
    found = client.arm(f"{places.subscription}/resources", filter=wanted).json["value"]
    assert [one["id"] for one in found] == [places.account]
    accounts = client.arm(f"{places.subscription}/providers/Microsoft.CognitiveServices/accounts").json["value"]
    assert [one["name"] for one in accounts] == ["contoso-ai"]
    assert client.arm(f"{places.subscription}/providers/Microsoft.App").json["registrationState"] == "Registered"


def test_a_caller_without_any_role_sees_no_subscription(serve: Serve, write: Write) -> None:
    client = serve(write("without = ['grants.caller-reads', 'grants.caller-invokes']\n"))
    places = client.simulator.state.places
    assert client.arm("/subscriptions").json == {"value": []}
    assert client.arm(places.subscription).code == "AuthorizationFailed"


def test_secrets_are_never_served(serve: Serve) -> None:
    client = serve("owner-is-not-enough")
    places = client.simulator.state.places
    for path in (f"{places.account}/listKeys", f"{places.project}/connections/handbook/listsecrets"):
        assert client.arm(path, method="POST", body={}).status == 501
    assert client.arm(places.application, method="DELETE").status == 501


def test_a_property_shows_from_its_api_version_on(serve: Serve, write: Write) -> None:
    text = "[resources.contosoreports.since]\nallowSharedKeyAccess = '2025-11-01'\n"
    client = serve(write(text))
    path = client.simulator.state.places.scope("contosoreports")
    assert "allowSharedKeyAccess" not in client.arm(path, "2023-05-01").json["properties"]
    assert client.arm(path, "2025-11-01").json["properties"]["allowSharedKeyAccess"] is False


def test_an_identity_is_named_with_its_state(serve: Serve) -> None:
    client = serve("identity-creating")
    properties = client.arm(client.simulator.state.places.application).json["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["defaultInstanceIdentity"]["provisioningState"] == "Creating"
    assert properties["agentIdentityBlueprint"]["kind"] == "AgentBlueprint"


def test_a_bare_application_has_what_it_was_given(serve: Serve, write: Write) -> None:
    client = serve(write("[application]\nbare = true\nproperties = { displayName = 'Only' }\n"))
    assert client.arm(client.simulator.state.places.application).json["properties"] == {"displayName": "Only"}


def test_the_agents_of_an_application_are_listed(serve: Serve) -> None:
    client = serve("owner-is-not-enough")
    answer = client.arm(f"{client.simulator.state.places.application}/listAgents", method="POST")
    assert (
        _shape(answer.json, {"value": _example("AgentApplication/get.json") and [{"properties": {"agentName": ""}}]})
        == []
    )


def test_a_connection_shows_what_azure_returns_unasked(serve: Serve, write: Write) -> None:
    client = serve(write("[connections.reports]\nauth_type = 'ManagedIdentity'\n"))
    found = client.arm(f"{client.simulator.state.places.project}/connections/reports").json["properties"]
    assert (found["useWorkspaceManagedIdentity"], found["error"], found["credentials"]) == (False, None, None)


def test_an_account_says_nothing_of_rules_that_it_has_not(serve: Serve) -> None:
    client = serve()
    found = client.arm(client.simulator.state.places.account).json["properties"]
    assert not {"networkAcls", "disableLocalAuth"} & set(found)


@pytest.mark.parametrize("version", ["2099-01-01", "1999-01-01", "soon"])
def test_an_api_version_that_cannot_be_is_refused(serve: Serve, version: str) -> None:
    client = serve()
    answer = client.arm(client.simulator.state.places.account, version)
    assert (answer.status, answer.code) == (400, "InvalidApiVersionParameter")


def test_a_provider_may_be_missing_in_the_subscription(serve: Serve, write: Write) -> None:
    client = serve(write("[arm]\nunregistered = ['Microsoft.BotService']\n"))
    base = f"{client.simulator.state.places.subscription}/providers"
    states = {
        name: client.arm(f"{base}/{name}").json["registrationState"]
        for name in ("Microsoft.BotService", "Microsoft.Search")
    }
    assert states == {"Microsoft.BotService": "NotRegistered", "Microsoft.Search": "Registered"}
