"""The JSON report inside the HTML report: put in so that nothing breaks out of it, and taken out again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from doctor.model.codec import NotAReport
from doctor.model.document import to_document

if TYPE_CHECKING:
    from doctor.model.report import Report

# Signs that could end the element, begin a comment in it, or be read by a CI system when the page goes to a log.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "#": "\\u0023"}
_BLOCK = re.compile(r'<script type="application/json" id="agentdoctor-report">([^<]*)</script>')


def embed(report: Report) -> str:
    """The report's JSON document, in ASCII on one line, safe inside a `script` element."""
    text = json.dumps(to_document(report), separators=(",", ":"))
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    return text


def embedded(page: str) -> Any:
    """The JSON document that an HTML report carries.

    Args:
        page: The whole text of the HTML file.

    Raises:
        NotAReport: the page carries none, or a damaged one.
    """
    found = _BLOCK.search(page)
    if not found:
        raise NotAReport("this HTML page is no agentdoctor report: it carries no JSON report")
    try:
        return json.loads(found[1])
    except ValueError as error:
        raise NotAReport(f"the JSON report inside this HTML page is damaged: {error}") from error
