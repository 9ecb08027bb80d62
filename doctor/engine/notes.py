"""What is worth knowing about a run as a whole, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import rbac
from doctor.facts.access import bundled_stood_in
from doctor.facts.unseen import unseen
from doctor.model.cause import Cause
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.facts.subject import Facts
    from doctor.facts.unseen import Unseen
    from doctor.model.finding import Result

_SHOWN = 3
"""So many actions are named."""


def notes(facts: Facts, results: Sequence[Result]) -> tuple[str, ...]:
    """Whether bundled role definitions were used, and once what would let us look at all that was refused."""
    found = []
    if bundled_stood_in(facts):
        found.append(f"The role definitions could not be read; those of {rbac.BUNDLED_DATE} stood in for them.")
    if any(_for_a_permission(one) for one in results) and (refused := unseen(facts)) is not None:
        found.append(_to_look(refused))
    return tuple(found)


def _for_a_permission(result: Result) -> bool:
    finding = result.finding
    return finding.status is Status.UNKNOWN and finding.required and finding.cause is Cause.CANNOT_READ


def _to_look(refused: Unseen) -> str:
    names = [f"{'the data action ' if one.data else ''}{one.name}" for one in refused.actions]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    where = rbac.describe(refused.scope) if refused.scope else "the project's resource group"
    roles = " and ".join(refused.roles)
    named = ", ".join(names[:_SHOWN])
    return f"What could not be read takes {named}{more}: {roles} on {where} would let us look."
