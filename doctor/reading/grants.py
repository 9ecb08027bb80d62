"""The role assignment that a refusal asks for: the narrow role, on a scope that exists at that moment, and its undo."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from doctor.model.diagnosis import Blame, Diagnosis
from doctor.model.fix import Fix
from doctor.reading.extract import GUID

if TYPE_CHECKING:
    from doctor.reading.evidence import Role, RoleQuestion
    from doctor.reading.extract import Place
    from doctor.reading.services import Refuser

_IS_GUID = re.compile(GUID)
_NO_ROLE = "useridentityimpersonation"
"""No built-in role is meant for it: the service uses it itself."""
_MADE_FOR = {
    "microsoft.managedidentity/userassignedidentities/assign/action": (
        "Managed Identity Operator",
        "f1a07417-d97a-45cb-824c-7a7467783830",
    ),
}
"""Roles made for one action, before a narrower count of others: learn.microsoft.com, Manage user-assigned managed
identities, read 2026-11-25."""
_NEEDS = (
    "Microsoft.Authorization/roleAssignments/write on that scope: Owner, User Access Administrator or "
    "Role Based Access Control Administrator"
)
_NOTE = (
    "A new assignment can take up to 10 minutes to work. If a role with this action is assigned already, look at its "
    "scope, its conditions and deny assignments."
)
_APPLICATION = re.compile(
    rf"(?i)service ?principal|managed identity|agent('s)? identity|\bagent\b|\bclient '?{GUID}|appid="
    r"|app-only|\bapplication\b"
)
_ACTION_TYPE = re.compile(r"(?i)^(microsoft\.[a-z.]+/.+?)/(?:write|read|delete|[a-z]+/action|action)$")
_PROJECT = 2


def grant_for(
    made: Diagnosis, text: str, where: Place, roles: RoleQuestion, *, is_data: bool, known: Role | None = None
) -> Fix | None:
    """The assignment for the action that the text names; None when no built-in role is known to hold it.

    `known` is the role that the service itself has for it.
    """
    if not made.action or _NO_ROLE in made.action.lower() or "*" in made.action:
        return None
    role = known or _MADE_FOR.get(made.action.lower()) or roles(made.action, is_data) or roles(made.action, not is_data)
    if role is None:
        return None
    why = f": it is the narrowest built-in role that holds {made.action}"
    return _fix(role, made, text, scope_of(made, where), why)


def grant_at(made: Diagnosis, text: str, where: Place, found: Refuser, name: str) -> Fix | None:
    """The assignment for what one does at a service, where the text names no action; None where no role counts."""
    if found.service.is_foundry:
        role = _foundry_role(where)
        scope = shlex.quote(resource_path(where, _PROJECT if where.project else 1))
    else:
        operation = found.service.operation_in(text)
        if operation is None:
            return None
        role = (operation.role, operation.role_id)
        scope = _looked_up(name, found.service.type)
    return _fix(role, made, text, scope, f" on {found.service.title}{f' ({name})' if name else ''}")


def _foundry_role(where: Place) -> Role:
    if where.kind == "agents" and where.application:
        return ("Foundry Agent Consumer", "eed3b665-ab3a-47b6-8f48-c9382fb1dad6")
    return ("Foundry User (formerly Azure AI User)", "53ca6127-db72-4b80-b1b0-d745d6d5456d")


def _looked_up(name: str, resource_type: str) -> str:
    if not name:
        return "RESOURCE_ID"
    kind = f" --resource-type {resource_type}" if resource_type else ""
    return f"\"$(az resource list --name {shlex.quote(name)}{kind} --query '[0].id' --output tsv)\""


def _fix(role: Role, made: Diagnosis, text: str, scope: str, why: str) -> Fix:
    name, guid = role
    principal = made.principal
    if principal and "@" in principal and not _IS_GUID.fullmatch(principal):
        assignee = delete = f"--assignee {shlex.quote(principal)}"
    else:
        quoted = shlex.quote(principal) if principal else "OBJECT_ID"
        delete = f"--assignee-object-id {quoted}"
        assignee = f"{delete} --assignee-principal-type {_type_of(made, text)}"
    tail = f"--role {guid} --scope {scope}"
    return Fix(
        title=f"Assign {name} to {principal or 'the refused principal'}{why}",
        command=f"az role assignment create {assignee} {tail}",
        undo=f"az role assignment delete {delete} {tail}",
        needs=_NEEDS,
        note=_NOTE,
    )


def _type_of(made: Diagnosis, text: str) -> str:
    if made.blames in {Blame.AGENT, Blame.PROJECT} or _APPLICATION.search(text):
        return "ServicePrincipal"
    return "User"


def scope_of(made: Diagnosis, where: Place) -> str:
    """The scope of the grant, quoted for a shell; parts that the text does not name are placeholders.

    Where something is written that may not exist yet, that is its parent: an application that is being published is
    not there, its project is.
    """
    scope = made.scope.split("/providers/Microsoft.Authorization", 1)[0]
    if scope.lower().startswith("/subscriptions/"):
        return shlex.quote(_parent(scope) if _is_creation(scope, made.action) else scope)
    lowered = made.action.lower()
    if not lowered.startswith("microsoft.cognitiveservices/"):
        return "RESOURCE_ID"
    is_new = lowered.endswith("/applications/write")
    depth = 3 if "/applications/" in lowered and not is_new else _PROJECT if where.project or is_new else 1
    return shlex.quote(resource_path(where, depth))


def _is_creation(scope: str, action: str) -> bool:
    """Whether the action writes the very thing that the scope names."""
    found = _ACTION_TYPE.match(action)
    if not found or not action.lower().endswith("/write"):
        return False
    kind = found.group(1).lower()
    if kind == "microsoft.resources/subscriptions/resourcegroups":
        return "/resourcegroups/" in scope.lower()
    provider = scope.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider[0], *provider[1::2]]) == kind if len(provider) > 1 else False


def _parent(scope: str) -> str:
    parts = scope.rstrip("/").split("/")
    above = "/".join(parts[:-2])
    head, _, tail = above.rpartition("/providers/")
    return head if head and "/" not in tail else above


def resource_path(where: Place, depth: int = 3) -> str:
    """ARM id of the account (depth 1), project (2) or application (3); what is not known is a placeholder."""
    path = (
        f"/subscriptions/{where.subscription or 'SUBSCRIPTION_ID'}"
        f"/resourceGroups/{where.resource_group or 'RESOURCE_GROUP'}"
        f"/providers/Microsoft.CognitiveServices/accounts/{where.account or 'ACCOUNT'}"
    )
    if depth >= _PROJECT:
        path += f"/projects/{where.project or 'PROJECT'}"
    if depth > _PROJECT:
        path += f"/applications/{where.application or 'APPLICATION'}"
    return path
