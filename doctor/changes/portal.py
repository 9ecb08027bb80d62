"""Where in the Azure portal a person makes the change."""

from __future__ import annotations

from urllib.parse import quote

from doctor.model.change import (
    AddNativeRole,
    AllowNetwork,
    AskPerson,
    CallResource,
    Change,
    GrantRole,
    RemoveRole,
    SetAccessPolicy,
    SetProperty,
)
from doctor.model.resource_id import ResourceId

PUBLIC = "portal.azure.com"
_BELOW = ("agents", "indexes", "dbs", "containers", "applications")
"""Levels without a page of their own in the Azure portal: the link goes to the resource above."""


def write(change: Change, host: str = PUBLIC) -> str:
    """The URL of the page; "" where none is known."""
    match change:
        case GrantRole(scope=scope) | RemoveRole(scope=scope):
            return _page(scope, host, "/users")
        case SetProperty(resource=resource) | CallResource(resource=resource) | AllowNetwork(resource=resource):
            return _page(resource, host)
        case AddNativeRole(account=account):
            return _page(account, host)
        case SetAccessPolicy(vault=vault):
            return _page(vault, host, "/access_policies")
        case AskPerson(portal=portal):
            return portal
        case _:
            return ""


def _page(resource: str, host: str, blade: str = "") -> str:
    at = ResourceId.of(resource)
    if at is None or not at.subscription:
        return ""
    for level in _BELOW:
        at = _above(at, level)
    return f"https://{host}/#@/resource{quote(str(at), safe='/')}{blade}"


def _above(at: ResourceId, level: str) -> ResourceId:
    if level not in at.key[:-1]:
        return at
    cut = at.key.index(level)
    return ResourceId(at.key[:cut], at.shown[:cut])
