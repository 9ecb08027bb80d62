"""What a scenario file may say about accounts, projects, applications, model deployments and connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from doctor.simulator.scenario_agents import Agent, Call, Raw


@dataclass(frozen=True, slots=True)
class Child:
    """A child resource, under its relative id such as `config/authsettingsV2`."""

    properties: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """The Foundry account."""

    name: str = "contoso-ai"
    subdomain: str = ""
    """`customSubDomainName` and first label of its hosts; "" is the account's name."""
    exists: bool = True
    identity: bool = True
    """It has a system-assigned managed identity (`account-identity`)."""
    user_identities: tuple[str, ...] = ()
    """Tables of `[principals]` that are assigned to it as user-assigned identities."""
    properties: Raw = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    """Such as `capabilityHosts/default`."""


@dataclass(frozen=True, slots=True)
class Project:
    """The Foundry project."""

    name: str = "support"
    exists: bool = True
    identity: bool = True
    """It has a system-assigned managed identity (`project-identity`)."""
    user_identities: tuple[str, ...] = ()
    """Tables of `[principals]` that are assigned to it as user-assigned identities."""
    agent_identity: bool = True
    """`properties.agentIdentity.agentIdentityId` names the shared identity (`project-agent`)."""
    properties: Raw = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    """Such as `capabilityHosts/default`."""


@dataclass(frozen=True, slots=True)
class Application:
    """The Agent Application."""

    name: str = "helpdesk"
    exists: bool = True
    enabled: bool = True
    provisioning_state: str = "Succeeded"
    policy: str = "Default"
    policy_spelling: str = "authorizationScheme"
    """Name of the policy's property: `authorizationScheme` (seen live) or `type` (the specification)."""
    agent_identity: str = "Succeeded"
    """Provisioning state of `defaultInstanceIdentity` (`application-agent`); "" is no identity at all."""
    blueprint: str = "Succeeded"
    """Provisioning state of `agentIdentityBlueprint`."""
    works_meanwhile: bool = False
    """The agent runs although its identity is not in state Succeeded (seen live: Creating for months)."""
    blank_rule: bool = True
    """All traffic to one deployment is a rule that names none (`deploymentId: ""`), as recorded."""
    agents: tuple[str, ...] = ("helpdesk-agent",)
    properties: Raw = field(default_factory=dict)
    bare: bool = False
    """Only the properties given here, as the official examples have it."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """An agent deployment of the application."""

    exists: bool = True
    state: str = "Running"
    provisioning_state: str = "Succeeded"
    protocols: tuple[str, ...] = ("Responses",)
    agent: str = "helpdesk-agent"
    version: str = "1"
    traffic: int = 100
    """Per cent of the traffic; 0 makes no routing rule."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of the project, or of the account."""

    auth_type: str = "AgenticIdentityToken"
    category: str = "RemoteTool"
    target: str = ""
    audience: str = ""
    resource: str = ""
    """Name of a resource of the scenario: makes `metadata.ResourceId`."""
    metadata: Raw = field(default_factory=dict)
    properties: Raw = field(default_factory=dict)
    of_account: bool = False
    shared: bool = True
    """`isSharedToAll`; false: `sharedUserList` (in `properties`) names who may use it."""
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class ModelDeployment:
    """A model deployment of the account, `[model_deployments.NAME]`."""

    model: str = ""
    """"" is the deployment's name."""
    version: str = "1"
    format: str = "OpenAI"
    provisioning_state: str = "Succeeded"
    sku: str = "GlobalStandard"
    properties: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """Another project, `[projects.KEY]`, in the same account or in one of its own.

    Its scopes and principals are spoken of with its key before them: `KEY:project`, `KEY:application-agent`,
    `KEY:agent:NAME`.
    """

    account: Account = field(default_factory=Account)
    project: Project = field(default_factory=Project)
    application: Application = field(default_factory=lambda: Application(exists=False))
    applications: Mapping[str, Application] = field(default_factory=dict)
    """More applications of the project, over the same deployments."""
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    model_deployments: Mapping[str, ModelDeployment] = field(default_factory=dict)
    subscription: str = ""
    """"" is the main one."""
    resource_group: str = ""
    """"" is the main one."""
