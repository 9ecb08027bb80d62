"""The identity that calls, with its object id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties, resolve
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem, Unread
from doctor.model.identity import Identity, IdentityRole

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.lookup import Lookup
    from doctor.model.fact import Fact

_API_VERSION = "2023-01-31"


def principal(dependency: Dependency, lookup: Lookup) -> Fact[Identity]:
    """The calling identity: one of the run's, or a user-assigned one read from its own resource."""
    if dependency.caller.role is not None:
        return lookup.identity(dependency.caller.role)
    connection = dependency.connection
    resource_id = connection.credential_resource_id if connection else ""
    if not resource_id:
        return Unread(Problem(Cause.NOT_CHECKABLE, "The connection names its managed identity by client id alone"))
    found = lookup.read(resource_id, _API_VERSION)
    if not isinstance(found, Known):
        return found
    object_id = properties.text(found.value, "properties.principalId").lower()
    if not object_id:
        return Unread(Problem(Cause.CANNOT_READ, "The user-assigned identity shows no principal id"))
    name, client_id = resolve.resource_name(resource_id), properties.text(found.value, "properties.clientId")
    return Known(Identity(object_id, IdentityRole.UNKNOWN, name, ("connection",), client_id, "managed identity"))
