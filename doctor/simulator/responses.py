"""The Responses protocol: what a call that was let in comes to, whole or as a stream of events."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from doctor.simulator import foundry_errors
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.scenario_model import Agent, Call
    from doctor.simulator.world import World

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


def answer(world: World, name: str, agent: Agent, call: Json, *, in_force: str) -> Reply:
    """The agent's answer to a call.

    Args:
        world: Where the tools' targets are.
        name: The agent's name.
        agent: The agent.
        call: The body of the request.
        in_force: Name of the principal that the agent is, such as `application-agent`.

    Raises:
        Refused: 400: the content is not a call.
    """
    if not call.get("input"):
        message = "Missing required parameter: 'input'."
        raise foundry_errors.content_refused(message, "input", "missing_required_parameter")
    failure = _first_failure(world, agent, in_force)
    stream = call.get("stream") is True
    if failure and not stream:
        return json_reply(400, {"error": {**failure, "type": "invalid_request_error", "param": "tools"}})
    response = _response(name, agent, failure)
    return _events(response, failure) if stream else json_reply(200, response)


def _response(name: str, agent: Agent, failure: Json | None) -> Json:
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
        "model": agent.model,
        "agent": {"type": "agent_id", "name": name, "version": agent.version},
        "output": [] if failure else [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "usage": {"input_tokens": 12, "output_tokens": 9, "total_tokens": 21},
    }


def _events(response: Json, failure: Json | None) -> Reply:
    begun = {**response, "status": "in_progress", "output": [], "error": None}
    events: list[Json] = [{"type": "response.created", "response": begun}]
    if failure:
        events.append({"type": "error", **failure})
        events.append({"type": "response.failed", "response": response})
    else:
        text = response["output"][0]["content"][0]["text"]
        item = {"item_id": response["output"][0]["id"], "output_index": 0, "content_index": 0}
        events.append({"type": "response.output_text.delta", **item, "delta": text})
        events.append({"type": "response.output_text.done", **item, "text": text})
        events.append({"type": "response.completed", "response": response})
    lines = [
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
        for number, event in enumerate(events)
    ]
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    return Reply(200, "".join(lines).encode(), headers)


def _first_failure(world: World, agent: Agent, in_force: str) -> Json | None:
    """The error of the first tool whose target refuses, as the service masks it; None when all work."""
    for name in _connections_of(list(agent.tools)):
        one = world.scenario.connections.get(name.rsplit("/", 1)[-1])
        if one is None:
            return {
                "code": "tool_user_error",
                "message": "Request failed (remote): tools/list failed for 1 tool source(s), succeeded for 0 tool "
                f"source(s). Connection resolution failed for '{name}'.",
            }
        if one.call is not None and not _works(world, one.call, one.resource, in_force):
            return _masked(one.target)
    for url, call in agent.calls.items():
        if not _works(world, call, "", in_force):
            return _masked(url)
    return None


def _masked(url: str) -> Json:
    return {
        "code": "tool_user_error",
        "message": f"Error encountered while enumerating tools from remote server: {url}. Details: Response status "
        "code does not indicate success: 403 (Forbidden).",
    }


def _works(world: World, call: Call, resource: str, in_force: str) -> bool:
    if not call.native:
        return False
    who = in_force if call.caller == "application-agent" else call.caller
    scope = world.places.scope(call.resource or resource)
    return not call.data_action or world.may(world.directory.id(who), call.data_action, scope, data=True)


def _connections_of(value: Any) -> list[str]:
    """Every `project_connection_id` in a tool, however deep."""
    if isinstance(value, dict):
        own = [str(item) for key, item in value.items() if key == "project_connection_id"]
        return own + [name for item in value.values() for name in _connections_of(item)]
    if isinstance(value, (list, tuple)):
        return [name for item in value for name in _connections_of(item)]
    return []
