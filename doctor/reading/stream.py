"""Errors inside an agent's answer: a Responses object, or the server-sent events of its stream.

Shapes: azure-ai-projects 2.10.0; `data:` lines of text/event-stream (WHATWG HTML, server-sent events).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.reading.classify import classify
from doctor.reading.evidence import Context, Evidence
from doctor.reading.structure import parse, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.model.diagnosis import Diagnosis

_MOST_ERRORS = 50
_MOST_EVENTS = 20_000


def is_stream(text: str) -> bool:
    """Whether the text is a stream of server-sent events."""
    head = text.lstrip("\ufeff \r\n\t")[:4096]
    return head.startswith(("event:", "data:", ": ", "id:", "retry:")) and "data:" in text


def events(text: str) -> Iterator[str]:
    """The data of each event."""
    lines: list[str] = []
    count = 0
    for line in text.splitlines():
        if line.startswith("data:"):
            lines.append(line[5:].lstrip())
        elif not line.strip() and lines:
            yield "\n".join(lines)
            lines = []
            count += 1
            if count >= _MOST_EVENTS:
                return
    if lines:
        yield "\n".join(lines)


def run_errors(text: str, context: Context) -> tuple[Diagnosis, ...]:
    """The diagnoses of every error inside an answer of an agent, in the order of the answer, each once."""
    inside = replace(context, in_run=True)
    found: dict[tuple[str, str, str], Diagnosis] = {}
    for error in _errors(text):
        for one in classify(Evidence(None, error, {}, inside)):
            found.setdefault((one.cause.value, one.principal, one.action), one)
        if len(found) >= _MOST_ERRORS:
            break
    return tuple(found.values())


def _errors(text: str) -> Iterator[str]:
    pieces = events(text) if is_stream(text) else iter([text])
    for piece in pieces:
        value = parse(piece)
        if isinstance(value, (dict, list)):
            yield from read(value).errors
        elif piece.lstrip()[:1] == "<":
            yield piece
