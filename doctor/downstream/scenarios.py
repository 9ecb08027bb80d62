"""Which uses of a target are judged: a tool that only reads needs only to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties, resolve
from doctor.downstream.kind import Judge

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind, Scenario
    from doctor.downstream.knowledge import Knowledge
    from doctor.model.foundry import Json


def chosen(dependency: Dependency, kind: Kind, resource: Json | None, known: Knowledge) -> tuple[Scenario, ...]:
    """The scenarios to judge.

    Those that the tool asks for; else the one that the URL's path tells; else what every use needs, in the mode that
    the resource is in, or what writing needs when the tool is known to write.
    """
    asked = tuple(one for name in dependency.scenarios if (one := _named(name, kind, known)) is not None)
    if asked:
        return asked
    path = resolve.place(dependency.target).path.lower()
    by_path = [one for one in kind.scenarios if one.path and one.path.lower() in path]
    if by_path:
        return (by_path[0],)
    usual = [one for one in kind.scenarios if one.judge is Judge.ALWAYS and not one.path and _in_mode(one, resource)]
    writing = [one for one in kind.scenarios if one.judge is Judge.WRITE]
    if dependency.writes and writing:
        return (writing[0],)
    return tuple(usual)


def remarked(dependency: Dependency, kind: Kind) -> tuple[Scenario, ...]:
    """Scenarios that are only remarked on: writing, when it cannot be seen whether the tool writes."""
    if dependency.writes is not None or dependency.scenarios:
        return ()
    return tuple(one for one in kind.scenarios if one.judge is Judge.WRITE)


def other_modes(kind: Kind, resource: Json | None) -> tuple[Scenario, ...]:
    """What the same use needs in a mode that the resource is not in."""
    return tuple(one for one in kind.scenarios if one.when is not None and not _in_mode(one, resource))


def _named(name: str, kind: Kind, known: Knowledge) -> Scenario | None:
    """A scenario by its id, or by `kind.id` when it belongs to another kind."""
    owner, dot, scenario_id = name.partition(".")
    other = known.get(owner) if dot else kind
    return other.scenario(scenario_id if dot else name) if other else None


def _in_mode(scenario: Scenario, resource: Json | None) -> bool:
    return scenario.when is None or (resource is not None and properties.holds(scenario.when, resource))
