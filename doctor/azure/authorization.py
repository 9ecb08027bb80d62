"""Microsoft.Authorization, through azure-mgmt-authorization's client; raw JSON, read by `read_authorization`.

Filters: `atScope()` = at or above the scope, `assignedTo('ID')` = of the principal, through its groups too (not of a
group itself), `principalId eq ID` = at, above or below the scope, without groups. Sources: docstrings of
azure-mgmt-authorization and role-assignments-list-rest.md of MicrosoftDocs/azure-docs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from doctor.azure.arm import raw

if TYPE_CHECKING:
    from doctor.azure.arm import Arm
    from doctor.azure.pages import Pages
    from doctor.model.exchange import Answer

AUTHORIZATION_API = "2022-04-01"
SCHEDULES_API = "2020-10-01"

_RESOURCE = re.compile(
    r"(?i)/?subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/(?P<namespace>[^/]+)/"
    r"(?P<parent>(?:[^/]+/[^/]+/)*)(?P<type>[^/]+)/(?P<name>[^/]+)/?"
)
_GROUP = re.compile(r"(?i)/?subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/?")


class Authorization:
    """Who may do what, as far as the caller may see it. Every list raises NoAnswer or NoToken as `Arm.get` does."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def role_assignments(
        self, scope: str, *, assigned_to: str | None = None, principal: str | None = None, at_scope: bool = False
    ) -> Pages:
        """Role assignments that apply to a scope or lie below it.

        Args:
            scope: ARM id.
            assigned_to: only those of this principal and of its groups.
            principal: only those of this principal itself.
            at_scope: leave out those below the scope.
        """
        operation = self._client().role_assignments.list_for_scope
        return self._list(operation, _scope(scope), _filter(assigned_to, principal, at_scope=at_scope))

    def role_definitions(self, scope: str, *, type_filter: str = "") -> Pages:
        """Role definitions that can be assigned at a scope; `type_filter` is `BuiltInRole` or `CustomRole`."""
        chosen = f"type eq '{_quoted(type_filter)}'" if type_filter else None
        return self._list(self._client().role_definitions.list, _scope(scope), chosen)

    def role_definition(self, role_id: str, scope: str = "") -> Answer:
        """One role definition, by whole id or by GUID at a scope."""
        guid = role_id.rstrip("/").rpartition("/")[2]
        place = f"{_scope(scope)}/" if _scope(scope) else ""
        whole = role_id if "/" in role_id else f"{place}providers/Microsoft.Authorization/roleDefinitions/{guid}"
        operation = self._client().role_definitions.get_by_id
        # The operation puts a slash of its own before the id.
        return raw(lambda **hook: (operation(whole.strip("/"), api_version=AUTHORIZATION_API, **hook),))

    def deny_assignments(self, scope: str, *, at_scope: bool = False) -> Pages:
        """Deny assignments at, above and below a scope; with `at_scope`, without those below it."""
        chosen = "atScope()" if at_scope else None
        return self._list(self._client().deny_assignments.list_for_scope, _scope(scope), chosen)

    def permissions(self, scope: str) -> Pages:
        """The caller's own permissions on a resource group or resource, as Azure computes them."""
        names: tuple[str, ...]
        if found := _RESOURCE.fullmatch(scope):
            operation = self._client(found["subscription"]).permissions.list_for_resource
            parent = found["parent"].rstrip("/")
            names = (found["group"], found["namespace"], parent, found["type"], found["name"])
        elif found := _GROUP.fullmatch(scope):
            operation = self._client(found["subscription"]).permissions.list_for_resource_group
            names = (found["group"],)
        else:
            path = f"/{_scope(scope)}/providers/Microsoft.Authorization/permissions"
            return self._arm.get_all(path, AUTHORIZATION_API)
        first = raw(lambda **hook: operation(*names, api_version=AUTHORIZATION_API, **hook))
        return self._arm.follow(first)

    def eligible(
        self, scope: str, *, assigned_to: str | None = None, principal: str | None = None, below: bool = False
    ) -> Pages:
        """Roles that may be activated (Privileged Identity Management): eligibility schedule instances.

        Those of nobody in particular are everybody's at the scope and above it; with `below`, below it as well.
        """
        operation = self._client().role_eligibility_schedule_instances.list_for_scope
        chosen = _filter(assigned_to, principal, at_scope=assigned_to is None and principal is None and not below)
        return self._list(operation, _scope(scope), chosen, SCHEDULES_API)

    def active_instances(self, scope: str, *, assigned_to: str | None = None, principal: str | None = None) -> Pages:
        """Assignments that are active now with their ends: assignment schedule instances."""
        operation = self._client().role_assignment_schedule_instances.list_for_scope
        chosen = _filter(assigned_to, principal, at_scope=assigned_to is None and principal is None)
        return self._list(operation, _scope(scope), chosen, SCHEDULES_API)

    def _list(self, operation: Any, scope: str, chosen: str | None, version: str = AUTHORIZATION_API) -> Pages:
        first = raw(lambda **hook: operation(scope, filter=chosen, api_version=version, **hook))
        return self._arm.follow(first)

    def _client(self, subscription_id: str = "") -> Any:
        from azure.mgmt.authorization import AuthorizationManagementClient  # noqa: PLC0415 - costs 0.1 s

        if subscription_id:
            return self._arm.client(AuthorizationManagementClient, subscription_id)
        return self._arm.client(AuthorizationManagementClient)


def _scope(scope: str) -> str:
    # The operations put a slash of their own before the scope.
    return scope.strip("/")


def _filter(assigned_to: str | None, principal: str | None, *, at_scope: bool) -> str | None:
    parts = ["atScope()"] if at_scope else []
    if assigned_to:
        parts.append(f"assignedTo('{_quoted(assigned_to)}')")
    if principal:
        parts.append(f"principalId eq '{_quoted(principal)}'")
    return " and ".join(parts) or None


def _quoted(text: str) -> str:
    return text.replace("'", "''")
