"""Which action strings a pattern of a role definition covers.

A pattern may hold any number of `*`, anywhere; each stands for any run of characters, slashes too. Letter case does not
matter (source: Microsoft Learn, "Understand Azure role definitions").
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.access import Action
    from doctor.model.authorization import Permission


class Held(Enum):
    """What one permission entry says about one action, its condition aside."""

    YES = "yes"
    SUBTRACTED = "subtracted"
    """An action covers it and a not-action of the same entry takes it away."""
    NO = "no"


@lru_cache(maxsize=1 << 15)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.strip().lower().split("*"))


def matches(pattern: str, action: str) -> bool:
    """Whether the pattern covers the action; an action that holds `*` itself must be covered whole."""
    head, *rest = _parts(pattern)
    text = action.lower()
    if not rest:
        return text == head
    tail = rest.pop()
    if not text.startswith(head) or not text.endswith(tail) or len(text) < len(head) + len(tail):
        return False
    at, end = len(head), len(text) - len(tail)
    for part in rest:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def overlaps(pattern: str, action: str) -> bool:
    """Whether the pattern covers any action that the asked one, which may hold `*`, stands for."""
    if "*" not in action:
        return matches(pattern, action)
    left, right = pattern.strip().lower(), action.lower()
    row = [True] + [False] * len(right)
    for column, char in enumerate(right, 1):
        row[column] = row[column - 1] and char == "*"
    for mine in left:
        above, row = row, [row[0] and mine == "*"] + [False] * len(right)
        for column, theirs in enumerate(right, 1):
            if "*" in {mine, theirs}:
                row[column] = (
                    above[column - 1] or (mine == "*" and row[column - 1]) or (theirs == "*" and row[column - 1])
                )
                row[column] = row[column] or above[column]
            else:
                row[column] = mine == theirs and above[column - 1]
    return row[-1]


def holds(permission: Permission, action: Action) -> Held:
    """What the entry says about the action: data actions and control actions never mix."""
    grants, takes = (
        (permission.data_actions, permission.not_data_actions)
        if action.data
        else (permission.actions, permission.not_actions)
    )
    if not any(matches(pattern, action.name) for pattern in grants):
        return Held.NO
    if any(overlaps(pattern, action.name) for pattern in takes):
        return Held.SUBTRACTED
    return Held.YES


def touches(permission: Permission, action: Action) -> bool:
    """Whether a deny entry refuses the action, or any part of an action asked with `*`."""
    refuses, spares = (
        (permission.data_actions, permission.not_data_actions)
        if action.data
        else (permission.actions, permission.not_actions)
    )
    return any(overlaps(pattern, action.name) for pattern in refuses) and not any(
        matches(pattern, action.name) for pattern in spares
    )
