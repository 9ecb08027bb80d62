"""What the protocols of an agent's endpoint answer to a caller who was let in, and the sessions beside them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from doctor.simulator import foundry_errors, responses
from doctor.simulator.visits import SESSIONS_READ, SESSIONS_WRITE
from doctor.simulator.wire import Json, Refused, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.scenario_agents import Session
    from doctor.simulator.sites import AgentState
    from doctor.simulator.visits import Visit

_FAILURES = {
    "SandboxIdle": 502,
    "SandboxNotFound": 404,
    "ReadinessTimeout": 502,
    "ProxyTimeout": 504,
    "QuotaExceeded": 429,
    "RegionalQuotaExceeded": 429,
}
"""`x-adc-response-details` → status (AZD error_codes.go)."""


def answer(visit: Visit, agent: AgentState, version: Json, protocol: str, rest: list[str]) -> Reply:
    """The answer of one protocol; `rest` is the path behind the protocol's own segment."""
    request = visit.request
    if protocol == "responses" and rest in (["responses"], ["v1", "responses"]):
        call = responses.read_call(_posted(request))
        _container(visit, agent, str(call.get("agent_session_id") or ""))
        return responses.answer(visit, agent, version, call, in_force=f"agent:{agent.name}")
    if protocol == "a2a":
        return _a2a(request, agent, rest)
    if protocol == "invocations" and rest == ["docs", "openapi.json"] and agent.said.openapi:
        return json_reply(200, dict(agent.said.openapi))
    simple = {"invocations": _invocations, "invocations_ws": _web_socket, "activity": _activity, "mcp": _mcp}
    if rest or protocol not in simple:
        raise foundry_errors.not_found()
    return simple[protocol](visit, agent)


def _invocations(visit: Visit, agent: AgentState) -> Reply:
    _container(visit, agent, _posted(visit.request).query.get("agent_session_id", ""))
    return json_reply(200, {"agent": agent.name, "answer": "This answer is simulated."})


def _web_socket(visit: Visit, agent: AgentState) -> Reply:
    """No web socket is opened here."""
    del visit, agent
    return Reply(426, b"", {"Upgrade": "websocket"})


def sessions(visit: Visit, agent: AgentState, rest: list[str]) -> Reply:
    """`/endpoint/sessions…`: list, one, create, stop."""
    reading = visit.request.method == "GET"
    operation = f"{visit.request.method} /api/projects/{{projectName}}/agents/{{agentName}}/endpoint/sessions"
    visit.need(SESSIONS_READ if reading else SESSIONS_WRITE, visit.site.places.project, operation)
    known = agent.said.sessions
    match rest:
        case [] if reading:
            shown = [_session(agent, name, one) for name, one in known.items()]
            return json_reply(200, {"object": "list", "data": shown, "has_more": False})
        case [] if visit.request.method == "POST":
            return _new_session(visit.request, agent)
        case [name] if reading and name in known:
            return json_reply(200, _session(agent, name, known[name]))
        case [name] if name.endswith(":stop") and name.removesuffix(":stop") in known:
            return Reply(204)
        case _:
            raise foundry_errors.not_found()


def _session(agent: AgentState, name: str, one: Session) -> Json:
    indicator = {"type": "version_ref", "agent_version": one.version or agent.said.version}
    return {"agent_session_id": name, "status": one.status, "version_indicator": indicator}


def _new_session(request: Request, agent: AgentState) -> Reply:
    body = responses.read_call(request)
    indicator = body.get("version_indicator")
    version = str(indicator.get("agent_version")) if isinstance(indicator, dict) else agent.said.version
    if version not in agent.versions:
        # `@latest` is refused here too; the text is simulated.
        message = f"'{version}' is not a version of the agent."
        raise foundry_errors.content_refused(message, "version_indicator", "invalid_value")
    shown: Json = {"agent_session_id": uuid.uuid4().hex, "status": "creating"}
    return json_reply(201, {**shown, "version_indicator": {"type": "version_ref", "agent_version": version}})


def _container(visit: Visit, agent: AgentState, session_id: str) -> None:
    """Refuse for what the agent's container or the session of the call died of."""
    session = agent.said.sessions.get(session_id)
    if session and visit.site.directory.id(session.owner) != visit.principal:
        raise foundry_errors.refused(403, "session_not_accessible", "The session is not accessible.")
    failure = agent.said.failure or (session.failure if session else "")
    if failure:
        headers = {"x-adc-response-details": failure}
        error: Json = {"error": {"code": failure, "message": "The agent did not answer."}}
        raise Refused(json_reply(_FAILURES.get(failure, 500), error, headers))


def _activity(visit: Visit, agent: AgentState) -> Reply:
    """The channels' route: nobody else is answered, and with public access off not even they."""
    shown = agent.record["agent_endpoint"]["protocol_configuration"].get("activity") or {}
    account = visit.site.scenario.account.properties.get("publicNetworkAccess", "Enabled")
    if account == "Disabled" and shown.get("enable_m365_public_endpoint") is not True:
        raise foundry_errors.refused(403, "NetworkAccessDenied", "NetworkAccessDenied")
    raise foundry_errors.refused(403, "Forbidden", "Only channels are allowed.")


def _a2a(request: Request, agent: AgentState, rest: list[str]) -> Reply:
    if rest[:1] == ["agentCard"] and rest[1:] in (["v0.3"], ["v1.0"]):
        card = agent.record.get("agent_card")
        if not isinstance(card, dict) or request.method != "GET":
            raise foundry_errors.not_found()
        url = request.path.rpartition("/agentCard/")[0]
        shown: Json = {"name": agent.name, "protocolVersion": rest[1].removeprefix("v"), **card}
        return json_reply(200, {**shown, "url": f"https://{request.host}{url}", "capabilities": {"streaming": False}})
    if rest:
        raise foundry_errors.not_found()
    return _json_rpc(
        _posted(request), {"message/send": {"kind": "message", "role": "agent", "parts": [], "messageId": "1"}}
    )


def _mcp(visit: Visit, agent: AgentState) -> Reply:
    opened = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
    server = {"serverInfo": {"name": agent.name, "version": agent.said.version}}
    return _json_rpc(_posted(visit.request), {"initialize": {**opened, **server}, "tools/list": {"tools": []}})


def _json_rpc(request: Request, methods: dict[str, Json]) -> Reply:
    try:
        call: Any = request.json()
    except ValueError:
        call = None
    if not isinstance(call, dict) or call.get("jsonrpc") != "2.0":
        return _rpc_error(None, -32600, "Invalid Request")
    if "id" not in call:
        return Reply(202)
    result = methods.get(str(call.get("method")))
    if result is None:
        return _rpc_error(call["id"], -32601, "Method not found")
    return json_reply(200, {"jsonrpc": "2.0", "id": call["id"], "result": result})


def _rpc_error(call_id: object, code: int, message: str) -> Reply:
    error = {"code": code, "message": message}
    return json_reply(400 if call_id is None else 200, {"jsonrpc": "2.0", "id": call_id, "error": error})


def _posted(request: Request) -> Request:
    if request.method != "POST":
        raise foundry_errors.refused(405, "405", "Method Not Allowed")
    return request
