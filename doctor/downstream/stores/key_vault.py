"""Key Vault: roles when enableRbacAuthorization is true, access policies otherwise, and never both.

Shape: vaults of api-version 2023-07-01. Source: Microsoft Learn, "Provide access to Key Vault with Azure RBAC".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import properties
from doctor.downstream.judgement import Ask, Judgement, for_a_person, granted, missing, open_question
from doctor.downstream.stores import role_assignments
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.change import SetAccessPolicy
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.downstream.lookup import Lookup
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Whether the vault, in the mode that it is in, lets the identity do what the scenario needs."""
    if ask.resource is None:
        return open_question(
            Cause.CANNOT_READ,
            f"{ask.what} could not be read, so it is not known whether roles or access policies decide there",
        )
    if uses_roles(ask):
        return role_assignments.judge(ask, lookup)
    if not ask.scenario.policy:
        return for_a_person(ask, f"{ask.what} uses access policies; what {ask.scenario.title} needs there is not known")
    members = {ask.identity.object_id.lower()} | {one.lower() for one in lookup.groups(ask.identity.object_id)}
    mine = tuple(_policies(ask.resource, members))
    lacking = _lacking(ask.scenario.policy, mine)
    who = ask.subject
    if not lacking:
        return granted(f"{who} has an access policy in {ask.what} for {ask.scenario.title}", evidence=_seen(mine))
    fixes = (fix(ask),)
    roles = role_assignments.judge(ask, lookup)
    wanted = ", ".join(f"{store}: {' '.join(names)}" for store, names in lacking.items())
    if roles.access is Access.GRANTED:
        reason = f"{who} has a role on {ask.what}, but this vault uses access policies, and no policy names it"
        return missing(Cause.RBAC_NOT_HONOURED, reason, evidence=(*roles.evidence, f"missing {wanted}"), fixes=fixes)
    state = "no access policy" if not mine else "an access policy that is not enough"
    reason = f"{who} has {state} in {ask.what}, which uses access policies and not roles (missing {wanted})"
    return missing(Cause.NATIVE_ROLE_MISSING, reason, evidence=_seen(mine), fixes=fixes)


def uses_roles(ask: Ask) -> bool:
    """Whether the vault is in the mode in which roles count."""
    return properties.dig(ask.resource, "properties.enableRbacAuthorization") is True


def _policies(vault: Json, members: set[str]) -> Iterable[Json]:
    """The policies for the identity or its groups; one that also names an application is for that pair only."""
    for one in properties.items(vault, "properties.accessPolicies"):
        if properties.text(one, "objectId").lower() in members and not properties.text(one, "applicationId"):
            yield one


def _lacking(policy: Mapping[str, tuple[str, ...]], mine: tuple[Json, ...]) -> dict[str, tuple[str, ...]]:
    lacking = {}
    for store, names in policy.items():
        held = {name.lower() for one in mine for name in properties.texts(properties.dig(one, f"permissions.{store}"))}
        absent = tuple(name for name in names if name.lower() not in held and "all" not in held)
        if absent:
            lacking[store] = absent
    return lacking


def _seen(policies: tuple[Json, ...]) -> tuple[str, ...]:
    return tuple(
        f"access policy: {store} {' '.join(clean(name) for name in names)}"
        for one in policies
        for store in ("secrets", "keys", "certificates")
        if (names := properties.texts(properties.dig(one, f"permissions.{store}")))
    )


_OBJECTS = ("secrets", "keys", "certificates")


def fix(ask: Ask) -> Fix:
    """The change that writes the access policy.

    It replaces what the identity already has for a kind of object, so what it has is written again.
    """
    had = _own_rights(ask)
    wanted = {
        store: tuple(dict.fromkeys((*had.get(store, ()), *names))) for store, names in ask.scenario.policy.items()
    }
    change = SetAccessPolicy(
        ask.resource_id, ask.identity.object_id, tuple(wanted.items()), tuple(had.items()), ask.kind.api_version
    )
    return changes.fix(change, f"Add an access policy for {ask.who} to {ask.what}")


def _own_rights(ask: Ask) -> dict[str, tuple[str, ...]]:
    policies = _policies(ask.resource or {}, {ask.identity.object_id.lower()})
    return {
        store: names
        for one in policies
        for store in _OBJECTS
        if (names := properties.texts(properties.dig(one, f"permissions.{store}")))
    }
