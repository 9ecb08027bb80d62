"""A change as Terraform (provider `azurerm`), for the changes that declare something to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.changes.identifiers import principal_type, role_definition_id
from doctor.model.change import AddNativeRole, Change, GrantRole, SetAccessPolicy
from doctor.model.resource_id import ResourceId, is_guid
from doctor.model.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

TENANT = ['data "azurerm_client_config" "current" {}', ""]
"""What an access policy refers to, once in a file."""
_SINGULAR = {"secrets": "secret", "keys": "key", "certificates": "certificate"}


def able(change: Change) -> bool:
    """Whether Terraform can say it: a role that exists, a native role, an access policy."""
    return isinstance(change, (AddNativeRole, SetAccessPolicy)) or (
        isinstance(change, GrantRole) and is_guid(change.role)
    )


def write(change: Change) -> str:
    """A whole file; "" if it cannot be said."""
    if not able(change):
        return ""
    head = TENANT if isinstance(change, SetAccessPolicy) else []
    return "\n".join([*head, *block(change, "access")]).rstrip() + "\n"


def block(change: Change, name: str, principal: str = "") -> list[str]:
    """The resource of one change.

    Args:
        change: one that Terraform is able to say.
        name: the resource's name in the file.
        principal: an expression for the object id; by default the change's own.
    """
    match change:
        case GrantRole():
            kind = principal_type(change.principal_type)
            fields = {
                "scope": text(change.scope),
                "role_definition_id": text(role_definition_id(change.role, change.scope)),
                "principal_id": principal or text(change.principal),
                **({"principal_type": text(kind)} if kind else {}),
            }
            return _block("azurerm_role_assignment", name, fields)
        case AddNativeRole():
            return _native(change, name, principal or text(change.principal))
        case SetAccessPolicy():
            return _policy(change, name, principal or text(change.principal))
        case _:
            return []


def _native(change: AddNativeRole, name: str, principal: str) -> list[str]:
    at = ResourceId.read(change.account)
    fields = {
        "resource_group_name": text(at.resource_group),
        "account_name": text(at.name),
        "role_definition_id": text(f"{change.account}/sqlRoleDefinitions/{change.role}"),
        "principal_id": principal,
        "scope": text(change.scope),
    }
    return _block("azurerm_cosmosdb_sql_role_assignment", name, fields)


def _policy(change: SetAccessPolicy, name: str, principal: str) -> list[str]:
    fields = {
        "key_vault_id": text(change.vault),
        "tenant_id": "data.azurerm_client_config.current.tenant_id",
        "object_id": principal,
    }
    for kind, verbs in change.verbs:
        shown = ", ".join(text(verb[:1].upper() + verb[1:]) for verb in verbs)
        fields[f"{_SINGULAR[kind]}_permissions"] = f"[{shown}]"
    return _block("azurerm_key_vault_access_policy", name, fields)


def _block(kind: str, name: str, fields: Mapping[str, str]) -> list[str]:
    size = max(len(field) for field in fields)
    return [
        f'resource "{kind}" "{name}" {{',
        *(f"  {field:<{size}} = {value}" for field, value in fields.items()),
        "}",
        "",
    ]


def text(value: str) -> str:
    """A value from outside as a Terraform string."""
    escaped = visible(value or "OBJECT_ID").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
