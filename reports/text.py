"""The report for a terminal: the short story on one screen, or all of it with -v. The answer is the last thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from reports.brief import brief
from reports.disarm import disarm
from reports.full import full
from reports.ink import Ink

if TYPE_CHECKING:
    from doctor.model.report import Report


def render(report: Report, style: Style) -> str:
    """The report as lines of text, ending with a newline."""
    ink = Ink(style)
    lines = full(report, ink) if style.verbose else brief(report, ink)
    # The commands are disarmed already, in the shell's own way; for all other lines this is the one place.
    return "\n".join([*map(disarm, lines), ""])


report = Format(
    name="text",
    title="Plain text for a terminal.",
    extension="txt",
    media_type="text/plain",
    render=render,
)
