"""The Foundry endpoint of the accounts: applications, agents, and what a project serves to readers.

The order of the questions (network, token, tenant, api-version, project, permission, state, content) is simulated; the
answers are quoted from public issues where there are any.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.simulator import foundry_errors, responses
from doctor.simulator.agent_endpoint import endpoint
from doctor.simulator.agent_routes import agents, found
from doctor.simulator.openai_routes import openai
from doctor.simulator.resources import applications_of
from doctor.simulator.visits import INVOKE, READ, Visit, claims_of
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.scenario_foundry import Application
    from doctor.simulator.sites import AgentState, Site
    from doctor.simulator.tokens import Mint
    from doctor.simulator.world import World

VERSIONS = ("v1", "1.0", "2025-05-15-preview", "2025-11-15-preview")
"""`api-supported-versions` of recorded answers, and `v1`."""
_RESPONSES = ["protocols", "openai", "responses"]
_STATEFUL = {"conversations", "files", "vector_stores", "containers", "threads", "assistants"}
_SERVED = {"toolboxes", "memory_stores", "indexes"}


class Foundry:
    """The data plane of every account."""

    def __init__(self, world: World, mint: Mint) -> None:
        self._world = world
        self._mint = mint
        self._sites: dict[str, list[Site]] = {}
        for site in world.sites:
            for host in site.places.account_hosts:
                self._sites.setdefault(host, []).append(site)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of all accounts."""
        return tuple(self._sites)

    def serves(self, host: str) -> bool:
        """Whether a host is an account's."""
        return host in self._sites

    def handle(self, request: Request) -> Reply:
        """Answer one request to an account's endpoint."""
        here = self._sites[request.host]
        parts = [part for part in request.path.split("/") if part]
        inside = [part.lower() for part in parts[:2]] == ["api", "projects"] and len(parts) > 2
        named = [site for site in here if inside and site.scenario.project.name.lower() == parts[2].lower()]
        site = (named or here)[0]
        if site.scenario.endpoint.network != "open":
            raise foundry_errors.network_refused(site.scenario.endpoint.network)
        claims = claims_of(request, self._mint, site)
        visit = Visit(self._world, site, request, str(claims["oid"]), str(claims["aud"]).rstrip("/"))
        own_endpoint = len(parts) > 5 and [parts[3].lower(), parts[5].lower()] == ["agents", "endpoint"]
        if not own_endpoint:
            visit.need_foundry_token()
        if not inside:
            if parts[:1] == ["openai"]:
                raise foundry_errors.not_simulated(request.method, request.path)
            raise foundry_errors.not_found()
        _need_version(request, parts[3:])
        if not named or not site.scenario.project.exists:
            raise foundry_errors.project_not_found()
        return _with_ids(self._route(visit, parts[3:]))

    def _route(self, visit: Visit, rest: list[str]) -> Reply:
        kind = rest[0].lower() if rest else ""
        if kind == "applications" and len(rest) > 3:
            return _application(visit, rest[1], rest[2:])
        if kind == "agents" and len(rest) > 2 and rest[2].lower() == "endpoint":
            return endpoint(visit, rest[1], rest[3:])
        if kind == "openai" and rest[1:2] == ["v1"]:
            return openai(visit, rest[2:])
        simple = {"agents": agents, "connections": _connections, "deployments": _models}
        return simple[kind](visit, rest[1:]) if kind in simple else _served(visit, "/".join(rest))


def _need_version(request: Request, rest: list[str]) -> None:
    """Refuse a missing or unknown api-version; a path with `/openai/v1/` carries its own (recorded)."""
    version = request.query.get("api-version", "")
    if not version and "/openai/v1/" not in f"/{'/'.join(rest)}/".lower():
        raise foundry_errors.api_version_missing()
    if version and version not in VERSIONS:
        raise foundry_errors.api_version_unknown(version)


def _with_ids(reply: Reply) -> Reply:
    """The reply with the ids that recorded answers of Foundry carry."""
    ids = {"apim-request-id": str(uuid.uuid4()), "x-request-id": uuid.uuid4().hex, "x-ms-region": "Sweden Central"}
    return replace(reply, headers={**reply.headers, **ids})


def _application(visit: Visit, name: str, rest: list[str]) -> Reply:
    known = {one.name.lower(): (one, names[0]) for one, names in applications_of(visit.site.scenario)}
    if name.lower() not in known:
        raise foundry_errors.not_found()
    one, identity = known[name.lower()]
    method = visit.request.method
    operation = f"{method} /api/projects/{{projectName}}/applications/{{applicationName}}/{'/'.join(rest)}"
    visit.need(INVOKE, f"{visit.site.places.project}/applications/{one.name}", operation)
    if rest != _RESPONSES:
        _refuse_route(rest)
    if method != "POST":
        raise foundry_errors.refused(405, "405", "Method Not Allowed")
    if one.policy.lower() == "channels":
        # Simulated: no public body is known of an application that admits channels alone.
        message = "The application's authorization policy does not allow this caller. Only channels are allowed."
        raise foundry_errors.refused(403, "Forbidden", message)
    if not one.enabled:
        # Simulated: no public body is known.
        raise foundry_errors.refused(403, "ApplicationDisabled", f"The application '{one.name}' is disabled.")
    call = responses.read_call(visit.request)
    responses.refuse_state(call)
    responses.need_input(call)
    agent, version = _deployed(visit, one)
    return responses.answer(visit, agent, version, call, in_force=identity)


def _refuse_route(rest: list[str]) -> None:
    kind = rest[2].lower() if len(rest) > 2 else ""
    if kind in _STATEFUL:
        # Simulated: applications offer POST /responses alone; the body of the refusal is not documented.
        raise foundry_errors.refused(404, "404", f"Resource not found: '{kind}' is not offered by an application.")
    raise foundry_errors.not_found()


def _deployed(visit: Visit, application: Application) -> tuple[AgentState, Json]:
    """The agent that traffic goes to, and its version."""
    scenario = visit.site.scenario
    routed = [one for one in scenario.deployments.values() if one.exists and one.traffic]
    running = [one for one in routed if one.state == "Running" and one.agent in scenario.agents]
    if not running:
        # Simulated: no public body is known of an application without a running deployment.
        said = f"its deployment is in state '{routed[0].state}'" if routed else "it has no deployment"
        raise foundry_errors.refused(503, "DeploymentNotAvailable", f"The application cannot answer: {said}.")
    if "responses" not in {name.lower() for name in running[0].protocols}:
        raise foundry_errors.refused(400, "ProtocolNotSupported", "The deployment does not offer 'Responses'.")
    if not application.works_meanwhile and application.agent_identity not in {"Succeeded", ""}:
        message = "Failed to get an access token for the agent identity."
        raise foundry_errors.refused(400, "tool_user_error", message)
    agent = found(visit, running[0].agent)
    return agent, agent.versions.get(running[0].version) or agent.versions[agent.said.version]


def _connections(visit: Visit, rest: list[str]) -> Reply:
    operation = f"{visit.request.method} /api/projects/{{projectName}}/connections"
    places, query = visit.site.places, visit.request.query
    visit.need(READ, places.project, operation)
    shown = [
        {
            "name": key,
            "id": f"{places.project}/connections/{key}",
            "type": one.category,
            "target": one.target,
            "isDefault": one.properties.get("isDefault") is True,
            "credentials": {"type": one.auth_type},
            "metadata": visit.world.expand(dict(one.metadata)),
        }
        for key, one in visit.site.scenario.connections.items()
    ]
    if not rest:
        kind, default = query.get("connectiontype"), query.get("defaultconnection", "").lower() == "true"
        wanted = [one for one in shown if kind in {None, one["type"]} and (one["isDefault"] or not default)]
        return json_reply(200, {"value": wanted})
    for one in shown:
        if len(rest) == 1 and str(one["name"]).lower() == rest[0].lower():
            return json_reply(200, one)
    raise foundry_errors.not_found()


def _models(visit: Visit, rest: list[str]) -> Reply:
    """The project's `/deployments`, as azure-ai-projects lists them."""
    visit.need(READ, visit.site.places.project, f"{visit.request.method} /api/projects/{{projectName}}/deployments")
    prefix = f"{visit.site.places.account}/deployments/".lower()
    shown = [
        {
            "type": "ModelDeployment",
            "name": one["name"],
            "modelName": one["properties"]["model"]["name"],
            "modelVersion": one["properties"]["model"]["version"],
            "modelPublisher": one["properties"]["model"]["format"],
            "capabilities": one["properties"].get("capabilities", {}),
            "sku": one.get("sku"),
        }
        for key, one in visit.world.resources.items()
        if key.startswith(prefix)
    ]
    if not rest:
        return json_reply(200, {"value": shown})
    for one in shown:
        if len(rest) == 1 and one["name"].lower() == rest[0].lower():
            return json_reply(200, one)
    raise foundry_errors.not_found()


def _served(visit: Visit, path: str) -> Reply:
    known = {key.lower(): value for key, value in visit.site.scenario.served.items()}
    kind = path.partition("/")[0].lower()
    if kind not in _SERVED or visit.request.method != "GET":
        raise foundry_errors.not_simulated(visit.request.method, path)
    visit.need(READ, visit.site.places.project, f"GET /api/projects/{{projectName}}/{kind}")
    features = visit.request.headers.get("foundry-features", "").lower()
    # Known from issues: a toolbox is not found without its preview header.
    hidden = kind == "toolboxes" and "toolboxes=v1preview" not in features
    if hidden or path.lower() not in known:
        raise foundry_errors.not_found()
    return json_reply(200, visit.world.expand(dict(known[path.lower()])))
