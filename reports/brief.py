"""The short story of a report: what is not well, the one thing to change, and last the answer. It fits a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.answer import answer, target_name
from doctor.model.cause import Cause
from doctor.model.status import Status, Verdict
from doctor.model.untrusted import visible
from doctor.model.wording import listed
from reports import story
from reports.columns import cells, clip, wrap
from reports.states import OF_VERDICT, STATES, WORST_FIRST

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.report import Report
    from reports.ink import Ink

PROMPT = 2
"""Rows that a terminal needs for the command line itself."""
FEWEST = 3
"""So many results that are not well are shown, however little room there is."""
AGAIN, NOTE, WHEN, ALL, AIRY, LOOK_UP, PORTAL = 7, 6, 5, 4, 3, 2, 1
"""What is told only when there is room for it, the first to go first: the command that looks again, what to know about
the change, who asked when, all that is not well, empty lines,
where the cause is explained, and the change's place in a portal."""


def brief(report: Report, ink: Ink) -> list[str]:
    """The whole short story, with as much detail as has room; where only the sign-in is missing, just that."""
    if command := _sign_in(report):
        said = f"Not known: nobody is signed in, so access to {target_name(report)} was not verified."
        return [visible(said + story.simulated(report)), f"Sign in, then look again: {ink.command(command, '')}"]
    room = ink.style.height - PROMPT
    told = (_told(report, ink, detail) for detail in range(AGAIN, -1, -1))
    return next((lines for lines in told if _rows(lines, ink.style.width) <= room), _told(report, ink, 0))


def _sign_in(report: Report) -> str:
    """The command that signs in, where the lack of it is all that is not well and one command mends it."""
    unwell = {result.finding.cause for result in report.results if result.status.needs_cause and not result.waived}
    if unwell != {Cause.NO_CREDENTIAL} or report.interrupted or report.verdict is not Verdict.UNKNOWN:
        return ""
    fixes = {fix for root in report.root_causes for fix in root.fixes}
    return fixes.pop().command if len(fixes) == 1 else ""


def ending(report: Report, ink: Ink) -> list[str]:
    """The change and the answer, whole; a longer story ends with them."""
    return [*_change(report, ink, AGAIN), *_answer(report, ink)]


def _told(report: Report, ink: Ink, detail: int) -> list[str]:
    lines = [
        *_head(report, ink, detail),
        *_things(report, ink, detail),
        *_rest(report, ink, detail),
        *_change(report, ink, detail),
        *_answer(report, ink),
    ]
    return lines if detail >= AIRY else [line for line in lines if line]


def _rows(lines: list[str], width: int) -> int:
    """Rows of a terminal, which wraps what is longer than a line; the colours in a line take no room."""
    return sum(max(1, -(-cells(story.uncoloured(line)) // width)) for line in lines)


def _head(report: Report, ink: Ink, detail: int) -> list[str]:
    title = f"agentdoctor {report.tool_version}: {story.name(report)}{story.simulated(report)}"
    lines = [ink.bold(clip(visible(title), ink.style.width))]
    if detail >= WHEN:
        lines += ink.prose(story.occasion(report))
        lines += [line for note in report.notes for line in ink.prose(note)]
    return lines


def _things(report: Report, ink: Ink, detail: int) -> list[str]:
    """One line for each result that is not well, the root cause first."""
    roots = [(cause.check, cause.subject) for cause in report.root_causes]

    def urgency(result: Result) -> tuple[int, int]:
        key = (result.check, result.finding.subject)
        return (roots.index(key) if key in roots else len(roots), WORST_FIRST.index(result.status))

    unwell = sorted((r for r in report.results if r.status.needs_cause and not r.waived), key=urgency)
    shown = unwell if detail >= ALL else unwell[:FEWEST]
    lines = [_thing(result, ink) for result in shown]
    if hidden := len(unwell) - len(shown):
        lines.append(f"  and {hidden} more that {'is' if hidden == 1 else 'are'} not well")
    return ["", *lines] if lines else []


def _thing(result: Result, ink: Ink) -> str:
    mark = ink.mark(result.status)
    line = clip(visible(f"{mark} {result.reference}: {result.finding.summary}"), ink.style.width)
    return line.replace(mark, ink.paint(mark, STATES[result.status].colour), 1)


def _rest(report: Report, ink: Ink, detail: int) -> list[str]:
    """What was not verified, what is waived, and where the rest is told."""
    skipped = [result.reference for result in report.results if result.status is Status.SKIP]
    waived = [result.reference for result in report.results if result.waived]
    lines = [f"Not verified: {listed(skipped, most=4)}."] if skipped else []
    lines += [f"Waived: {listed(waived, most=4)}."] if waived else []
    others = sum(bool(step.fixes) for step in story.plan(report)[1:])
    more = f"{others} more change{'' if others == 1 else 's'} and the evidence" if others else "Evidence and the rest"
    explained = report.root_causes and detail >= LOOK_UP
    look_up = f" Explained: agentdoctor causes {report.root_causes[0].cause.value}" if explained else ""
    lines.append(f"{more}: add -v.{look_up}")
    wrapped = [line for one in lines for line in wrap(visible(one), ink.style.width, "", "  ")]
    if detail >= AGAIN and report.rerun and report.verdict is not Verdict.PASS:
        wrapped += ["Look again at what is not well:", ink.command(report.rerun, "")]
    return ["", *wrapped]


def _change(report: Report, ink: Ink, detail: int) -> list[str]:
    """The one thing to change; what else there is to change is told by the longer story."""
    if report.verdict is Verdict.PASS or not report.root_causes or not report.root_causes[0].fixes:
        return [""]
    fix, *others = report.root_causes[0].fixes
    lines = _fix(fix, ink, detail)
    if detail >= NOTE:
        lines += [line for one in others for line in wrap(visible(f"or: {one.title}"), ink.style.width, "  ", "    ")]
    return ["", *lines, ""]


def _fix(fix: Fix, ink: Ink, detail: int) -> list[str]:
    width = ink.style.width
    lines = wrap(visible(f"To change: {fix.title}"), width, "", "  ")
    lines += [ink.command(fix.command, "")] if fix.command else []
    if fix.needs:
        who = visible(f"who: {fix.needs}")
        lines += wrap(who, width, "  ", "    ")
    if fix.note and detail >= NOTE:
        lines += wrap(visible(f"note: {fix.note}"), width, "  ", "    ")
    lines += [ink.command(fix.undo, "  undo: ")] if fix.undo else []
    lines += [f"  portal: {ink.linked(fix.portal)}"] if fix.portal and (detail >= PORTAL or not fix.command) else []
    return lines


def _answer(report: Report, ink: Ink) -> list[str]:
    said = visible(answer(report))
    word = said.partition(":")[0]
    first, *rest = wrap(said, ink.style.width)
    return [first.replace(word, ink.paint(word, STATES[OF_VERDICT[report.verdict]].colour), 1), *rest]
