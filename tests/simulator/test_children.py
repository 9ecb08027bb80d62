from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulator.conftest import Serve, Write


def test_a_cosmos_account_has_its_native_roles_and_assignments(serve: Serve) -> None:
    client = serve("cosmos-native-missing")
    state = client.simulator.state
    account = state.places.scope("contoso-orders")
    roles = client.arm(f"{account}/sqlRoleDefinitions", "2024-11-15").json["value"]
    assert [one["properties"]["roleName"] for one in roles] == [
        "Cosmos DB Built-in Data Reader",
        "Cosmos DB Built-in Data Contributor",
    ]
    assert roles[0]["properties"]["assignableScopes"] == [account]
    (held,) = client.arm(f"{account}/sqlRoleAssignments", "2024-11-15").json["value"]
    assert held["type"] == "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"
    assert held["properties"] == {
        "roleDefinitionId": f"{account}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002",
        "principalId": state.directory.id("account-identity"),
        "scope": account,
    }


def test_children_of_the_project_and_the_account_are_served(serve: Serve, write: Write) -> None:
    text = """
    [project.children."capabilityHosts/default".properties]
    capabilityHostKind = "Agents"
    threadStorageConnections = ["orders"]
    [account.children."capabilityHosts/shared".properties]
    capabilityHostKind = "Agents"
    """
    client = serve(write(text))
    places = client.simulator.state.places
    (host,) = client.arm(f"{places.project}/capabilityHosts", "2025-06-01").json["value"]
    assert host["properties"]["threadStorageConnections"] == ["orders"]
    assert client.arm(f"{places.account}/capabilityHosts/shared", "2025-06-01").json["name"] == "shared"
    assert serve().arm(f"{places.project}/capabilityHosts", "2025-06-01").json == {"value": []}


def test_a_child_of_a_resource_may_be_deep(serve: Serve, write: Write) -> None:
    text = """
    [resources.site]
    type = "Microsoft.Web/sites"
    [resources.site.children."config/authsettingsV2".properties]
    platform = { enabled = true }
    [resources.site.children."slots/green/config/web".properties]
    """
    client = serve(write(text))
    site = client.simulator.state.places.scope("site")
    found = client.arm(f"{site}/config/authsettingsV2", "2024-04-01").json
    assert (found["type"], found["properties"]) == ("Microsoft.Web/sites/config", {"platform": {"enabled": True}})
    assert client.arm(f"{site}/slots/green/config/web", "2024-04-01").json["type"] == "Microsoft.Web/sites/slots/config"
