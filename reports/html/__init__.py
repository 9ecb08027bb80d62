"""The report as one HTML file that a person opens, prints, sends on, and that can be read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from reports.html.embed import embedded

if TYPE_CHECKING:
    from doctor.model.report import Report

__all__ = ["embedded", "render", "report"]


def render(report: Report, style: Style) -> str:
    """The whole page; needs no other file and asks for none."""
    from reports.html.page import page  # noqa: PLC0415 - jinja2 is slow to load, and most runs write no HTML

    return page(report, style)


report = Format(
    name="html",
    title="One HTML file: works offline, without JavaScript and on paper.",
    extension="html",
    media_type="text/html",
    render=render,
)
