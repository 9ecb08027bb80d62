"""The records of the knowledge: what a kind of downstream resource is, needs, and can be spoilt by."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.access import Action
    from doctor.model.cause import Cause
    from doctor.model.diagnosis import Confidence
    from doctor.model.identity import IdentityRole


class Store(str, Enum):
    """Where the permission to use a target is kept."""

    RBAC = "rbac"
    COSMOS = "cosmos"
    KEY_VAULT = "key-vault"
    EASY_AUTH = "easy-auth"
    POSTGRESQL = "postgresql"
    SQL = "sql"
    API_MANAGEMENT = "api-management"
    LOGIC_APPS = "logic-apps"
    PERSON = "person"
    """Only a person can look: the kind says what to verify."""


class Judge(str, Enum):
    """When a scenario is judged."""

    ALWAYS = "always"
    WRITE = "write"
    """Judged when the tool is known to write; otherwise only remarked on."""
    ASKED = "asked"
    """Judged when a tool asks for it by its id."""


class Concerns(str, Enum):
    """Whose calls a switch on the target stops."""

    KEY = "key"
    IDENTITY = "identity"
    ANYONE = "anyone"


class Effect(str, Enum):
    """What a switch does."""

    REFUSES = "refuses"
    SOFTENS = "softens"
    """Access may exist that role assignments do not show, so a missing role proves nothing."""


class Operator(str, Enum):
    """How a property is compared; text is compared in any letter case."""

    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    ABSENT = "absent"
    HOLDS = "holds"
    """The property is an object with this member."""
    NOT_EMPTY = "not_empty"


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of one property of a resource."""

    __test__ = False

    property: str
    """Dotted path: `properties.authOptions`."""
    operator: Operator
    value: str | bool | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A template of an `az` command; `{name}`, `{group}`, `{subscription}` and `{id}` are filled in, word by word."""

    title: str
    template: str
    undo: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting of the target that makes a right permission (or a good key) useless."""

    when: tuple[Test, ...]
    """All must hold."""
    unless: tuple[Test, ...]
    """None may hold."""
    concerns: Concerns
    effect: Effect
    cause: Cause | None
    """None for a switch that only softens."""
    says: str
    confidence: Confidence
    fix: Command | None = None
    decisive: bool = False
    """The property must have been read: its absence from a Resource Graph row proves nothing."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where a target keeps its network rules; each field is a dotted property path, "" when there is none."""

    public: str = ""
    default_action: str = ""
    ip_rules: str = ""
    subnet_rules: str = ""
    resource_rules: str = ""
    """Rules that admit resource instances by their ARM id."""
    bypass: str = ""
    """Admits trusted Azure services: `AzureServices` in a list, or true."""
    bypass_covers: tuple[IdentityRole, ...] = ()
    """Identities that the trusted-services exception is documented to admit."""
    bypass_when_disabled: bool = False
    """The exception may outlive public access that is switched off; where it does is not clear from the sources."""
    private_endpoints: str = ""
    closed_by_rules: bool = False
    """A list of rules that is not empty closes the target to everybody else."""
    closed_by_endpoint: bool = False
    """A private endpoint closes the target to everybody else where public access is not set."""
    rules_at: str = ""
    """Child resource that holds the rules, when it is not the resource itself."""
    open_command: Command | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A host suffix (`.search.windows.net`) of a kind, and where its resources show the host."""

    suffix: str
    properties: tuple[str, ...] = ()
    path: str = ""
    """Part that the URL's path must have; tells a knowledge base from an index on the same host."""
    shared: bool = False
    """Many resources answer at one host, which therefore tells none of them."""
    cloud: str = ""
    """The cloud whose host it is, where that is not the public one."""
    audiences: tuple[str, ...] | None = None
    """Audiences there, in place of the kind's own; () when none is known. None: the kind's hold."""


@dataclass(frozen=True, slots=True)
class PathKey:
    """A path that wants a key beside whatever else admits a caller."""

    path: str
    """Beginning of the path, lower case: `/runtime/webhooks/mcp`."""
    key: str
    """Name of the key: `mcp_extension`."""
    header: str
    query: str
    unless: str
    """What turns the key off, and whether Azure shows that."""


@dataclass(frozen=True, slots=True)
class NativeRole:
    """What is needed in a permission store of the target's own (Cosmos DB)."""

    role: str
    name: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One use of a target, with what it needs."""

    id: str
    title: str
    """In words that complete "for …": "reading blobs"."""
    judge: Judge
    needs: tuple[tuple[Action, ...], ...] = ()
    """All of these, any one of each."""
    role_guid: str = ""
    role_name: str = ""
    native: NativeRole | None = None
    policy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key Vault access policy permissions: `secrets` → get, list."""
    when: Test | None = None
    path: str = ""
    """Part that the URL's path must have for this scenario."""
    confidence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of downstream resource."""

    id: str
    title: str
    confidence: Confidence
    """How sure the permission model is."""
    store: Store
    categories: tuple[str, ...] = ()
    arm_types: tuple[str, ...] = ()
    resource_kinds: tuple[str, ...] = ()
    """Values in the resource's own `kind` that tell this kind from others of the same ARM type."""
    api_version: str = ""
    audiences: tuple[str, ...] = ()
    """Token audiences that the target accepts; empty when each target has its own."""
    audience_confidence: str = ""
    own_host_audience: bool = False
    """The target's own URL is an accepted audience too."""
    identity_possible: bool = False
    """A connection that uses a key could use an identity instead."""
    child: str = ""
    """Sub-scope named by the first segment of the URL's path: `blobServices/default/containers/{}`."""
    second_hop: tuple[str, ...] = ()
    """Scenarios that the target itself needs elsewhere, for what it calls in its turn with an identity of its own."""
    hosts: tuple[Host, ...] = ()
    path_keys: tuple[PathKey, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    switches: tuple[Switch, ...] = ()
    network: Network | None = None
    verify: str = ""
    """What a person must verify where this program cannot; `{object_id}` is the calling identity's."""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    dated: str = ""
    origin: str = ""
    """File that it comes from."""

    @property
    def all_audiences(self) -> tuple[str, ...]:
        """The audiences of every cloud."""
        found = (*self.audiences, *(one for host in self.hosts for one in host.audiences or ()))
        return tuple(dict.fromkeys(found))

    def audiences_at(self, host: str) -> tuple[str, ...]:
        """The audiences that are accepted at a host; () when they are not known."""
        entries = [one for one in self.hosts if host.endswith(one.suffix)]
        return next((one.audiences for one in entries if one.audiences is not None), self.audiences)

    @property
    def decisive(self) -> tuple[str, ...]:
        """Properties whose absence from a Resource Graph row must be looked at again by a GET."""
        paths = [test.property for switch in self.switches if switch.decisive for test in switch.when]
        paths += [scenario.when.property for scenario in self.scenarios if scenario.when]
        paths += ["identity"] if self.second_hop else []
        return tuple(dict.fromkeys(paths))

    def to_verify(self, object_id: str = "") -> str:
        """What a person must verify about an identity; a placeholder stands where its object id is not known."""
        return self.verify.replace("{object_id}", object_id or "OBJECT_ID")

    def scenario(self, scenario_id: str) -> Scenario | None:
        """The scenario of that id."""
        return next((one for one in self.scenarios if one.id == scenario_id), None)
