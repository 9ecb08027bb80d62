"""A change as Bicep, for the changes that declare something to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.changes.identifiers import principal_type, role_definition_id
from doctor.model.change import AddNativeRole, Change, GrantRole, SetAccessPolicy
from doctor.model.resource_id import ResourceId, is_guid
from doctor.model.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_API_VERSIONS = {
    "microsoft.cognitiveservices": "2025-12-01",
    "microsoft.authorization": "2022-04-01",
}
"""api-versions that are known to hold every type of the provider that is named here (azure.md, section 3)."""
_NO_RESOURCES = frozenset({"indexes", "agents", "dbs"})
"""Levels below a resource that take role assignments and are no ARM resources themselves."""
_MANAGEMENT = ("providers", "microsoft.management", "managementgroups")


def able(change: Change) -> bool:
    """Whether Bicep can say it: a role on something it can refer to, a native role, an access policy."""
    match change:
        case GrantRole():
            at = ResourceId.of(change.scope)
            return is_guid(change.role) and at is not None and not _NO_RESOURCES.intersection(at.key)
        case AddNativeRole() | SetAccessPolicy():
            return True
        case _:
            return False


def write(change: Change) -> str:
    """A whole file, to be deployed at the scope's resource group, subscription or management group; "" if it cannot."""
    if not able(change):
        return ""
    level = _level(change.scope) if isinstance(change, GrantRole) else ""
    head = [f"targetScope = '{level}'", ""] if level else []
    return "\n".join([*head, *block(change)]).rstrip() + "\n"


def block(change: Change, number: str = "", principal: str = "") -> list[str]:
    """The resources of one change.

    Args:
        change: one that Bicep is able to say.
        number: makes the symbolic names differ from those of other changes in the file.
        principal: an expression for the object id; by default the change's own.
    """
    match change:
        case GrantRole():
            return _grant(change, number, principal or text(change.principal))
        case AddNativeRole():
            return _native(change, number, principal or text(change.principal))
        case SetAccessPolicy():
            return _policy(change, number, principal or text(change.principal))
        case _:
            return []


def _grant(change: GrantRole, number: str, principal: str) -> list[str]:
    at = ResourceId.read(change.scope)
    on_resource = bool(at.type) and at.key[:3] != _MANAGEMENT
    kind = principal_type(change.principal_type)
    name = f"target{number}.id" if on_resource else text(change.scope)
    return [
        *(_target(at, number, change.api_version) if on_resource else []),
        f"resource grant{number} 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{",
        f"  name: guid({name}, {principal}, {text(change.role)})",
        *([f"  scope: target{number}"] if on_resource else []),
        "  properties: {",
        f"    principalId: {principal}",
        *([f"    principalType: {text(kind)}"] if kind else []),
        f"    roleDefinitionId: {text(role_definition_id(change.role, change.scope))}",
        "  }",
        "}",
        "",
    ]


def _target(at: ResourceId, number: str, api_version: str) -> list[str]:
    version = api_version or _API_VERSIONS.get(at.type.partition("/")[0].lower(), "API_VERSION")
    return [
        f"resource target{number} {text(f'{at.type}@{version}')} existing = {{",
        f"  name: {text('/'.join(_names(at.shown)))}",
        "}",
    ]


def _names(shown: Sequence[str]) -> Sequence[str]:
    """The names in an id, from the resource down: account, default, container."""
    last = len(shown) - 1 - [one.lower() for one in shown][::-1].index("providers")
    return shown[last + 3 :: 2]


def _level(scope: str) -> str:
    """The level at which an assignment above a resource group is deployed."""
    at = ResourceId.of(scope)
    if at is None or at.resource_group:
        return ""
    if at.subscription:
        return "subscription"
    return "managementGroup" if at.key[:3] == _MANAGEMENT else "tenant"


def _native(change: AddNativeRole, number: str, principal: str) -> list[str]:
    below = change.scope[len(change.account.rstrip("/")) :].rstrip("/")
    scope = f"'${{target{number}.id}}{text(below)[1:-1]}'" if below else f"target{number}.id"
    at, version = ResourceId.read(change.account), change.api_version or "API_VERSION"
    return [
        f"resource target{number} 'Microsoft.DocumentDB/databaseAccounts@{version}' existing = {{",
        f"  name: {text(at.name)}",
        "}",
        f"resource grant{number} 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@{version}' = {{",
        f"  parent: target{number}",
        f"  name: guid(target{number}.id, {principal}, {text(change.role)})",
        "  properties: {",
        f"    principalId: {principal}",
        f"    roleDefinitionId: '${{target{number}.id}}/sqlRoleDefinitions/{text(change.role)[1:-1]}'",
        f"    scope: {scope}",
        "  }",
        "}",
        "",
    ]


def _policy(change: SetAccessPolicy, number: str, principal: str) -> list[str]:
    version = change.api_version or "API_VERSION"
    rights = [f"          {kind}: [{', '.join(text(verb) for verb in verbs)}]" for kind, verbs in change.verbs]
    return [
        f"resource grant{number} 'Microsoft.KeyVault/vaults/accessPolicies@{version}' = {{",
        f"  name: {text(ResourceId.read(change.vault).name + '/add')}",
        "  properties: {",
        "    accessPolicies: [",
        "      {",
        "        tenantId: subscription().tenantId",
        f"        objectId: {principal}",
        "        permissions: {",
        *rights,
        "        }",
        "      }",
        "    ]",
        "  }",
        "}",
        "",
    ]


def text(value: str) -> str:
    """A value from outside as a Bicep string."""
    escaped = visible(value or "OBJECT_ID").replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{escaped}'"
