"""A change as one REST call: method, URL, JSON body and the audience of its token.

Shapes: Microsoft.Authorization 2022-04-01, schedule requests 2020-10-01; the calls of the agent data plane from the
specification of the Foundry data plane (v1, 2026), where a PATCH replaces each value that it names as a whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from doctor.changes.identifiers import OBJECT_ID, name_of, principal_type, role_definition_id
from doctor.model.change import (
    CallResource,
    CallRest,
    Change,
    GrantRole,
    PatchAgent,
    PutConnection,
    RegisterProvider,
    RemoveRole,
    SwitchAgent,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORIZATION_VERSION = "2022-04-01"
_PROVIDERS_VERSION = "2021-04-01"


@dataclass(frozen=True, slots=True)
class Request:
    """One call. A URL that begins with a slash is a path of Azure Resource Manager."""

    method: str
    url: str
    body: str = ""
    """JSON text."""
    audience: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def request(change: Change) -> Request | None:
    """The call that makes the change; None where it is no single call."""
    match change:
        case GrantRole():
            return _grant(change)
        case RemoveRole(assignment_id=known) if known:
            return Request("DELETE", _versioned(known, AUTHORIZATION_VERSION))
        case CallResource():
            return Request("POST", _versioned(f"{change.resource}/{change.operation}", change.api_version))
        case SwitchAgent():
            operation = "enable" if change.enabled else "disable"
            return Request("POST", _agent(change, f":{operation}"), audience=change.audience)
        case PatchAgent():
            headers = {"Content-Type": "application/merge-patch+json"}
            return Request("PATCH", _agent(change, ""), change.value, change.audience, headers)
        case PutConnection():
            method = "PATCH" if change.exists else "PUT"
            return Request(method, _versioned(change.connection, change.api_version), change.value)
        case RegisterProvider(subscription=subscription) if subscription:
            path = f"/subscriptions/{subscription}/providers/{change.namespace}/register"
            return Request("POST", _versioned(path, _PROVIDERS_VERSION))
        case CallRest():
            return Request(change.method, change.url, change.body, change.audience)
        case _:
            return None


def write(change: Change) -> str:
    """The call as a JSON object, for a program that makes it; "" where it is no single call."""
    call = request(change)
    if call is None:
        return ""
    parts: dict[str, Any] = {"method": call.method, "url": call.url}
    parts |= {"headers": dict(call.headers)} if call.headers else {}
    parts |= {"body": json.loads(call.body)} if call.body else {}
    parts |= {"audience": call.audience} if call.audience else {}
    return json.dumps(parts)


def _grant(change: GrantRole) -> Request:
    properties = {
        "principalId": change.principal or OBJECT_ID,
        "roleDefinitionId": role_definition_id(change.role, change.scope),
    }
    kind = principal_type(change.principal_type)
    name = name_of(change.scope, change.principal, change.role)
    path = f"{change.scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}"
    body = json.dumps({"properties": properties | ({"principalType": kind} if kind else {})}, separators=(",", ":"))
    return Request("PUT", _versioned(path, AUTHORIZATION_VERSION), body)


def _agent(change: SwitchAgent | PatchAgent, operation: str) -> str:
    name = quote(change.agent, safe="")
    return f"{change.project_endpoint.rstrip('/')}/agents/{name}{operation}?api-version=v1"


def _versioned(path: str, version: str) -> str:
    return f"{path}?api-version={version}"
