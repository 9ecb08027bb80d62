"""The whole story of a report for a terminal: every result with its evidence, who is who, and every request."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from doctor.model.status import Status
from doctor.model.untrusted import visible
from reports import story
from reports.brief import ending
from reports.columns import cells, pad, wrap

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.report import Report
    from reports.ink import Ink


def full(report: Report, ink: Ink) -> list[str]:
    """Every line of it; the answer is the last."""
    parts = (
        _head(report, ink),
        *_groups(report, ink),
        _identities(report, ink),
        _requests(report, ink),
        _plan(report, ink),
    )
    lines = list(chain.from_iterable([*part, ""] for part in parts if part))
    closing = [*lines, *_again(report, ink), *ending(report, ink)]
    return [line for before, line in zip(["-", *closing], closing, strict=False) if line or before]


def _head(report: Report, ink: Ink) -> list[str]:
    target, name = report.target, story.name(report)
    title = f"agentdoctor {report.tool_version}: {name}{story.simulated(report)}"
    lines = [ink.bold(visible(title))]
    given = "" if target.given.partition("?")[0] in {name, target.endpoint, target.resource_id} else target.given
    for label, value in (("given", given), ("calls", target.endpoint), ("id", target.resource_id)):
        if value and value != name:
            lines += ink.labelled(label, value, "  ")
    lines += ink.labelled("run", story.occasion(report), "  ")
    return [*lines, *chain.from_iterable(ink.labelled("note", note, "  ") for note in report.notes)]


def _groups(report: Report, ink: Ink) -> list[list[str]]:
    return [_group(name, results, report, ink) for name, results in story.groups(report).items()]


def _group(name: str, results: list[Result], report: Report, ink: Ink) -> list[str]:
    lines = [ink.bold(visible(name)), *chain.from_iterable(_result(result, report, ink) for result in results)]
    return lines if lines[-1] else lines[:-1]


def _result(result: Result, report: Report, ink: Ink) -> list[str]:
    finding = result.finding
    lines = ink.marked(result.status, f"{story.told_name(result)}: {finding.summary}")
    if result.waived:
        lines += ink.labelled("waived", story.waiver(result))
    if finding.cause:
        optional = (
            "" if finding.required or result.status is not Status.UNKNOWN else " (the verdict does not depend on it)"
        )
        lines += ink.labelled("cause", finding.cause.value + optional)
    for number, line in enumerate(story.evidence(result)):
        lines += ink.labelled("" if number else "seen", line)
    lines += chain.from_iterable(ink.labelled("why", reason) for reason in story.reasons(result))
    lines += _near_misses(result, ink)
    if finding.because_of:
        lines += ink.labelled("follows", "from " + ", ".join(finding.because_of))
    for fix in finding.fixes:
        elsewhere = story.told_at(fix, result, report)
        lines += ink.labelled("fix", f"{fix.title} (see {elsewhere})") if elsewhere else _fix(fix, ink)
    if result.docs:
        lines.append(ink.link("docs", result.docs))
    return [*lines, ""]


def _near_misses(result: Result, ink: Ink) -> list[str]:
    misses = dict.fromkeys(miss.reason for decision in result.finding.decisions for miss in decision.near_misses)
    unread = dict.fromkeys(what for decision in result.finding.decisions for what in decision.unread)
    return [
        *chain.from_iterable(ink.labelled("near", reason) for reason in misses),
        *chain.from_iterable(ink.labelled("unread", what) for what in unread),
    ]


def _fix(fix: Fix, ink: Ink) -> list[str]:
    lines = ink.labelled("change", fix.title)
    if fix.command:
        lines += [ink.command(fix.command)]
    if fix.needs:
        lines += ink.labelled("who", fix.needs)
    if fix.note:
        lines += ink.labelled("note", fix.note)
    if fix.verified:
        lines += ink.labelled("proof", story.PROOF)
    if fix.undo:
        lines += [*ink.labelled("undo", "takes the change back:"), ink.command(fix.undo)]
    lines += ink.labelled("portal", fix.portal) if fix.portal else []
    for label, code in (("bicep", fix.bicep), ("terraform", fix.terraform)):
        lines += ink.listing(label, code) if code else []
    return lines


def _identities(report: Report, ink: Ink) -> list[str]:
    if not report.identities:
        return []
    width = max(cells(identity.role.label) for identity in report.identities)
    lines = [ink.bold("Who is who")]
    for identity in report.identities:
        lines += wrap(visible(identity.object_id), ink.style.width, f"  {pad(identity.role.label, width)}  ", "      ")
        seen = f"seen in: {', '.join(identity.seen_in)}" if identity.seen_in else ""
        known = "; ".join(part for part in (story.who(identity), seen) if part)
        lines += ink.prose(known, "      ") if known else []
    return lines


def _requests(report: Report, ink: Ink) -> list[str]:
    if not report.exchanges:
        return []
    lines = [ink.bold("Requests")]
    for exchange in report.exchanges:
        outcome = str(exchange.status) if exchange.status is not None else exchange.error or "no answer"
        times = f"{exchange.started_ms:>6} ms +{exchange.duration_ms} ms"
        again = f", attempt {exchange.attempt}" if exchange.attempt > 1 else ""
        lines.append(visible(f"  {exchange.number:>3} {times}: {exchange.method} {exchange.url}"))
        request_id = f", request id {exchange.request_id}" if exchange.request_id else ""
        lines += ink.prose(f"{outcome}{again}{request_id}", "      ")
    return lines


def _plan(report: Report, ink: Ink) -> list[str]:
    """All that there is to change, in order, without what was told above."""
    steps = story.plan(report)
    lines = [ink.bold(story.heading(steps, report))] if steps else []
    for number, step in enumerate(steps, 1):
        lines += ink.prose(step.summary, f"  {number}. " if len(steps) > 1 else "  ")
        if step.explains:
            lines += ink.labelled("also", f"explains {', '.join(step.explains)}")
        for fix in step.fixes:
            lines += ink.labelled("change", f"{fix.title} (see {step.reference})")
    return lines


def _again(report: Report, ink: Ink) -> list[str]:
    lines = ink.prose(f"{story.verdict_word(report)}: {story.headline(report)} Exit code {report.exit_code}.", "")
    if report.rerun and report.verdict.value != "pass":
        lines += ["Look again at what is not well:", ink.command(report.rerun, "  ")]
    return lines
