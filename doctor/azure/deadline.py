"""How long anything may take: one deadline for the run, a share of it for each check.

The share of the check that is running travels in a context variable, so that every request started by the check
respects it, however deep in an SDK. A thread pool does not hand context variables on: run the work with
`contextvars.copy_context().run`, or enter `within` in the worker.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class Deadline:
    """A point in time on a monotonic clock."""

    __slots__ = ("_clock", "_ends")

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    def remaining(self) -> float:
        """Seconds left; 0.0 when the time is over."""
        return max(0.0, self._ends - self._clock())

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.remaining() <= 0.0

    def sub(self, seconds: float) -> Deadline:
        """A deadline so many seconds from now, but never after this one."""
        return Deadline(min(seconds, self.remaining()), self._clock)

    def __repr__(self) -> str:
        return f"Deadline({self.remaining():.3f} s left)"


def current() -> Deadline | None:
    """The deadline of the work that is running here, or None outside of any."""
    return _current.get()


@contextmanager
def within(deadline: Deadline) -> Iterator[Deadline]:
    """Everything started inside ends by this deadline."""
    mark = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(mark)
