"""What a CI system shows as annotations: one for each cause, the worst and the root causes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.answer import answer
from doctor.model.untrusted import visible
from reports import story
from reports.states import STATES, WORST_FIRST

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.report import Report


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation, not yet in any system's syntax."""

    severity: str
    """error or warning."""
    title: str
    lines: tuple[str, ...]


def collect(report: Report, most: int | None = None) -> list[Annotation]:
    """The annotations of a report.

    Args:
        report: The finished report.
        most: How many of one severity the system shows; then the last one says how many there are more.
    """
    roots = {(cause.check, cause.subject): rank for rank, cause in enumerate(report.root_causes)}

    def urgency(result: Result) -> tuple[int, int]:
        return (
            WORST_FIRST.index(result.status),
            roots.get((result.check, result.finding.subject), len(roots)),
        )

    explained = {reference for cause in report.root_causes for reference in cause.explains}
    wanted = [
        result
        for result in report.results
        if STATES[result.status].annotation and not result.waived and result.reference not in explained
    ]
    explains = {(cause.check, cause.subject): cause.explains for cause in report.root_causes}
    told = [
        _annotation(result, explains.get((result.check, result.finding.subject), ()))
        for result in sorted(wanted, key=urgency)
    ]
    if most is None:
        return told
    return [
        shown
        for severity in ("error", "warning")
        for shown in _at_most([one for one in told if one.severity == severity], most, severity)
    ]


def _at_most(told: list[Annotation], most: int, severity: str) -> list[Annotation]:
    if len(told) <= most:
        return told
    hidden = len(told) - most + 1
    rest = f"{hidden} more results of severity {severity} are in the summary of this job and in the other reports."
    return [*told[: most - 1], Annotation(severity, "agentdoctor", (rest,))]


def _annotation(result: Result, explains: tuple[str, ...]) -> Annotation:
    state = STATES[result.status]
    also = (f"explains: {', '.join(explains)}",) if explains else ()
    lines = (result.finding.summary, *also, *story.details(result))
    return Annotation(
        state.annotation,
        visible(f"agentdoctor: {state.word} {result.reference}"),
        tuple(visible(line) for line in lines),
    )


def closing(report: Report) -> str:
    """The last line of the log: the verdict and the answer."""
    said = f"{answer(report)}{story.simulated(report)}"
    return visible(f"agentdoctor: {story.verdict_word(report)}: {said} Exit code {report.exit_code}.")
