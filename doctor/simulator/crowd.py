"""A tenant's worth of role assignments, made when they are asked for and kept nowhere: memory stays flat.

Each subscription has the same number of them. The first ones of each are the agents' own, so that every agent of that
subscription may read its storage account; the rest belongs to people who have nothing to do with agents.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from doctor.simulator.assignment import Assignment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PEOPLE, _STEP = 5_000, 7
_PERSON = "9e050000-0000-4000-8000-"
_ROLES = (
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
    "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
)
_BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"


class Crowd:
    """The role assignments of a fleet's subscriptions."""

    def __init__(self, subscriptions: Sequence[str], total: int, own: dict[str, list[tuple[str, str]]]) -> None:
        """Lay out `total` assignments over the subscriptions.

        Args:
            subscriptions: Ids (GUIDs) of the subscriptions that hold agents.
            total: How many role assignments there are.
            own: Subscription → (principal, scope) of what its agents need.
        """
        self._subscriptions = list(subscriptions)
        self._each = total // len(self._subscriptions) if self._subscriptions else 0
        self._own = own
        self._holders = {who: at for at, one in own.items() for who, _ in one}
        self._created = datetime.now(timezone.utc) - timedelta(days=90)

    def __iter__(self) -> Iterator[Assignment]:
        for subscription in self._subscriptions:
            yield from self.inside(subscription)

    def inside(self, subscription: str) -> Iterator[Assignment]:
        """The assignments of one subscription."""
        if subscription not in self._own:
            return
        at, own = self._subscriptions.index(subscription), self._own[subscription]
        for number, (who, scope) in enumerate(own[: self._each]):
            yield self._made(at, number, who, _BLOB_READER, scope)
        yield from (self._of_person(at, number) for number in range(len(own), self._each))

    def of(self, principals: frozenset[str]) -> Iterator[Assignment]:
        """The assignments of some principals."""
        if not any(who in self._holders or who.startswith(_PERSON) for who in principals):
            return
        for at, subscription in enumerate(self._subscriptions):
            own = self._own[subscription]
            if any(self._holders.get(who) == subscription for who in principals):
                yield from (
                    self._made(at, number, who, _BLOB_READER, scope)
                    for number, (who, scope) in enumerate(own[: self._each])
                    if who in principals
                )
            for who in principals:
                if who.startswith(_PERSON):
                    first = (int(who.rpartition("-")[2], 16) - at) * pow(_STEP, -1, _PEOPLE) % _PEOPLE
                    numbers = range(first, self._each, _PEOPLE)
                    yield from (self._of_person(at, number) for number in numbers if number >= len(own))

    def _of_person(self, at: int, number: int) -> Assignment:
        group = f"/resourceGroups/rg-{number % 40}" if number % 8 else ""
        who = person((number * _STEP + at) % _PEOPLE)
        scope = f"/subscriptions/{self._subscriptions[at]}{group}"
        return self._made(at, number, who, _ROLES[number % len(_ROLES)], scope)

    def _made(self, at: int, number: int, who: str, role: str, scope: str) -> Assignment:
        name = f"a551{at:04x}-0000-4000-8000-{number:012x}"
        kind = "ServicePrincipal" if role == _BLOB_READER else "User"
        return Assignment(
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", who, kind, role, scope, self._created
        )


def person(number: int) -> str:
    """The object id of one of the people."""
    return f"{_PERSON}{number:012x}"
