"""Runs the chosen checks side by side, each in its own time, and makes the report of what they say."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from doctor.engine import stamp
from doctor.engine.events import CheckFinished, Event, Listener, RunStarted
from doctor.engine.root_causes import relate
from doctor.engine.unverified import told_once
from doctor.facts.asker import Stopped
from doctor.facts.pool import Pool
from doctor.model.finding import Finding, Result
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from doctor.check import Check
    from doctor.engine.registry import Broken
    from doctor.facts.subject import Facts

SHARE = 0.9
"""A single check may take this part of the run's time; the rest is left for what waits for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be run, and what will not, with the reason."""

    run: tuple[Check, ...]
    deselected: tuple[Check, ...] = ()
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All results in declared order, related to each other."""

    results: tuple[Result, ...]
    interrupted: bool


class _Progress:
    """What is under way and what has ended."""

    def __init__(self, plan: Plan, facts: Facts, pool: Pool, clock: Callable[[], float]) -> None:
        self.results: dict[str, tuple[Result, ...]] = {}
        self.started: dict[str, float] = {}
        self.done: queue.SimpleQueue[tuple[Check, tuple[Result, ...]]] = queue.SimpleQueue()
        self._plan = plan
        self._facts = facts
        self._pool = pool
        self._clock = clock

    def start_ready(self) -> None:
        """Start every check that need not wait any more; one that failed needs make pointless ends without a start."""
        ids = {check.id for check in self._plan.run}
        for check in self._plan.run:
            waits = not check.eager and any(need in ids and need not in self.results for need in check.needs)
            if check.id in self.started or waits:
                continue
            self.started[check.id] = self._clock()
            if not check.eager and self._a_need_failed(check):
                self.done.put((check, _skip(check, "Not run: what it needs has failed.")))
            else:
                self._pool.submit(partial(self._run_one, check), later=True)

    def _run_one(self, check: Check) -> None:
        started = self._clock()
        try:
            # The findings are made while they are taken, so this is where a check raises.
            given = tuple(check.run(self._facts))
            results = stamp.stamp(check, given, int((self._clock() - started) * 1000))
        except Stopped:
            return  # nobody waits for it: whoever stopped the run says so in the check's place
        except Exception as error:  # noqa: BLE001 - a check may raise anything; it becomes an error in the report
            results = stamp.crashed(check, error, int((self._clock() - started) * 1000))
        self.done.put((check, results))

    def _a_need_failed(self, check: Check) -> bool:
        return any(
            result.status in {Status.FAIL, Status.ERROR, Status.SKIP}
            for need in check.needs
            for result in self.results.get(need, ())
        )


def run(
    plan: Plan,
    facts: Facts,
    listeners: Sequence[Listener] = (),
    *,
    seconds: float,
    pool: Pool | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Run the plan's checks side by side.

    Args:
        plan: the checks to run, in declared order.
        facts: the run's memory, which the checks ask.
        listeners: are told of each check that ends, in the thread that called this.
        seconds: the time for the whole run.
        pool: the threads to run them on; some of their own when there is none.
        clock: seconds of a monotonic clock.

    Returns:
        The results. A check that raises or does not end in its time gives an error, and the others run on;
        on Ctrl-C what has not ended becomes a skip.
    """
    own = pool or Pool()
    progress = _Progress(plan, facts, own, clock)
    _tell(listeners, RunStarted(tuple(check.title for check in plan.run)))
    interrupted = False
    try:
        _collect(plan, progress, listeners, seconds=seconds, clock=clock)
    except KeyboardInterrupt:
        interrupted = True
    if pool is None:
        own.close()
    results = {check.id: progress.results.get(check.id) for check in plan.run}
    for check in plan.run:
        if results[check.id] is None:
            took = int((clock() - progress.started.get(check.id, clock())) * 1000)
            results[check.id] = (
                _skip(check, "Not finished: the run was interrupted.")
                if interrupted
                else stamp.overdue(check, seconds * SHARE, took)
            )
    return Outcome(_assembled(plan, {key: value or () for key, value in results.items()}), interrupted)


def _collect(
    plan: Plan, progress: _Progress, listeners: Sequence[Listener], *, seconds: float, clock: Callable[[], float]
) -> None:
    end = clock() + seconds
    progress.start_ready()
    while len(progress.results) < len(plan.run):
        left = min(end, max(progress.started.values(), default=clock()) + seconds * SHARE) - clock()
        if left <= 0:
            return
        try:
            check, results = progress.done.get(timeout=min(left, 0.5))
        except queue.Empty:
            continue
        progress.results[check.id] = results
        _tell(listeners, CheckFinished(check.id, check.title, results, len(progress.results), len(plan.run)))
        progress.start_ready()


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
    related = relate([*told_once(given), *skipped], checks)
    order = {check.id: place for place, check in enumerate(_declared(plan))}
    ordered = sorted(related, key=lambda result: order[result.check])
    return (*ordered, *(stamp.broken(one.name, one.reason) for one in plan.broken))


def _declared(plan: Plan) -> list[Check]:
    groups = list(type(plan.run[0].group)) if plan.run else []
    everyone = [*plan.run, *plan.deselected]
    return sorted(everyone, key=lambda check: (groups.index(check.group) if groups else 0, check.rank, check.id))
