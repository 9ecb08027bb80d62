"""A change as a command of the Azure CLI, in words that no shell has quoted yet.

Commands and options: the reference of the Azure CLI 2.91. Assignments are made and deleted with `--assignee-object-id`,
since `--assignee` looks the principal up in Microsoft Graph, which many callers may not read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from doctor.changes.identifiers import OBJECT_ID, name_of, principal_type, role_definition_id
from doctor.changes.rest import request
from doctor.changes.words import Fresh, Json, Line
from doctor.model.change import (
    ActivateRole,
    AddDatabaseUser,
    AddFederatedCredential,
    AddNativeRole,
    AllowNetwork,
    AskPerson,
    Change,
    CreateRole,
    GrantRole,
    RegisterProvider,
    RemoveRole,
    RunAz,
    SetAccessPolicy,
    SetProperty,
    SignIn,
    Wait,
)
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from doctor.changes.rest import Request

_FLAGS = {"secrets": "--secret-permissions", "keys": "--key-permissions", "certificates": "--certificate-permissions"}
_PIM = "providers/Microsoft.Authorization/roleAssignmentScheduleRequests"
_PIM_VERSION = "2020-10-01"
_NETWORK_RULES = {
    "microsoft.cognitiveservices/accounts": ("cognitiveservices", "account", "network-rule"),
    "microsoft.storage/storageaccounts": ("storage", "account", "network-rule"),
    "microsoft.keyvault/vaults": ("keyvault", "network-rule"),
}
"""Resource type → the commands that add and remove an address of its network rules."""


def line(change: Change) -> Line:
    """The command that makes the change; no words at all where there is none."""
    match change:
        case GrantRole():
            return _grant(change)
        case RemoveRole():
            return _remove(change)
        case ActivateRole():
            return _activate(change)
        case CreateRole():
            return _custom_role(change)
        case SetProperty():
            update = ("az", "resource", "update", "--ids", change.resource, "--api-version", change.api_version)
            return (*update, "--set", f"{change.path}={_plain(change.value)}")
        case AddFederatedCredential():
            return _federated(change)
        case AddNativeRole():
            return _native_role(change)
        case SetAccessPolicy():
            return _policy(change)
        case RegisterProvider():
            where = ("--subscription", change.subscription) if change.subscription else ()
            return ("az", "provider", "register", "--namespace", change.namespace, *where)
        case AllowNetwork():
            return _network(change)
        case SignIn():
            tenant = ("--tenant", change.tenant) if change.tenant else ()
            return ("az", "login", *tenant, *(("--scope", change.scope) if change.scope else ()))
        case AddDatabaseUser():
            return _statements(change)
        case RunAz():
            return ("az", *change.arguments)
        case Wait() | AskPerson():
            return ()
        case _:
            call = request(change)
            return _rest(call) if call else ()


def _grant(change: GrantRole) -> Line:
    kind = principal_type(change.principal_type)
    typed = ("--assignee-principal-type", kind) if kind else ()
    who = ("--assignee-object-id", change.principal.strip() or OBJECT_ID)
    return ("az", "role", "assignment", "create", *who, *typed, "--role", change.role, "--scope", change.scope)


def _remove(change: RemoveRole) -> Line:
    if change.assignment_id:
        return ("az", "role", "assignment", "delete", "--ids", change.assignment_id)
    who = ("--assignee-object-id", change.principal.strip() or OBJECT_ID)
    return ("az", "role", "assignment", "delete", *who, "--role", change.role, "--scope", change.scope)


def _activate(change: ActivateRole) -> Line:
    properties: dict[str, object] = {
        "principalId": change.principal,
        "roleDefinitionId": role_definition_id(change.role, change.scope),
        "requestType": "SelfActivate" if change.active else "SelfDeactivate",
    }
    if change.active:
        properties["justification"] = "needed to use the resource"
        properties["scheduleInfo"] = {"expiration": {"type": "AfterDuration", "duration": "PT1H"}}
    body = json.dumps({"properties": properties}, separators=(",", ":"))
    # The request's own id is a new GUID, made by the shell that runs the command.
    url = Fresh(f"{change.scope.rstrip('/')}/{_PIM}/", f"?api-version={_PIM_VERSION}")
    return ("az", "rest", "--method", "PUT", "--url", url, "--body", Json(body))


def _custom_role(change: CreateRole) -> Line:
    if not change.present:
        return ("az", "role", "definition", "delete", "--name", change.name, "--scope", change.home)
    definition = {
        "Name": change.name,
        "Description": "Exactly what is needed here.",
        "Actions": list(change.actions),
        "DataActions": list(change.data_actions),
        "AssignableScopes": [change.home],
    }
    text = json.dumps(definition, separators=(",", ":"))
    return ("az", "role", "definition", "create", "--role-definition", Json(text))


def _plain(value: str) -> str:
    """A JSON value as `--set` takes it: a text without its quotation marks, everything else as JSON."""
    found = json.loads(value)
    return found if isinstance(found, str) else value


def _federated(change: AddFederatedCredential) -> Line:
    at = ResourceId.of(change.application)
    if at is None:
        app = ("az", "ad", "app", "federated-credential")
        if not change.present:
            return (*app, "delete", "--id", change.application, "--federated-credential-id", change.name)
        said = {"name": change.name, "issuer": change.issuer, "subject": change.subject}
        body = json.dumps({**said, "audiences": [change.audience]}, separators=(",", ":"))
        return (*app, "create", "--id", change.application, "--parameters", Json(body))
    where = ("--name", change.name, "--identity-name", at.name, *_group(at))
    if not change.present:
        return ("az", "identity", "federated-credential", "delete", *where, "--yes")
    said3 = ("--issuer", change.issuer, "--subject", change.subject, "--audiences", change.audience)
    return ("az", "identity", "federated-credential", "create", *where, *said3)


def _native_role(change: AddNativeRole) -> Line:
    at = ResourceId.of(change.account)
    where = ("--account-name", at.name, *_group(at)) if at else ()
    name = name_of(change.account, change.principal, change.role, change.scope)
    command = ("az", "cosmosdb", "sql", "role", "assignment")
    if not change.present:
        return (*command, "delete", *where, "--role-assignment-id", name, "--yes")
    whole = ResourceId.of(change.scope) == at
    who = ("--principal-id", change.principal or OBJECT_ID, "--role-definition-id", change.role)
    scope = "/" if whole else change.scope
    return (*command, "create", *where, "--scope", scope, *who, "--role-assignment-id", name)


def _policy(change: SetAccessPolicy) -> Line:
    at = ResourceId.of(change.vault)
    where = ("--name", at.name, "--subscription", at.after("subscriptions")) if at else ()
    who = ("--object-id", change.principal or OBJECT_ID)
    if not change.verbs:
        return ("az", "keyvault", "delete-policy", *where, *who)
    flags = [word for kind, verbs in change.verbs for word in (_FLAGS[kind], *verbs)]
    return ("az", "keyvault", "set-policy", *where, *who, *flags)


def _network(change: AllowNetwork) -> Line:
    at = ResourceId.of(change.resource)
    if at is None:
        return ()
    if not change.address:
        bypass = "AzureServices" if change.present else "None"
        update = ("az", "resource", "update", "--ids", change.resource)
        return (*update, "--set", f"properties.networkAcls.bypass={bypass}")
    command = _NETWORK_RULES.get(at.type.lower())
    if command is None:
        return ()
    flag = "--account-name" if at.type.lower() == "microsoft.storage/storageaccounts" else "--name"
    verb = "add" if change.present else "remove"
    return ("az", *command, verb, flag, at.name, *_group(at), "--ip-address", change.address)


def _statements(change: AddDatabaseUser) -> Line:
    text = " ".join(f"{one.rstrip(';')};" for one in change.statements)
    if change.engine == "postgresql":
        return ("psql", f"host={change.host} dbname={change.database} sslmode=require", "-c", text)
    return ("sqlcmd", "-S", change.host, "-d", change.database, "-G", "-Q", text)


def _rest(call: Request) -> Line:
    head = ("az", "rest", "--method", call.method.lower(), "--url", call.url)
    resource = ("--resource", call.audience) if call.audience else ()
    headers = ("--headers", *(f"{name}={value}" for name, value in call.headers.items())) if call.headers else ()
    return (*head, *resource, *headers, *(("--body", Json(call.body)) if call.body else ()))


def _group(at: ResourceId) -> tuple[str, ...]:
    return ("--resource-group", at.resource_group, "--subscription", at.after("subscriptions"))
