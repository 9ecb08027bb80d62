"""Lists of a subscription, read at the widest scope that we may list.

One list at the subscription answers for every resource in it. Who holds Reader on a resource group only may still list
there, and the list of a narrower scope shows what is inherited from above it as well.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.facts.memo import Memo

T = TypeVar("T")

_FORBIDDEN = {Cause.CANNOT_READ, Cause.RESOURCE_NOT_FOUND}


class WidestScope:
    """Remembers at which scopes listing is forbidden, so that the next principal is not asked for there again."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._lock = threading.Lock()
        self._forbidden: dict[tuple[str, str], Unread] = {}

    def read(self, kind: str, principal_id: str, scope: str, fetch: Callable[[str], Fact[T]]) -> Fact[T]:
        """The first answer of the subscription, the resource group and the resource that is not a refusal.

        Args:
            kind: which list it is.
            principal_id: whose list it is; "" for everybody's.
            scope: ARM id of the resource that the question is about.
            fetch: reads the list at a scope.

        Raises:
            ValueError: the scope is not within a subscription.
        """
        refusals: list[Unread] = []
        for at in ladder(scope):
            with self._lock:
                refusal = self._forbidden.get((kind, at.lower()))
            if refusal is None:
                fact = self._memo.once((kind, principal_id.lower(), at.lower()), partial(fetch, at))
                if isinstance(fact, Known) or fact.problem.cause not in _FORBIDDEN:
                    return fact
                refusal = fact
                with self._lock:
                    self._forbidden[kind, at.lower()] = refusal
            refusals.append(refusal)
        if not refusals:
            raise ValueError(f"{scope!r} is not within a subscription")
        return refusals[0]


def ladder(scope: str) -> tuple[str, ...]:
    """The subscription, the resource group and the resource of a scope, the widest first."""
    parts = scope.strip("/").split("/")
    steps = [2, 4, len(parts)] if len(parts) > 4 else [2, len(parts)]
    if len(parts) < 2 or parts[0].lower() != "subscriptions":
        return ()
    return tuple(dict.fromkeys("/" + "/".join(parts[:step]) for step in steps if step <= len(parts)))
