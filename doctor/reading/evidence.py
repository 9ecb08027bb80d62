"""What is judged: an answer's parts, or a piece of pasted text, with what is known around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.identity import IdentityRole


Role = tuple[str, str]
"""Name and GUID of a role definition."""


class RoleQuestion(Protocol):
    """Which narrow built-in role holds an action; answered above this room, out of the role definitions."""

    def __call__(self, action: str, is_data: bool, /) -> Role | None:  # noqa: FBT001 - the kind of action
        """The role, or None when none is meant for it."""


class Plane(str, Enum):
    """Which kind of server said it."""

    ENDPOINT = "endpoint"
    """The Foundry data plane: an application's or agent's endpoint, or the project's."""
    ARM = "arm"
    ENTRA = "entra"
    TOOL = "tool"
    """An agent's tool call, reported by Foundry."""
    DOWNSTREAM = "downstream"
    """A service that an agent's tool uses: Storage, Search, Cosmos DB, Key Vault…"""
    RUNTIME = "runtime"
    """A hosted agent's own container."""
    NETWORK = "network"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the text."""

    plane: Plane = Plane.UNKNOWN
    caller_ids: frozenset[str] = frozenset()
    """Object id, client id and user principal name of the caller, in lower case; empty when unknown."""
    identities: Mapping[str, IdentityRole] = field(default_factory=dict)
    """Object or client id, in lower case → the part it plays. This decides who is blamed."""
    audience: str = ""
    """The audience that the sent token had, or ""."""
    asked_host: str = ""
    """The host that was asked, where the paste shows the request."""
    answered_by: str = ""
    """The Foundry host that gave a live answer; what the text itself names goes before it."""
    roles: RoleQuestion | None = None
    """None where nobody can tell: then advice names a role only where a service is known."""
    in_run: bool = False
    """The text was met inside an agent's run (an event of its stream, an item of its output)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence."""

    status: int | None
    """HTTP status, None when there is none."""
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names in lower case."""
    context: Context = field(default_factory=Context)
