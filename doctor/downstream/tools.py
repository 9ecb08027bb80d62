"""Reading an agent's definition: what its tools, its model and its container name. Nothing is fetched here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from doctor.downstream import identities, properties
from doctor.downstream.resolve import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from doctor.downstream.identities import ToolRule
    from doctor.model.foundry import AgentVersion, Json

_TOOLBOX = re.compile(r"/toolboxes/([^/?#]+)(?:/versions/([^/?#]+))?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{\{\s*connections\.([^.}\s]{1,128})\.", re.IGNORECASE)
_ANY_CONNECTION = frozenset({"project_connection_id", "project_connections", "connection_id", "index_connection_id"})
_URL = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[^\s\"'?#;,]{0,500})?")
_KEY = re.compile(r"(?i)(?:accountkey|sharedaccesskey|sharedaccesssignature|password|[?&]sig)=")
_WRITING = frozenset({"put", "patch", "delete"})
_READING = frozenset({"get", "head", "options"})

# A workflow is YAML; only the names of the agents that it calls are wanted. Public samples write them in these ways.
_AGENT_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?:- )?agent[ \t]*:[ \t]*(?:#.*)?$", re.IGNORECASE)
_AGENT_NAME = re.compile(r"^[ \t]*name[ \t]*:[ \t]*(?P<name>\S.*)$", re.IGNORECASE)
_AGENT_INLINE = re.compile(r"\bagent[ \t]*:[ \t]*\{[^}\n]{0,400}?\bname[ \t]*:[ \t]*(?P<name>[^,}\n]+)", re.IGNORECASE)
_AGENT_SCALAR = re.compile(
    r"^[ \t]*(?:- )?(?:agent|agentname|agentid)[ \t]*:[ \t]*(?P<name>[^\s{][^\n]*)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that a definition names, before connections are known."""

    tool: str
    rule: ToolRule | None = None
    """None for a type of tool that is not known."""
    label: str = ""
    reference: str = ""
    target: str = ""
    child: str = ""
    audience: str = ""
    openapi_auth: str = ""
    writes: bool | None = None
    asset: str = ""
    memory: str = ""
    toolbox: str = ""
    toolbox_version: str = ""
    key_in_tool: bool = False
    """The tool carries a credential of its own: headers or an authorization."""


def uses(version: AgentVersion) -> Iterator[Use]:
    """What an agent version's definition names, in its order."""
    if "/" in version.model:
        reference, _, deployment = version.model.partition("/")
        yield Use("model", label=deployment, reference=reference)
    for tool in version.tools or properties.items(version.definition, "tools"):
        yield from of_tool(tool)
    yield from _container(version.definition)


def of_tool(tool: Any) -> Iterator[Use]:
    """What one tool names; a tool of several indexes or connections gives several."""
    kind = properties.text(tool, "type").lower()
    rule = identities.table().tools.get(kind)
    if rule is None:
        yield from _unknown(tool, kind)
        return
    boxed = _toolbox(tool, rule)
    if boxed is not None:
        yield boxed
        return
    parts = [one for path in rule.each for one in properties.items(tool, path)] if rule.each else [tool]
    found = [_of_part(tool, one, rule, kind) for one in parts or [tool]]
    if rule.connection and not any(one.reference or one.asset for one in found):
        found = [replace(found[0], reference=one) for one in _references(tool)] or found
    yield from found


def _of_part(tool: Any, part: Any, rule: ToolRule, kind: str) -> Use:
    label = properties.text(tool, rule.label) or properties.text(part, rule.label) if rule.label else ""
    part = _with_spec(part)
    targets = properties.texts([one for one in properties.find(part, rule.target) if one]) if rule.target else ()
    return Use(
        kind,
        rule,
        label or properties.text(tool, "name"),
        properties.text(part, rule.connection) if rule.connection else "",
        targets[0] if targets else "",
        properties.text(part, rule.child) if rule.child else "",
        properties.text(part, rule.audience) if rule.audience else "",
        properties.text(part, "auth.type").lower() if rule.rule.who == "openapi" else "",
        _writes(properties.dig(part, "spec.paths")),
        properties.text(part, rule.asset) if rule.asset else "",
        properties.text(tool, rule.memory) if rule.memory else "",
        key_in_tool=bool(properties.dig(tool, "headers") or properties.dig(tool, "authorization")),
    )


def _with_spec(part: Any) -> Any:
    """The part with an OpenAPI description that was given as JSON text read."""
    spec = properties.text(part, "spec")
    if not spec.lstrip().startswith("{"):
        return part
    try:
        return {**part, "spec": json.loads(spec)}
    except ValueError:
        return part


def _toolbox(tool: Any, rule: ToolRule) -> Use | None:
    """The toolbox that a tool is, by its own type or by the URL of an MCP server."""
    url = properties.text(tool, "server_url")
    found = _TOOLBOX.search(place(url).path) if url else None
    name = properties.text(tool, rule.toolbox) if rule.toolbox else found.group(1) if found else ""
    if not name:
        return None
    version = properties.text(tool, rule.toolbox_version) if rule.toolbox else (found.group(2) or "") if found else ""
    return Use(
        properties.text(tool, "type").lower(),
        identities.table().tools["toolbox"] if rule.toolbox else rule,
        properties.text(tool, "server_label") or name,
        properties.text(tool, "project_connection_id"),
        url,
        toolbox=name,
        toolbox_version=version,
    )


def _unknown(tool: Any, kind: str) -> Iterator[Use]:
    """A type of tool that is not known still shows the connections that it names."""
    label = properties.text(tool, "name") or properties.text(tool, "server_label")
    for reference in _references(tool) or ("",):
        yield Use(kind or "tool", label=label, reference=reference)


def _references(tool: Any) -> tuple[str, ...]:
    """Every connection that a tool names, wherever its shape has put it."""
    found = [one for _, value in properties.walk(tool, _ANY_CONNECTION) for one in properties.texts(value)]
    return tuple(dict.fromkeys(found))


def _writes(paths: Any) -> bool | None:
    """Whether an OpenAPI description holds operations that change something; a POST may or may not."""
    found = {name for name, _ in properties.walk(paths, _WRITING | _READING | {"post"}, depth=2)}
    if found & _WRITING:
        return True
    return False if found and "post" not in found else None


def _container(definition: Json) -> Iterator[Use]:
    """What a hosted agent's container names: its image and, in its environment, connections and endpoints.

    Only host names are taken out of the environment; its values may be secrets.
    """
    image = properties.text(definition, "container_configuration.image") or properties.text(definition, "image")
    registry = properties.text(definition, "container_configuration.registry_connection_id")
    if image or registry:
        yield Use("image", reference=registry, target=_image_host(image))
    environment = properties.dig(definition, "environment_variables")
    seen: set[str] = set()
    for name, value in _variables(environment):
        for reference in _PLACEHOLDER.findall(value):
            if reference.lower() not in seen:
                seen.add(reference.lower())
                yield Use("environment", label=name, reference=reference, key_in_tool=True)
        for url in _URL.findall(value):
            if place(url).host and place(url).host not in seen:
                seen.add(place(url).host)
                yield Use("environment", label=name, target=url, key_in_tool=bool(_KEY.search(value)))


def _image_host(image: str) -> str:
    host = image.split("/", 1)[0]
    return f"https://{host}" if "." in host else ""


def _variables(environment: Any) -> Iterable[tuple[str, str]]:
    """Name and value of each variable: an object, or a list of name and value."""
    named: Mapping[str, Any] = environment if isinstance(environment, dict) else {}
    listed = () if named else properties.items(environment, "")
    pairs = [(str(name), value) for name, value in named.items()]
    pairs += [(properties.text(one, "name"), properties.dig(one, "value")) for one in listed]
    return [(name, value) for name, value in pairs if isinstance(value, str)]


def workflow_agents(yaml: str) -> tuple[tuple[str, ...], bool]:
    """The names of the agents that a workflow calls, and whether it also calls some that only its run will name."""
    found: list[str] = []
    lines = yaml.splitlines()
    for number, line in enumerate(lines):
        inline = _AGENT_INLINE.search(line)
        if inline:
            found.append(inline.group("name"))
        elif _AGENT_BLOCK.match(line):
            found.extend(_name_below(lines[number + 1 : number + 12], len(line) - len(line.lstrip(" \t-"))))
        elif scalar := _AGENT_SCALAR.match(line):
            found.append(scalar.group("name"))
    names = [_scalar(one) for one in found]
    fixed = tuple(dict.fromkeys(name for name in names if name and not name.startswith("=")))
    return fixed, any(name.startswith("=") for name in names)


def _name_below(lines: list[str], indent: int) -> Iterator[str]:
    """The `name:` of a block: on a line that is further to the right than the block's own key."""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if len(line) - len(line.lstrip(" \t")) <= indent:
            return
        named = _AGENT_NAME.match(line)
        if named:
            yield named.group("name")
            return


def _scalar(text: str) -> str:
    """A YAML scalar without its quotes and without a comment behind it."""
    text = text.strip()
    if text[:1] in {'"', "'"}:
        return text[1:].split(text[0], 1)[0]
    return re.split(r"\s#", text, maxsplit=1)[0].strip()
