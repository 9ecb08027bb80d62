"""Looks again with growing pauses while waiting alone may heal what failed, and says how long it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from doctor.engine.healing import Outlook, outlook
from doctor.model.status import Verdict
from doctor.model.wording import spoken
from doctor.use_cases.events import LookEnded, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.report import Report
    from doctor.use_cases.events import Listener

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
GROWTH = 1.6


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and the clock to do it by."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    tick: float = LONGEST_PAUSE_S
    """Seconds after which the listener is told again how long the pause still lasts."""


def wait(first: Report, look: Callable[[Report], Report], patience: Patience, listener: Listener) -> Report:
    """The report after waiting: of the look at which it came right, could not any more, or the time was over.

    Args:
        first: the report of the first look.
        look: looks again and gives the report of all that is known then.
        patience: how long to wait.
        listener: is told what is waited for.

    Returns:
        The last report, with a note that says how long was waited for what; interrupted when the user stopped it.
    """
    began, report, looks, pause = patience.clock(), first, 1, FIRST_PAUSE_S
    hoped = False
    awaited: dict[str, None] = {}
    since = datetime.now(timezone.utc)
    while not report.interrupted:
        ahead = outlook(report.results)
        left = patience.seconds - (patience.clock() - began)
        # What was awaited may have come in the middle of a look, after something else had been refused for lack of it.
        midway = hoped and not ahead.hopeful and report.verdict is Verdict.UNKNOWN
        if report.exit_code == 0 or not (ahead.hopeful or midway) or left <= 0:
            break
        hoped = ahead.hopeful
        awaited |= dict.fromkeys(ahead.waits_for)
        try:
            if not midway:
                _pause(ahead, min(pause, left), patience, listener, since)
            report = look(report)
        except KeyboardInterrupt:
            report = replace(report, interrupted=True)
        looks, pause = looks + 1, min(pause * GROWTH, LONGEST_PAUSE_S)
    return replace(report, notes=(*report.notes, *_note(report, tuple(awaited), looks, patience.clock() - began)))


def _pause(ahead: Outlook, seconds: float, patience: Patience, listener: Listener, since: datetime) -> None:
    until = since + timedelta(seconds=patience.seconds)
    left, end, first = seconds, patience.clock() + seconds, True
    try:
        while left > 0:
            listener(Waiting(ahead.waits_for, ahead.because_of, since, until, left, first))
            patience.sleep(min(left, patience.tick))
            left, first = end - patience.clock(), False
    finally:
        listener(LookEnded())


def _note(report: Report, awaited: tuple[str, ...], looks: int, seconds: float) -> tuple[str, ...]:
    lasting = outlook(report.results).lasting if report.exit_code else ()
    reasons = ", ".join(
        f"{result.reference} ({result.finding.cause.value if result.finding.cause else result.status.value})"
        for result in lasting
    )
    if not awaited:
        return (f"Did not wait: waiting does not heal {reasons}.",) if reasons else ()
    told = f"Waited {spoken(seconds)} for {' and '.join(awaited)}; looked {looks} times."
    if report.interrupted:
        return (f"{told} The wait was stopped.",)
    if report.exit_code == 0:
        return (f"{told} It came right.",)
    if reasons:
        return (f"{told} Stopped, since waiting does not heal {reasons}.",)
    return (f"{told} It has not come right in that time.",)
