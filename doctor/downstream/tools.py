"""Reading one tool of a definition: which connection, target and sub-scope it names. Nothing is fetched here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from doctor.downstream import identities, properties
from doctor.downstream.resolve import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.downstream.identities import ToolRule

_TOOLBOX = re.compile(r"/toolboxes/([^/?#]+)(?:/versions/([^/?#]+))?", re.IGNORECASE)
_ANY_CONNECTION = frozenset({"project_connection_id", "project_connections", "connection_id", "index_connection_id"})
_WRITING = frozenset({"put", "patch", "delete"})
_READING = frozenset({"get", "head", "options"})


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
    key_names: tuple[str, ...] = ()
    """Names of the headers that it carries."""


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
        key_names=tuple(str(name) for name in properties.dig(tool, "headers") or ())
        if isinstance(properties.dig(tool, "headers"), dict)
        else (),
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
