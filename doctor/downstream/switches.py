"""Settings of a target that make a right permission or a good key useless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties, resolve, shell
from doctor.downstream.kind import Concerns, Effect
from doctor.model.fix import Fix

if TYPE_CHECKING:
    from doctor.downstream.kind import Command, Kind, Switch
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
        "name": shell.word(resolve.resource_name(resource_id)),
        "group": shell.word(resolve.part(resource_id, "resourceGroups")),
        "subscription": shell.word(resolve.part(resource_id, "subscriptions")),
        "id": shell.word(resource_id),
    }
    undo = template.undo.format(**values) if template.undo else ""
    return (Fix(template.title, template.template.format(**values), undo, template.needs),)
