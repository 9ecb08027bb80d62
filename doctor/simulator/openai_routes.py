"""The project's own OpenAI route, `/api/projects/{project}/openai/v1/…`: agents by reference, and conversations.

Shapes: recorded exchanges of March 2026 (no api-version in the address). Which data action guards the route is not
known; here it is the one for reading agents.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from doctor.simulator import foundry_errors, responses
from doctor.simulator.agent_routes import found
from doctor.simulator.visits import READ
from doctor.simulator.wire import Json, Reply, json_reply

if TYPE_CHECKING:
    from doctor.simulator.sites import AgentState
    from doctor.simulator.visits import Visit


def openai(visit: Visit, rest: list[str]) -> Reply:
    """Answer `/openai/v1/{rest}`."""
    method = visit.request.method
    operation = f"{method} /api/projects/{{projectName}}/openai/v1/{'/'.join(rest[:1])}"
    visit.need(READ, visit.site.places.project, operation)
    match rest:
        case ["responses"] if method == "POST":
            return _respond(visit)
        case ["conversations"] if method == "POST":
            return json_reply(200, _conversation(f"conv_{uuid.uuid4().hex}"))
        case ["conversations", name] if method == "GET":
            return json_reply(200, _conversation(name))
        case ["conversations", name] if method == "DELETE":
            return json_reply(200, {"object": "conversation.deleted", "deleted": True, "id": name})
        case _:
            raise foundry_errors.not_simulated(method, f"openai/v1/{'/'.join(rest)}")


def _respond(visit: Visit) -> Reply:
    call = responses.read_call(visit.request)
    named = call.get("agent_reference") or call.get("agent")
    if not isinstance(named, dict) or not named.get("name"):
        raise foundry_errors.not_simulated("POST", "openai/v1/responses without an agent")
    name = str(named["name"])
    agent = found(visit, name)
    wanted = str(named.get("version") or agent.said.version)
    if wanted not in agent.versions:
        raise foundry_errors.refused(404, "not_found", f"Agent {name} with version {wanted} doesn't exist")
    return responses.answer(visit, agent, agent.versions[wanted], call, in_force=_identity(agent))


def _identity(agent: AgentState) -> str:
    """An agent without an identity of its own runs as the project's shared one."""
    return f"agent:{agent.name}" if agent.said.new_model else "project-agent"


def _conversation(name: str) -> Json:
    return {"id": name, "object": "conversation", "metadata": {}, "created_at": int(time.time())}
