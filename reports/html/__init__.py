"""The report as one HTML file that a person opens, prints, sends on, and that can be read back."""

from __future__ import annotations

from doctor.model.format import Format
from reports.html.embed import embedded
from reports.html.page import render

__all__ = ["embedded", "render", "report"]

report = Format(
    name="html",
    title="One HTML file: works offline, without JavaScript and on paper.",
    extension="html",
    media_type="text/html",
    render=render,
)
