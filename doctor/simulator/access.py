"""Who may do what where, decided plainly: no cache, no reuse of the product's reasoning, one rule after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.simulator.names import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.simulator.wire import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """One permission entry of a role or deny assignment."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    @staticmethod
    def of(permission: Json) -> Entry:
        """The entry out of its JSON."""
        return Entry(
            tuple(permission.get("actions") or ()),
            tuple(permission.get("notActions") or ()),
            tuple(permission.get("dataActions") or ()),
            tuple(permission.get("notDataActions") or ()),
        )

    def holds(self, action: str, *, data: bool) -> bool:
        """Whether the entry grants (or refuses) the action."""
        yes, no = (self.data_actions, self.not_data_actions) if data else (self.actions, self.not_actions)
        return _any(yes, action) and not _any(no, action)


@dataclass(frozen=True, slots=True)
class Held:
    """A role assignment as far as access goes."""

    principal: str
    scope: str
    entries: tuple[Entry, ...]
    in_force: bool = True
    """Known to the services already, not ended, and its condition, if any, holds."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A deny assignment as far as access goes."""

    principals: frozenset[str]
    exclude: frozenset[str]
    scope: str
    entries: tuple[Entry, ...]
    this_scope_only: bool = False


def covers(scope: str, resource: str) -> bool:
    """Whether a scope is the resource or one of its ancestors, by path segments and in any letter case."""
    above, below = _segments(scope), _segments(resource)
    return below[: len(above)] == above


def may(
    who: frozenset[str],
    action: str,
    scopes: tuple[str, ...],
    held: Iterable[Held],
    refusals: Iterable[Refusal],
    *,
    data: bool = False,
) -> bool:
    """Whether a principal may do one action.

    Args:
        who: The principal's object id and those of all its groups.
        action: The (data) action.
        scopes: The resource's id, then its ancestors that are not in its path: management groups and the root.
        held: All role assignments.
        refusals: All deny assignments.
        data: The action is a data action.
    """
    for refusal in refusals:
        if not (who & refusal.principals or EVERYONE in refusal.principals) or who & refusal.exclude:
            continue
        exact = _segments(refusal.scope) == _segments(scopes[0])
        reaches = exact or (not refusal.this_scope_only and any(covers(refusal.scope, scope) for scope in scopes))
        if reaches and any(entry.holds(action, data=data) for entry in refusal.entries):
            return False
    return any(
        one.in_force
        and one.principal in who
        and any(covers(one.scope, scope) for scope in scopes)
        and any(entry.holds(action, data=data) for entry in one.entries)
        for one in held
    )


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(_matches(pattern, action) for pattern in patterns)


def _matches(pattern: str, action: str) -> bool:
    regex = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(regex, action, re.IGNORECASE) is not None


def _segments(scope: str) -> list[str]:
    return [part for part in scope.lower().split("/") if part]
