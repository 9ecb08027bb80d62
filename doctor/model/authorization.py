"""The records of Microsoft.Authorization that the reasoning works on.

Shapes: role assignments, role definitions and deny assignments of api-version 2022-04-01; schedule instances of
2020-10-01. Role definitions are referred to by GUID alone, whatever prefix the id had. GUIDs are lower case; scopes and
actions keep their letter case and are compared without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The principal of a deny assignment that means every principal."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission entry of a role definition or deny assignment; not-actions subtract inside this entry only."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    condition: str = ""
    condition_version: str = ""


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """What a role grants."""

    guid: str
    name: str
    permissions: tuple[Permission, ...]
    built_in: bool = True
    assignable_scopes: tuple[str, ...] = ("/",)
    description: str = ""
    live: bool = False
    """Read from Azure in this run; otherwise from the bundled, dated list."""


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role given to a principal at a scope."""

    id: str
    principal_id: str
    role_guid: str
    scope: str
    """ARM id of the scope; "/" is the root."""
    principal_type: str = ""
    """Open list: User, Group, ServicePrincipal, ForeignGroup, Device, AgentServicePrincipal, AgentUser…"""
    condition: str = ""
    condition_version: str = ""
    created_on: datetime | None = None
    """When it was created, with time zone."""
    ends_on: datetime | None = None
    """End of an active assignment that Privileged Identity Management bounds in time."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EligibleAssignment:
    """A role that the principal may activate (Privileged Identity Management), and has not activated by this."""

    id: str
    principal_id: str
    role_guid: str
    scope: str
    principal_type: str = ""
    member_type: str = ""
    condition: str = ""
    starts_on: datetime | None = None
    ends_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class DenyPrincipal:
    """A principal named by a deny assignment."""

    id: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class DenyAssignment:
    """What is refused to whom at a scope, whatever roles they hold."""

    id: str
    name: str
    scope: str
    permissions: tuple[Permission, ...]
    principals: tuple[DenyPrincipal, ...]
    exclude_principals: tuple[DenyPrincipal, ...] = ()
    do_not_apply_to_child_scopes: bool = False
    system_protected: bool = False
    condition: str = ""
