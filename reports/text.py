"""The report for a terminal: plain first, one line for what passed, and at the end the one thing to change."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from doctor.model.status import Status
from doctor.model.untrusted import visible
from reports import story
from reports.columns import cells, pad, wrap
from reports.disarm import disarm
from reports.ink import Ink
from reports.states import OF_VERDICT, STATES

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.report import Report

SHOWN_IDENTITIES = 12
"""A terminal shows this many identities unless it is asked for more."""


def render(report: Report, style: Style) -> str:
    """The report as lines of text, ending with a newline."""
    ink = Ink(style)
    parts = (
        _head(report, ink),
        *_groups(report, ink),
        _identities(report, ink),
        _requests(report, ink) if style.verbose else [],
        _end(report, ink),
    )
    lines = chain.from_iterable([*part, ""] for part in parts if part)
    # The commands are disarmed already, in the shell's own way; for all other lines this is the one place.
    return "\n".join(disarm(line) for line in lines)


def _head(report: Report, ink: Ink) -> list[str]:
    target, name = report.target, story.name(report)
    lines = [ink.bold(f"agentdoctor {visible(report.tool_version)}: {visible(name)}")]
    given = "" if target.given.partition("?")[0] in {name, target.endpoint, target.resource_id} else target.given
    for label, value in (("given", given), ("calls", target.endpoint), ("id", target.resource_id)):
        if value and value != name:
            lines += ink.labelled(label, value, "  ")
    begun = report.started_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    lines += ink.labelled("run", f"{begun}, took {story.duration(report.duration_ms)}", "  ")
    return [*lines, *chain.from_iterable(ink.labelled("note", note, "  ") for note in report.notes)]


def _groups(report: Report, ink: Ink) -> list[list[str]]:
    together = frozenset() if ink.style.verbose else story.told_together(report)
    told = {
        name: [result for result in results if result.reference not in together]
        for name, results in story.groups(report).items()
    }
    return [_group(name, results, report, ink) for name, results in told.items() if results]


def _group(name: str, results: list[Result], report: Report, ink: Ink) -> list[str]:
    lines = [ink.bold(visible(name)), *chain.from_iterable(_result(result, report, ink) for result in results)]
    return lines if lines[-1] else lines[:-1]


def _result(result: Result, report: Report, ink: Ink) -> list[str]:
    finding = result.finding
    lines = ink.marked(result.status, f"{story.told_name(result)}: {finding.summary}")
    if result.waived:
        lines += ink.labelled("waived", story.waiver(result))
        if not ink.style.verbose:
            return [*lines, ""]
    if not result.status.needs_cause and not ink.style.verbose:
        return lines
    if finding.cause:
        optional = (
            "" if finding.required or result.status is not Status.UNKNOWN else " (the verdict does not depend on it)"
        )
        lines += ink.labelled("cause", finding.cause.value + optional)
    elsewhere = "" if ink.style.verbose else story.seen_at(result, report)
    for number, line in enumerate([f"the same as for {elsewhere}"] if elsewhere else story.evidence(result)):
        lines += ink.labelled("" if number else "seen", line)
    lines += chain.from_iterable(ink.labelled("why", reason) for reason in story.reasons(result))
    if ink.style.verbose:
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


def _fix(fix: Fix, ink: Ink, *, whole: bool = True, planned: bool = False) -> list[str]:
    """A change: in the plan at the end, its command stands clear, and what was told above is left out."""
    lines = ink.labelled("fix", fix.title)
    if fix.command:
        lines += ["", ink.command(fix.command), ""] if planned else [ink.command(fix.command)]
    if fix.needs:
        lines += ink.labelled("who", fix.needs)
    if fix.note:
        lines += ink.labelled("note", fix.note)
    if fix.verified and whole:
        lines += ink.labelled("proof", "the reasoning was run again with this change and came out right")
    if fix.undo and whole:
        lines += [*ink.labelled("undo", "takes the change back:"), ink.command(fix.undo)]
    if ink.style.verbose and whole:
        for label, code in (("bicep", fix.bicep), ("terraform", fix.terraform)):
            lines += ink.listing(label, code) if code else []
    return lines


def _identities(report: Report, ink: Ink) -> list[str]:
    if not report.identities:
        return []
    shown = report.identities if ink.style.verbose else report.identities[:SHOWN_IDENTITIES]
    width = max(cells(identity.role.label) for identity in shown)
    lines = [ink.bold("Who is who")]
    for identity in shown:
        lines += wrap(visible(identity.object_id), ink.style.width, f"  {pad(identity.role.label, width)}  ", "      ")
        seen = f"seen in: {', '.join(identity.seen_in)}" if identity.seen_in else ""
        known = "; ".join(part for part in (story.who(identity), seen) if part)
        lines += ink.prose(known, "      ") if known else []
    if hidden := len(report.identities) - len(shown):
        lines.append(f"  and {hidden} more (--verbose shows them)")
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


def _end(report: Report, ink: Ink) -> list[str]:
    lines = [ink.rule("Verdict"), *_verdict(report, ink)]
    steps = story.plan(report)
    shown = {fix.command for result in report.results for fix in result.finding.fixes}
    for number, step in enumerate(steps, 1):
        lines += ["", *([ink.bold(story.heading(steps, report))] if number == 1 else [])]
        lines += ink.prose(step.summary, f"  {number}. " if len(steps) > 1 else "  ")
        if step.explains:
            lines += ink.labelled("also", f"explains {', '.join(step.explains)}")
        lines += chain.from_iterable(_fix(fix, ink, whole=fix.command not in shown, planned=True) for fix in step.fixes)
    if gaps := story.not_verified(report):
        lines += ["", ink.bold("Not verified")]
        for gap in gaps:
            lines += ink.marked(gap.status, f"{', '.join(gap.references)}: {gap.summary}")
    if report.rerun and report.verdict.value != "pass":
        lines += ["", "Check again only what did not pass:", ink.command(report.rerun, "  ")]
    return [line for before, line in zip(["-", *lines], lines, strict=False) if line or before]


def _verdict(report: Report, ink: Ink) -> list[str]:
    word = story.verdict_word(report)
    sentence = f"{story.headline(report)} Exit code {report.exit_code}."
    lines = ink.prose(f"{word}: {sentence}", "")
    lines[0] = lines[0].replace(word, ink.paint(word, STATES[OF_VERDICT[report.verdict]].colour), 1)
    return lines


report = Format(
    name="text",
    title="Plain text for a terminal.",
    extension="txt",
    media_type="text/plain",
    render=render,
)
