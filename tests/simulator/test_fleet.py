from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import Simulator, load_scenario
from doctor.simulator.fleet import expected
from doctor.simulator.scenario_model import Fleet
from tests.simulator.client import AI_SCOPE, ARM_SCOPE, Client

if TYPE_CHECKING:
    from collections.abc import Iterator

ASSIGNMENTS = "authorizationresources | where type =~ 'microsoft.authorization/roleassignments'"
GRAPH = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
SIZE = Fleet(subjects=3000, projects=30, subscriptions=5, role_assignments=5000, empty_subscriptions=1200)


def _azure(fleet: Fleet, quota: int = 0) -> Simulator:
    scenario = load_scenario("fleet")
    return Simulator(replace(scenario, fleet=fleet, arm=replace(scenario.arm, graph_quota=quota)))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with _azure(SIZE) as azure:
        yield Client(azure)


def _pages(client: Client, query: str, **body: Any) -> Iterator[dict[str, Any]]:
    token, arm = "", client.token(ARM_SCOPE)
    while True:
        options = {"$skipToken": token} if token else {}
        page = client.send("POST", GRAPH, token=arm, body={"query": query, "options": options, **body}).json
        yield page
        token = page.get("$skipToken", "")
        if not token:
            return


def test_resource_graph_pages_through_every_role_assignment(client: Client) -> None:
    pages = list(_pages(client, ASSIGNMENTS))
    rows = [row for page in pages for row in page["data"]]
    assert [page["count"] for page in pages] == [1000] * 5 + [5]
    assert {page["totalRecords"] for page in pages} == {len(rows)} == {5005}
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_query_about_principals_finds_what_a_whole_look_finds(client: Client) -> None:
    rows = [row for page in _pages(client, ASSIGNMENTS) for row in page["data"]]
    for one in (rows[10], rows[990], rows[4000]):
        who = one["properties"]["principalId"]
        page = next(_pages(client, f"{ASSIGNMENTS} | where tostring(properties.principalId) in~ ('{who}')"))
        assert {row["id"] for row in page["data"]} == {
            row["id"] for row in rows if row["properties"]["principalId"] == who
        }


def test_arm_lists_what_resource_graph_has(client: Client) -> None:
    subscription = client.simulator.state.sites[3].places.subscription
    graph = {
        row["id"]
        for page in _pages(client, ASSIGNMENTS, subscriptions=[subscription.rpartition("/")[2]])
        for row in page["data"]
        if row["properties"]["scope"].startswith("/subscriptions/")
    }
    url, token = f"{subscription}/providers/Microsoft.Authorization/roleAssignments", client.token(ARM_SCOPE)
    link, listed = f"https://management.azure.com{url}?api-version=2022-04-01", set()
    while link:
        page = client.send("GET", link, token=token).json
        listed |= {one["id"] for one in page["value"] if one["properties"]["scope"].startswith("/subscriptions/")}
        link = page.get("nextLink", "")
    assert listed == graph
    assert len(listed) == 1000


def test_every_subscription_is_visible_and_most_hold_nothing(client: Client) -> None:
    token, link = client.token(ARM_SCOPE), "https://management.azure.com/subscriptions?api-version=2022-12-01"
    found: list[str] = []
    while link:
        page = client.send("GET", link, token=token).json
        found += [one["displayName"] for one in page["value"]]
        link = page.get("nextLink", "")
    assert len(found) == len(set(found)) == 1206
    rows = [row for page in _pages(client, "resourcecontainers") for row in page["data"]]
    groups = {row["properties"]["managementGroupAncestorsChain"][0]["name"] for row in rows}
    assert groups == {"contoso-root", "fleet-group-0", "fleet-group-1", "fleet-group-2"}


def test_agents_and_applications_are_there_and_some_are_ill(client: Client) -> None:
    token, arm = client.token(AI_SCOPE), client.token(ARM_SCOPE)
    agents, applications = [], 0
    for site in client.simulator.state.sites[1:]:
        url = f"{site.places.endpoint}/agents?api-version=v1&limit=100"
        agents += client.send("GET", url, token=token).json["data"]
        listed = f"https://management.azure.com{site.places.project}/applications?api-version=2025-12-01&count=100"
        applications += len(client.send("GET", listed, token=arm).json["value"])
    assert len(agents) + applications == SIZE.subjects
    wrong = expected(SIZE)
    assert wrong["disabled"] == sum(one["state"] == "disabled" for one in agents)
    assert wrong["failed"] == sum(one["versions"]["latest"]["status"] == "failed" for one in agents)
    assert all(wrong.values())


def test_an_agent_holds_its_role_unless_it_is_one_of_those_that_lack_it(client: Client) -> None:
    world = client.simulator.state
    action = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    without = 0
    for site in world.sites[1:]:
        store = world.places.scope(f"st{site.scenario.azure.subscription.replace('-', '')}")
        identities = [site.directory.id(f"agent:{one.name}") for one in site.agents.values()]
        without += sum(not world.may(who, action, store, data=True) for who in identities)
    assert without == expected(SIZE)["untooled"]


def test_the_quota_of_resource_graph_is_told_and_kept() -> None:
    small = Fleet(subjects=4, projects=2, subscriptions=1, role_assignments=10, empty_subscriptions=0)
    with _azure(small, quota=3) as azure:
        client = Client(azure)
        answers = [client.graph("resourcecontainers") for _ in range(4)]
    assert [one.headers["x-ms-user-quota-remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["x-ms-user-quota-resets-after"].startswith("00:00:0")
