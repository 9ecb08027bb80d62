"""A change as data: what would be different, of what, and what was there before.

A change is no command line: writers (`doctor.changes`) tell it in each dialect, the reasoning applies it to the facts,
and its undo is a change again. An id that is not known is "" and is written as a placeholder. JSON values (bodies,
properties) are kept as JSON text, so that a change stays frozen and can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Assign a role. Azure knows one assignment per principal, role and scope; a second one is refused (409)."""

    kind: ClassVar[str] = "grant-role"
    principal: str
    """Object id."""
    role: str
    """GUID of the role definition; the name of a custom role that does not exist yet."""
    scope: str
    principal_type: str = ""
    """As Azure gives it; "" lets Azure find out itself."""
    api_version: str = ""
    """One that knows the type of the resource that is the scope, for Bicep."""


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """Delete a role assignment, by its id where that is known."""

    kind: ClassVar[str] = "remove-role"
    principal: str
    role: str
    scope: str
    assignment_id: str = ""


@dataclass(frozen=True, slots=True)
class ActivateRole:
    """Activate an eligible role, or end its activation (Privileged Identity Management)."""

    kind: ClassVar[str] = "activate-role"
    principal: str
    role: str
    scope: str
    active: bool = True
    condition: str = ""
    """The condition of the eligible assignment, which the active one has too."""


@dataclass(frozen=True, slots=True)
class CreateRole:
    """Create a custom role, or delete it again."""

    kind: ClassVar[str] = "create-role"
    name: str
    home: str
    """Scope at which it can be assigned."""
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    present: bool = True


@dataclass(frozen=True, slots=True)
class SetProperty:
    """Set one property of an ARM resource and leave the others as they are."""

    kind: ClassVar[str] = "set-property"
    resource: str
    path: str
    """`properties.publicNetworkAccess`."""
    value: str
    """JSON text."""
    api_version: str
    old: str = ""
    """JSON text of the value that was read; "" when it was not, and then nothing can be put back."""


@dataclass(frozen=True, slots=True)
class CallResource:
    """An operation of an ARM resource without a body: an application's enable, a deployment's start."""

    kind: ClassVar[str] = "call-resource"
    resource: str
    operation: str
    api_version: str
    opposite: str = ""
    """The operation that takes it back; "" when none does."""


@dataclass(frozen=True, slots=True)
class SwitchAgent:
    """Enable or disable an agent: a call of the project's data plane."""

    kind: ClassVar[str] = "switch-agent"
    project_endpoint: str
    """`https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT`."""
    agent: str
    enabled: bool
    audience: str = "https://ai.azure.com"


@dataclass(frozen=True, slots=True)
class PatchAgent:
    """Replace one whole value of an agent's endpoint: schemes, protocols or routing; what is left out is lost."""

    kind: ClassVar[str] = "patch-agent"
    project_endpoint: str
    agent: str
    value: str
    """JSON text of the whole body, with what is there and what is added."""
    old: str = ""
    """JSON text of the body that puts back what was there; "" when it was not read."""
    audience: str = "https://ai.azure.com"


@dataclass(frozen=True, slots=True)
class AddFederatedCredential:
    """Trust the tokens of another issuer, each of the three values compared as it is written."""

    kind: ClassVar[str] = "add-federated-credential"
    application: str
    """Client id of an application, or ARM id of a user-assigned identity."""
    name: str
    issuer: str
    subject: str
    audience: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class AddNativeRole:
    """A role inside a Cosmos DB account, or its removal; Azure's own roles do not count for the data there."""

    kind: ClassVar[str] = "add-native-role"
    account: str
    principal: str
    role: str
    """GUID of the account's role definition."""
    scope: str
    """ARM id of the account, database or container."""
    present: bool = True
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class SetAccessPolicy:
    """What a principal may do in a key vault that uses access policies; replaces what it had for a kind of object."""

    kind: ClassVar[str] = "set-access-policy"
    vault: str
    principal: str
    verbs: tuple[tuple[str, tuple[str, ...]], ...]
    """Kind of object (secrets, keys, certificates) and all it may do with them; none at all deletes the policy."""
    old: tuple[tuple[str, tuple[str, ...]], ...] = ()
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class AddDatabaseUser:
    """A user inside a database: statements for somebody who may administer it."""

    kind: ClassVar[str] = "add-database-user"
    host: str
    database: str
    statements: tuple[str, ...]
    """SQL, in order."""
    undo: tuple[str, ...] = ()
    engine: str = "sql"
    """`sql` (Azure SQL) or `postgresql`."""


@dataclass(frozen=True, slots=True)
class RegisterProvider:
    """Register a resource provider; Azure keeps it registered, and nothing has to be taken back."""

    kind: ClassVar[str] = "register-provider"
    namespace: str
    subscription: str = ""


@dataclass(frozen=True, slots=True)
class PutConnection:
    """Create a connection, or replace properties of one."""

    kind: ClassVar[str] = "put-connection"
    connection: str
    """ARM id."""
    value: str
    """JSON text of the body."""
    api_version: str
    exists: bool = False
    """It is there and only the named properties change (PATCH); else it is made (PUT)."""
    old: str = ""
    """JSON text of the body that puts back what was there."""


@dataclass(frozen=True, slots=True)
class AllowNetwork:
    """Let a client through the network rules of a resource: an address, or Azure's trusted services."""

    kind: ClassVar[str] = "allow-network"
    resource: str
    """ARM id of a Cognitive Services account, storage account, key vault or search service."""
    address: str = ""
    """IP address or range; "" for the trusted services."""
    present: bool = True


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with the Azure CLI."""

    kind: ClassVar[str] = "sign-in"
    tenant: str = ""
    scope: str = ""
    """`https://ai.azure.com/.default`, where a claims challenge has to be answered."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass: an assignment propagates, a deployment ends."""

    kind: ClassVar[str] = "wait"
    minutes: int


@dataclass(frozen=True, slots=True)
class RunAz:
    """A command of the Azure CLI for which there is no record of its own, as words."""

    kind: ClassVar[str] = "run-az"
    arguments: tuple[str, ...]
    """Without the `az` in front, unquoted."""
    undo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallRest:
    """One REST call."""

    kind: ClassVar[str] = "call-rest"
    method: str
    url: str
    """A whole URL, or a path of Azure Resource Manager."""
    body: str = ""
    """JSON text."""
    audience: str = ""
    """Of the token, where the host is not Azure Resource Manager's."""


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A step that only a person can make: in a portal, in another team, in another tenant."""

    kind: ClassVar[str] = "ask-person"
    portal: str = ""
    """Where, as a URL; "" when there is no page for it."""


Change = (
    GrantRole | RemoveRole | ActivateRole | CreateRole | SetProperty | CallResource | SwitchAgent | PatchAgent |
    AddFederatedCredential | AddNativeRole | SetAccessPolicy | AddDatabaseUser | RegisterProvider | PutConnection |
    AllowNetwork | SignIn | Wait | RunAz | CallRest | AskPerson
)  # fmt: skip
"""Everything that this product can advise. A closed list: a writer that forgets one is refused by the type checker."""

KINDS: dict[str, type[Change]] = {one.kind: one for one in get_args(Change)}
"""The word for a change in a document → its record."""
