"""The Foundry endpoint of the account: applications, agents, and what a project serves to readers.

The order of the questions (network, token, tenant, api-version, project, permission, state, content) is simulated; the
answers are quoted from public issues where there are any.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from doctor.simulator import foundry_errors, responses
from doctor.simulator.names import guid
from doctor.simulator.scenario_model import Agent
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.tokens import Mint
    from doctor.simulator.world import World

_ACTION = "Microsoft.CognitiveServices/accounts/AIServices/"
INVOKE, INTERACT, READ = (
    f"{_ACTION}applications/invoke/action",
    f"{_ACTION}endpoints/interact/action",
    f"{_ACTION}agents/read",
)
_RESPONSES = ["protocols", "openai", "responses"]
_STATEFUL = {"conversations", "files", "vector_stores", "containers", "threads", "assistants"}


class Foundry:
    """The data plane."""

    def __init__(self, world: World, mint: Mint) -> None:
        self._world = world
        self._mint = mint

    def handle(self, request: Request) -> Reply:
        """Answer one request to the account's endpoint."""
        wanted = self._world.scenario.endpoint
        if wanted.network != "open":
            raise foundry_errors.network_refused(wanted.network)
        principal = self._principal(request)
        parts = [part for part in request.path.split("/") if part]
        if len(parts) < 3 or [part.lower() for part in parts[:2]] != ["api", "projects"]:
            raise foundry_errors.not_found()
        if not request.query.get("api-version"):
            raise foundry_errors.api_version_missing()
        scenario = self._world.scenario
        if not scenario.project.exists or parts[2].lower() != scenario.project.name.lower():
            raise foundry_errors.project_not_found()
        return self._route(request, principal, parts[3:])

    def _principal(self, request: Request) -> str:
        places, wanted = self._world.places, self._world.scenario.endpoint
        audience = wanted.audience or places.audience
        claims = self._mint.claims(request.bearer)
        if claims is None or claims["aud"].rstrip("/") != audience or claims["exp"] < time.time():
            raise foundry_errors.token_refused(audience)
        if claims["tid"] != places.tenant:
            raise foundry_errors.tenant_refused(claims["tid"])
        return str(claims["oid"])

    def _route(self, request: Request, principal: str, rest: list[str]) -> Reply:
        match [part.lower() for part in rest[:1]]:
            case ["applications"] if len(rest) >= 4:
                return self._application(request, principal, rest[1], rest[2:])
            case ["agents"] if len(rest) > 2 and rest[2].lower() == "endpoint":
                return self._agent_endpoint(request, principal, rest[1], rest[3:])
            case ["agents"]:
                return self._agents(request, principal, rest[1:])
            case ["connections"]:
                return self._connections(request, principal, rest[1:])
            case _:
                return self._served(request, principal, "/".join(rest))

    def _need(self, principal: str, action: str, scope: str, operation: str) -> None:
        wanted = self._world.scenario.endpoint
        if wanted.refuses_everybody or not self._world.may(principal, action, scope, data=True):
            raise foundry_errors.permission_denied(principal, action, operation, wanted.refusal)

    def _application(self, request: Request, principal: str, name: str, rest: list[str]) -> Reply:
        world, one = self._world, self._world.scenario.application
        if not one.exists or name.lower() != one.name.lower():
            raise foundry_errors.not_found()
        operation = f"{request.method} /api/projects/{{projectName}}/applications/{{applicationName}}/{'/'.join(rest)}"
        self._need(principal, INVOKE, world.places.application, operation)
        if rest != _RESPONSES:
            self._refuse_route(rest)
        if request.method != "POST":
            raise foundry_errors.refused(405, "405", "Method Not Allowed")
        if one.policy.lower() == "channels":
            # Simulated: no public body is known of an application that admits channels alone.
            message = "The application's authorization policy does not allow this caller. Only channels are allowed."
            raise foundry_errors.refused(403, "Forbidden", message)
        if not one.enabled:
            # Simulated: no public body is known.
            raise foundry_errors.refused(403, "ApplicationDisabled", f"The application '{one.name}' is disabled.")
        call = responses.read_call(request)
        responses.refuse_state(call)
        if not call.get("input"):
            return responses.answer(world, name, Agent(), call, in_force="application-agent")
        agent = self._deployed()
        return responses.answer(world, agent, self._agent(agent), call, in_force="application-agent")

    def _refuse_route(self, rest: list[str]) -> None:
        kind = rest[2].lower() if len(rest) > 2 else ""
        if kind in _STATEFUL:
            # Simulated: applications offer POST /responses alone; the body of the refusal is not documented.
            raise foundry_errors.refused(404, "404", f"Resource not found: '{kind}' is not offered by an application.")
        raise foundry_errors.not_found()

    def _deployed(self) -> str:
        """The agent that traffic goes to."""
        world = self._world
        routed = [one for one in world.scenario.deployments.values() if one.exists and one.traffic]
        running = [one for one in routed if one.state == "Running" and one.agent in world.scenario.agents]
        if not running:
            # Simulated: no public body is known of an application without a running deployment.
            said = f"its deployment is in state '{routed[0].state}'" if routed else "it has no deployment"
            raise foundry_errors.refused(503, "DeploymentNotAvailable", f"The application cannot answer: {said}.")
        if "responses" not in {name.lower() for name in running[0].protocols}:
            raise foundry_errors.refused(400, "ProtocolNotSupported", "The deployment does not offer 'Responses'.")
        if world.scenario.application.agent_identity not in {"Succeeded", ""}:
            message = "Failed to get an access token for the agent identity."
            raise foundry_errors.refused(400, "tool_user_error", message)
        return running[0].agent

    def _agent(self, name: str) -> Agent:
        known = {key.lower(): one for key, one in self._world.scenario.agents.items()}
        if name.lower() not in known:
            raise foundry_errors.refused(404, "not_found", f"Agent {name} doesn't exist")
        return known[name.lower()]

    def _agent_endpoint(self, request: Request, principal: str, name: str, rest: list[str]) -> Reply:
        operation = f"{request.method} /api/projects/{{projectName}}/agents/{{agentName}}/endpoint/{'/'.join(rest)}"
        scope = f"{self._world.places.project}/agents/{name}"
        self._need(principal, INTERACT, scope, operation)
        agent = self._agent(name)
        # Known from issues: the preview version of the other routes is not found on this one.
        if request.query["api-version"] != "v1" or rest != _RESPONSES or not agent.new_model:
            raise foundry_errors.not_found()
        if request.method != "POST":
            raise foundry_errors.refused(405, "405", "Method Not Allowed")
        if agent.state != "enabled":
            raise foundry_errors.refused(403, "AgentDisabled", f"The agent '{name}' is disabled.")
        call = responses.read_call(request)
        return responses.answer(self._world, name, agent, call, in_force=f"agent:{name}")

    def _agents(self, request: Request, principal: str, rest: list[str]) -> Reply:
        placeholders = ["/{agentName}", "/versions", "/{agentVersion}"]
        operation = f"{request.method} /api/projects/{{projectName}}/agents{''.join(placeholders[: len(rest)])}"
        self._need(principal, READ, self._world.places.project, operation)
        if request.method != "GET" or len(rest) > 3 or (len(rest) > 1 and rest[1].lower() != "versions"):
            raise foundry_errors.not_found()
        if not rest:
            data = [self._details(name, one) for name, one in self._world.scenario.agents.items()]
            return json_reply(200, _listed(data))
        agent = self._agent(rest[0])
        if len(rest) == 1:
            return json_reply(200, self._details(rest[0], agent))
        version = self._version(rest[0], agent)
        if len(rest) == 2:
            return json_reply(200, _listed([version]))
        if rest[2] != agent.version:
            message = f"Agent {rest[0]} with version {rest[2]} doesn't exist"
            raise foundry_errors.refused(404, "not_found", message)
        return json_reply(200, version)

    def _identity(self, name: str, agent: Agent) -> Json | None:
        if not agent.new_model:
            return None
        directory = self._world.directory
        principal = f"agent:{name}"
        return {
            "principal_id": directory.id(principal),
            "client_id": directory.client_id(principal),
            "status": "active" if agent.state == "enabled" else "disabled",
        }

    def _version(self, name: str, agent: Agent) -> Json:
        definition = {"kind": agent.kind, "model": agent.model, "tools": [dict(tool) for tool in agent.tools]}
        return {
            "object": "agent.version",
            "id": f"{name}:{agent.version}",
            "name": name,
            "version": agent.version,
            "status": "active",
            "agent_guid": guid("agent", name),
            "description": "",
            "created_at": 1767605400,
            "metadata": {},
            "definition": self._world.expand({**definition, **agent.definition}),
            "instance_identity": self._identity(name, agent),
        }

    def _details(self, name: str, agent: Agent) -> Json:
        identity = self._identity(name, agent)
        details: Json = {
            "object": "agent",
            "id": name,
            "name": name,
            "state": agent.state,
            "versions": {"latest": self._version(name, agent)},
            "instance_identity": identity,
            "blueprint": None,
            "agent_endpoint": None,
        }
        if identity:
            selector = [{"type": "FixedRatio", "agent_version": agent.version, "traffic_percentage": 100}]
            details["blueprint"] = {
                "principal_id": guid("principal", f"blueprint:{name}"),
                "client_id": guid("client", name),
            }
            details["blueprint_reference"] = {"type": "ManagedAgentIdentityBlueprint", "blueprint_id": name}
            details["agent_endpoint"] = {
                "version_selector": {"version_selection_rules": selector},
                "protocol_configuration": {"responses": {}},
                "authorization_schemes": [{"type": "Entra", "isolation_key_source": {"kind": "Entra"}}],
            }
        return details

    def _connections(self, request: Request, principal: str, rest: list[str]) -> Reply:
        operation = f"{request.method} /api/projects/{{projectName}}/connections"
        self._need(principal, READ, self._world.places.project, operation)
        places = self._world.places
        found = [
            {
                "name": key,
                "id": f"{places.project}/connections/{key}",
                "type": one.category,
                "target": one.target,
                "isDefault": False,
                "credentials": {"type": one.auth_type},
                "metadata": dict(one.metadata),
            }
            for key, one in self._world.scenario.connections.items()
        ]
        if not rest:
            return json_reply(200, {"value": found})
        for one in found:
            if len(rest) == 1 and str(one["name"]).lower() == rest[0].lower():
                return json_reply(200, one)
        raise foundry_errors.not_found()

    def _served(self, request: Request, principal: str, path: str) -> Reply:
        known = {key.lower(): value for key, value in self._world.scenario.served.items()}
        kind = path.partition("/")[0].lower()
        if request.method != "GET" or kind not in {"toolboxes", "memory_stores", "indexes"}:
            raise foundry_errors.not_found()
        self._need(principal, READ, self._world.places.project, f"GET /api/projects/{{projectName}}/{kind}")
        features = request.headers.get("foundry-features", "").lower()
        # Known from issues: a toolbox is not found without its preview header.
        hidden = kind == "toolboxes" and "toolboxes=v1preview" not in features
        if hidden or path.lower() not in known:
            raise foundry_errors.not_found()
        return json_reply(200, self._world.expand(dict(known[path.lower()])))


def _listed(data: list[Json]) -> Json:
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": False}
