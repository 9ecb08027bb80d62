"""What the engine tells its listeners while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from doctor.model.finding import Result


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run begins."""

    checks: tuple[str, ...]
    """Titles, in declared order."""


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """One check has ended, with all its results. They may still become skips when what they need has failed."""

    check: str
    title: str
    results: tuple[Result, ...]
    finished: int
    """How many have ended, this one included."""
    total: int


Event = Union[RunStarted, CheckFinished]  # noqa: UP007 - an alias is evaluated at run time, also by Python 3.10
Listener = Callable[[Event], None]
