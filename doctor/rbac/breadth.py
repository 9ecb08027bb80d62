"""How much a role reaches, so that the narrowest one can be chosen.

Method: the universe is every action that the bundled built-in roles write out in full, and for each pattern with a
wildcard one action that nobody has written out yet. A role reaches the set of those that it grants: neither the number
of its patterns nor the way they are cut counts. What changes something weighs more than what reads. Where the scope is
a resource, only actions of that resource's provider and of Microsoft.Authorization have power there; the rest decides
between roles that are equal.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from doctor.rbac.actions import matches
from doctor.rbac.definitions import bundled_definitions
from doctor.rbac.scopes import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.model.authorization import Permission, RoleDefinition

_CHANGES = 10
"""What an action weighs that is no read."""
_AUTHORIZATION = "microsoft.authorization"
_AFTER_EVERYTHING = "\uffff"
_SHARE = 1 / 4
"""How much of what a role reaches is its subject, at least."""
_UNWRITTEN = "~"
"""Stands for what a wildcard covers and nobody has written out."""
_USUAL = (
    "microsoft.authorization/",
    "microsoft.insights/alertrules/",
    "microsoft.resourcehealth/",
    "microsoft.resources/",
    "microsoft.support/",
)
"""Beginnings of actions that nearly every built-in role has beside its subject."""


@lru_cache(maxsize=2)
def _universe(data: bool) -> tuple[str, ...]:  # noqa: FBT001 - the two halves of one list
    found: set[str] = set()
    for role in bundled_definitions().values():
        for entry in role.permissions:
            lists = (entry.data_actions, entry.not_data_actions) if data else (entry.actions, entry.not_actions)
            found.update(text.lower().replace("*", _UNWRITTEN) for part in lists for text in part)
    return tuple(sorted(found))


def _covered(patterns: Iterable[str], *, data: bool) -> set[str]:
    """The actions of the universe that any of the patterns covers."""
    universe = _universe(data)
    found: set[str] = set()
    for pattern in patterns:
        text = pattern.lower()
        head, star, rest = text.partition("*")
        if not star:
            found.add(text)
            continue
        found.add(text.replace("*", _UNWRITTEN))
        first, last = bisect_left(universe, head), bisect_left(universe, head + _AFTER_EVERYTHING)
        found.update(one for one in universe[first:last] if not rest or matches(text, one))
    return found


@lru_cache(maxsize=2048)
def _granted(permissions: tuple[Permission, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The control actions and data actions of the universe that are granted, lower case, conditions aside."""
    control: set[str] = set()
    data: set[str] = set()
    for entry in permissions:
        control |= _covered(entry.actions, data=False) - _covered(entry.not_actions, data=False)
        data |= _covered(entry.data_actions, data=True) - _covered(entry.not_data_actions, data=True)
    return frozenset(control), frozenset(data)


def breadth(role: RoleDefinition, scope: str) -> tuple[int, int]:
    """What the role reaches at the scope, then what it reaches at all; smaller is narrower."""
    return _measured(role.permissions, _provider(scope))


def changes_something(role: RoleDefinition, scope: str) -> bool:
    """Whether the role holds more than reads of what is at the scope, or of anything where that is no resource."""
    control, _ = _granted(role.permissions)
    return any(one.startswith(_provider(scope)) and not one.endswith("/read") for one in control)


@lru_cache(maxsize=4096)
def _measured(permissions: tuple[Permission, ...], provider: str) -> tuple[int, int]:
    everything = [one for part in _granted(permissions) for one in part]
    total = sum(map(_weight, everything))
    if not provider:
        return total, total
    # To see who has access is part of nearly every role and makes none of them wider.
    here = (f"{provider}/", _UNWRITTEN)
    powers = [one for one in everything if one.startswith(here)]
    powers += [one for one in everything if one.startswith(f"{_AUTHORIZATION}/") and not one.endswith("/read")]
    return sum(map(_weight, powers)), total


def _weight(action: str) -> int:
    return 1 if action.endswith("/read") else _CHANGES


def is_subject(role: RoleDefinition, action: str) -> bool:
    """Whether the role is about the action's provider, and does not have the action only in passing."""
    patterns = [one for entry in role.permissions for one in (*entry.actions, *entry.data_actions)]
    if any(one.startswith("*") and matches(one, action) for one in patterns):
        return True
    wanted = action.lower()
    provider = wanted.partition("/")[0]
    if wanted.startswith(f"{_AUTHORIZATION}/"):
        return not wanted.endswith("/read") and any(one.lower().startswith(f"{provider}/") for one in patterns)
    if wanted.startswith(_USUAL):
        # A deployment is a means: no role is about it that has it beside its own thing.
        return not wanted.startswith("microsoft.resources/deployments/") and all(
            one.lower().startswith(_USUAL) for one in patterns
        )
    weights = _by_provider(role.permissions)
    mine = weights.get(provider, 0)
    return mine == max(weights.values(), default=0) and mine >= _SHARE * sum(weights.values())


@lru_cache(maxsize=2048)
def _by_provider(permissions: tuple[Permission, ...]) -> Mapping[str, int]:
    """How much of each provider is reached, the usual additions aside."""
    everything = [one for part in _granted(permissions) for one in part]
    weights: Counter[str] = Counter()
    for one in [one for one in everything if not one.startswith(_USUAL)] or everything:
        weights[one.partition("/")[0]] += _weight(one)
    return weights


def _provider(scope: str) -> str:
    """The resource provider of a resource scope: `microsoft.storage`; empty above resources."""
    parsed = parse(scope)
    if parsed is None or parsed.segments[:1] != ("subscriptions",) or "providers" not in parsed.segments:
        return ""
    at = len(parsed.segments) - 1 - parsed.segments[::-1].index("providers")
    return parsed.segments[at + 1] if at + 1 < len(parsed.segments) else ""
