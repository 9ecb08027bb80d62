"""The closed list of causes: why a result is not a pass. An id is never reused."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class Cause(str, Enum):
    """One cause of a fail, warn, unknown or error, with its one-line meaning."""

    meaning: str

    def __new__(cls, slug: str, meaning: str) -> Self:
        """Make a member whose value is the slug and which carries its meaning."""
        member = str.__new__(cls, slug)
        member._value_ = slug
        member.meaning = meaning
        return member

    NO_CREDENTIAL = "no-credential", "no credential in the chain could get a token"
    FEDERATION_MISMATCH = (
        "federation-mismatch",
        (
            "a federated credential does not match the token presented (issuer, subject, audience, its time), or the "
            "CI job may not ask for one"
        ),
    )
    SCOPE_MISSING = (
        "scope-missing",
        "the token lacks a delegated scope or an app role (neither an Azure role nor a user's consent will do)",
    )
    KEY_MISSING = "key-missing", "the service wants a key (subscription key, function key) that was not sent"
    SIGN_IN_BLOCKED = (
        "sign-in-blocked",
        "Entra refused: conditional access, MFA or interaction required, account or app disabled, bad secret",
    )
    CONSENT_MISSING = (
        "consent-missing",
        "consent or an admin grant is missing (also an end user's OAuth consent for a tool)",
    )
    TOKEN_MISSING = "token-missing", "the request carried no bearer token"
    WRONG_AUDIENCE = "wrong-audience", "the token is for another resource than the one asked"
    WRONG_TENANT = "wrong-tenant", "the token or the principal belongs to another tenant than the resource"
    TOKEN_EXPIRED = "token-expired", "the token is expired, or this machine's clock is wrong (say which)"
    KEY_AUTH_REFUSED = "key-auth-refused", "an API key was used where only Entra ID works, or local auth is disabled"
    NAME_NOT_RESOLVED = "name-not-resolved", "DNS has no address for the host"
    PRIVATE_DNS_MISSING = (
        "private-dns-missing",
        "the resource is private, but the name resolves to a public address here",
    )
    UNREACHABLE = "unreachable", "TCP connection refused or timed out"
    TLS_UNTRUSTED = "tls-untrusted", "the TLS certificate is not trusted (usually an intercepting proxy)"
    PROXY_FAILED = "proxy-failed", "the proxy refused or failed"
    NETWORK_DENIED = (
        "network-denied",
        (
            "the service answered that network rules forbid this client (public access disabled, firewall, "
            "virtual network, perimeter)"
        ),
    )
    RESOURCE_NOT_FOUND = (
        "resource-not-found",
        (
            "subscription, resource group, account or project does not exist under that name (when it may only be"
            " invisible to us: `cannot-read`)"
        ),
    )
    APPLICATION_NOT_FOUND = "application-not-found", "the project exists, the application does not"
    WRONG_ENDPOINT = (
        "wrong-endpoint",
        "a valid Azure address, but not this application's: project endpoint, wrong path, legacy/new model mix-up",
    )
    UNSUPPORTED_API_VERSION = "unsupported-api-version", "api-version missing or not supported there"
    STATEFUL_API = (
        "stateful-api",
        (
            "a conversations, files, vector_stores or containers call, or `previous_response_id`/`conversation`: "
            "applications are stateless"
        ),
    )
    PREVIEW_REQUIRED = "preview-required", "the route wants an opt-in preview header (`Foundry-Features: …`)"
    REQUEST_INVALID = "request-invalid", "the service refused the request's content"
    THROTTLED = "throttled", "429, quota or rate limit"
    SERVICE_FAILED = "service-failed", "5xx"
    NOT_AZURE = "not-azure", "something else answered (a proxy's HTML, a captive portal)"
    APPLICATION_DISABLED = (
        "application-disabled",
        (
            "the application or agent exists and is disabled (by an administrator, or because its identity or "
            "blueprint is)"
        ),
    )
    MOVED = "moved", "the application is gone, and an agent of that name is served at its own endpoint"
    VERSION_NOT_ACTIVE = "version-not-active", "the served agent version is failed, creating, deleting or a draft"
    RUNTIME_OUTDATED = (
        "runtime-outdated",
        (
            "the served version speaks a container protocol, or runs on a hosting backend, that the platform no longer "
            "accepts"
        ),
    )
    PLATFORM_NOT_READY = (
        "platform-not-ready",
        "the project's capability host or a part that the setup needs is not in state Succeeded",
    )
    OFFER_NOT_ELIGIBLE = "offer-not-eligible", "the subscription, offer, region or quota does not allow it"
    BOT_MISMATCH = (
        "bot-mismatch",
        "the Azure Bot and the agent disagree: identity, endpoint, channel, or approval pending",
    )
    APPLICATION_NOT_READY = "application-not-ready", "provisioning is not in state Succeeded"
    NO_DEPLOYMENT = "no-deployment", "no deployment, or the routing policy sends no traffic to one"
    DEPLOYMENT_NOT_RUNNING = "deployment-not-running", "deployment stopped, failed, starting, deleting"
    PROTOCOL_NOT_ENABLED = (
        "protocol-not-enabled",
        "the deployment or agent does not offer the protocol of the given address",
    )
    CHANNEL_ONLY = "channel-only", "the authorization policy admits channels (Bot Service), not RBAC callers"
    AGENT_IDENTITY_NOT_READY = (
        "agent-identity-not-ready",
        "the application has no agent identity, or it is still being created, or it is disabled",
    )
    AGENT_IDENTITY_TOKEN = "agent-identity-token", "the service could not get a token for the agent identity"
    MODEL_NOT_AVAILABLE = "model-not-available", "the model deployment does not exist or cannot be used"
    NO_ASSIGNMENT = "no-assignment", "no role assignment at all at this scope or above"
    ROLE_LACKS_ACTION = (
        "role-lacks-action",
        (
            "there are assignments, but none of their roles holds the needed (data) action: Owner, Contributor, "
            "Azure AI Developer, Foundry Agent Consumer…"
        ),
    )
    WRONG_SCOPE = "wrong-scope", "the right role, on a scope that does not cover this resource"
    WRONG_PRINCIPAL = "wrong-principal", "the right role on the right scope, for another of the identities in play"
    LOST_ON_PUBLISH = (
        "lost-on-publish",
        "the project's shared agent identity has the role, the application's agent identity does not",
    )
    DENIED = "denied", "a deny assignment wins"
    ELIGIBLE_NOT_ACTIVE = "eligible-not-active", "a PIM-eligible assignment that is not activated"
    ASSIGNMENT_EXPIRED = "assignment-expired", "an assignment that has ended"
    CONDITION_UNDECIDED = "condition-undecided", "a condition that cannot be decided here"
    PRINCIPAL_NOT_FOUND = (
        "principal-not-found",
        "the principal, or the service principal of a first-party application, does not exist (yet) in this tenant",
    )
    PROVIDER_NOT_REGISTERED = "provider-not-registered", "a resource provider is not registered in the subscription"
    NOT_PROPAGATED = "not-propagated", "the assignment is there, but so new that it may not be in force"
    PERMISSION_DENIED = (
        "permission-denied",
        "the service refused for lack of permission, and nothing more could be learnt about why",
    )
    CANNOT_READ = "cannot-read", "we lack the permission to look (the missing permission is named)"
    RBAC_NOT_HONOURED = (
        "rbac-not-honoured",
        (
            "the target ignores role assignments as it is configured (Search keys only, Key Vault access "
            "policies, ACR mode)"
        ),
    )
    NATIVE_ROLE_MISSING = (
        "native-role-missing",
        (
            "the target has its own permission store, and the principal is not in it (Cosmos DB, Key Vault access"
            " policy, Easy Auth, SQL…)"
        ),
    )
    CONNECTION_MISSING = "connection-missing", "a tool names a connection that does not exist"
    CONNECTION_BROKEN = (
        "connection-broken",
        "the connection exists and is in error, a placeholder, or has a wrong audience",
    )
    DOWNSTREAM_NOT_FOUND = (
        "downstream-not-found",
        "the resource a connection points to does not exist or could not be resolved",
    )
    AGENT_RUNTIME_FAILED = (
        "agent-runtime-failed",
        (
            "the agent's own container or session does not start, fails its probes, hangs, is gone, or its image "
            "cannot be pulled"
        ),
    )
    TOOL_DENIED = "tool-denied", "a tool call was refused by its target (401/403 behind the mask of a tool error)"
    TOOL_FAILED = "tool-failed", "a tool call failed for another reason"
    NOT_CHECKABLE = (
        "not-checkable",
        "nobody can check this from outside (end-user permissions, unknown connection kinds)",
    )
    TIMED_OUT = "timed-out", "the check ran out of its time"
    CRASHED = "crashed", "the check has a bug; the report says how to send it"
    ANONYMOUS_ACCEPTED = "anonymous-accepted", "the endpoint answered without a token"
    OVER_PRIVILEGED = (
        "over-privileged",
        "(warn) far more is granted than needed: write or wildcard rights at a subscription or above",
    )
    EXPIRES_SOON = "expires-soon", "(warn) an assignment, token or secret ends soon"
    KEY_IN_USE = "key-in-use", "(warn) a connection works with a key where an identity could"
    WAIVER_UNUSED = "waiver-unused", "(warn) a waiver in the configuration covers no result (any more)"
    UNRECOGNISED = "unrecognised", "an answer we do not know; shown whole"
