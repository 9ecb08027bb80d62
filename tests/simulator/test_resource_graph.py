from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import kql
from doctor.simulator.kql import QueryError

if TYPE_CHECKING:
    from tests.simulator.conftest import Serve, Write

ROWS: list[dict[str, Any]] = [
    {
        "id": "/s/a",
        "name": "Alpha",
        "type": "t/one",
        "properties": {"n": {"deep": "x"}, "on": True, "list": ["p", "q"]},
    },
    {"id": "/s/b", "name": "beta", "type": "t/two", "properties": {"n": {"deep": "y"}, "on": False}},
    {"id": "/s/c", "name": "gamma", "type": "t/two", "properties": {}},
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("rows", "abc"),
        ("rows | where type =~ 'T/TWO'", "bc"),
        ("rows | where type == 'T/TWO'", ""),
        ("rows | where name in~ ('ALPHA', \"beta\")", "ab"),
        ("rows | where name in ('ALPHA')", ""),
        ("rows | where name !in~ ('alpha')", "bc"),
        ("rows | where id in ('/s/c')", "c"),
        ("rows | where properties.n.deep =~ 'X'", "a"),
        ("rows | where properties['n']['deep'] == 'y'", "b"),
        ("rows | where tostring(properties.n.deep) == 'y'", "b"),
        ("rows | where tolower(name) == 'alpha' or (type == 't/two' and name startswith 'G')", "ac"),
        ("rows | where isnotempty(properties.n.deep)", "ab"),
        ("rows | where isempty(properties.n.deep)", "c"),
        ("rows | where not(type =~ 't/two')", "a"),
        ("rows | where properties.on == true", "a"),
        ("rows | where tobool(properties.on)", "a"),
        ("rows | where name contains 'A' and name !contains 'gam'", "ab"),
        ("rows | where name has 'mm'", "c"),
        ("rows | where name endswith 'TA'", "b"),
        ("rows | where properties.list[1] == 'q'", "a"),
        ("rows | where tostring(split(id, '/')[2]) == 'c'", "c"),
        ("rows | where name != 'beta' | where name !~ 'ALPHA'", "c"),
        ("rows | limit 2", "ab"),
        ("rows | take 1", "a"),
        ("rows | order by name", "cba"),
        ("rows | sort by name asc", "abc"),
        ("rows\n| where type =~ @'t/two'\n| extend low = tolower(name)\n| where low == 'gamma'", "c"),
        ("rows | where strcat(type, ':', name) == 't/two:beta'", "b"),
        ("rows | where name >= 'beta'", "bc"),
        ("rows | where coalesce(properties.n.deep, 'none') == 'none'", "c"),
    ],
)
def test_a_query_keeps_the_right_rows(query: str, ids: str) -> None:
    assert "".join(row["id"][-1] for row in _run(query)) == ids


def _run(query: str) -> list[dict[str, Any]]:
    return list(kql.run(query, {"rows": lambda: iter(ROWS)}))


def test_columns() -> None:
    found = _run("rows | where name == 'Alpha' | project id, properties.n.deep, kind = tolower(name), missing")
    assert found == [{"id": "/s/a", "properties_n_deep": "x", "kind": "alpha", "missing": None}]
    assert _run("rows | distinct type") == [{"type": "t/one"}, {"type": "t/two"}]
    assert _run("rows | where type == 't/two' | count") == [{"Count": 2}]
    assert set(_run("rows | project-away properties, name")[0]) == {"id", "type"}


def test_a_query_does_not_change_the_tables() -> None:
    _run("rows | extend name = 'x' | project name")
    assert ROWS[0]["name"] == "Alpha"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "nothing",
        "rows | join kind=inner (other) on id",
        "rows | summarize count() by type",
        "rows | where",
        "rows | where name =~",
        "rows | where (name == 'x'",
        "rows | where frobnicate(name)",
        "rows | limit many",
        "rows | where name in~ ()",
        "rows where name == 'x'",
        "rows | where name == 'unclosed",
        "rows | order name",
        "rows; drop",
    ],
)
def test_what_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        _run(query)


def test_one_query_resolves_names_to_ids(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    answer = client.graph(
        "resources | where type in~ ('Microsoft.Storage/storageAccounts','microsoft.search/searchservices') "
        "and name in~ ('CONTOSOREPORTS','contoso-search') | project id, name, type, properties"
    )
    assert answer.status == 200
    assert {row["id"] for row in answer.json["data"]} == {
        places.scope("contosoreports"),
        places.scope("contoso-search"),
    }
    assert {row["type"] for row in answer.json["data"]} == {
        "microsoft.storage/storageaccounts",
        "microsoft.search/searchservices",
    }
    assert (answer.json["count"], answer.json["totalRecords"], answer.json["resultTruncated"]) == (2, 2, "false")
    assert "x-ms-user-quota-remaining" in answer.headers


def test_an_account_is_found_by_its_subdomain_and_projects_are_listed(serve: Serve) -> None:
    client = serve()
    places = client.simulator.state.places
    by_host = client.graph("resources | where properties.customSubDomainName =~ 'CONTOSO-ai' | project id").json["data"]
    assert by_host == [{"id": places.account}]
    kinds = {row["type"] for row in client.graph("resources").json["data"]}
    assert "microsoft.cognitiveservices/accounts/projects" in kinds
    assert not {kind for kind in kinds if "applications" in kind or "connections" in kind}


def test_role_assignments_and_management_groups_are_in_their_tables(serve: Serve) -> None:
    client = serve()
    state = client.simulator.state
    agent = state.directory.id("application-agent")
    rows = client.graph(
        "authorizationresources | where type =~ 'microsoft.authorization/roleassignments' "
        "| extend principalId = tostring(properties.principalId) "
        f"| where principalId in~ ('{agent}') | project principalId, scope = tostring(properties.scope)"
    ).json["data"]
    assert rows == [{"principalId": agent, "scope": state.places.scope("contosoreports")}]
    (row,) = client.graph("resourcecontainers | where type == 'microsoft.resources/subscriptions'").json["data"]
    assert row["properties"]["managementGroupAncestorsChain"][0]["name"] == "contoso-root"


def test_results_page_and_come_as_a_table_when_asked(serve: Serve) -> None:
    client = serve()
    first = client.graph("resources | project name", **{"$top": 1}).json
    assert (first["count"], len(first["data"])) == (1, 1)
    second = client.graph("resources | project name", **{"$top": 1, "$skipToken": first["$skipToken"]}).json
    assert first["data"] != second["data"]
    table = client.graph("resources | project name | limit 1", resultFormat="table").json["data"]
    assert [column["name"] for column in table["columns"]] == ["name"]


def test_what_the_caller_may_not_read_is_not_there(serve: Serve) -> None:
    client = serve("cannot-read")
    answer = client.graph("resources")
    assert answer.json["data"] == []
    other = {"query": "resources", "subscriptions": ["11111111-1111-1111-1111-111111111111"]}
    path = "/providers/Microsoft.ResourceGraph/resources"
    assert serve().arm(path, "2022-10-01", method="POST", body=other).json["data"] == []


def test_a_bad_query_is_a_400(serve: Serve) -> None:
    answer = serve().graph("resources | frobnicate")
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.json["error"]["details"][0]["code"] == "InvalidQuery"
    path = "/providers/Microsoft.ResourceGraph/resources"
    assert serve().arm(path, "2022-10-01", method="POST", body=["x"]).status == 400
    assert serve().arm(path, "2022-10-01").status == 405


def test_resource_graph_may_be_closed(serve: Serve, write: Write) -> None:
    answer = serve(write("[arm]\nresource_graph = false\n")).graph("resources")
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
