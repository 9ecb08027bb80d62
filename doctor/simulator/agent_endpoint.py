"""An agent's own endpoint: who is admitted, which version answers, and what each protocol says.

The order of the questions (permission, agent, api-version, state, scheme, protocol, version, content) is simulated.
Where no public text is known of a refusal, its text is simulated and says no more than its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator import agent_protocols, foundry_errors
from doctor.simulator.agent_routes import found
from doctor.simulator.visits import IMPERSONATE, INTERACT, foundry_audience

if TYPE_CHECKING:
    from doctor.simulator.sites import AgentState
    from doctor.simulator.visits import Visit
    from doctor.simulator.wire import Json, Reply

LATEST = "@latest"
_DIRECT = {"entra", "azurerbac"}
_ROUTES = {
    "openai": "responses",
    "invocations": "invocations",
    "invocations_ws": "invocations_ws",
    "activityprotocol": "activity",
    "a2a": "a2a",
    "mcp": "mcp",
}
"""First segment after `protocols/` → name of the protocol in the record."""


def endpoint(visit: Visit, name: str, rest: list[str]) -> Reply:
    """Answer `/agents/{name}/endpoint/…`."""
    agent = visit.site.agents.get(name.lower())
    operation = f"{visit.request.method} /api/projects/{{projectName}}/agents/{{agentName}}/endpoint/{'/'.join(rest)}"
    _admit(visit, name, agent, operation)
    agent = found(visit, name)
    if rest[:1] == ["sessions"]:
        return agent_protocols.sessions(visit, agent, rest[1:])
    protocol = _ROUTES.get(rest[1].lower(), "") if len(rest) > 1 and rest[0] == "protocols" else ""
    if not agent.said.new_model or not protocol or not _version_fits(visit, protocol, rest):
        raise foundry_errors.not_found()
    if agent.record.get("state") == "disabled":
        # A 403 is what Azure's own tests expect; its body is not known.
        raise foundry_errors.refused(403, "Forbidden", "Forbidden")
    if protocol not in gate(agent):
        raise foundry_errors.not_found()
    identity = agent.record.get("instance_identity")
    if isinstance(identity, dict) and identity.get("status") == "disabled":
        # That it breaks execution is documented (troubleshoot-publish-copilot.md); the text is the one of applications.
        message = "Failed to get an access token for the agent identity."
        raise foundry_errors.refused(400, "tool_user_error", message)
    version = _served(agent)
    _refuse_version(version, protocol)
    return agent_protocols.answer(visit, agent, version, protocol, rest[2:])


def gate(agent: AgentState) -> set[str]:
    """Protocols that the record enables; Responses when it says nothing readable."""
    shown = agent.record.get("agent_endpoint")
    if not isinstance(shown, dict):
        return {"responses"}
    configured, listed = shown.get("protocol_configuration"), shown.get("protocols")
    if isinstance(configured, dict):
        return {name for name, value in configured.items() if value is not None}
    return set(map(str, listed)) if isinstance(listed, list) else {"responses"}


def _admit(visit: Visit, name: str, agent: AgentState | None, operation: str) -> None:
    """Let in who one of the schemes admits; a missing agent is nobody's business without the permission."""
    schemes = _schemes(agent)
    if visit.audience == _blueprint_audience(agent):
        if "agentblueprint" in schemes:
            return
        raise foundry_errors.token_refused(foundry_audience(visit.site))
    if schemes == {"agentblueprint"}:
        # The body of this refusal is not known: it is the one for any wrong audience.
        raise foundry_errors.token_refused(_blueprint_audience(agent))
    visit.need_foundry_token()
    scope = f"{visit.site.places.project}/agents/{name}"
    visit.need(INTERACT, scope, operation)
    if visit.request.headers.get("x-ms-user-identity"):
        # A 403 is documented; its text is simulated.
        visit.need(IMPERSONATE, scope, operation, dialect="identity")
    if agent and not schemes & _DIRECT:
        # Channels alone; simulated.
        raise foundry_errors.refused(403, "Forbidden", "Only channels are allowed.")


def _schemes(agent: AgentState | None) -> set[str]:
    shown = agent.record.get("agent_endpoint") if agent else None
    listed = shown.get("authorization_schemes") if isinstance(shown, dict) else None
    if not isinstance(listed, list):
        return set(_DIRECT)
    return {str(one.get("type") if isinstance(one, dict) else one).lower() for one in listed}


def _blueprint_audience(agent: AgentState | None) -> str:
    blueprint = agent.record.get("blueprint") if agent else None
    return f"api://{blueprint.get('client_id')}" if isinstance(blueprint, dict) else "api://"


def _version_fits(visit: Visit, protocol: str, rest: list[str]) -> bool:
    """The api-version that each route knows; the OpenAI route with `v1` in its path needs none."""
    version = visit.request.query.get("api-version", "")
    if protocol == "activity":
        return version == "2025-05-15-preview"
    return version == "v1" or (not version and rest[1:3] == ["openai", "v1"])


def _served(agent: AgentState) -> Json:
    """The version that the next call goes to, by the shares of the rules in turn."""
    shares = _rules(agent)
    agent.calls += 1
    at = (agent.calls * 37) % max(sum(share for _, share in shares), 1)
    for version, share in shares:
        at -= share
        if at < 0:
            return _version(agent, version)
    return _version(agent, LATEST)


def _rules(agent: AgentState) -> list[tuple[str, int]]:
    shown = agent.record.get("agent_endpoint")
    selector = shown.get("version_selector") if isinstance(shown, dict) else None
    rules = selector.get("version_selection_rules") if isinstance(selector, dict) else None
    return [
        (str(rule.get("agent_version")), share)
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, dict) and isinstance(share := rule.get("traffic_percentage"), int) and share > 0
    ]


def _version(agent: AgentState, version: str) -> Json:
    wanted = agent.said.version if version == LATEST else version
    if wanted not in agent.versions:
        message = f"Agent {agent.name} with version {wanted} doesn't exist"
        raise foundry_errors.refused(404, "not_found", message)
    return agent.versions[wanted]


def _refuse_version(version: Json, protocol: str) -> None:
    """Refuse for a version that is not there to answer, or does not speak the protocol."""
    status = version.get("status", "active")
    if status == "failed":
        error = version.get("error")
        why = f"[{error.get('code')}] {error.get('message')}" if isinstance(error, dict) else "The version failed."
        raise foundry_errors.refused(400, "agent_version_failed", why)
    if status not in {"active", "idle"}:
        # Simulated: no public body is known.
        raise foundry_errors.refused(409, "agent_version_not_ready", f"The agent version is {status}.")
    definition = version.get("definition")
    if not isinstance(definition, dict) or definition.get("kind") != "hosted":
        return
    declared = definition.get("protocol_versions") or definition.get("container_protocol_versions")
    if not isinstance(declared, list):
        return
    spoken = {str(one.get("protocol")): str(one.get("version")) for one in declared if isinstance(one, dict)}
    needed = "responses" if protocol == "a2a" else protocol
    if needed not in spoken:
        raise foundry_errors.not_found()
    if spoken[needed] == "1.0.0":
        message = f"Unsupported {needed} protocol version. Please use version '2.0.0'."
        raise foundry_errors.refused(400, "bad_request", message)
