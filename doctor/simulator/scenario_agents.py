"""What a scenario file may say about agents of the project: `[agents.NAME]` and the tables in it.

Field names and words: AgentDetails and AgentVersion of azure-ai-projects 2.10.0 (api-version v1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What a tool does: the simulator decides by it whether a real call of the agent works."""

    caller: str = "application-agent"
    """Who calls; `application-agent` also stands for the identity of whichever agent is called."""
    data_action: str = ""
    resource: str = ""
    native: bool = True
    """False: the target's own permission store refuses."""


@dataclass(frozen=True, slots=True)
class AgentVersion:
    """One version, `[agents.NAME.versions.ID]`. What it does not say is taken from the agent's own table."""

    status: str = "active"
    """`active`, `creating`, `failed`, `deleting`, `deleted`, any other word; "" leaves the field out."""
    error: Raw = field(default_factory=dict)
    """Such as `{ code = "ImageError", message = "…" }`; shown as it is."""
    draft: bool = False
    """Listed only with `include_drafts=true`; nothing may be routed to it."""
    kind: str = ""
    model: str = ""
    tools: tuple[Raw, ...] | None = None
    definition: Raw = field(default_factory=dict)
    """Merged over the agent's; the sidecars `protocol_versions`, `container_configuration`… belong here."""
    record: Raw = field(default_factory=dict)
    """Merged over the version's whole record, whatever shape it has."""
    absent: tuple[str, ...] = ()
    """Fields to leave out of the record, dotted: `definition.tools`."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a hosted agent, `[agents.NAME.sessions.ID]`."""

    status: str = "active"
    version: str = ""
    """"" is the agent's latest."""
    owner: str = "caller"
    """Principal who opened it: for everybody else it is `session_not_accessible`."""
    failure: str = ""
    """What a call in this session dies of: an error of `x-adc-response-details`, such as `SandboxNotFound`."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of the project: its latest version, how it is served, and its own state."""

    version: str = "1"
    """The latest version."""
    kind: str = "prompt"
    model: str = "gpt-4.1"
    tools: tuple[Raw, ...] = ()
    definition: Raw = field(default_factory=dict)
    versions: Mapping[str, AgentVersion] = field(default_factory=dict)
    """More versions, or how the latest one differs from the defaults."""
    new_model: bool = False
    """It has its own identity (`agent:NAME`) and endpoint; otherwise identity, blueprint and endpoint are null."""
    state: str = "enabled"
    """What holds. "" leaves the field out."""
    configuration_state: str = ""
    """What an administrator set; "" leaves the field out."""
    state_source: str = ""
    """`agent_instance_identity` or `agent_blueprint`: which of them disabled it; "" leaves the field out."""
    identity: str = "active"
    """Status of `instance_identity`; "none" makes it null."""
    blueprint: str = "active"
    """Status of `blueprint`; "none" makes it null."""
    routing: Mapping[str, int] = field(default_factory=lambda: {"@latest": 100})
    """Version → per cent; an empty table is no version selector at all."""
    protocols: Mapping[str, Raw] = field(default_factory=lambda: {"responses": {}})
    """`protocol_configuration`: activity, responses, a2a, mcp, invocations, invocations_ws → its settings."""
    older_protocols: tuple[str, ...] = ()
    """The list `protocols` of older records, instead of `protocol_configuration`."""
    schemes: tuple[str, ...] = ("Entra",)
    """Types of `authorization_schemes`."""
    card: Raw = field(default_factory=dict)
    """`agent_card`; empty leaves it out."""
    publish_approval_status: str = ""
    sessions: Mapping[str, Session] = field(default_factory=dict)
    failure: str = ""
    """What every call of the container dies of, such as `ReadinessTimeout`."""
    openapi: Raw = field(default_factory=dict)
    """`invocations/docs/openapi.json`; empty is 404."""
    calls: Mapping[str, Call] = field(default_factory=dict)
    """By URL, the calls of tools that have no connection."""
    record: Raw = field(default_factory=dict)
    """Merged over the agent's whole record, whatever shape it has."""
    absent: tuple[str, ...] = ()
    """Fields to leave out of the record, dotted: `versions.latest`, `agent_endpoint.version_selector`."""
