"""The Foundry resources that a run reads, with every property optional: official examples carry almost none.

Enums are open: an unknown value is kept as it came. Shapes: Microsoft.CognitiveServices applications and
agentDeployments of api-version 2025-12-01, projects, accounts and connections of 2025-06-01 (raw JSON), agents of the
Foundry data plane's v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """An Entra agent identity or its blueprint, as a resource names it."""

    principal_id: str = ""
    client_id: str = ""
    tenant_id: str = ""
    kind: str = ""
    provisioning_state: str = ""
    """Creating, Updating, Succeeded, Failed, Canceled, Deleting; of new-model agents active or disabled."""


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The managed identities of an ARM resource."""

    type: str = ""
    principal_id: str = ""
    """Of the system-assigned identity."""
    tenant_id: str = ""
    user_assigned: Mapping[str, str] = field(default_factory=dict)
    """ARM id → principal id."""


@dataclass(frozen=True, slots=True)
class AgentRef:
    """An agent (and version) that an application or deployment names."""

    name: str = ""
    version: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class TrafficRule:
    """One rule of the routing policy."""

    deployment_id: str
    percentage: float | None


@dataclass(frozen=True, slots=True)
class Application:
    """An Agent Application."""

    id: str
    name: str
    base_url: str = ""
    is_enabled: bool | None = None
    provisioning_state: str = ""
    agents: tuple[AgentRef, ...] = ()
    blueprint: AgentIdentity | None = None
    instance: AgentIdentity | None = None
    """`defaultInstanceIdentity`: who the published agent is."""
    authorization_scheme: str = ""
    """`authorizationPolicy.type` or `.authorizationScheme`, whichever is there, as it came; "" when neither."""
    routing: tuple[TrafficRule, ...] | None = None
    """None when the application carries no routing policy."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol that a deployment offers."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """An agent deployment of an application."""

    id: str
    name: str
    deployment_id: str = ""
    state: str = ""
    provisioning_state: str = ""
    deployment_type: str = ""
    protocols: tuple[Protocol, ...] | None = None
    """None when the deployment does not say."""
    agents: tuple[AgentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class PrivateEndpoint:
    """A private endpoint connection of the account."""

    name: str
    status: str
    """Approved, Pending, Rejected, Disconnected."""
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The Foundry account (Microsoft.CognitiveServices/accounts)."""

    id: str
    name: str
    kind: str = ""
    location: str = ""
    identity: ManagedIdentity = field(default_factory=ManagedIdentity)
    public_network_access: str = ""
    acl_default_action: str = ""
    ip_rules: tuple[str, ...] = ()
    subnet_rules: tuple[str, ...] = ()
    private_endpoints: tuple[PrivateEndpoint, ...] = ()
    disable_local_auth: bool | None = None
    custom_subdomain: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A Foundry project."""

    id: str
    name: str
    location: str = ""
    provisioning_state: str = ""
    identity: ManagedIdentity = field(default_factory=ManagedIdentity)
    agent_identity_id: str = ""
    """Object id of the shared project agent identity; an undocumented property, medium confidence, often absent."""
    internal_id: str = ""
    """Workspace id, 32 hex digits; names the containers of the standard agent setup."""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of a project or of its account, without any secret."""

    id: str
    name: str
    auth_type: str = ""
    category: str = ""
    target: str = ""
    audience: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    client_id: str = ""
    """`credentials.clientId`."""
    credential_resource_id: str = ""
    """`credentials.resourceId`: a user-assigned identity."""
    error: str = ""
    overall_status: str = ""
    use_workspace_managed_identity: bool | None = None
    of_account: bool = False
    """The connection belongs to the account, not to the project."""


@dataclass(frozen=True, slots=True)
class AgentVersion:
    """One version of an agent, from the data plane."""

    name: str
    version: str
    kind: str = ""
    """prompt, hosted, workflow, external, voice…"""
    model: str = ""
    tools: tuple[Json, ...] = ()
    definition: Json = field(default_factory=dict)
    """The definition as it came."""
    instance: AgentIdentity | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A new-model agent (or a legacy one), from the data plane."""

    name: str
    state: str = ""
    instance: AgentIdentity | None = None
    blueprint: AgentIdentity | None = None
    authorization_schemes: tuple[str, ...] = ()
    protocols: tuple[str, ...] | None = None
    version_rules: tuple[TrafficRule, ...] = ()
    """`version_selector` rules: version and percentage."""
    latest: AgentVersion | None = None
    raw: Json = field(default_factory=dict)
