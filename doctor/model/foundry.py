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
    shared_to_all: bool | None = None
    """`isSharedToAll`: every project of the account may use it; says nothing about a project's own connection."""
    shared_with: tuple[str, ...] = ()
    """`sharedUserList`: the projects that may use an account's connection, written in no documented way."""
    malformed: tuple[str, ...] = ()
    """Fields that are there with another type than Azure documents, so that nothing was understood of them."""
    key_names: tuple[str, ...] = ()
    """Names, without values, of what a CustomKeys connection sends: `x-functions-key`."""


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
    status: str = ""
    """creating, active, failed, deleting, deleted; "" when it does not say."""
    error_code: str = ""
    """Why it failed: ImageError, CodeError, ProvisioningError…; not every failed version says."""
    error_message: str = ""
    draft: bool = False
    declared: tuple[Protocol, ...] | None = None
    """What the container of a hosted version declares that it speaks, with the container protocol's version; None when
    it declares nothing."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Field → what is odd about it: of another type than documented, so that nothing follows from it."""

    @property
    def hosted(self) -> bool:
        """Whether a container serves it."""
        return self.kind.lower() in {"hosted", "container_app", "container"}


@dataclass(frozen=True, slots=True)
class Agent:
    """A new-model agent (or a legacy one), from the data plane."""

    name: str
    state: str = ""
    """What holds: enabled or disabled."""
    configuration_state: str = ""
    """What an administrator has set."""
    state_source: str = ""
    """agent_instance_identity or agent_blueprint: the identity object that has disabled it."""
    instance: AgentIdentity | None = None
    blueprint: AgentIdentity | None = None
    shows_identity: bool = False
    """The record has the field of the identity, be it null: records of before mid-2026 have not."""
    shows_endpoint: bool = False
    """It has an endpoint of its own."""
    authorization_schemes: tuple[str, ...] = ()
    protocols: tuple[str, ...] | None = None
    """The gate: the protocols that the endpoint lets through; None when the agent does not say."""
    protocol_settings: Mapping[str, Json] = field(default_factory=dict)
    """Protocol → its settings, as they came."""
    version_rules: tuple[TrafficRule, ...] = ()
    """`version_selector` rules: version (or the moving alias `@latest`) and percentage."""
    latest: AgentVersion | None = None
    card: Json | None = None
    """`agent_card`: what other agents are told about it over A2A."""
    approval: str = ""
    """`publish_approval_status`: not_published, pending, approved, rejected, no_approval_needed; "" is not known."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Field → what is odd about it: of another type than documented, so that nothing follows from it."""
    raw: Json = field(default_factory=dict)

    @property
    def is_legacy(self) -> bool:
        """Whether it says that it has no identity of its own: then it acts as the project's shared one."""
        silent = not self.shows_identity and self.shows_endpoint
        return self.instance is None and not silent and "instance_identity" not in self.odd
