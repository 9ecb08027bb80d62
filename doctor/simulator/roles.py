"""Role definitions: the built-in ones of the bundled, dated list, and the custom ones of a scenario."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from doctor.simulator.names import guid, is_guid

if TYPE_CHECKING:
    from doctor.simulator.scenario_model import Role
    from doctor.simulator.wire import Json

_TYPE = "Microsoft.Authorization/roleDefinitions"


@lru_cache(maxsize=1)
def built_in() -> dict[str, Json]:
    """GUID → built-in role definition as Resource Manager gives it at the root, without who created it and when."""
    text = resources.files("doctor.simulator").joinpath("data/roles.json").read_text(encoding="utf-8")
    return {
        key: _definition(f"/providers/{_TYPE}/{key}", name, "BuiltInRole", (said, scopes, entries))
        for key, name, said, scopes, entries in json.loads(text)["roles"]
    }


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {role["properties"]["roleName"].lower(): key for key, role in built_in().items()}


def role_guid(given: str, custom: dict[str, Json]) -> str:
    """The GUID of a role given by GUID, by present name, or by its table's name among the custom ones.

    Raises:
        LookupError: there is no such role.
    """
    if is_guid(given):
        return given.lower()
    key = guid("role", given)
    if key in custom:
        return key
    return _by_name()[given.lower()]


def custom_role(key: str, role: Role, scope: str) -> Json:
    """The definition of a custom role that is assignable at a scope."""
    role_id = guid("role", key)
    entry: Json = {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }
    path = f"{scope}/providers/{_TYPE}/{role_id}"
    return _definition(path, role.name or key, "CustomRole", (role.description, [scope], [entry]))


def _definition(path: str, role_name: str, kind: str, rest: tuple[str, list[str], list[Json]]) -> Json:
    description, scopes, entries = rest
    properties: Json = {
        "roleName": role_name,
        "type": kind,
        "description": description,
        "assignableScopes": scopes,
        "permissions": entries,
    }
    return {"properties": properties, "id": path, "type": _TYPE, "name": path.rsplit("/", 1)[-1]}
