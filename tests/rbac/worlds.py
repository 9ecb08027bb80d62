"""Short ways to write down facts about access."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from doctor.model.access import Action, Decision, Question
from doctor.model.authorization import (
    EVERYONE,
    DenyAssignment,
    DenyPrincipal,
    EligibleAssignment,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from doctor.model.identity import Identity, IdentityRole
from doctor.rbac import AccessFacts, decide

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)

INVOKE = Action("Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action", data=True)
INTERACT = Action("Microsoft.CognitiveServices/accounts/AIServices/endpoints/interact/action", data=True)
BLOB_READ = Action("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", data=True)
BLOB_WRITE = Action("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", data=True)

FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
PROJECT_MANAGER = "eadc314b-1a2d-4efa-be10-5d325db5065e"
CONSUMER = "eed3b665-ab3a-47b6-8f48-c9382fb1dad6"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ADMINISTRATOR = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"

SUBSCRIPTION = "/subscriptions/00000000-1111-2222-3333-444444444444"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-agents"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/acc"
PROJECT = f"{ACCOUNT}/projects/proj"
APPLICATION = f"{PROJECT}/applications/support"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/data1"
MANAGEMENT = "/providers/Microsoft.Management/managementGroups/contoso"

ME = "aaaaaaaa-0000-0000-0000-000000000001"
APP_AGENT = "aaaaaaaa-0000-0000-0000-000000000002"
PROJECT_AGENT = "aaaaaaaa-0000-0000-0000-000000000003"
TEAM = "aaaaaaaa-0000-0000-0000-000000000004"
OTHER_TEAM = "aaaaaaaa-0000-0000-0000-000000000005"
STRANGER = "aaaaaaaa-0000-0000-0000-000000000006"

LEDGER = (
    Identity(ME, IdentityRole.CALLER, "robin@contoso.com"),
    Identity(APP_AGENT, IdentityRole.APPLICATION_AGENT),
    Identity(PROJECT_AGENT, IdentityRole.PROJECT_AGENT),
)


def given(principal: str, role: str, scope: str, **more: Any) -> RoleAssignment:
    """A role assignment."""
    return RoleAssignment(f"{scope}/assignments/{principal[-2:]}-{role[:8]}", principal, role, scope, **more)


def may_activate(principal: str, role: str, scope: str, **more: Any) -> EligibleAssignment:
    """An eligible assignment."""
    return EligibleAssignment(f"{scope}/eligible/{principal[-2:]}-{role[:8]}", principal, role, scope, **more)


def role(guid: str, *permissions: Permission, name: str = "", **more: Any) -> RoleDefinition:
    """A custom role."""
    return RoleDefinition(guid, name or f"Custom {guid}", permissions, built_in=False, **more)


def deny(scope: str, *actions: str, to: tuple[str, ...] = (EVERYONE,), **more: Any) -> DenyAssignment:
    """A deny assignment of data actions and control actions alike."""
    excluded = tuple(DenyPrincipal(one, "Group") for one in more.pop("excluding", ()))
    permission = Permission(actions=actions, data_actions=actions, **more.pop("permission", {}))
    kind = more.pop("type", "User")
    return DenyAssignment(
        id=f"{scope}/deny/{len(actions)}-{more.get('name', 'lock')}",
        name=more.pop("name", "lock"),
        scope=scope,
        permissions=(permission,),
        principals=tuple(DenyPrincipal(one, kind) for one in to),
        exclude_principals=excluded,
        **more,
    )


def facts(*assignments: RoleAssignment, **more: Any) -> AccessFacts:
    """Facts with the usual ledger; custom roles by keyword `roles`."""
    roles = more.pop("roles", ())
    more.setdefault("identities", LEDGER)
    return AccessFacts(assignments, {one.guid: one for one in roles}, more.pop("now", NOW), **more)


def ask(known: AccessFacts, principal: str = ME, action: Action = INVOKE, scope: str = APPLICATION) -> Decision:
    """One decision."""
    return decide(Question(principal, action, scope), known)
