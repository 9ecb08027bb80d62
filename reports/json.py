"""The report for programs: schema agentdoctor/report/1, described by `schema/report-1.json` beside this file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor.model.document import to_document
from doctor.model.format import Format, Style

if TYPE_CHECKING:
    from doctor.model.report import Report


def render(report: Report, style: Style) -> str:
    """The report's JSON document, in ASCII, two spaces per level, ending with a newline."""
    del style
    return dumps(to_document(report)) + "\n"


def dumps(document: dict[str, Any]) -> str:
    """A document as JSON text that no terminal and no CI system obeys.

    All that is not ASCII is escaped, so that any pipe can carry it. The pair of number signs that Azure Pipelines looks
    for is escaped too; in JSON that is the same string.
    """
    return json.dumps(document, indent=2).replace("##", "#\\u0023")


report = Format(
    name="json",
    title="JSON for programs (schema agentdoctor/report/1).",
    extension="json",
    media_type="application/json",
    render=render,
)
