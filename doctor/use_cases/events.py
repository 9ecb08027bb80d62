"""What a run tells its listeners: the engine's events, and those of looking again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from doctor.engine.events import CheckFinished, RunStarted

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["CheckFinished", "Event", "Listener", "LookEnded", "RunStarted", "Waiting", "silent"]


@dataclass(frozen=True, slots=True)
class LookEnded:
    """One look at the checks, or one pause between two looks, is over."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing happens until the next look; told at the beginning of a pause, and again with every tick of it."""

    waits_for: tuple[str, ...]
    """What is hoped for, in words."""
    because_of: tuple[str, ...]
    """The results that hope for it."""
    since: datetime
    """UTC."""
    until: datetime
    """UTC; when the waiting ends at the latest."""
    seconds_left: float
    """Until the next look."""
    first: bool
    """Whether the pause begins."""


Event = Union[RunStarted, CheckFinished, LookEnded, Waiting]  # noqa: UP007 - evaluated at run time, also by Python 3.10
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """A listener that does nothing."""
    del event
