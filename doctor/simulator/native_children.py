"""Child resources that a resource is born with."""

from __future__ import annotations

from doctor.simulator.scenario_foundry import Child

_COSMOS = "Microsoft.DocumentDB/databaseAccounts"
_ITEMS = f"{_COSMOS}/sqlDatabases/containers"
_COSMOS_ROLES = {
    "00000000-0000-0000-0000-000000000001": (
        "Cosmos DB Built-in Data Reader",
        [f"{_ITEMS}/executeQuery", f"{_ITEMS}/readChangeFeed", f"{_ITEMS}/items/read"],
    ),
    "00000000-0000-0000-0000-000000000002": (
        "Cosmos DB Built-in Data Contributor",
        [f"{_ITEMS}/*", f"{_ITEMS}/items/*"],
    ),
}
"""The native roles of every Cosmos DB account (exported templates in public repositories)."""


def native_children(kind: str, parent: str) -> dict[str, Child]:
    """Relative id → child, for a resource of a type (`kind`) under its own id (`parent`)."""
    if kind.lower() != _COSMOS.lower():
        return {}
    return {
        f"sqlRoleDefinitions/{guid}": Child(
            {
                "roleName": name,
                "type": "BuiltInRole",
                "assignableScopes": [parent],
                "permissions": [{"dataActions": [f"{_COSMOS}/readMetadata", *actions], "notDataActions": []}],
            }
        )
        for guid, (name, actions) in _COSMOS_ROLES.items()
    }
