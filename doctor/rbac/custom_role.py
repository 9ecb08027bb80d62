"""A custom role for needs that no known role meets."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from doctor.model.authorization import Permission, RoleDefinition
from doctor.model.fix import Fix
from doctor.model.untrusted import clean, visible
from doctor.rbac.scopes import describe, parse

if TYPE_CHECKING:
    from doctor.rbac.facts import Needs


def proposal(needs: Needs, scope: str) -> tuple[Fix, RoleDefinition]:
    """The creation of a role that grants exactly what is needed, and that role as if it were there.

    Of alternatives the first is taken. Azure gives the role its GUID when it is created, so that its assignment names
    the role by its name, which stands in the place of the GUID here.
    """
    first = tuple(dict.fromkeys(group[0] for group in needs.all_of))
    control = tuple(action.name for action in first if not action.data)
    data = tuple(action.name for action in first if action.data)
    parsed = parse(scope)
    home = "/" + "/".join(parsed.shown[:2]) if parsed and len(parsed.shown) > 1 else scope
    name = f"Access to {describe(scope)}"
    definition = {
        "Name": name,
        "Description": "Exactly what is needed here.",
        "Actions": list(control),
        "DataActions": list(data),
        "AssignableScopes": [home],
    }
    role = RoleDefinition(name, name, (Permission(control, (), data, ()),), built_in=False, assignable_scopes=(home,))
    body = shlex.quote(visible(json.dumps(definition, separators=(",", ":"))))
    fix = Fix(
        title=f"Create a custom role with {' and '.join(clean(one.name) for one in first)}",
        command=f"az role definition create --role-definition {body}",
        undo=f"az role definition delete --name {shlex.quote(visible(name))} --scope {shlex.quote(visible(home))}",
        needs=f"Needs Microsoft.Authorization/roleDefinitions/write on {describe(home)}",
        note="No known role holds this without a condition.",
    )
    return fix, role
