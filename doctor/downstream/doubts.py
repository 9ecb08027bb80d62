"""What of a tool is not understood: a field of another type than documented, or none of those that it must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from doctor.downstream import identities, properties
from doctor.model.loose import shown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.downstream.identities import ToolRule

_OPENAPI_AUTH = frozenset({"anonymous", "project_connection", "managed_identity"})


def of_tool(index: int, tool: Any, holder: str = "definition.tools") -> Iterator[str]:
    """What is wrong with one tool of a list, one clause each."""
    where = f"{holder}[{index}]"
    if not isinstance(tool, Mapping):
        yield f"{where} should be a JSON object, but is {shown(tool)}"
        return
    kind = tool.get("type")
    if not isinstance(kind, str) or not kind:
        yield f"{where}.type should be text, but is {shown(kind)}"
        return
    rule = identities.table().tools.get(kind.lower())
    if rule is None:
        yield f"{where}.type {clean(kind)!r} is not a type of tool that is known here"
        return
    yield from _of_parts(tool, rule, where)
    yield from _of_fields(tool, rule.own_fields, where)
    for name in ("headers", "authorization"):
        value = properties.dig(tool, name)
        if value is not None and not isinstance(value, (str, Mapping)):
            yield f"{where}.{name} should be a JSON object, but is {shown(value)}"


def _of_parts(tool: Any, rule: ToolRule, where: str) -> Iterator[str]:
    parts: list[tuple[str, Any]] = [] if rule.each else [(where, tool)]
    for path in rule.each:
        value = properties.dig(tool, path)
        if isinstance(value, Mapping):
            parts.append((f"{where}.{path}", value))
        elif isinstance(value, list):
            parts += [(f"{where}.{path}[{number}]", one) for number, one in enumerate(value)]
        elif value is not None:
            yield f"{where}.{path} should be a list, but is {shown(value)}"
    if not parts and not rule.optional:
        yield f"{where} does not show {rule.each[0]}"
    for place, part in parts:
        yield from _of_part(part, rule, place)


def _of_part(part: Any, rule: ToolRule, where: str) -> Iterator[str]:
    if not isinstance(part, Mapping):
        yield f"{where} should be a JSON object, but is {shown(part)}"
        return
    yield from _of_fields(part, rule.part_fields, where)
    if rule.needs and not any(properties.find(part, name) for name in rule.needs):
        yield f"{where} shows none of {', '.join(rule.needs)}"
    auth = properties.dig(part, "auth.type")
    if rule.rule.who == "openapi" and (not isinstance(auth, str) or auth.lower() not in _OPENAPI_AUTH):
        yield f"{where}.auth.type should be one of {', '.join(sorted(_OPENAPI_AUTH))}, but is {shown(auth)}"


def _of_fields(holder: Any, names: tuple[str, ...], where: str) -> Iterator[str]:
    for name in names:
        for value in properties.find(holder, name):
            if not isinstance(value, str):
                yield f"{where}.{name} should be text, but is {shown(value)}"
