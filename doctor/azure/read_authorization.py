"""Microsoft.Authorization's JSON as the records that the reasoning works on.

Shapes: roleAssignments, roleDefinitions, denyAssignments and permissions of 2022-04-01, schedule instances of
2020-10-01, as in the official examples of Azure/azure-rest-api-specs. Role definition ids come with any prefix, scopes
in any letter case. Every function raises `Garbage` when what decides about access is missing or mistyped, and nothing
else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from doctor.model import loose
from doctor.model.authorization import (
    DenyAssignment,
    DenyPrincipal,
    EligibleAssignment,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from doctor.model.loose import Garbage

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.loose import Json

_AUTHORIZATION = re.compile(r"(?i)/providers/microsoft\.authorization/")
_PRIVILEGED = re.compile(r"(?i)^/providers/microsoft\.subscription(?=/subscriptions/)")
"""What Privileged Identity Management writes before the ids of a subscription (recorded in 2022)."""


def role_assignment(item: object) -> RoleAssignment:
    """One role assignment; `createdOn` may be missing, as in the official example."""
    whole = loose.mapping(item, "A role assignment")
    properties = _properties(whole)
    return RoleAssignment(
        id=loose.text(whole, "id"),
        principal_id=_needed_guid(properties, "A role assignment", "principalId"),
        role_guid=_role_guid(properties, "A role assignment"),
        scope=_scope(whole, properties, "A role assignment"),
        principal_type=loose.text(properties, "principalType"),
        condition=loose.text(properties, "condition"),
        condition_version=loose.text(properties, "conditionVersion"),
        created_on=loose.date(loose.field(properties, "createdOn")),
        description=loose.text(properties, "description"),
    )


def active_assignment(item: object) -> RoleAssignment:
    """One role assignment schedule instance: an assignment that is active now, perhaps until `ends_on`.

    Its id is that of the role assignment behind it (`originRoleAssignmentId`) where Azure names it, so that it can be
    matched with the list of role assignments.
    """
    whole = loose.mapping(item, "A role assignment schedule instance")
    properties = _properties(whole)
    what = "A role assignment schedule instance"
    return RoleAssignment(
        id=loose.text(properties, "originRoleAssignmentId") or loose.text(whole, "id"),
        principal_id=_needed_guid(properties, what, "principalId"),
        role_guid=_role_guid(properties, what),
        scope=_scope(whole, properties, what),
        principal_type=loose.text(properties, "principalType"),
        condition=loose.text(properties, "condition"),
        condition_version=loose.text(properties, "conditionVersion"),
        created_on=loose.date(loose.field(properties, "createdOn", "startDateTime")),
        ends_on=_end(properties, what),
    )


def eligible_assignment(item: object) -> EligibleAssignment:
    """One role eligibility schedule instance: a role that may be activated."""
    whole = loose.mapping(item, "A role eligibility schedule instance")
    properties = _properties(whole)
    what = "A role eligibility schedule instance"
    return EligibleAssignment(
        id=loose.text(whole, "id"),
        principal_id=_needed_guid(properties, what, "principalId"),
        role_guid=_role_guid(properties, what),
        scope=_scope(whole, properties, what),
        principal_type=loose.text(properties, "principalType"),
        member_type=loose.text(properties, "memberType"),
        condition=loose.text(properties, "condition"),
        starts_on=loose.date(loose.field(properties, "startDateTime")),
        ends_on=_end(properties, what),
    )


def role_definition(item: object, *, live: bool = True) -> RoleDefinition:
    """One role definition."""
    whole = loose.mapping(item, "A role definition")
    properties = _properties(whole)
    guid = _last(loose.text(whole, "name") or loose.text(whole, "id"))
    if not guid:
        raise Garbage("A role definition has neither a name nor an id.")
    return RoleDefinition(
        guid=guid,
        name=loose.text(properties, "roleName"),
        permissions=permissions(loose.field(properties, "permissions"), f"Role definition {guid}"),
        built_in=loose.text(properties, "type", "roleType").lower() != "customrole",
        assignable_scopes=loose.strings(properties, "assignableScopes") or ("/",),
        description=loose.text(properties, "description"),
        live=live,
    )


def deny_assignment(item: object) -> DenyAssignment:
    """One deny assignment."""
    whole = loose.mapping(item, "A deny assignment")
    properties = _properties(whole)
    name = loose.text(properties, "denyAssignmentName") or loose.text(whole, "name")
    return DenyAssignment(
        id=loose.text(whole, "id"),
        name=name,
        scope=_scope(whole, properties, "A deny assignment"),
        permissions=permissions(loose.field(properties, "permissions"), "A deny assignment"),
        principals=_deny_principals(loose.field(properties, "principals")),
        exclude_principals=_deny_principals(loose.field(properties, "excludePrincipals") or []),
        do_not_apply_to_child_scopes=loose.truth(properties, "doNotApplyToChildScopes") or False,
        system_protected=loose.truth(properties, "isSystemProtected") or False,
        condition=loose.text(properties, "condition"),
    )


def permissions(items: object, what: str = "The permissions") -> tuple[Permission, ...]:
    """A list of permission entries: of a role definition, a deny assignment, or the caller's own."""
    if not isinstance(items, (list, tuple)):
        raise Garbage(f"{what}: the permissions should be a list, but are {loose.shown(items)}.")
    return tuple(_permission(loose.mapping(item, f"{what}: a permission entry"), what) for item in items)


def _permission(entry: Json, what: str) -> Permission:
    return Permission(
        actions=_actions(entry, "actions", what),
        not_actions=_actions(entry, "notActions", what),
        data_actions=_actions(entry, "dataActions", what),
        not_data_actions=_actions(entry, "notDataActions", what),
        condition=loose.text(entry, "condition"),
        condition_version=loose.text(entry, "conditionVersion"),
    )


def _actions(entry: Json, name: str, what: str) -> tuple[str, ...]:
    value = loose.field(entry, name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Garbage(f"{what}: {name} should be a list of actions, but is {loose.shown(value)}.")
    return tuple(value)


def _deny_principals(value: Any) -> tuple[DenyPrincipal, ...]:
    if not isinstance(value, list):
        raise Garbage(f"The principals of a deny assignment should be a list, but are {loose.shown(value)}.")
    return tuple(_deny_principal(one) for one in value)


def _deny_principal(item: Any) -> DenyPrincipal:
    whole = loose.mapping(item, "A principal of a deny assignment")
    return DenyPrincipal(
        id=_needed_guid(whole, "A principal of a deny assignment", "id"), type=loose.text(whole, "type")
    )


def _properties(whole: Json) -> Json:
    # Resource Graph and some tools flatten the properties into the item itself.
    return loose.part(whole, "properties") or whole


def _needed_guid(source: Json, what: str, name: str) -> str:
    value = loose.guid(source, name)
    if not value:
        raise Garbage(f"{what} has no {name}: it is {loose.shown(loose.field(source, name))}.")
    return value


def _role_guid(properties: Json, what: str) -> str:
    guid = _last(loose.text(properties, "roleDefinitionId"))
    if not guid:
        raise Garbage(f"{what} has no roleDefinitionId.")
    return guid


def _last(path: str) -> str:
    return path.strip().rstrip("/").rpartition("/")[2].lower()


def _scope(whole: Json, properties: Json, what: str) -> str:
    """The scope as Azure says it; else the part of the id before the authorization provider."""
    said = loose.text(properties, "scope").strip()
    if said:
        return _PRIVILEGED.sub("", "/" + said.strip("/"))
    if places := list(_AUTHORIZATION.finditer(identifier := loose.text(whole, "id"))):
        return _PRIVILEGED.sub("", "/" + identifier[: places[-1].start()].strip("/"))
    raise Garbage(f"{what} has no scope, and its id does not name one.")


def _end(properties: Json, what: str) -> datetime | None:
    value = loose.field(properties, "endDateTime")
    if value in (None, ""):
        return None
    ends = loose.date(value)
    if ends is None:
        raise Garbage(f"{what}: its endDateTime is no date but {loose.shown(value)}.")
    return ends
