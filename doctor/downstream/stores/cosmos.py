"""Cosmos DB's own role assignments, which Azure's access control does not show.

Shapes: sqlRoleAssignments and sqlRoleDefinitions of Microsoft.DocumentDB api-version 2024-11-15. A scope is the
account's ARM id, or that with `/dbs/{database}` and `/colls/{container}` behind it. Source: Microsoft Learn,
"Connect to Azure Cosmos DB for NoSQL using role-based access control".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import properties, resolve
from doctor.downstream.judgement import Ask, Judgement, granted, missing, open_question, unread
from doctor.model.access import Action
from doctor.model.authorization import Permission
from doctor.model.cause import Cause
from doctor.model.change import AddNativeRole
from doctor.model.fact import Known
from doctor.model.untrusted import clean
from doctor.rbac import covers
from doctor.rbac.actions import Held, holds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.downstream.kind import NativeRole
    from doctor.downstream.lookup import Lookup
    from doctor.model.fact import Problem
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json

API_VERSION = "2024-11-15"
BUILT_IN = {
    "00000000-0000-0000-0000-000000000001": (
        "Microsoft.DocumentDB/databaseAccounts/readMetadata",
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read",
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery",
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/readChangeFeed",
    ),
    "00000000-0000-0000-0000-000000000002": (
        "Microsoft.DocumentDB/databaseAccounts/readMetadata",
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/*",
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/*",
    ),
}


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Whether the account's own role assignments give the identity the data actions of the scenario."""
    role = ask.scenario.native
    if role is None:
        raise ValueError(f"scenario {ask.scenario.id} has no native role")
    listed = lookup.list(f"{ask.resource_id}/sqlRoleAssignments", API_VERSION)
    if not isinstance(listed, Known):
        return unread(listed.problem, f"The role assignments inside {ask.what}")
    members = {ask.identity.object_id.lower()} | {one.lower() for one in lookup.groups(ask.identity.object_id)}
    mine = [one for one in listed.value if properties.text(one, "properties.principalId").lower() in members]
    held, custom = _held(mine, ask, lookup)
    if custom is not None:
        return unread(custom, f"The custom roles inside {ask.what}")
    here = [entry for scope, entries in held if covers(scope, ask.scope) for entry in entries]
    if _enough(here, role):
        return granted(f"{ask.subject} has a data role inside {ask.what}", evidence=_seen(mine))
    parts = [scope for scope, entries in held if covers(ask.scope, scope) and _enough(entries, role)]
    if parts and not ask.child:
        reason = f"{ask.subject} has a data role on a part of {ask.what} only"
        return open_question(Cause.WRONG_SCOPE, reason, evidence=_seen(mine), fixes=(fix(ask, role),))
    return missing(Cause.NATIVE_ROLE_MISSING, _why(ask, mine, parts), evidence=_seen(mine), fixes=(fix(ask, role),))


def _held(
    assignments: Iterable[Json], ask: Ask, lookup: Lookup
) -> tuple[list[tuple[str, tuple[Permission, ...]]], Problem | None]:
    """Scope and permissions of each assignment; the custom roles are read when one is assigned."""
    held: list[tuple[str, tuple[Permission, ...]]] = []
    definitions = None
    for one in assignments:
        guid = resolve.resource_name(properties.text(one, "properties.roleDefinitionId")).lower()
        entries: tuple[Permission, ...] = (Permission(data_actions=BUILT_IN[guid]),) if guid in BUILT_IN else ()
        if not entries:
            definitions = definitions or lookup.list(f"{ask.resource_id}/sqlRoleDefinitions", API_VERSION)
            if not isinstance(definitions, Known):
                return held, definitions.problem
            entries = _custom(definitions.value, guid)
        held.append((_scope(one, ask.resource_id), entries))
    return held, None


def _custom(definitions: Iterable[Json], guid: str) -> tuple[Permission, ...]:
    for one in definitions:
        if resolve.resource_name(properties.text(one, "id") or properties.text(one, "name")).lower() == guid:
            return tuple(
                Permission(
                    data_actions=properties.texts(properties.dig(part, "dataActions")),
                    not_data_actions=properties.texts(properties.dig(part, "notDataActions")),
                )
                for part in properties.items(one, "properties.permissions")
            )
    return ()


def _scope(assignment: Json, account_id: str) -> str:
    """The assignment's scope as an ARM id, one that is relative to the account made whole; "" when there is none."""
    scope = properties.text(assignment, "properties.scope")
    return scope if not scope or scope.lower().startswith("/subscriptions/") else account_id + scope.rstrip("/")


def _enough(entries: Iterable[Permission], role: NativeRole) -> bool:
    wanted = [Action(name, data=True) for name in role.actions]
    return all(any(holds(entry, action) is Held.YES for entry in entries) for action in wanted)


def _why(ask: Ask, mine: list[Json], parts: list[str]) -> str:
    who = ask.subject
    if not mine:
        return f"{who} has no role inside {ask.what}, and Azure roles do not count for its data"
    if parts:
        used = clean(ask.child.rsplit("/", 1)[-1])
        return f"{who} has a role on single containers of {ask.what} only; it is needed on the whole of {used}"
    return f"{who} has a role inside {ask.what}, but not for {ask.scenario.title} where it is needed"


def _seen(assignments: Iterable[Json]) -> tuple[str, ...]:
    return tuple(
        f"native role {clean(resolve.resource_name(properties.text(one, 'properties.roleDefinitionId')))}"
        f" on {clean(properties.text(one, 'properties.scope'))}"
        for one in assignments
    )


def fix(ask: Ask, role: NativeRole) -> Fix:
    """The change that gives the identity the narrow native role."""
    change = AddNativeRole(
        ask.resource_id, ask.identity.object_id, role.role, ask.scope, api_version=ask.kind.api_version
    )
    return changes.fix(change, f"Assign {role.name} inside {ask.what} to {ask.who}")
