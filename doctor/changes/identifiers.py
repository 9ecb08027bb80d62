"""Ids that a change needs and that follow from the ids it has."""

from __future__ import annotations

import uuid

from doctor.model.resource_id import ResourceId

OBJECT_ID = "OBJECT_ID"
"""Stands for an object id that is not known."""
_PRINCIPAL_TYPES = {
    "user": "User",
    "agentuser": "User",
    "group": "Group",
    "foreigngroup": "ForeignGroup",
    "serviceprincipal": "ServicePrincipal",
    "agentserviceprincipal": "ServicePrincipal",
}


def principal_type(given: str) -> str:
    """The principal type that assignment commands take, agent identities being service principals to them.

    "" for one that is not known: Azure refuses an assignment with a wrong type, and finds out itself without one.
    """
    return _PRINCIPAL_TYPES.get(given.strip().lower(), "")


def role_definition_id(role_guid: str, scope: str) -> str:
    """The full id of a role definition, as a resource below the scope's subscription has it."""
    at = ResourceId.of(scope)
    prefix = f"/subscriptions/{at.shown[1]}" if at and at.subscription else ""
    return f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{role_guid}"


def name_of(*parts: str) -> str:
    """A GUID that is the same for the same parts, so that what is made under it can be found again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(part.lower() for part in parts)))
