"""GitHub Actions: annotations as workflow commands, and the Markdown report as the job's summary.

GitHub shows at most 10 annotations of a kind for each step; the commands' escapes are those of its own toolkit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from reports.annotations import Annotation, closing, collect
from reports.disarm import disarm
from reports.markdown import bounded

if TYPE_CHECKING:
    from doctor.model.report import Report

SHOWN = 10
"""Annotations of a kind that GitHub shows for a step."""


def render(report: Report, style: Style) -> str:
    """Workflow commands, one on each line, and a last line with the verdict."""
    lines = [_command(annotation, style.anchor) for annotation in collect(report, SHOWN)]
    return "\n".join([*lines, disarm(closing(report))]) + "\n"


def _command(annotation: Annotation, anchor: str) -> str:
    properties = {"file": anchor, "line": "1"} if anchor else {}
    properties["title"] = annotation.title
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.severity} {written}::{_data(chr(10).join(annotation.lines))}"


def _data(text: str) -> str:
    # The runner also obeys ##[command] anywhere in a line.
    return disarm(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


report = Format(
    name="github",
    title="Annotations for GitHub Actions, with a job summary.",
    extension="log",
    media_type="text/plain",
    render=render,
    summary=bounded,
)
