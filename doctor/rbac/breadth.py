"""How much a role grants, so that the narrowest one can be chosen.

Method: every action string that the bundled built-in roles write out in full is the universe of known actions. A role's
breadth is how many of them it grants, control and data actions alike, plus a weight for each wildcard pattern, since a
wildcard also covers what nobody has written out yet: the earlier an open wildcard stands, the more it weighs. Where the
scope is a resource, only actions of that resource's provider and of Microsoft.Authorization have power there; these
count twice.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from doctor.rbac.actions import matches
from doctor.rbac.definitions import bundled_definitions
from doctor.rbac.scopes import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.model.authorization import RoleDefinition

_OPEN_WILDCARD = (2000, 100, 60, 40, 15)
"""What a pattern that ends in a wildcard adds, by the number of segments before it; the last holds for all longer."""
_CLOSED_WILDCARD = 3
"""What a pattern adds whose wildcard is followed by more, such as `*/read`."""
_AUTHORIZATION = "microsoft.authorization"
_AFTER_EVERYTHING = "\uffff"


@lru_cache(maxsize=2)
def _universe(data: bool) -> tuple[str, ...]:  # noqa: FBT001 - the two halves of one list
    found: set[str] = set()
    for role in bundled_definitions().values():
        for entry in role.permissions:
            lists = (entry.data_actions, entry.not_data_actions) if data else (entry.actions, entry.not_actions)
            found.update(text.lower() for part in lists for text in part if "*" not in text)
    return tuple(sorted(found))


def _covered(patterns: Iterable[str], *, data: bool) -> set[str]:
    """The known actions that any of the patterns covers."""
    universe = _universe(data)
    found: set[str] = set()
    for pattern in patterns:
        text = pattern.lower()
        head, star, rest = text.partition("*")
        if not star:
            found.add(text)
            continue
        first, last = bisect_left(universe, head), bisect_left(universe, head + _AFTER_EVERYTHING)
        found.update(one for one in universe[first:last] if not rest or matches(text, one))
    return found


def granted_actions(role: RoleDefinition) -> tuple[frozenset[str], frozenset[str]]:
    """The known control actions and data actions that the role grants, lower case, conditions aside."""
    control: set[str] = set()
    data: set[str] = set()
    for entry in role.permissions:
        control |= _covered(entry.actions, data=False) - _covered(entry.not_actions, data=False)
        data |= _covered(entry.data_actions, data=True) - _covered(entry.not_data_actions, data=True)
    return frozenset(control), frozenset(data)


def breadth(role: RoleDefinition, scope: str) -> int:
    """How much the role grants, with what has power at the scope counted twice; smaller is narrower."""
    control, data = granted_actions(role)
    wild = [one for entry in role.permissions for one in (*entry.actions, *entry.data_actions) if "*" in one]
    total = len(control) + len(data) + sum(_weight(one) for one in wild)
    provider = _provider(scope)
    if not provider:
        return 2 * total
    powers = (f"{provider}/", f"{_AUTHORIZATION}/")
    here = sum(one.startswith(powers) for part in (control, data) for one in part)
    return total + here + sum(_weight(one) for one in wild if one.lower().startswith((*powers, "*")))


def _weight(pattern: str) -> int:
    if not pattern.endswith("*"):
        return _CLOSED_WILDCARD
    depth = pattern.partition("*")[0].count("/")
    return _OPEN_WILDCARD[min(depth, len(_OPEN_WILDCARD) - 1)]


def _provider(scope: str) -> str:
    """The resource provider of a resource scope: `microsoft.storage`; empty above resources."""
    parsed = parse(scope)
    if parsed is None or parsed.segments[:1] != ("subscriptions",) or "providers" not in parsed.segments:
        return ""
    at = len(parsed.segments) - 1 - parsed.segments[::-1].index("providers")
    return parsed.segments[at + 1] if at + 1 < len(parsed.segments) else ""
