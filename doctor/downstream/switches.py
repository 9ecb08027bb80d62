"""Settings of a target that make a right permission or a good key useless."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import properties, resolve
from doctor.downstream.kind import Concerns, Effect
from doctor.model.change import RunAz

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.downstream.kind import Command, Kind, Switch
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json


def refusing(kind: Kind, resource: Json, concerns: Concerns) -> tuple[Switch, ...]:
    """The switches that stop calls with a key or with an identity, as the resource stands."""
    return tuple(
        one
        for one in kind.switches
        if one.effect is Effect.REFUSES and one.concerns in {concerns, Concerns.ANYONE} and _on(one, resource)
    )


def softening(kind: Kind, resource: Json | None) -> tuple[Switch, ...]:
    """The switches because of which access may exist that no role assignment shows."""
    return tuple(one for one in kind.switches if one.effect is Effect.SOFTENS and resource and _on(one, resource))


def _on(switch: Switch, resource: Json) -> bool:
    return all(properties.holds(one, resource) for one in switch.when) and not any(
        properties.holds(one, resource) for one in switch.unless
    )


def command(template: Command | None, resource_id: str) -> tuple[Fix, ...]:
    """The fix that a template describes, filled in for a resource; nothing when there is no template."""
    if template is None:
        return ()
    values = {
        "name": resolve.resource_name(resource_id),
        "group": resolve.part(resource_id, "resourceGroups"),
        "subscription": resolve.part(resource_id, "subscriptions"),
        "id": resource_id,
    }
    change = RunAz(_words(template.template, values), _words(template.undo, values))
    return (changes.fix(change, template.title, needs=template.needs),)


def _words(template: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The template's words without the `az` in front, each filled in by itself so that no value can be two words."""
    return tuple(word.format(**values) for word in shlex.split(template)[1:])
