"""Runs the chosen checks side by side, each in its own time, and makes the report of what they say."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.engine import stamp
from doctor.engine.events import CheckFinished, Event, Listener, RunStarted
from doctor.engine.root_causes import relate
from doctor.model.finding import Finding, Result
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from doctor.check import Check
    from doctor.engine.registry import Broken
    from doctor.facts.session import Session

SHARE = 0.9
"""A single check may take this part of the run's time; the rest is left for what waits for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be run, and what will not, with the reason."""

    run: tuple[Check, ...]
    deselected: tuple[Check, ...] = ()
    broken: tuple[Broken, ...] = ()


@dataclass(slots=True)
class _Progress:
    """What has ended so far."""

    results: dict[str, tuple[Result, ...]] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    ended: dict[str, threading.Event] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All results in declared order, related to each other."""

    results: tuple[Result, ...]
    interrupted: bool


def run(
    plan: Plan,
    session: Session,
    listeners: Sequence[Listener] = (),
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Run the plan's checks in threads of their own.

    Args:
        plan: the checks to run, in declared order.
        session: the run's memory, which the checks ask for facts.
        listeners: are told of each check that ends, in the thread that called this.
        seconds: the time for the whole run.
        clock: seconds of a monotonic clock.

    Returns:
        The results. A check that raises or does not end in its time gives an error, and the others run on;
        on Ctrl-C what has not ended becomes a skip.
    """
    progress = _Progress(ended={check.id: threading.Event() for check in plan.run})
    done: queue.SimpleQueue[tuple[Check, tuple[Result, ...]]] = queue.SimpleQueue()
    _tell(listeners, RunStarted(tuple(check.title for check in plan.run)))
    end = clock() + seconds
    share = seconds * SHARE
    interrupted = False
    try:
        for check in plan.run:
            progress.started[check.id] = clock()
            threading.Thread(
                target=_run_one, args=(check, session, progress, done, clock), name=f"check-{check.id}", daemon=True
            ).start()
        _collect(plan, progress, done, listeners, end=end, share=share, clock=clock)
    except KeyboardInterrupt:
        interrupted = True
    for check in plan.run:
        if check.id not in progress.results:
            progress.results[check.id] = (
                _skip(check, "Not finished: the run was interrupted.")
                if interrupted
                else stamp.overdue(check, share, int((clock() - progress.started[check.id]) * 1000))
            )
    return Outcome(_assembled(plan, progress.results), interrupted)


def _run_one(
    check: Check,
    session: Session,
    progress: _Progress,
    done: queue.SimpleQueue[tuple[Check, tuple[Result, ...]]],
    clock: Callable[[], float],
) -> None:
    started = clock()
    try:
        if not check.eager:
            for need in check.needs:
                if need in progress.ended:
                    progress.ended[need].wait()
            if _a_need_failed(check, progress):
                done.put((check, _skip(check, "Pointless: what it needs has failed.")))
                return
        started = clock()
        # The findings are made while they are taken, so this is where a check raises.
        given = tuple(check.run(session))
        results = stamp.stamp(check, given, int((clock() - started) * 1000))
    except Exception as error:  # noqa: BLE001 - a check may raise anything; it becomes an error in the report
        results = stamp.crashed(check, error, int((clock() - started) * 1000))
    done.put((check, results))


def _a_need_failed(check: Check, progress: _Progress) -> bool:
    return any(
        result.status in {Status.FAIL, Status.ERROR, Status.SKIP}
        for need in check.needs
        for result in progress.results.get(need, ())
    )


def _collect(
    plan: Plan,
    progress: _Progress,
    done: queue.SimpleQueue[tuple[Check, tuple[Result, ...]]],
    listeners: Sequence[Listener],
    *,
    end: float,
    share: float,
    clock: Callable[[], float],
) -> None:
    limit = min(end, max(progress.started.values(), default=clock()) + share)
    while len(progress.results) < len(plan.run) and (left := limit - clock()) > 0:
        try:
            check, results = done.get(timeout=min(left, 0.5))
        except queue.Empty:
            continue
        progress.results[check.id] = results
        progress.ended[check.id].set()
        _tell(listeners, CheckFinished(check.id, check.title, results, len(progress.results), len(plan.run)))


def _tell(listeners: Sequence[Listener], event: Event) -> None:
    for listener in listeners:
        listener(event)


def _skip(check: Check, summary: str) -> tuple[Result, ...]:
    finding = Finding(Status.SKIP, summary, required=False)
    return (Result(check.id, check.title, check.group.value, finding, check.link, 0),)


def _assembled(plan: Plan, results: Mapping[str, tuple[Result, ...]]) -> tuple[Result, ...]:
    """All results in declared order, the deselected ones as skips, the broken plug-ins at the end."""
    checks = {check.id: check for check in (*plan.run, *plan.deselected)}
    given = [result for check in plan.run for result in results[check.id]]
    skipped = [one for check in plan.deselected for one in _skip(check, "Deselected with --select or --ignore.")]
    related = relate([*given, *skipped], checks)
    order = {check.id: place for place, check in enumerate(_declared(plan))}
    ordered = sorted(related, key=lambda result: order[result.check])
    return (*ordered, *(stamp.broken(one.name, one.reason) for one in plan.broken))


def _declared(plan: Plan) -> list[Check]:
    groups = list(type(plan.run[0].group)) if plan.run else []
    everyone = [*plan.run, *plan.deselected]
    return sorted(everyone, key=lambda check: (groups.index(check.group) if groups else 0, check.rank, check.id))
