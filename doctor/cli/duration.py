"""Durations as people write them: 90s, 10m, 1h30m."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    _Kind = click.ParamType[float]
else:
    _Kind = click.ParamType

_PARTS = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+)\s*s?)?", re.IGNORECASE)
LONGEST_S = 24 * 3600


class Duration(_Kind):
    """A duration in seconds; a bare number is seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, more than 0 and at most a day."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        else:
            found = _PARTS.fullmatch(str(value).strip())
            if not found or not any(found.groups()):
                self.fail(f"{value!r} is no duration; write 90s, 10m or 1h30m.", param, ctx)
            hours, minutes, rest = (int(part or 0) for part in found.groups())
            seconds = hours * 3600.0 + minutes * 60 + rest
        if not 0 < seconds <= LONGEST_S:
            self.fail(f"{value!r} is not between 1 second and 24 hours.", param, ctx)
        return seconds
