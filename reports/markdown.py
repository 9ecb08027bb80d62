"""Markdown for a ticket, a pull request comment or the summary page of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from reports import story
from reports.disarm import disarm
from reports.markup import code, fence, plain_code, prose
from reports.states import OF_VERDICT, STATES

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.report import Report
    from doctor.model.status import Status

SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub takes for the summary of one step."""
LEFT_OUT = "*The rest was left out: this page is full. The JSON report holds all of it.*"


def render(report: Report, style: Style) -> str:
    """The report as Markdown, ending with a newline."""
    return _join(_blocks(report, style))


def bounded(report: Report, style: Style, limit: int = SUMMARY_LIMIT) -> str:
    """The report as Markdown of at most `limit` bytes; what matters most comes first, and a cut is said."""
    whole = render(report, style)
    if len(whole.encode()) <= limit:
        return whole
    room = limit - len(f"{LEFT_OUT}\n".encode())
    kept: list[str] = []
    for block in _blocks(report, style):
        room -= len(block.encode("utf-8", "replace")) + 2
        if room < 0:
            break
        kept.append(block)
    return _join([*kept, LEFT_OUT])


def _join(blocks: list[str]) -> str:
    text = "\n\n".join(blocks) + "\n"
    # The commands are disarmed already, in the shell's own way; for all other lines this is the one place.
    return "\n".join(disarm(line) for line in text.split("\n"))


def _blocks(report: Report, style: Style) -> list[str]:
    """Blocks that stand alone, the most important first."""
    state = STATES[OF_VERDICT[report.verdict]]
    symbol = f"{state.symbol} " if style.unicode else ""
    head = [
        f"## {symbol}{story.verdict_word(report)}: {plain_code(story.name(report))}",
        f"{prose(story.headline(report))} Exit code {report.exit_code}.",
    ]
    return [
        *head,
        *_plan(report, style),
        *_not_verified(report, style),
        *_details(report, style),
        *_table(report, style),
        *_identities(report),
        *_run(report),
    ]


def _mark(status: Status, style: Style) -> str:
    state = STATES[status]
    return f"{state.symbol} {state.word}" if style.unicode else state.word


def _plan(report: Report, style: Style) -> list[str]:
    steps = story.plan(report)
    blocks = [f"### {story.heading(steps, report)}"] if steps else []
    for number, step in enumerate(steps, 1):
        if number == 2:
            blocks.append("### Then, in this order")
        lead = f"**{prose(step.summary)}**" if number == 1 else f"{_mark(step.status, style)}: {prose(step.summary)}"
        blocks.append(f"{lead} ({plain_code(step.reference)})")
        blocks += [block for fix in step.fixes for block in _fix(fix)]
        if step.explains:
            blocks.append("This also explains " + ", ".join(plain_code(name) for name in step.explains) + ".")
    return blocks


def _fix(fix: Fix) -> list[str]:
    lines = [f"{prose(fix.title)}" + (":" if fix.command else "")]
    lines += [fence(fix.command)] if fix.command else []
    known = [("Who may run it", prose(fix.needs)), ("Note", prose(fix.note))]
    if fix.verified:
        known.append(("Proof", story.PROOF))
    listed = [f"- {label}: {text}" for label, text in known if text]
    lines += ["\n".join(listed)] if listed else []
    return [*lines, f"To undo it:\n\n{fence(fix.undo)}"] if fix.undo else lines


def _not_verified(report: Report, style: Style) -> list[str]:
    lines = []
    for gap in story.not_verified(report):
        names = ", ".join(plain_code(name) for name in gap.references)
        lines.append(f"- {_mark(gap.status, style)} {names}: {prose(gap.summary)}")
    return ["### Not verified", "\n".join(lines)] if lines else []


def _details(report: Report, style: Style) -> list[str]:
    told = [result for result in report.results if result.status.needs_cause]
    return ["### What was found", *(_detail(result, style) for result in told)] if told else []


def _detail(result: Result, style: Style) -> str:
    finding = result.finding
    lines = [f"**{_mark(result.status, style)}** {plain_code(story.told_name(result))}: {prose(finding.summary)}", ""]
    lines += [f"- Waived: {prose(story.waiver(result))}"] if result.waived else []
    lines += [f"- Cause: {plain_code(finding.cause.value)}"] if finding.cause else []
    lines += [f"- Seen: {plain_code(seen)}" for seen in story.evidence(result)]
    lines += [f"- Why: {prose(reason)}" for reason in story.reasons(result)]
    if finding.because_of:
        lines.append("- Follows from " + ", ".join(plain_code(name) for name in finding.because_of))
    lines += [f"- Documentation: {prose(result.docs)}"] if result.docs else []
    return "\n".join(lines)


def _table(report: Report, style: Style) -> list[str]:
    if not report.results:
        return []
    rows = [
        f"| {_mark(result.status, style)} | {code(story.told_name(result))} | {prose(result.finding.summary)} |"
        for result in report.results
    ]
    return ["### Results", "\n".join(["| State | Check | Result |", "| --- | --- | --- |", *rows])]


def _identities(report: Report) -> list[str]:
    if not report.identities:
        return []
    rows = [
        f"| {identity.role.label} | {code(identity.object_id)} | {prose(story.who(identity)) or '-'} |"
        for identity in report.identities
    ]
    return ["### Who is who", "\n".join(["| Part | Object id | Known as |", "| --- | --- | --- |", *rows])]


def _run(report: Report) -> list[str]:
    ended = f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC, took {story.duration(report.duration_ms)}"
    counts = f" {story.tally(report)}." if report.results else ""
    lines = [f"agentdoctor {plain_code(report.tool_version)}, {ended}.{counts}"]
    lines += [f"Note: {prose(note)}" for note in report.notes]
    if report.rerun and report.verdict.value != "pass":
        lines.append(f"Check again only what did not pass:\n\n{fence(report.rerun)}")
    return lines


report = Format(
    name="markdown",
    title="Markdown for a ticket or a pull request comment.",
    extension="md",
    media_type="text/markdown",
    render=render,
)
