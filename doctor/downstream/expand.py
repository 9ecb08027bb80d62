"""Following what a definition only names: toolboxes, the agents of a workflow, index assets and memory stores."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from doctor.downstream import definition, doubts, properties, tools
from doctor.downstream.dependency import Gap
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem
from doctor.model.foundry import AgentVersion
from doctor.model.loose import shown
from doctor.model.untrusted import clean
from doctor.model.wording import capital

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.downstream.lookup import Lookup
    from doctor.downstream.tools import Use
    from doctor.model.foundry import Json

_ASSET = re.compile(r"([^/:]+)/versions/([^/]+)$")
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One use, and the toolbox or workflow agent through which it came."""

    use: Use
    via: str = ""
    other_agent: bool = False
    """The tool belongs to another agent than the one that is called."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """All uses, what could not be followed, and what is worth knowing."""

    found: tuple[Found, ...]
    unread: tuple[Gap, ...]
    notes: tuple[str, ...]


def expand(versions: Iterable[AgentVersion], lookup: Lookup) -> Expansion:
    """Every use of the agent versions and of all that they call in their turn, each thing followed once."""
    walk = _Walk(lookup)
    for version in versions:
        walk.version(version, "", other=False)
    steps = 0
    while walk.waiting and steps < _MOST_STEPS:
        walk.follow(walk.waiting.popleft())
        steps += 1
    if walk.waiting:
        problem = Problem(Cause.CANNOT_READ, f"More than {_MOST_STEPS} toolboxes and agents call each other")
        walk.unread.append(Gap("agent", problem))
    return Expansion(tuple(walk.found), tuple(walk.unread), tuple(walk.notes))


@dataclass(frozen=True, slots=True)
class _Step:
    """A toolbox or an agent that is still to be read."""

    kind: str
    name: str
    version: str
    other: bool


class _Walk:
    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.found: list[Found] = []
        self.unread: list[Gap] = []
        self.notes: list[str] = []
        self.waiting: deque[_Step] = deque()
        self._seen: set[tuple[str, str]] = set()

    def version(self, version: AgentVersion, via: str, *, other: bool) -> None:
        """Take in one agent version."""
        reading = definition.read(version)
        for use in reading.uses:
            self.use(use, via, other=other)
        for name in reading.agents:
            self._later(_Step("agents", name, "", other=True))
        holder = clean(f"agent {version.name}") if other else "agent"
        for doubt in reading.doubts:
            self._not_understood(holder, f"{clean(version.name)} version {clean(version.version) or 'latest'}", doubt)
        if reading.elsewhere:
            self.unread.append(Gap(holder, Problem(Cause.NOT_CHECKABLE, capital(reading.elsewhere))))

    def _not_understood(self, subject: str, owner: str, doubt: str) -> None:
        summary = f"The definition of {owner} was not understood: {doubt}"
        self.unread.append(Gap(subject, Problem(Cause.UNRECOGNISED, summary)))

    def use(self, use: Use, via: str, *, other: bool) -> None:
        """Take in one use, following what it names."""
        if use.toolbox:
            self._later(_Step("toolboxes", use.toolbox, use.toolbox_version, other))
        if use.asset:
            use = self._of_asset(use)
        self.found.append(Found(use, via, other))
        if use.memory:
            self._of_memory(use, via, other=other)

    def follow(self, step: _Step) -> None:
        """Read one toolbox or agent."""
        if step.kind == "toolboxes":
            self._toolbox(step)
        else:
            self._agent(step)

    def _later(self, step: _Step) -> None:
        key = (step.kind, step.name.lower())
        if key not in self._seen:
            self._seen.add(key)
            self.waiting.append(step)

    def _read(self, path: str, subject: str) -> Json | None:
        fact = self.lookup.data_plane(path)
        if isinstance(fact, Known):
            return fact.value
        self.unread.append(Gap(subject, fact.problem))
        return None

    def _toolbox(self, step: _Step) -> None:
        version, subject = step.version, f"toolbox {clean(step.name)}"
        path = f"/toolboxes/{quote(step.name, safe='')}"
        if not version:
            box = self._read(path, step.name)
            if box is None:
                return
            version = properties.text(box, "default_version") or properties.text(box, "versions.latest.version")
            if not version:
                self._not_understood(step.name, subject, "it names no default_version")
                return
        content = self._read(f"{path}/versions/{quote(version, safe='')}", step.name)
        if content is None:
            return
        listed = properties.dig(content, "tools")
        listed = properties.dig(content, "definition.tools") if listed is None else listed
        if not isinstance(listed, list) or not listed:
            self._not_understood(step.name, subject, f"its tools should be a list of some, but are {shown(listed)}")
            return
        for index, tool in enumerate(listed):
            for doubt in doubts.of_tool(index, tool, "tools"):
                self._not_understood(step.name, subject, doubt)
            for use in tools.of_tool(tool) if isinstance(tool, Mapping) else ():
                self.use(use, subject, other=step.other)

    def _agent(self, step: _Step) -> None:
        raw = self._read(f"/agents/{quote(step.name, safe='')}", step.name)
        if raw is None:
            return
        latest = properties.dig(raw, "versions.latest") or raw
        described = properties.dig(latest, "definition")
        if described is None and any(name in raw for name in ("model", "instructions")):
            described = raw
        if not isinstance(described, Mapping):
            self._not_understood(step.name, f"agent {clean(step.name)}", "it shows no definition")
            return
        version = properties.text(latest, "version")
        self.version(
            AgentVersion(step.name, version, definition=described), f"workflow agent {clean(step.name)}", other=True
        )

    def _of_asset(self, use: Use) -> Use:
        if use.reference:
            return use
        found = _ASSET.search(use.asset)
        if found is None:
            self._not_understood(use.tool, f"the {use.tool} tool", f"{clean(use.asset)!r} names no version of an index")
            return use
        path = f"/indexes/{quote(found.group(1), safe='')}/versions/{quote(found.group(2), safe='')}"
        index = self._read(path, found.group(1))
        reference = properties.text(index, "connectionName") or properties.text(index, "connection_name")
        child = properties.text(index, "indexName") or properties.text(index, "index_name")
        if index is not None and not reference:
            self._not_understood(found.group(1), f"index {clean(found.group(1))}", "it shows no connectionName")
        return replace(use, reference=reference, child=use.child or child, label=use.label or found.group(1))

    def _of_memory(self, use: Use, via: str, *, other: bool) -> None:
        store = self._read(f"/memory_stores/{quote(use.memory, safe='')}", use.memory)
        for name in ("chat_model", "embedding_model") if store is not None else ():
            model = properties.text(store, f"definition.{name}") or properties.text(store, name)
            if not model:
                self._not_understood(use.memory, f"memory store {clean(use.memory)}", f"it shows no {name}")
            reference, slash, deployment = model.partition("/")
            if slash:
                one = replace(use, reference=reference, label=deployment, memory="")
                self.found.append(Found(one, via or f"memory store {clean(use.memory)}", other))
