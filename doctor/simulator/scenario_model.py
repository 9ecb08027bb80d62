"""What a scenario file may hold: one record per table, every key with a default, no other key allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from doctor.simulator.scenario_agents import Agent, Raw
from doctor.simulator.scenario_foundry import (
    Account,
    Application,
    Child,
    Connection,
    Deployment,
    ModelDeployment,
    Project,
    Site,
)


@dataclass(frozen=True, slots=True)
class Azure:
    """Where everything is. A name stands for a made-up but stable id; a GUID is taken as it is."""

    cloud: str = "public"
    tenant: str = "contoso"
    subscription: str = "production"
    management_group: str = "contoso-root"
    resource_group: str = "rg-agents"
    location: str = "swedencentral"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who runs the check. A user is simulated by giving the client's token a user's claims."""

    kind: str = "user"
    """`user` or `service-principal`."""
    name: str = "dana@contoso.example"
    tenant: str = ""
    """Home tenant; "" is the resource's."""


@dataclass(frozen=True, slots=True)
class Entra:
    """How Entra behaves."""

    refuse: str = ""
    """An AADSTS number to refuse the sign-in with, such as "7000222"."""
    refuse_for: str = ""
    """Only for scopes that contain this text, such as "ai.azure.com"."""
    token_minutes: int = 75
    directory_readable: bool = True
    """False: Microsoft Graph refuses every reading (`Authorization_RequestDenied`)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """How Resource Manager behaves."""

    page_size: int = 30
    """Applications and deployments per page; the service's own default is 30."""
    assignments_page_size: int = 400
    resource_graph: bool = True
    """False: Resource Graph refuses every query."""
    graph_quota: int = 0
    """Queries of Resource Graph per 5 seconds, told in its headers; more are refused with 429. 0 is no limit."""
    unregistered: tuple[str, ...] = ()
    """Resource providers that the subscription has not registered, such as `Microsoft.BotService`."""
    case_noise: bool = False
    """Ids come back in another letter case than they were asked for in."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How the Foundry endpoint behaves."""

    refusal: str = "permission-denied"
    """Dialect of a missing data action: `permission-denied` (401) or `identity` (403)."""
    audience: str = ""
    """Audience it insists on; "" is the right one of the cloud."""
    network: str = "open"
    """`open`, `public-access-disabled`, `firewall` or `html` (nginx's own 403 page)."""
    refuses_everybody: bool = False
    """Answers as if nobody held the data action (a stale cache, a fresh assignment)."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Any other resource that Resource Manager serves."""

    type: str = ""
    name: str = ""
    """"" is the table's name."""
    kind: str = ""
    sku: str = ""
    location: str = ""
    """"" is the scenario's; a bot's is `global`."""
    resource_group: str = ""
    subscription: str = ""
    """"" is the main one."""
    identity: bool = False
    """It has a system-assigned managed identity (`identity:NAME`)."""
    user_identities: tuple[str, ...] = ()
    """Tables of `[principals]` that are assigned to it as user-assigned identities."""
    properties: Raw = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)
    """Property → first api-version that shows it."""
    children: Mapping[str, Child] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Agents and applications by the thousand, beside the rest: `[fleet]`. Nothing when `projects` is 0."""

    subjects: int = 10_000
    """Agents and applications altogether."""
    projects: int = 0
    subscriptions: int = 50
    management_groups: int = 3
    """Below `azure.management_group`; the subscriptions are spread over them."""
    role_assignments: int = 200_000
    empty_subscriptions: int = 4_000
    """Visible subscriptions without anything in them."""
    applications_every: int = 5
    """Every so-manieth subject is an application; 0 is none."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal beside the ones that every scenario has."""

    kind: str = "user"
    """`user`, `service-principal` or `agent`."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group; members are principals or groups."""

    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role assignment."""

    principal: str = ""
    role: str = ""
    scope: str = ""
    principal_type: str = ""
    """"" is the principal's own type."""
    condition: str = ""
    condition_holds: bool = True
    """What the condition comes to for every call made here: the simulator does not read conditions."""
    created_minutes_ago: int = 129600
    in_force: bool = True
    """False: assigned, but the services do not know it yet."""
    activated_for_hours: float = 0.0
    """More than 0: an activation of Privileged Identity Management that ends so many hours from now."""


@dataclass(frozen=True, slots=True)
class Eligible:
    """A PIM-eligible assignment, not activated."""

    principal: str = ""
    role: str = ""
    scope: str = ""
    ends_in_days: int = 180
    """0 is for ever: no `endDateTime`."""


@dataclass(frozen=True, slots=True)
class Deny:
    """A deny assignment."""

    name: str = ""
    scope: str = ""
    principals: tuple[str, ...] = ("everyone",)
    exclude: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    do_not_apply_to_child_scopes: bool = False
    system_protected: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """A custom role."""

    name: str = ""
    scope: str = "subscription"
    description: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A thing that goes wrong on the way."""

    kind: str = ""
    """`latency`, `throttle`, `error`, `reset`, `truncate`, `html`, `garbage`, `slow`, `clock-skew`, `challenge`
    (a token is answered as revoked), `answer` (whatever `status`, `body`, `content_type` say), `huge`, `bomb`
    (packed), `endless` (pages), `drip` (never ends), `headers`, `redirect`, `deep` (nested JSON)."""
    host: str = ""
    """Only hosts that contain this text."""
    path: str = ""
    """Only paths that contain this text, in any letter case."""
    exact: bool = False
    """`host` and `path` are the whole host and path."""
    method: str = ""
    skip: int = 0
    """Leave the first so many matching requests alone."""
    times: int = 0
    """Only so many matching requests; 0 is all."""
    status: int = 0
    """0 is 503 for `error`, 302 for `redirect` and 200 for the others."""
    retry_after: int = 1
    """Seconds, for `throttle` and `error`; less than 0 sends no header."""
    ms: int = 0
    """Milliseconds, for `latency`, `slow` and `drip`."""
    skew_s: int = 0
    """Seconds added to the Date header, for `clock-skew`."""
    dialect: str = "error"
    """Shape of an `error`: `error`, `Error`, `Code`, `odata` or `xml` (all recorded)."""
    body: str = ""
    """For `answer`; the address, for `redirect`."""
    content_type: str = "application/json"
    bytes: int = 100_000_000
    """How much `huge`, `bomb` (unpacked) and `headers` send."""
    encoding: str = "gzip"
    """`gzip` or `deflate`, for `bomb`."""
    layers: int = 1
    """How often `bomb` packs, how deep `deep` nests; 0 makes `endless` a circle."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a right diagnosis says."""

    verdict: str = ""
    exit_code: int = 0
    root_cause: str = ""
    """Slug of the first root cause; "" when there is none."""
    subject: str = ""
    """Subject of the first root cause, when it matters."""
    checks: Mapping[str, str] = field(default_factory=dict)
    """Check → status, for the ones worth pinning."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole Azure, and what is wrong with it."""

    title: str
    story: str
    name: str = ""
    base: str = ""
    without: tuple[str, ...] = ()
    """Tables of the base to leave out, such as `grants.reader`."""
    target: str = "application"
    """`application`, `agent:NAME`, `agent:NAME/PROTOCOL` (such as `/invocations`), `resource-id`, or a literal one."""
    azure: Azure = field(default_factory=Azure)
    caller: Caller = field(default_factory=Caller)
    entra: Entra = field(default_factory=Entra)
    arm: Arm = field(default_factory=Arm)
    endpoint: Endpoint = field(default_factory=Endpoint)
    account: Account = field(default_factory=Account)
    project: Project = field(default_factory=Project)
    application: Application = field(default_factory=Application)
    applications: Mapping[str, Application] = field(default_factory=dict)
    """More applications of the project, over the same deployments; each is `application:NAME` (a principal)."""
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    """Model deployments of the account that are as they should be."""
    model_deployments: Mapping[str, ModelDeployment] = field(default_factory=dict)
    """Model deployments that have something to say."""
    projects: Mapping[str, Site] = field(default_factory=dict)
    """Other projects, in this account or in others."""
    served: Mapping[str, Raw] = field(default_factory=dict)
    """What the project's endpoint serves beside agents, by path: `toolboxes/NAME`, `memory_stores/NAME`…"""
    connections: Mapping[str, Connection] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    principals: Mapping[str, Principal] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    eligible: Mapping[str, Eligible] = field(default_factory=dict)
    deny: Mapping[str, Deny] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    fleet: Fleet = field(default_factory=Fleet)
    expect: Expect = field(default_factory=Expect)
