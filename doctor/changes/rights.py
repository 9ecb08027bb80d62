"""Who may make a change: the permission that it takes, and a role that has it.

Sources: the permissions of the built-in role definitions (2026-08-22) and, for agents, Microsoft's
hosted-agent-permissions page.
"""

from __future__ import annotations

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
from doctor.model.resource_id import ResourceId

_ASSIGNERS = "Role Based Access Control Administrator, User Access Administrator or Owner"
_AGENTS = "Microsoft.CognitiveServices/accounts/AIServices/agents/write, as Foundry User has"


def rights(change: Change) -> str:
    """Permission and role, in words; "" where the change itself does not tell."""
    match change:
        case GrantRole():
            return f"Microsoft.Authorization/roleAssignments/write on the resource ({_ASSIGNERS})"
        case RemoveRole():
            return f"Microsoft.Authorization/roleAssignments/delete on the resource ({_ASSIGNERS})"
        case ActivateRole():
            return "Only the principal itself can run this, signed in with az login; approval or MFA may be asked for"
        case CreateRole():
            return "Microsoft.Authorization/roleDefinitions/write there (User Access Administrator or Owner)"
        case SetProperty(resource=resource) | AllowNetwork(resource=resource):
            return f"{_type(resource)}/write, as Contributor has"
        case CallResource():
            return f"{_type(change.resource)}/{change.operation}/action, as Contributor has"
        case SwitchAgent() | PatchAgent():
            return _AGENTS
        case AddFederatedCredential():
            return "an owner of the application, or Application Administrator; Contributor for a managed identity"
        case AddNativeRole():
            return (
                "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write, as DocumentDB Account Contributor has"
            )
        case SetAccessPolicy():
            return "Microsoft.KeyVault/vaults/accessPolicies/write, as Key Vault Contributor has"
        case AddDatabaseUser():
            return "an Entra administrator of the database server"
        case RegisterProvider():
            return f"{change.namespace}/register/action on the subscription, as Contributor has"
        case PutConnection():
            return f"{_type(change.connection)}/write, as Contributor has"
        case SignIn():
            return "an account there"
        case Wait():
            return "nobody's permission"
        case RunAz() | CallRest() | AskPerson():
            return ""


def _type(resource: str) -> str:
    at = ResourceId.of(resource)
    return at.type if at and at.type else "the resource's"
