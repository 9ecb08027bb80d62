"""Half a page for a support ticket: question, answer, who, when, ids, what was seen, what to change, request ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.answer import answer, caller_name, target_name
from doctor.model.format import Format, Style
from doctor.model.identity import IdentityRole
from doctor.model.untrusted import visible
from reports import story
from reports.columns import pad, wrap
from reports.disarm import disarm, disarm_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.model.finding import Result
    from doctor.model.identity import Identity
    from doctor.model.report import Report

WIDTH = 78
LABEL = 10
MOST = 6
"""Lines of evidence, and request ids."""


def render(report: Report, style: Style) -> str:
    """Plain text that any ticket system takes, ending with a newline."""
    del style
    rows = [line for label, text in _rows(report) for line in _row(label, text)]
    return "\n".join([*map(disarm, rows), *_change(report), ""])


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    yield "Question", f"Will {target_name(report)} work for {caller_name(report)}?{story.simulated(report)}"
    yield "Answer", answer(report)
    yield "When", f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC, agentdoctor {report.tool_version}"
    yield "Target", report.target.given
    if report.target.resource_id:
        yield "Resource", report.target.resource_id
    for identity in _involved(report):
        named = f" ({identity.name})" if identity.name else ""
        yield "Identity", f"{identity.role.label}: {identity.object_id}{named}"
    for result in _roots(report):
        cause = result.finding.cause.value if result.finding.cause else result.status.value
        yield "Found", f"{result.reference} ({cause}): {result.finding.summary}"
        for seen in result.finding.evidence[:MOST]:
            yield "Seen", seen
    for exchange in [one for one in report.exchanges if one.request_id and (one.status or 0) >= 400][:MOST]:
        asked = exchange.url.partition("?")[0]
        yield "Request id", f"{exchange.request_id} ({exchange.status}, {exchange.method} {asked})"


def _involved(report: Report) -> list[Identity]:
    """The caller, and whose access the root causes are about."""
    judged = {one.question.principal_id.lower() for result in _roots(report) for one in result.finding.decisions}
    return [one for one in report.identities if one.role is IdentityRole.CALLER or one.object_id.lower() in judged]


def _roots(report: Report) -> list[Result]:
    keys = [(cause.check, cause.subject) for cause in report.root_causes[:2]]
    return [result for result in report.results if (result.check, result.finding.subject) in keys]


def _row(label: str, text: str) -> list[str]:
    first = f"{pad(label, LABEL)} "
    return wrap(visible(text), WIDTH, first, " " * len(first))


def _change(report: Report) -> list[str]:
    """The one change; its command is one whole line."""
    fix = next((fix for cause in report.root_causes[:1] for fix in cause.fixes[:1]), None)
    if fix is None:
        return []
    lines = [disarm(line) for line in _row("Change", fix.title)]
    lines += [disarm(line) for line in _row("Who", fix.needs)] if fix.needs else []
    return [*lines, *([disarm_command(visible(fix.command))] if fix.command else [])]


report = Format(
    name="ticket",
    title="Half a page for a support ticket.",
    extension="txt",
    media_type="text/plain",
    render=render,
)
