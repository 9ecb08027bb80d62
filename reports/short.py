"""The report in one line: the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.answer import answer
from doctor.model.format import Format, Style
from doctor.model.untrusted import visible
from reports import story
from reports.disarm import disarm

if TYPE_CHECKING:
    from doctor.model.report import Report


def render(report: Report, style: Style) -> str:
    """One line, however long."""
    del style
    return disarm(visible(f"{answer(report)}{story.simulated(report)}")) + "\n"


report = Format(
    name="short",
    title="One line: the answer.",
    extension="txt",
    media_type="text/plain",
    render=render,
)
