"""Fixes made from what an error text names; ids that it does not name are shell-safe placeholders."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.diagnosis import Blame, Diagnosis
from doctor.model.fix import Fix
from doctor.reading.extract import GUID
from doctor.reading.wording import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.reading.catalogue import Advice
    from doctor.reading.extract import Place

_FIELD = re.compile(r"\{([a-z_]{1,20})\}")
_IS_GUID = re.compile(GUID)
_PLACEHOLDERS = {
    "tenant": "TENANT_ID",
    "audience": "https://ai.azure.com",
    "principal": "OBJECT_ID",
    "host": "HOST",
    "subscription": "SUBSCRIPTION_ID",
    "scope": "SCOPE",
    "namespace": "NAMESPACE",
    "client": "CLIENT_ID",
}
_ROLES: tuple[tuple[str, str, str], ...] = (
    # An action's beginning, a narrow built-in role that grants it, and its id (built-in roles of 2026-08-22).
    (
        "microsoft.cognitiveservices/accounts/aiservices/endpoints/interact",
        "Foundry Agent Consumer",
        "eed3b665-ab3a-47b6-8f48-c9382fb1dad6",
    ),
    (
        "microsoft.cognitiveservices/accounts/openai/",
        "Cognitive Services OpenAI User",
        "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    ),
    ("microsoft.cognitiveservices/", "Foundry User (formerly Azure AI User)", "53ca6127-db72-4b80-b1b0-d745d6d5456d"),
    (
        "microsoft.authorization/roleassignments/",
        "Role Based Access Control Administrator",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    ),
    ("microsoft.keyvault/vaults/secrets/", "Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6"),
    ("microsoft.keyvault/vaults/keys/", "Key Vault Crypto User", "12338af0-0e69-4776-bea7-57ae8d297424"),
    (
        "microsoft.storage/storageaccounts/queueservices/",
        "Storage Queue Data Contributor",
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    ),
    (
        "microsoft.storage/storageaccounts/tableservices/",
        "Storage Table Data Contributor",
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    ),
    ("microsoft.storage/storageaccounts/", "Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
    ("microsoft.search/searchservices/indexes/", "Search Index Data Reader", "1407120a-92aa-4202-b7e9-c0e197c71c8f"),
    ("microsoft.containerregistry/", "AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"),
)
_NEEDS = (
    "Microsoft.Authorization/roleAssignments/write on that scope: Owner, User Access Administrator or "
    "Role Based Access Control Administrator"
)
_NOTE = (
    "A new assignment can take up to 10 minutes to work. If a role with this action is assigned already, look at its "
    "scope, its conditions and deny assignments."
)
_PROJECT = 2
_FALLBACK = re.compile(r"\{[a-z_]{1,20}\|[^{}]{0,120}\}")
_SHOW_EXPIRY = "az account get-access-token --scope https://ai.azure.com/.default --query expiresOn"
_NO_FOUNDRY_ROLE = "useridentityimpersonation"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What the catalogue says to do."""

    title: str
    command: str = ""
    note: str = ""
    is_grant: bool = False
    """A role assignment is made from what the text names, where a role is known for its action."""


def fixes_for(diagnosis: Diagnosis, remedy: Remedy, where: Place, values: Mapping[str, str]) -> tuple[Fix, ...]:
    """The fix, with every value of the text quoted for a shell."""
    if remedy.is_grant and (made := _grant(diagnosis, where)):
        return (made,)
    if not remedy.title:
        return ()
    command = _fill_command(remedy.command, diagnosis, values)
    return (Fix(title=fill(remedy.title, diagnosis, values), command=command, note=remedy.note),)


def _fill_command(command: str, diagnosis: Diagnosis, values: Mapping[str, str]) -> str:
    known = {**values, "principal": diagnosis.principal, "scope": diagnosis.scope}

    def quoted(found: re.Match[str]) -> str:
        name = found.group(1)
        value = known.get(name, "")
        return shlex.quote(value) if value else _PLACEHOLDERS.get(name, name.upper())

    return _FIELD.sub(quoted, command)


def role_for(action: str) -> tuple[str, str] | None:
    """Name and id of a well-known built-in role that grants an action, or None when none is known to."""
    lowered = action.lower()
    if _NO_FOUNDRY_ROLE in lowered:
        return None
    return next(((name, guid) for start, name, guid in _ROLES if lowered.startswith(start)), None)


def _grant(diagnosis: Diagnosis, where: Place) -> Fix | None:
    role = role_for(diagnosis.action)
    if role is None:
        return None
    name, guid = role
    scope = resource_scope(diagnosis, where)
    principal = diagnosis.principal
    if principal and "@" in principal and not _IS_GUID.fullmatch(principal):
        assignee = f"--assignee {shlex.quote(principal)}"
    else:
        assignee = f"--assignee-object-id {shlex.quote(principal) if principal else 'OBJECT_ID'}"
        if diagnosis.blames in {Blame.AGENT, Blame.PROJECT}:
            assignee += " --assignee-principal-type ServicePrincipal"
    tail = f"--role {guid} --scope {scope}"
    return Fix(
        title=f"Assign {name} to {principal or 'the refused principal'} on the resource that was called",
        command=f"az role assignment create {assignee} {tail}",
        undo=f"az role assignment delete --assignee {shlex.quote(principal) if principal else 'OBJECT_ID'} {tail}",
        needs=_NEEDS,
        note=_NOTE,
    )


def resource_scope(diagnosis: Diagnosis, where: Place) -> str:
    """The scope of the grant, quoted for a shell; parts that the text does not name are placeholders."""
    if diagnosis.scope.lower().startswith("/subscriptions/") and not diagnosis.action.lower().startswith(
        "microsoft.cognitiveservices/"
    ):
        return shlex.quote(diagnosis.scope.split("/providers/Microsoft.Authorization", 1)[0])
    if not diagnosis.action.lower().startswith("microsoft.cognitiveservices/"):
        return "RESOURCE_ID"
    lowered = diagnosis.action.lower()
    depth = 3 if "/applications/" in lowered else 2 if "/aiservices/" in lowered else 1
    return shlex.quote(resource_path(where, depth))


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


def token_fix(said: Advice) -> Fix:
    """The fix of a token that its own claims show to be of no use."""
    return Fix(
        title=_FIELD.sub("https://ai.azure.com", _FALLBACK.sub("https://ai.azure.com", said.fix)), command=_SHOW_EXPIRY
    )
