"""Who is who: one entry of the run's ledger of identities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class IdentityRole(str, Enum):
    """The part that an identity plays for the checked application."""

    CALLER = "caller"
    APPLICATION_AGENT = "application-agent"
    PROJECT_AGENT = "project-agent"
    AGENT = "agent"
    PROJECT_MANAGED_IDENTITY = "project-managed-identity"
    ACCOUNT_MANAGED_IDENTITY = "account-managed-identity"
    END_USER = "end-user"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The words for it in a sentence."""
        return _LABELS[self]


_LABELS = {
    IdentityRole.CALLER: "the caller",
    IdentityRole.APPLICATION_AGENT: "the application's agent identity",
    IdentityRole.PROJECT_AGENT: "the project's shared agent identity",
    IdentityRole.AGENT: "the agent's own identity",
    IdentityRole.PROJECT_MANAGED_IDENTITY: "the project's managed identity",
    IdentityRole.ACCOUNT_MANAGED_IDENTITY: "the account's managed identity",
    IdentityRole.END_USER: "the end user",
    IdentityRole.UNKNOWN: "an unknown identity",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """One Entra object that the run met."""

    object_id: str
    """Lower-case GUID of the Entra object (the `oid` claim, a `principalId`)."""
    role: IdentityRole
    name: str = ""
    """Display name, user principal name or resource name, where one is known."""
    seen_in: tuple[str, ...] = ()
    """Where it was met: "token", "refusal", "application", "project", "connection docs"…"""
    client_id: str = ""
    kind: str = ""
    """Kind of principal where known: "user", "service principal", "managed identity", "agent identity"."""
