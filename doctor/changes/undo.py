"""The change that takes a change back. It removes only what the change made."""

from __future__ import annotations

from dataclasses import replace

from doctor.model.change import (
    ActivateRole,
    AddDatabaseUser,
    AddFederatedCredential,
    AddNativeRole,
    AllowNetwork,
    AskPerson,
    CallResource,
    CallRest,
    Change,
    CreateRole,
    GrantRole,
    PatchAgent,
    PutConnection,
    RegisterProvider,
    RemoveRole,
    RunAz,
    SetAccessPolicy,
    SetProperty,
    SignIn,
    SwitchAgent,
    Wait,
)


def undo(change: Change) -> Change | None:
    """The change that puts back what was there; None where nothing is to take back or what was there is not known."""
    match change:
        case GrantRole():
            return RemoveRole(change.principal, change.role, change.scope)
        case RemoveRole(principal=principal) if principal:
            return GrantRole(change.principal, change.role, change.scope)
        case ActivateRole():
            return replace(change, active=not change.active)
        case CreateRole() | AddFederatedCredential() | AddNativeRole() | AllowNetwork():
            return replace(change, present=not change.present)
        case SetProperty() | PatchAgent():
            return replace(change, value=change.old, old=change.value) if change.old else None
        case PutConnection():
            return _connection(change)
        case SetAccessPolicy():
            return _policy(change)
        case CallResource():
            return replace(change, operation=change.opposite, opposite=change.operation) if change.opposite else None
        case SwitchAgent():
            return replace(change, enabled=not change.enabled)
        case AddDatabaseUser():
            return replace(change, statements=change.undo, undo=change.statements) if change.undo else None
        case RunAz():
            return RunAz(change.undo, change.arguments) if change.undo else None
        case RemoveRole() | RegisterProvider() | SignIn() | Wait() | CallRest() | AskPerson():
            return None


def _connection(change: PutConnection) -> Change | None:
    if change.exists:
        return replace(change, value=change.old, old=change.value) if change.old else None
    return CallRest("DELETE", f"{change.connection}?api-version={change.api_version}")


def _policy(change: SetAccessPolicy) -> Change:
    """What it had for each kind of object that was written; nothing at all deletes the policy that was made."""
    if not change.old:
        return replace(change, verbs=(), old=change.verbs)
    had = dict(change.old)
    return replace(change, verbs=tuple((kind, had.get(kind, ())) for kind, _ in change.verbs), old=change.verbs)
