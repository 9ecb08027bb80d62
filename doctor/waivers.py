"""Waivers: results that somebody has decided to live with, why, and until when. They stay visible and do not count."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.finding import Finding, Result, warned
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.model.report import Report

CHECK = "waivers"
"""Id under which a report tells of waivers that cover nothing."""
KNOWN_DAYS = 90
"""A waiver that a baseline writes ends after so many days, unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of `[[waivers]]`: it covers the results of a check, or those of one subject or one cause only."""

    check: str
    reason: str
    subject: str | None = None
    """None covers every subject; "" covers the result without one."""
    cause: Cause | None = None
    """None covers every cause."""
    until: date | None = None
    """Last day (UTC) on which it holds; None holds for ever."""

    def covers(self, result: Result) -> bool:
        """Whether it speaks of this result; a pass and a skip need no waiver."""
        finding = result.finding
        return (
            result.status.needs_cause
            and result.check == self.check
            and self.subject in {None, finding.subject}
            and self.cause in {None, finding.cause}
        )

    def holds(self, today: date) -> bool:
        """Whether it has not ended."""
        return self.until is None or today <= self.until

    def __str__(self) -> str:
        """In words: `downstream-access:reports (lost-on-publish)`."""
        reference = f"{self.check}:{self.subject}" if self.subject else self.check
        return f"{reference} ({self.cause.value})" if self.cause else reference


def apply(results: Sequence[Result], waivers: Sequence[Waiver], today: date) -> tuple[Result, ...]:
    """The results with what is waived marked, and a warning for each waiver that covers nothing.

    Args:
        results: in declared order.
        waivers: the first that covers a result and has not ended counts.
        today: the date in UTC.
    """
    marked = tuple(_marked(result, waivers, today) for result in results)
    unused = tuple(waiver for waiver in waivers if not any(map(waiver.covers, results)) and _judged(waiver, results))
    return (*marked, *_warnings(unused, today)) if unused else marked


def _marked(result: Result, waivers: Sequence[Waiver], today: date) -> Result:
    covering = [waiver for waiver in waivers if waiver.covers(result)]
    for waiver in covering:
        if waiver.holds(today):
            return replace(result, waived=waiver.reason, waived_until=waiver.until.isoformat() if waiver.until else "")
    if not covering:
        return result
    told = tuple(f"its waiver expired on {one.until}: {one.reason}" for one in covering)
    return replace(result, finding=replace(result.finding, evidence=(*result.finding.evidence, *told)))


def _judged(waiver: Waiver, results: Sequence[Result]) -> bool:
    """Whether this run could have met what the waiver is for: a check that was skipped says nothing about it."""
    own = [result for result in results if result.check == waiver.check]
    about = [result for result in own if waiver.subject in {None, result.finding.subject}] or own
    return not any(result.status in {Status.SKIP, Status.ERROR} for result in about)


def _warnings(unused: Sequence[Waiver], today: date) -> tuple[Result, ...]:
    seen: dict[str, int] = {}
    made = []
    for waiver in unused:
        count = seen[str(waiver)] = seen.get(str(waiver), 0) + 1
        subject = str(waiver) if count == 1 else f"{waiver} ({count})"
        made.append(
            Result(CHECK, "Every waiver covers something", "Other", _unused(waiver, today).about(subject), "", 0)
        )
    return tuple(made)


def _unused(waiver: Waiver, today: date) -> Finding:
    ended = "" if waiver.holds(today) else f", and it expired on {waiver.until}"
    return warned(
        Cause.WAIVER_UNUSED,
        f"The waiver for {waiver} covers no result{ended}. Remove it from the configuration.",
        evidence=(f"its reason: {waiver.reason}",),
    )


def known(report: Report, until: date | None, reason: str = "") -> tuple[Waiver, ...]:
    """Waivers for everything in a report that is no pass, so that only what is new counts.

    What crashed or ran out of time is left out: it is not known what it is.

    Args:
        report: what is known today.
        until: last day of the waivers; None for ever.
        reason: one for all; "" says since when it is known.
    """
    wanted = {Status.FAIL, Status.WARN, Status.UNKNOWN}
    reason = reason or f"Known on {report.started_at:%Y-%m-%d}"
    made = []
    for result in report.results:
        finding = result.finding
        if result.status not in wanted or result.check == CHECK:
            continue
        waiver = Waiver(result.check, reason, finding.subject, finding.cause, until)
        if result.waived:
            ends = date.fromisoformat(result.waived_until) if result.waived_until else None
            waiver = replace(waiver, reason=result.waived, until=ends)
        made.append(waiver)
    return tuple(made)


def to_toml(waivers: Sequence[Waiver]) -> str:
    """The waivers as `[[waivers]]` of a configuration file, ready to be appended to one."""
    return "\n".join(_entry(waiver) for waiver in waivers)


def _entry(waiver: Waiver) -> str:
    lines = ["[[waivers]]", f"check = {_quoted(waiver.check)}"]
    if waiver.subject is not None:
        lines.append(f"subject = {_quoted(waiver.subject)}")
    if waiver.cause is not None:
        lines.append(f"cause = {_quoted(waiver.cause.value)}")
    lines.append(f"reason = {_quoted(waiver.reason)}")
    if waiver.until is not None:
        lines.append(f"until = {waiver.until.isoformat()}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string in ASCII is a TOML basic string, but for characters beyond 16 bits, which JSON writes as two.
    parts = [json.dumps(char)[1:-1] if ord(char) < 0x10000 else f"\\U{ord(char):08x}" for char in text]
    # TOML, unlike JSON, does not allow DEL as it is.
    return '"' + "".join(parts).replace("\x7f", "\\u007f") + '"'
