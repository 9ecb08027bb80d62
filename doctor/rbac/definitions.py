"""Role definitions: the bundled built-in ones, their names, and what they grant.

The bundled list is a dated copy (source in data/generate.py); definitions read from Azure win over it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from doctor.model.authorization import Permission, RoleDefinition
from doctor.model.untrusted import clean
from doctor.rbac.actions import Held, holds
from doctor.rbac.conditions import NEVER, Call, Effect, effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.access import Action

BUNDLED_DATE = "2026-08-22"
"""Day of the bundled list of built-in roles."""

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def role_guid(role_definition_id: str) -> str:
    """The GUID of a role definition, whatever prefix its id has: the last path segment, lower case."""
    return role_definition_id.strip().rstrip("/").rpartition("/")[2].lower()


@dataclass(frozen=True, slots=True)
class _Bundle:
    roles: Mapping[str, RoleDefinition]
    former: Mapping[str, str]
    """Former names; the ids did not change (MicrosoftDocs/azure-ai-docs, role-rename-note.md, 2026-05-11)."""


@lru_cache(maxsize=1)
def _bundle() -> _Bundle:
    text = files("doctor.rbac.data").joinpath("role_definitions.json").read_text(encoding="utf-8")
    packed = json.loads(text)
    strings: list[str] = packed["strings"]
    roles = {
        guid: RoleDefinition(guid, name, tuple(_permission(entry, strings) for entry in entries), description=about)
        for guid, name, about, entries in packed["roles"]
    }
    former = {guid: names[-1] for guid, names in packed["former"].items()}
    return _Bundle(MappingProxyType(roles), MappingProxyType(former))


def bundled_definitions() -> Mapping[str, RoleDefinition]:
    """The built-in roles of `BUNDLED_DATE`, by GUID; read once, when first asked for."""
    return _bundle().roles


def _permission(entry: list[Any], strings: list[str]) -> Permission:
    actions, not_actions, data, not_data = (tuple(strings[index] for index in part) for part in entry[:4])
    return Permission(actions, not_actions, data, not_data, *entry[4:])


def role_name(guid: str, name: str = "") -> str:
    """A role's present name for people.

    Args:
        guid: the role's GUID, any letter case.
        name: the name that Azure gave; without it, or where it is the former one, the bundled name is taken, else the
            GUID itself is shown.
    """
    key = guid.lower()
    if not name or name == _bundle().former.get(key):
        bundled = bundled_definitions().get(key)
        name = bundled.name if bundled else name or f"role {key}"
    return clean(name)


def role_label(guid: str, name: str = "") -> str:
    """A role's present name and, where it was renamed, the former one: "Foundry User (formerly Azure AI User)"."""
    former = _bundle().former.get(guid.lower(), "")
    return f"{role_name(guid, name)} (formerly {former})" if former else role_name(guid, name)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a role definition says about one action."""

    held: Held
    effect: Effect = NEVER
    """The effect of the permission entry's own condition, where an entry holds the action."""

    @property
    def granted(self) -> bool:
        """Held, and no condition of the role stands in the way."""
        return self.held is Held.YES and self.effect.met is True


_NOTHING = Holding(Held.NO)


def grants(role: RoleDefinition | Permission, action: Action, call: Call | None = None) -> Holding:
    """What the role, or one permission entry, grants of the action; the most generous of its entries counts.

    Args:
        role: a role definition or one permission entry.
        action: the control or data action.
        call: what is known of the call, for conditions on the entries; by default only the action's name.
    """
    entries = (role,) if isinstance(role, Permission) else role.permissions
    best = _NOTHING
    for entry in entries:
        held = holds(entry, action)
        if held is Held.NO:
            continue
        found = Holding(held)
        if held is Held.YES:
            found = Holding(held, effect(entry.condition, entry.condition_version, call or Call(action.name)))
        if _generosity(found) > _generosity(best):
            best = found
    return best


def _generosity(holding: Holding) -> int:
    if holding.held is not Held.YES:
        return 1 if holding.held is Held.SUBTRACTED else 0
    return {False: 2, None: 3, True: 4}[holding.effect.met]


def is_guid(text: str) -> bool:
    """Whether the text is a GUID in its usual form."""
    return _GUID.fullmatch(text.lower()) is not None
