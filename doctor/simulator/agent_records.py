"""An agent and its versions as the Foundry data plane shows them: AgentDetails and AgentVersion of api-version v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.simulator.names import guid
from doctor.simulator.scenario_agents import AgentVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.simulator.identities import Directory
    from doctor.simulator.scenario_agents import Agent
    from doctor.simulator.wire import Json

_CREATED = 1767605400


def versions_of(agent: Agent) -> dict[str, AgentVersion]:
    """Version → what the scenario says of it, the latest one included."""
    return {agent.version: AgentVersion(), **agent.versions}


def agent_record(name: str, agent: Agent, directory: Directory) -> Json:
    """The agent's record, as `GET /agents/{name}` gives it."""
    record: Json = {
        "object": "agent",
        "id": name,
        "name": name,
        "versions": {"latest": version_record(name, agent, agent.version, directory)},
        "instance_identity": _identity(name, agent, directory),
        "blueprint": None,
        "agent_endpoint": None,
    }
    states = {field: getattr(agent, field) for field in ("state", "configuration_state", "state_source")}
    record.update({field: value for field, value in states.items() if value})
    if agent.new_model:
        record["blueprint"] = _blueprint(name, agent, directory)
        record["blueprint_reference"] = {"type": "ManagedAgentIdentityBlueprint", "blueprint_id": name}
        record["agent_endpoint"] = _endpoint(agent)
    if agent.card:
        record["agent_card"] = dict(agent.card)
    return without(merge(record, agent.record), agent.absent)


def version_record(name: str, agent: Agent, version: str, directory: Directory) -> Json:
    """One version's record, as `GET /agents/{name}/versions/{version}` gives it."""
    one = versions_of(agent)[version]
    tools = agent.tools if one.tools is None else one.tools
    definition: Json = {"kind": one.kind or agent.kind, "model": one.model or agent.model}
    definition["tools"] = [dict(tool) for tool in tools]
    record: Json = {
        "object": "agent.version",
        "id": f"{name}:{version}",
        "name": name,
        "version": version,
        "status": one.status,
        "agent_guid": guid("agent", name),
        "description": "",
        "created_at": _CREATED,
        "metadata": {},
        "definition": merge(merge(definition, agent.definition), one.definition),
        "instance_identity": _identity(name, agent, directory),
    }
    if not one.status:
        del record["status"]
    if one.draft:
        record["draft"] = True
    if one.error:
        record["error"] = dict(one.error)
    return without(merge(record, one.record), one.absent)


def merge(below: Json, above: Mapping[str, Any]) -> Json:
    """One JSON object over another, member by member."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def without(record: Json, dotted: tuple[str, ...]) -> Json:
    """The record without some fields, such as `versions.latest`."""
    for path in dotted:
        first, _, rest = path.partition(".")
        inner = record.get(first)
        if not rest:
            record = {key: value for key, value in record.items() if key != first}
        elif isinstance(inner, dict):
            record = {**record, first: without(inner, (rest,))}
    return record


def _identity(name: str, agent: Agent, directory: Directory) -> Json | None:
    if not agent.new_model or agent.identity == "none":
        return None
    principal = f"agent:{name}"
    return {
        "principal_id": directory.id(principal),
        "client_id": directory.client_id(principal),
        "status": agent.identity,
    }


def _blueprint(name: str, agent: Agent, directory: Directory) -> Json | None:
    if agent.blueprint == "none":
        return None
    principal = f"blueprint:{name}"
    return {
        "principal_id": directory.id(principal),
        "client_id": directory.client_id(principal),
        "status": agent.blueprint,
    }


def _endpoint(agent: Agent) -> Json:
    endpoint: Json = {}
    if agent.routing:
        rules = [
            {"type": "FixedRatio", "agent_version": version, "traffic_percentage": share}
            for version, share in agent.routing.items()
        ]
        endpoint["version_selector"] = {"version_selection_rules": rules}
    if agent.older_protocols:
        endpoint["protocols"] = list(agent.older_protocols)
    else:
        endpoint["protocol_configuration"] = {key: dict(value) for key, value in agent.protocols.items()}
    endpoint["authorization_schemes"] = [
        {"type": scheme, **({"isolation_key_source": {"kind": "Entra"}} if scheme == "Entra" else {})}
        for scheme in agent.schemes
    ]
    if agent.publish_approval_status:
        endpoint["publish_approval_status"] = agent.publish_approval_status
    return endpoint
