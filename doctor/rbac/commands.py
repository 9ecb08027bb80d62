"""One change, written as an `az` command, as Bicep and as Terraform. Every value from outside is quoted."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from doctor.model.untrusted import visible
from doctor.rbac.scopes import ScopeKind, parse

if TYPE_CHECKING:
    from doctor.model.authorization import EligibleAssignment, RoleAssignment
    from doctor.rbac.scopes import Scope

_PIM = "providers/Microsoft.Authorization/roleAssignmentScheduleRequests"
_PIM_VERSION = "2020-10-01"
_API_VERSIONS = {
    "microsoft.cognitiveservices": "2025-12-01",
    "microsoft.authorization": "2022-04-01",
}
"""api-versions that are known to hold every type of the provider that is named here (azure.md, section 3)."""


_NO_RESOURCES = ("/indexes/", "/agents/", "/dbs/")
"""Scopes below a resource that take role assignments and are no ARM resources themselves."""
_PRINCIPAL_KINDS = {
    "user": "User",
    "agentuser": "User",
    "group": "Group",
    "foreigngroup": "ForeignGroup",
    "serviceprincipal": "ServicePrincipal",
    "agentserviceprincipal": "ServicePrincipal",
}


def principal_kind(principal_type: str) -> str:
    """The principal type that assignment commands take, agent identities being service principals to them.

    "" for one that is not known: Azure refuses an assignment with a wrong type, and finds out itself without one.
    """
    return _PRINCIPAL_KINDS.get(principal_type.strip().lower(), "")


def is_resource(scope: str) -> bool:
    """Whether the scope is an ARM resource or above one, so that Bicep can refer to it."""
    return not any(name in scope.lower() for name in _NO_RESOURCES)


def assign(new: RoleAssignment) -> str:
    """The command that makes the assignment."""
    kind = principal_kind(new.principal_type)
    return (
        f"az role assignment create --assignee-object-id {_word(new.principal_id)}"
        f"{f' --assignee-principal-type {kind}' if kind else ''}"
        f" --role {_word(new.role_guid)} --scope {_word(new.scope)}"
    )


def unassign(new: RoleAssignment) -> str:
    """The command that takes the assignment back."""
    return (
        f"az role assignment delete --assignee {_word(new.principal_id)}"
        f" --role {_word(new.role_guid)} --scope {_word(new.scope)}"
    )


def activate(eligible: EligibleAssignment, principal_id: str) -> str:
    """The command with which the principal activates an eligible role for one hour."""
    return _schedule(
        eligible,
        principal_id,
        requestType="SelfActivate",
        justification="needed to use the resource",
        scheduleInfo={"expiration": {"type": "AfterDuration", "duration": "PT1H"}},
    )


def deactivate(eligible: EligibleAssignment, principal_id: str) -> str:
    """The command with which the principal ends an activation."""
    return _schedule(eligible, principal_id, requestType="SelfDeactivate")


def _schedule(eligible: EligibleAssignment, principal_id: str, **request: object) -> str:
    role_id = role_definition_id(eligible.role_guid, eligible.scope)
    properties = {"principalId": visible(principal_id), "roleDefinitionId": visible(role_id), **request}
    body = json.dumps({"properties": properties}, separators=(",", ":"))
    path = _quoted(f"{eligible.scope.rstrip('/')}/{_PIM}/")
    # The request's own id is a new GUID, made by the shell that runs the command.
    return f"az rest --method PUT --url {path}\"$(uuidgen)\"'?api-version={_PIM_VERSION}' --body {_quoted(body)}"


def role_definition_id(role_guid: str, scope: str) -> str:
    """The full id of a role definition, as a resource below the scope's subscription has it."""
    parsed = parse(scope)
    prefix = f"/subscriptions/{parsed.shown[1]}" if parsed and parsed.segments[:1] == ("subscriptions",) else ""
    return f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{role_guid}"


def bicep(new: RoleAssignment, api_version: str = "") -> str:
    """The assignment as Bicep, to be deployed at the scope's resource group, subscription or management group.

    Args:
        new: the assignment.
        api_version: one that knows the type of the resource that is the scope, where the provider alone does not tell.

    Returns:
        "" for a scope that Bicep cannot refer to.
    """
    parsed = parse(new.scope)
    if parsed is None or not is_resource(new.scope):
        return ""
    kind = principal_kind(new.principal_type)
    lines = [
        *_bicep_head(parsed, api_version),
        "resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {",
        f"  name: guid({bicep_text(new.scope)}, {bicep_text(new.principal_id)}, {bicep_text(new.role_guid)})",
        *(["  scope: target"] if parsed.kind is ScopeKind.RESOURCE else []),
        "  properties: {",
        f"    principalId: {bicep_text(new.principal_id)}",
        *([f"    principalType: {bicep_text(kind)}"] if kind else []),
        f"    roleDefinitionId: {bicep_text(role_definition_id(new.role_guid, new.scope))}",
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _bicep_head(scope: Scope, api_version: str) -> list[str]:
    """What the assignment refers to, or the level at which it is deployed."""
    if scope.kind is ScopeKind.RESOURCE:
        type_name, name = _type_and_name(scope.shown)
        version = api_version or _API_VERSIONS.get(type_name.partition("/")[0].lower(), "API_VERSION")
        kind = bicep_text(f"{type_name}@{version}")
        return [f"resource target {kind} existing = {{", f"  name: {bicep_text(name)}", "}", ""]
    levels = {
        ScopeKind.SUBSCRIPTION: "subscription",
        ScopeKind.MANAGEMENT_GROUP: "managementGroup",
        ScopeKind.ROOT: "tenant",
    }
    return [f"targetScope = '{levels[scope.kind]}'", ""] if scope.kind in levels else []


def terraform(new: RoleAssignment) -> str:
    """The assignment as Terraform (provider `azurerm`)."""
    kind = principal_kind(new.principal_type)
    lines = [
        'resource "azurerm_role_assignment" "access" {',
        f"  scope              = {hcl_text(new.scope)}",
        f"  role_definition_id = {hcl_text(role_definition_id(new.role_guid, new.scope))}",
        f"  principal_id       = {hcl_text(new.principal_id)}",
        *([f"  principal_type     = {hcl_text(kind)}"] if kind else []),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _type_and_name(shown: tuple[str, ...]) -> tuple[str, str]:
    """`Microsoft.X/accounts/projects` and `acc/p`, of the last `providers` in the id."""
    at = len(shown) - 1 - [one.lower() for one in shown][::-1].index("providers")
    provider, rest = shown[at + 1], shown[at + 2 :]
    return "/".join((provider, *rest[::2])), "/".join(rest[1::2])


def _word(text: str) -> str:
    """A value from outside as one word of a POSIX shell, on one line."""
    return shlex.quote(visible(text)) if text.strip() else "OBJECT_ID"


def _quoted(text: str) -> str:
    return "'" + visible(text).replace("'", "'\"'\"'") + "'"


def bicep_text(text: str) -> str:
    """A value from outside as a Bicep string."""
    escaped = visible(text or "OBJECT_ID").replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{escaped}'"


def hcl_text(text: str) -> str:
    """A value from outside as a Terraform string."""
    escaped = visible(text or "OBJECT_ID").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
