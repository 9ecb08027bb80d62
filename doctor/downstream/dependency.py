"""What the walk over an agent's tools finds: each downstream resource, who calls it, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from doctor.model.diagnosis import Confidence

if TYPE_CHECKING:
    from doctor.model.fact import Problem
    from doctor.model.foundry import Connection
    from doctor.model.identity import IdentityRole


CAPABILITY_HOST = "capability host"
"""The tool of what the project's capability host uses."""


class Who(str, Enum):
    """Who makes the call to a downstream resource."""

    IDENTITY = "identity"
    """One of the run's identities: `Caller.role` says which."""
    USER_ASSIGNED = "user-assigned"
    SERVICE_PRINCIPAL = "service-principal"
    END_USER = "end-user"
    KEY = "key"
    NOBODY = "nobody"
    PLATFORM = "platform"
    """Foundry itself, with nothing that a customer grants."""
    CLIENT = "client"
    """The program that calls the agent runs the tool."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how sure that is."""

    who: Who
    role: IdentityRole | None = None
    confidence: Confidence = Confidence.HIGH
    others: tuple[IdentityRole, ...] = ()
    """Who else it may be, where the sources are unsure or contradict each other."""
    note: str = ""
    needs_audience: bool = False


@dataclass(frozen=True, slots=True)
class Dependency:
    """One downstream resource and one way to call it."""

    tool: str
    """The tool's type on the wire (`mcp`), or `model`, `image`, `environment`, `connection`, `capability host`."""
    caller: Caller
    kind: str = ""
    """Id of its kind; "" when it is unknown."""
    label: str = ""
    reference: str = ""
    """The connection that is named, by name or ARM id."""
    connection: Connection | None = None
    problem: Problem | None = None
    """Why nothing can be said before anything is asked: the connection does not exist or could not be read."""
    target: str = ""
    children: tuple[str, ...] = ()
    """Sub-scopes that are used: `indexes/products`. Empty: it is not known which."""
    scenarios: tuple[str, ...] = ()
    writes: bool | None = None
    """Whether the tool writes; None when that cannot be seen."""
    audience: str = ""
    used: bool | None = True
    """None: it could not be read whether a tool uses it."""
    rivals: tuple[IdentityRole, ...] = ()
    """Identities that may hold by mistake what the caller lacks."""
    via: str = ""
    """The toolbox or workflow agent through which it is used."""
    account_id: str = ""
    """The Foundry account of the agent, whose network its calls come from."""
    key_names: tuple[str, ...] = ()
    """Names of the headers that the tool itself sends; values are never kept."""

    @property
    def subject(self) -> str:
        """The connection's name, else the tool's label or type."""
        named = self.connection.name if self.connection else self.reference.rstrip("/").rsplit("/", 1)[-1]
        return named or self.label or self.tool


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, so that tools may be missing from the inventory."""

    subject: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that the routed agent versions use."""

    dependencies: tuple[Dependency, ...]
    unused: tuple[Connection, ...] = ()
    """Connections that no tool uses; listed, never judged."""
    notes: tuple[str, ...] = ()
    unread: tuple[Gap, ...] = field(default=())
    agent: IdentityRole | None = None
    """Which identity the agent acts with: the application's, the agent's own, or the project's shared one."""
