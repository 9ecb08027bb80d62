"""Reading a workflow: the names of the agents that it calls. It is YAML, of which only those are wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Public samples write the agents in these ways.
_AGENT_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?:- )?agent[ \t]*:[ \t]*(?:#.*)?$", re.IGNORECASE)
_AGENT_NAME = re.compile(r"^[ \t]*name[ \t]*:[ \t]*(?P<name>\S.*)$", re.IGNORECASE)
_AGENT_INLINE = re.compile(r"\bagent[ \t]*:[ \t]*\{[^}\n]{0,400}?\bname[ \t]*:[ \t]*(?P<name>[^,}\n]+)", re.IGNORECASE)
_AGENT_SCALAR = re.compile(
    r"^[ \t]*(?:- )?(?:agent|agentname|agentid)[ \t]*:[ \t]*(?P<name>[^\s{][^\n]*)$", re.IGNORECASE
)


def agents(yaml: str) -> tuple[tuple[str, ...], bool]:
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
