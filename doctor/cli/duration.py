"""Durations as people write them: 90s, 1.5m, 1h30m."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from doctor.model.wording import spoken

if TYPE_CHECKING:
    _Kind = click.ParamType[float]
else:
    _Kind = click.ParamType

_NUMBER = r"(\d+(?:\.\d+)?)"
_PARTS = re.compile(rf"(?:{_NUMBER}\s*h)?\s*(?:{_NUMBER}\s*m(?:in)?)?\s*(?:{_NUMBER}\s*s?)?", re.IGNORECASE)
LONGEST_S = 24 * 3600.0


class Duration(_Kind):
    """A duration in seconds; a bare number is seconds."""

    name = "duration"

    def __init__(self, shortest: float = 0, longest: float = LONGEST_S) -> None:
        self._shortest = shortest
        self._longest = longest

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds within the limits, and more than none."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        else:
            found = _PARTS.fullmatch(str(value).strip())
            if not found or not any(found.groups()):
                self.fail(f"{value!r} is no duration; write 90s, 10m or 1h30m.", param, ctx)
            hours, minutes, rest = (float(part or 0) for part in found.groups())
            seconds = hours * 3600 + minutes * 60 + rest
        if not (self._shortest <= seconds <= self._longest and seconds > 0):
            least, most = spoken(max(self._shortest, 1)), spoken(self._longest)
            self.fail(f"{value!r} is not between {least} and {most}; write 90s, 10m or 1h30m.", param, ctx)
        return seconds
