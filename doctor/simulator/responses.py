"""The Responses protocol: what a call that was let in comes to, whole or as a stream of events."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from doctor.simulator import foundry_errors
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.scenario_agents import Call
    from doctor.simulator.sites import AgentState
    from doctor.simulator.visits import Visit

_STATEFUL = ("previous_response_id", "conversation")


def read_call(request: Request) -> Json:
    """The call, once the service would accept its content.

    Raises:
        Refused: 400 or 415 about the content.
    """
    if "json" not in request.headers.get("content-type", "application/json"):
        message = "Unsupported Content-Type. Use application/json."
        raise foundry_errors.refused(415, "UnsupportedMediaType", message, type="invalid_request_error")
    try:
        call = request.json()
    except ValueError:
        message = "We could not parse the JSON body of your request."
        raise foundry_errors.content_refused(message, None, "invalid_json") from None
    if not isinstance(call, dict):
        raise foundry_errors.content_refused("The body must be an object.", None, "invalid_type")
    return call


def refuse_state(call: Json) -> None:
    """Refuse what would need a memory: Agent Applications are stateless. The text is simulated.

    Raises:
        Refused: 400.
    """
    for name in _STATEFUL:
        if call.get(name) is not None:
            message = f"'{name}' is not supported by agent applications. Send the whole conversation in 'input'."
            raise foundry_errors.content_refused(message, name, "unsupported_parameter")


def answer(visit: Visit, agent: AgentState, version: Json, call: Json, *, in_force: str) -> Reply:
    """The agent's answer to a call.

    Args:
        visit: The request, and the project that the tools belong to.
        agent: The agent.
        version: Its version that the call was routed to.
        call: The body of the request.
        in_force: Name of the principal that the agent is, such as `application-agent`.

    Raises:
        Refused: 400: the content is not a call; 404: its model is not deployed.
    """
    need_input(call)
    definition = _part(version, "definition")
    model = str(definition.get("model") or "")
    _need_model(visit, model)
    failure = _first_failure(visit, agent, definition.get("tools"), in_force)
    stream = call.get("stream") is True
    if failure and not stream:
        return json_reply(400, {"error": {**failure, "type": "invalid_request_error", "param": "tools"}})
    response = _response(agent.name, str(version.get("version") or ""), model, failure)
    return events(response, failure) if stream else json_reply(200, response)


def need_input(call: Json) -> None:
    """Refuse a call without input."""
    if not call.get("input"):
        message = "Missing required parameter: 'input'."
        raise foundry_errors.content_refused(message, "input", "missing_required_parameter")


def _need_model(visit: Visit, model: str) -> None:
    """Refuse when the model's deployment is missing or not ready; a model of a connection is not looked for."""
    scenario = visit.site.scenario
    known = {name.lower(): "Succeeded" for name in scenario.models}
    known.update({name.lower(): one.provisioning_state for name, one in scenario.model_deployments.items()})
    if known and model and "/" not in model and known.get(model.lower()) != "Succeeded":
        message = (
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
            "minutes, please wait a moment and try again."
        )
        raise foundry_errors.refused(404, "DeploymentNotFound", message)


def _part(record: Json, key: str) -> Json:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _response(name: str, version: str, model: str, failure: Json | None) -> Json:
    text = f"Hello from {name}. This answer is simulated."
    message: Json = {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }
    return {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "failed" if failure else "completed",
        "error": failure,
        "incomplete_details": None,
        "model": model,
        "agent_reference": {"type": "agent_reference", "name": name, "version": version},
        "output": [] if failure else [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "usage": {"input_tokens": 12, "output_tokens": 9, "total_tokens": 21},
    }


def events(response: Json, failure: Json | None) -> Reply:
    """The answer as a stream: every event that the OpenAI client's own stream reader waits for."""
    begun = {**response, "status": "in_progress", "output": [], "error": None, "usage": None}
    told: list[Json] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    if failure:
        told.append({"type": "error", "param": None, **failure})
        told.append({"type": "response.failed", "response": response})
    else:
        told += _message_events(response["output"][0])
        told.append({"type": "response.completed", "response": response})
    lines = [
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
        for number, event in enumerate(told)
    ]
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    return Reply(200, "".join(lines).encode(), headers)


def _message_events(message: Json) -> list[Json]:
    part = message["content"][0]
    empty = {**message, "status": "in_progress", "content": []}
    at: Json = {"item_id": message["id"], "output_index": 0, "content_index": 0}
    return [
        {"type": "response.output_item.added", "output_index": 0, "item": empty},
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *(
            {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
            for piece in re.findall(r"\S+\s*", part["text"])
        ),
        {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": message},
    ]


def _first_failure(visit: Visit, agent: AgentState, tools: Any, in_force: str) -> Json | None:
    """The error of the first tool whose target refuses, as the service masks it; None when all work."""
    for name in _connections_of(tools):
        one = visit.site.scenario.connections.get(name.rsplit("/", 1)[-1])
        if one is None:
            return {
                "code": "tool_user_error",
                "message": "Request failed (remote): tools/list failed for 1 tool source(s), succeeded for 0 tool "
                f"source(s). Connection resolution failed for '{name}'.",
            }
        if one.call is not None and not _works(visit, one.call, one.resource, in_force):
            return _masked(one.target)
    for url, call in agent.said.calls.items():
        if not _works(visit, call, "", in_force):
            return _masked(url)
    return None


def _masked(url: str) -> Json:
    return {
        "code": "tool_user_error",
        "message": f"Error encountered while enumerating tools from remote server: {url}. Details: Response status "
        "code does not indicate success: 403 (Forbidden).",
    }


def _works(visit: Visit, call: Call, resource: str, in_force: str) -> bool:
    if not call.native:
        return False
    who = in_force if call.caller == "application-agent" else call.caller
    scope = visit.site.places.scope(call.resource or resource) if call.data_action else ""
    return not scope or visit.world.may(visit.site.directory.id(who), call.data_action, scope, data=True)


def _connections_of(value: Any) -> list[str]:
    """Every `project_connection_id` in a tool, however deep."""
    if isinstance(value, dict):
        own = [str(item) for key, item in value.items() if key == "project_connection_id"]
        return own + [name for item in value.values() for name in _connections_of(item)]
    if isinstance(value, (list, tuple)):
        return [name for item in value for name in _connections_of(item)]
    return []
