"""The agents' JSON of the Foundry data plane as records.

Shapes: AgentDetails and AgentVersion of api-version v1 (azure-ai-projects 2.10.0), their earlier spellings (the list
`protocols`, `container_protocol_versions`), and the flat object of the former Agents API, which has no versions. Values
of headers and secret-looking fields in a definition are replaced. A field of another type than documented is entered
in the record's `odd`, under its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doctor.azure.read_foundry import identity
from doctor.model import loose
from doctor.model.foundry import Agent, AgentVersion, Protocol, TrafficRule


def agent(item: object) -> Agent:
    """An agent; a legacy one has no identity of its own.

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An agent")
    odd: dict[str, str] = {}
    name = loose.text(whole, "name") or loose.text(whole, "id")
    endpoint = _object(whole, odd, "agent_endpoint", "agentEndpoint")
    at = "agent_endpoint."
    latest = _object(_object(whole, odd, "versions"), odd, "latest", at="versions.")
    if not latest and _is_flat(whole):
        latest = whole
    protocols, settings = _gate(endpoint, odd)
    card = _object(whole, odd, "agent_card", "agentCard")
    return Agent(
        name=name,
        state=_word(whole, odd, "state"),
        configuration_state=_word(whole, odd, "configuration_state", "configurationState"),
        state_source=_word(whole, odd, "state_source", "stateSource"),
        instance=identity(_object(whole, odd, "instance_identity", "instanceIdentity")),
        blueprint=identity(_object(whole, odd, "blueprint")),
        shows_identity=loose.has(whole, "instance_identity") or loose.has(whole, "instanceIdentity"),
        shows_endpoint=bool(endpoint),
        authorization_schemes=_schemes(endpoint, odd),
        protocols=protocols,
        protocol_settings=settings,
        version_rules=_rules(endpoint, odd),
        latest=agent_version(latest, name) if latest else None,
        card=card or None,
        approval=_word(endpoint, odd, "publish_approval_status", "publishApprovalStatus", at=at),
        odd=odd,
        raw=loose.without_secrets(whole),
    )


def agent_version(item: object, name: str = "") -> AgentVersion:
    """One version of an agent, or a whole legacy agent (which then has the version "").

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An agent version")
    odd: dict[str, str] = {}
    definition = _object(whole, odd, "definition") or (whole if _is_flat(whole) else {})
    clean_definition = loose.without_secrets(definition)
    error = loose.field(whole, "error")
    if not definition:
        odd.setdefault("definition", "it is empty or missing")
    for number, tool in enumerate(_list(definition, odd, "tools", at="definition.") or ()):
        if not isinstance(tool, Mapping):
            odd[f"definition.tools[{number}]"] = _unlike("a JSON object", tool)
    return AgentVersion(
        name=loose.text(whole, "name") or name,
        version=loose.text(whole, "version"),
        kind=_word(definition, odd, "kind", at="definition."),
        model=loose.text(definition, "model") or loose.text(loose.part(definition, "model"), "id", "name"),
        tools=loose.objects(clean_definition, "tools"),
        definition=clean_definition,
        instance=identity(loose.field(whole, "instance_identity", "instanceIdentity")),
        status=_word(whole, odd, "status"),
        error_code=loose.text(error, "code"),
        error_message=error if isinstance(error, str) else loose.text(error, "message"),
        draft=loose.truth(whole, "draft") is True or loose.text(whole, "version").lower().startswith("draft-"),
        declared=_declared(definition, odd),
        odd=odd,
    )


def _is_flat(whole: loose.Json) -> bool:
    return "definition" not in whole and any(key in whole for key in ("model", "tools", "instructions"))


def _unlike(wanted: str, value: object) -> str:
    return f"it should be {wanted}, but is {loose.shown(value)}"


def _object(source: loose.Json, odd: dict[str, str], *names: str, at: str = "") -> loose.Json:
    """A field that is an object where it is there at all."""
    value = loose.field(source, *names)
    if value is None or isinstance(value, Mapping):
        return value or {}
    odd[at + names[0]] = _unlike("a JSON object", value)
    return {}


def _word(source: loose.Json, odd: dict[str, str], *names: str, at: str = "") -> str:
    """A field that is a word where it is there at all."""
    value = loose.field(source, *names)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    odd[at + names[0]] = _unlike("a word", value)
    return ""


def _list(source: loose.Json, odd: dict[str, str], *names: str, at: str) -> list[Any] | None:
    """A field that is a list where it is there at all; None when it is not there, or is something else."""
    value = loose.field(source, *names)
    if value is not None and not isinstance(value, list):
        odd[at + names[0]] = _unlike("a list", value)
    return value if isinstance(value, list) else None


def _schemes(endpoint: loose.Json, odd: dict[str, str]) -> tuple[str, ...]:
    found = _words(endpoint, odd, "type", "authorization_schemes", "authorizationSchemes")
    if found == () and not odd:
        odd["agent_endpoint.authorization_schemes"] = "it is empty, so that nobody is admitted by it"
    return found or ()


def _words(endpoint: loose.Json, odd: dict[str, str], key: str, *names: str) -> tuple[str, ...] | None:
    """The words of a list, each by itself or under a key of an object."""
    found = _list(endpoint, odd, *names, at="agent_endpoint.")
    if found is None:
        return None
    words = []
    for number, one in enumerate(found):
        word = one if isinstance(one, str) else loose.text(one, key)
        if word.strip():
            words.append(word.strip())
        else:
            odd[f"agent_endpoint.{names[0]}[{number}]"] = _unlike(f"an object with a {key}", one)
    return tuple(words)


def _gate(endpoint: loose.Json, odd: dict[str, str]) -> tuple[tuple[str, ...] | None, dict[str, loose.Json]]:
    """The protocols let through, and their settings. A key's presence enables; where both spellings are, this wins."""
    configured = loose.field(endpoint, "protocol_configuration", "protocolConfiguration")
    if isinstance(configured, Mapping):
        settings = {
            str(name): setting if isinstance(setting, Mapping) else {}
            for name, setting in configured.items()
            if setting is not None and setting is not False
        }
        return tuple(settings), settings
    if configured is not None:
        odd["agent_endpoint.protocol_configuration"] = _unlike("a JSON object", configured)
        return None, {}
    return _words(endpoint, odd, "protocol", "protocols"), {}


def _rules(endpoint: loose.Json, odd: dict[str, str]) -> tuple[TrafficRule, ...]:
    at = "agent_endpoint.version_selector"
    selector = _object(endpoint, odd, "version_selector", "versionSelector", at="agent_endpoint.")
    listed = _list(selector, odd, "version_selection_rules", "versionSelectionRules", at=f"{at}.")
    if selector and loose.field(selector, "version_selection_rules", "versionSelectionRules") is None:
        odd[at] = "it has no list version_selection_rules"
    rules = []
    for number, rule in enumerate(listed or ()):
        where = f"{at}.version_selection_rules[{number}]"
        version = loose.text(rule, "agent_version", "agentVersion", "version").strip()
        kind, share = loose.text(rule, "type"), loose.field(rule, "traffic_percentage", "trafficPercentage")
        percentage = loose.number(rule, "traffic_percentage", "trafficPercentage")
        if not version:
            odd[where] = _unlike("an object with an agent_version", rule)
            continue
        if kind and kind.lower().replace("_", "") != "fixedratio":
            odd[f"{where}.type"] = f"{kind!r} is no known kind of rule"
        if share is not None and (percentage is None or not 0 <= percentage <= 100):
            odd[f"{where}.traffic_percentage"] = _unlike("a number from 0 to 100", share)
        rules.append(TrafficRule(deployment_id=version, percentage=percentage))
    return tuple(rules)


def _declared(definition: loose.Json, odd: dict[str, str]) -> tuple[Protocol, ...] | None:
    """What a container declares; the earlier spelling stays in the record as an empty list beside the later one."""
    spellings = ("protocol_versions", "container_protocol_versions")
    lists = [_list(definition, odd, one, at="definition.") for one in spellings]
    chosen = next((found for found in lists if found), next((found for found in lists if found is not None), None))
    if chosen is None:
        return None
    found = []
    for number, one in enumerate(chosen):
        protocol = (
            Protocol(one) if isinstance(one, str) else Protocol(loose.text(one, "protocol"), loose.text(one, "version"))
        )
        if protocol.name.strip():
            found.append(protocol)
        else:
            odd[f"definition.protocol_versions[{number}]"] = _unlike("an object with a protocol", one)
    return tuple(found)
