"""What an agent version says that it uses, and what of that is not understood.

A definition is never taken for one without tools because it could not be understood: whatever is not of the documented
shape is a doubt, which names the field. Shapes: AgentDefinition of the data plane's v1 (azure-ai-projects 2.10.0); a
prompt agent without any tool leaves the field out (recorded answers of 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.downstream import container, doubts, properties, tools, workflow
from doctor.downstream.tools import Use
from doctor.model.loose import shown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.model.foundry import AgentVersion, Json

_WITH_TOOLS = frozenset({"prompt", "voice"})
_HOSTED = frozenset({"hosted", "container_app", "container"})
_KINDS = _WITH_TOOLS | _HOSTED | {"workflow", "external"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a version was understood to use."""

    uses: tuple[Use, ...] = ()
    agents: tuple[str, ...] = ()
    """Names of other agents that it calls."""
    doubts: tuple[str, ...] = ()
    """What was not understood, one clause each, with the field named."""
    elsewhere: str = ""
    """Why a part of it is decided where nobody can look; "" when nothing is."""


def read(version: AgentVersion) -> Reading:
    """Everything that the version's definition names, in its order."""
    definition = version.definition
    kind = _kind(version)
    if kind not in _KINDS:
        return Reading(tuple(_uses(definition)), doubts=(_of_kind(definition),))
    found: list[Use] = [*_model(definition), *_uses(definition)]
    unsure = [
        *_of_fields(definition),
        *(one for index, tool in _tools(definition) for one in doubts.of_tool(index, tool)),
    ]
    agents: tuple[str, ...] = ()
    elsewhere = "its code runs outside of Foundry, and nothing there shows what it calls" if kind == "external" else ""
    if kind in _HOSTED:
        found += container.uses(definition)
        unsure += container.doubts(definition)
    if kind == "workflow":
        agents, dynamic = workflow.agents(properties.text(definition, "workflow"))
        elsewhere = "the workflow chooses some of its agents while it runs" if dynamic else ""
        unsure += [] if agents or dynamic else ["definition.workflow names no agent that could be made out"]
    return Reading(tuple(found), agents, tuple(dict.fromkeys(unsure)), elsewhere)


def _kind(version: AgentVersion) -> str:
    """The kind in lower case; an agent of the former API has none, and is a prompt agent without versions."""
    kind = (properties.text(version.definition, "kind") or version.kind).lower()
    flat = not version.version and any(name in version.definition for name in ("model", "instructions"))
    return "prompt" if not kind and flat and "kind" not in version.definition else kind


def _of_kind(definition: Json) -> str:
    if not definition:
        return "the version shows no definition"
    kind = definition.get("kind")
    if isinstance(kind, str) and kind:
        return f"definition.kind {clean(kind)!r} is not known"
    return f"definition.kind should be text, but is {shown(kind)}"


def _of_fields(definition: Json) -> Iterator[str]:
    listed = properties.dig(definition, "tools")
    if listed is not None and not isinstance(listed, list):
        yield f"definition.tools should be a list, but is {shown(listed)}"
    model = properties.dig(definition, "model")
    if model is not None and not isinstance(model, (str, Mapping)):
        yield f"definition.model should be text, but is {shown(model)}"


def _tools(definition: Json) -> tuple[tuple[int, Any], ...]:
    listed = properties.dig(definition, "tools")
    return tuple(enumerate(listed)) if isinstance(listed, list) else ()


def _uses(definition: Json) -> Iterator[Use]:
    for _, tool in _tools(definition):
        if isinstance(tool, Mapping):
            yield from tools.of_tool(tool)


def _model(definition: Json) -> Iterator[Use]:
    model = properties.text(definition, "model")
    if "/" in model:
        reference, _, deployment = model.partition("/")
        yield Use("model", label=deployment, reference=reference)
