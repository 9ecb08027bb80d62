"""The management routes of a project's agents: records, versions, `:enable` and `:disable`, PATCH.

Routes and answers: azure-ai-projects 2.10.0, and recorded exchanges of February to July 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator import foundry_errors
from doctor.simulator.agent_records import merge
from doctor.simulator.visits import DELETE, READ, WRITE
from doctor.simulator.wire import Json, Reply, json_reply

if TYPE_CHECKING:
    from doctor.simulator.sites import AgentState
    from doctor.simulator.visits import Visit

_PATTERN = ("", "/{agentName}", "/versions", "/{agentVersion}")
_REPLACED = ("protocol_configuration", "authorization_schemes", "version_selector", "protocols")
"""What a PATCH replaces as a whole, inside `agent_endpoint`."""


def agents(visit: Visit, rest: list[str]) -> Reply:
    """Answer `/agents…`, without the agents' endpoints."""
    method = visit.request.method
    match rest:
        case [] if method == "GET":
            _need(visit, READ, 0)
            return json_reply(200, listed(visit, [one.record for one in visit.site.agents.values()]))
        case [name] if method == "POST" and name.endswith((":enable", ":disable")):
            return _switch(visit, *name.rsplit(":", 1))
        case [name] if method == "GET":
            _need(visit, READ, 1)
            return json_reply(200, found(visit, name).record)
        case [name] if method == "PATCH":
            _need(visit, WRITE, 1)
            return _patch(visit, found(visit, name))
        case [name, versions, *version] if versions.lower() == "versions" and len(version) < 2:
            return _versions(visit, name, "".join(version))
        case _ if method in {"POST", "PUT", "DELETE"} and len(rest) < 4:
            raise foundry_errors.not_simulated(method, f"agents/{'/'.join(rest)}")
        case _:
            raise foundry_errors.not_found()


def found(visit: Visit, name: str) -> AgentState:
    """The agent of that name, in any letter case.

    Raises:
        Refused: there is none.
    """
    one = visit.site.agents.get(name.lower())
    if one is None:
        raise foundry_errors.refused(404, "not_found", f"Agent {name} doesn't exist")
    return one


def listed(visit: Visit, data: list[Json]) -> Json:
    """A page of a list as the data plane pages: `limit`, `after`, `has_more`; an empty page names no ids."""
    query = visit.request.query
    ids = [one["id"] for one in data]
    after = query.get("after", "")
    start = ids.index(after) + 1 if after in ids else 0
    text = query.get("limit", "")
    end = start + (min(int(text), 100) if text.isdigit() and int(text) else 20)
    part = data[start:end]
    page: Json = {"data": part, "has_more": end < len(data), "object": "list"}
    if part:
        page.update(first_id=part[0]["id"], last_id=part[-1]["id"])
    return page


def _need(visit: Visit, action: str, depth: int) -> None:
    operation = f"{visit.request.method} /api/projects/{{projectName}}/agents{''.join(_PATTERN[: depth + 1])}"
    visit.need(action, visit.site.places.project, operation)


def _versions(visit: Visit, name: str, version: str) -> Reply:
    deleting = visit.request.method == "DELETE" and bool(version)
    if not deleting and visit.request.method != "GET":
        raise foundry_errors.not_simulated(visit.request.method, f"agents/{name}/versions/{version}")
    _need(visit, DELETE if deleting else READ, 3 if version else 2)
    agent = found(visit, name)
    if not version:
        drafts = visit.request.query.get("include_drafts", "").lower() == "true"
        shown = [one for one in agent.versions.values() if drafts or one.get("draft") is not True]
        return json_reply(200, listed(visit, shown))
    if version not in agent.versions:
        raise foundry_errors.refused(404, "not_found", f"Agent {name} with version {version} doesn't exist")
    if deleting:
        with visit.world.lock:
            del agent.versions[version]
        gone = {"object": "agent.version.deleted", "name": agent.name, "version": version, "deleted": True}
        return json_reply(200, gone)
    return json_reply(200, agent.versions[version])


def _switch(visit: Visit, name: str, verb: str) -> Reply:
    """Enable or disable: 204, and what an identity disabled stays disabled."""
    _need(visit, WRITE, 1)
    agent = found(visit, name)
    state = f"{verb}d"
    with visit.world.lock:
        agent.record["configuration_state"] = state
        if not agent.record.get("state_source"):
            agent.record["state"] = state
    return Reply(204)


def _patch(visit: Visit, agent: AgentState) -> Reply:
    try:
        change = visit.request.json()
    except ValueError:
        change = None
    if not isinstance(change, dict):
        raise foundry_errors.content_refused("The body must be an object.", None, "invalid_type")
    endpoint = change.get("agent_endpoint")
    _refuse_drafts(agent, endpoint)
    with visit.world.lock:
        merged = merge(agent.record, change)
        if isinstance(endpoint, dict):
            merged["agent_endpoint"].update({key: endpoint[key] for key in _REPLACED if key in endpoint})
        agent.record.clear()
        agent.record.update(merged)
        return json_reply(200, agent.record)


def _refuse_drafts(agent: AgentState, endpoint: object) -> None:
    """Routing to a draft is rejected; the text is simulated."""
    selector = endpoint.get("version_selector") if isinstance(endpoint, dict) else None
    rules = selector.get("version_selection_rules") if isinstance(selector, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        version = rule.get("agent_version") if isinstance(rule, dict) else None
        if agent.versions.get(str(version), {}).get("draft") is True:
            message = f"Traffic cannot be routed to the draft version '{version}'."
            raise foundry_errors.content_refused(message, "agent_endpoint", "invalid_value")
