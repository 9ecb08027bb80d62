"""The agents' JSON of the Foundry data plane as records.

Shapes: AgentDetails and AgentVersion of api-version v1 (azure-ai-projects 2.10.0), and the flat object of the former
Agents API, which has no versions. Values of headers and secret-looking fields in a definition are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping

from doctor.azure.read_foundry import identity
from doctor.model import loose
from doctor.model.foundry import Agent, AgentVersion, TrafficRule


def agent(item: object) -> Agent:
    """An agent; a legacy one has no identity of its own.

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An agent")
    name = loose.text(whole, "name") or loose.text(whole, "id")
    endpoint = loose.part(whole, "agent_endpoint", "agentEndpoint")
    latest = loose.field(loose.part(whole, "versions"), "latest")
    if not isinstance(latest, Mapping) and _is_flat(whole):
        latest = whole
    return Agent(
        name=name,
        state=loose.text(whole, "state"),
        instance=identity(loose.field(whole, "instance_identity", "instanceIdentity")),
        blueprint=identity(loose.field(whole, "blueprint")),
        authorization_schemes=_schemes(endpoint),
        protocols=_protocols(endpoint),
        version_rules=tuple(
            TrafficRule(
                deployment_id=loose.text(rule, "agent_version", "agentVersion"),
                percentage=loose.number(rule, "traffic_percentage", "trafficPercentage"),
            )
            for rule in loose.objects(
                loose.part(endpoint, "version_selector", "versionSelector"),
                "version_selection_rules",
                "versionSelectionRules",
            )
        ),
        latest=agent_version(latest, name) if isinstance(latest, Mapping) else None,
        raw=loose.without_secrets(whole),
    )


def agent_version(item: object, name: str = "") -> AgentVersion:
    """One version of an agent, or a whole legacy agent (which then has the version "").

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An agent version")
    definition = loose.part(whole, "definition") or (whole if _is_flat(whole) else {})
    clean_definition = loose.without_secrets(definition)
    return AgentVersion(
        name=loose.text(whole, "name") or name,
        version=loose.text(whole, "version"),
        kind=loose.text(definition, "kind"),
        model=loose.text(definition, "model") or loose.text(loose.part(definition, "model"), "id", "name"),
        tools=loose.objects(clean_definition, "tools"),
        definition=clean_definition,
        instance=identity(loose.field(whole, "instance_identity", "instanceIdentity")),
    )


def _is_flat(whole: loose.Json) -> bool:
    return "definition" not in whole and any(key in whole for key in ("model", "tools", "instructions"))


def _schemes(endpoint: loose.Json) -> tuple[str, ...]:
    value = loose.field(endpoint, "authorization_schemes", "authorizationSchemes")
    if not isinstance(value, list):
        return ()
    return tuple(filter(None, (one if isinstance(one, str) else loose.text(one, "type") for one in value)))


def _protocols(endpoint: loose.Json) -> tuple[str, ...] | None:
    """Names of the configured protocols; None when the agent does not say."""
    configured = loose.field(endpoint, "protocol_configuration", "protocolConfiguration")
    if isinstance(configured, Mapping):
        return tuple(str(name) for name, setting in configured.items() if setting is not None)
    listed = loose.field(endpoint, "protocols")
    if isinstance(listed, list):
        return tuple(filter(None, (one if isinstance(one, str) else loose.text(one, "protocol") for one in listed)))
    return None
