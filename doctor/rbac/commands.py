"""One change, written as an `az` command, as Bicep and as Terraform. Every value from outside is quoted."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from doctor.model.untrusted import visible
from doctor.rbac.scopes import ScopeKind, parse

if TYPE_CHECKING:
    from doctor.model.authorization import EligibleAssignment, RoleAssignment

_PIM = "providers/Microsoft.Authorization/roleAssignmentScheduleRequests"
_PIM_VERSION = "2020-10-01"
_API_VERSIONS = {
    "microsoft.cognitiveservices": "2025-12-01",
    "microsoft.authorization": "2022-04-01",
}
"""api-versions that are known to hold every type of the provider that is named here (azure.md, section 3)."""


def principal_kind(principal_type: str) -> str:
    """The principal type that assignment commands take: agent identities are service principals to them."""
    kinds = {"user": "User", "agentuser": "User", "group": "Group", "foreigngroup": "ForeignGroup"}
    return kinds.get(principal_type.strip().lower(), "ServicePrincipal")


def assign(new: RoleAssignment) -> str:
    """The command that makes the assignment."""
    return (
        f"az role assignment create --assignee-object-id {_word(new.principal_id)}"
        f" --assignee-principal-type {principal_kind(new.principal_type)}"
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


def bicep(new: RoleAssignment) -> str:
    """The assignment as Bicep, to be deployed at the scope's resource group, subscription or management group."""
    parsed = parse(new.scope)
    lines = []
    target = ""
    if parsed is not None and parsed.kind is ScopeKind.RESOURCE:
        type_name, name = _type_and_name(parsed.shown)
        version = _API_VERSIONS.get(type_name.partition("/")[0].lower(), "API_VERSION")
        lines += [
            f"resource target {_bicep_text(f'{type_name}@{version}')} existing = {{",
            f"  name: {_bicep_text(name)}",
            "}",
            "",
        ]
        target = "  scope: target"
    elif parsed is not None and parsed.kind is ScopeKind.SUBSCRIPTION:
        lines += ["targetScope = 'subscription'", ""]
    elif parsed is not None and parsed.kind is ScopeKind.MANAGEMENT_GROUP:
        lines += ["targetScope = 'managementGroup'", ""]
    lines += [
        "resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {",
        f"  name: guid({_bicep_text(new.scope)}, {_bicep_text(new.principal_id)}, {_bicep_text(new.role_guid)})",
        *([target] if target else []),
        "  properties: {",
        f"    principalId: {_bicep_text(new.principal_id)}",
        f"    principalType: {_bicep_text(principal_kind(new.principal_type))}",
        f"    roleDefinitionId: {_bicep_text(role_definition_id(new.role_guid, new.scope))}",
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def terraform(new: RoleAssignment) -> str:
    """The assignment as Terraform (provider `azurerm`)."""
    lines = [
        'resource "azurerm_role_assignment" "access" {',
        f"  scope              = {_hcl_text(new.scope)}",
        f"  role_definition_id = {_hcl_text(role_definition_id(new.role_guid, new.scope))}",
        f"  principal_id       = {_hcl_text(new.principal_id)}",
        f"  principal_type     = {_hcl_text(principal_kind(new.principal_type))}",
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


def _bicep_text(text: str) -> str:
    escaped = visible(text or "OBJECT_ID").replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{escaped}'"


def _hcl_text(text: str) -> str:
    escaped = visible(text or "OBJECT_ID").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
