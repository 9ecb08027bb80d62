"""A custom role for needs that no known role meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.change import CreateRole
from doctor.rbac.scopes import describe, parse

if TYPE_CHECKING:
    from doctor.rbac.facts import Needs


def proposal(needs: Needs, scope: str) -> CreateRole:
    """The creation of a role that grants exactly what is needed.

    Of alternatives the first is taken. Azure gives the role its GUID when it is created, so that its assignment names
    the role by its name, which stands in the place of the GUID.
    """
    first = tuple(dict.fromkeys(group[0] for group in needs.all_of))
    parsed = parse(scope)
    return CreateRole(
        name=f"Access to {describe(scope)}",
        home="/" + "/".join(parsed.shown[:2]) if parsed and len(parsed.shown) > 1 else scope,
        actions=tuple(action.name for action in first if not action.data),
        data_actions=tuple(action.name for action in first if action.data),
    )
