"""Check an agent or an application: from the options of a run to its report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor import waivers
from doctor.engine import healing, registry
from doctor.engine.root_causes import root_causes
from doctor.engine.run import Plan, run
from doctor.facts.ground import Ground
from doctor.facts.opening import begin_early, open_facts, settle_target
from doctor.facts.options import Options
from doctor.model.principal import well_formed
from doctor.model.report import Policy, Report
from doctor.model.status import Status
from doctor.use_cases.bad_request import BadRequest, near
from doctor.use_cases.completing import complete
from doctor.use_cases.events import LookEnded, silent
from doctor.use_cases.simulated import is_simulated
from doctor.use_cases.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.engine.registry import Registry
    from doctor.facts.subject import Facts
    from doctor.model.finding import Result
    from doctor.use_cases.events import Listener
    from doctor.use_cases.waiting import Patience
    from doctor.waivers import Waiver

LIVE = Ground()
"""This machine's clock and network, without any environment variable."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks to run, and how the verdict is drawn."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on_warn: bool = False
    allow_unknown: bool = False
    again: str = ""
    """The command line without the choice of checks, from which the line that runs the failed ones is made."""
    waivers: tuple[Waiver, ...] = ()
    patience: Patience | None = None
    """How long to wait for what heals by waiting; None does not wait."""
    notes: tuple[str, ...] = ()
    """What else the report says about the run."""


EVERYTHING = Wanted()
"""All checks, with the strictest verdict that is not a warning's."""


def check(
    target: str | Options,
    wanted: Wanted = EVERYTHING,
    *,
    ground: Ground = LIVE,
    listener: Listener = silent,
) -> Report:
    """Will it work for this caller, and if not, what is the one thing to change?

    Args:
        target: what to check, in any form that the command line takes; or all the options of the run.
        wanted: which checks to run, how the verdict is drawn, and how long to wait for what heals by waiting.
        ground: its settings, clock and network.
        listener: is told of the progress, in this thread.

    Raises:
        BadRequest: a check is not known, or none is left.
        BadPrincipal: the principal of the options names nobody.
        MalformedTarget: the target names nothing that can be checked.
        AmbiguousTarget: it names several.
        BadConnectTo: a `connect_to` rule cannot be read.
        BadTrust: the CA file cannot be used.
    """
    options = Options(target) if isinstance(target, str) else target
    options = replace(options, principal=well_formed(options.principal))
    one = _Run(options, wanted, ground, listener)
    report = one.first()
    if wanted.patience is not None:
        report = wait(report, one.again, wanted.patience, listener)
    return report


class _Run:
    """The looks of one run; each has a memory of its own, so that tokens and facts are asked for anew."""

    def __init__(self, options: Options, wanted: Wanted, ground: Ground, listener: Listener) -> None:
        self._plan = Plan(())
        self._options = options
        self._wanted = wanted
        self._ground = ground
        self._listener = listener
        self._bare: Report | None = None
        """The report so far, without marks of waivers."""

    def first(self) -> Report:
        """The report of a look at everything that is wanted."""
        facts = open_facts(self._options, self._ground)
        try:
            if not self._wanted.select and not self._wanted.ignore:
                begin_early(facts)
            found = registry.load()
            self._wanted = replace(self._wanted, notes=(*self._wanted.notes, *found.others()))
            self._plan = plan_of(found, self._wanted)
        except BaseException:
            facts.close()
            raise
        self._bare = self._look(self._plan, facts)
        return self._judged(self._bare)

    def again(self, judged: Report) -> Report:
        """The report after another look at what can have changed."""
        if self._bare is None:
            return self.first()
        asked = healing.to_ask_again(judged.results)
        everyone = (*self._plan.run, *self._plan.deselected)
        plan = Plan(
            tuple(check for check in self._plan.run if check.id in asked),
            tuple(check for check in everyone if check.id not in asked),
        )
        checks = {check.id: check for check in everyone}
        self._bare = healing.joined(
            self._bare,
            self._look(plan, open_facts(self._options, self._ground)),
            frozenset(c.id for c in plan.run),
            checks,
        )
        return self._judged(self._bare)

    def _look(self, plan: Plan, facts: Facts) -> Report:
        started_at = facts.now()
        try:
            facts = settle_target(facts)
            if self._options.principal:
                from doctor.facts.access import whose  # noqa: PLC0415 - loaded when it is wanted

                whose(facts)  # A name that nobody has is refused before anything is judged.
            outcome = run(plan, facts, [self._listener], seconds=facts.time_left(), pool=facts.estate.pool)
            from doctor.engine.notes import notes  # noqa: PLC0415 - its modules are loaded while answers are awaited
            from doctor.engine.report import report_of  # noqa: PLC0415 - as above

            report = report_of(
                outcome,
                facts,
                started_at=started_at,
                policy=Policy(self._wanted.fail_on_warn, self._wanted.allow_unknown),
                rerun="",
                notes=(*self._wanted.notes, *notes(facts, outcome.results)),
            )
            return self._completed(report)
        finally:
            self._listener(LookEnded())
            facts.close()

    def _completed(self, report: Report) -> Report:
        line = again(self._options, self._wanted)
        results = tuple(complete(one, line) for one in report.results)
        return replace(report, results=results, simulated=is_simulated(self._options))

    def _judged(self, bare: Report) -> Report:
        results = waivers.apply(bare.results, self._wanted.waivers, bare.started_at.date())
        rerun = _rerun(results, self._options, self._wanted)
        return replace(bare, results=results, root_causes=root_causes(results), rerun=rerun)


def plan_of(found: Registry, wanted: Wanted) -> Plan:
    """The plan of a run.

    Raises:
        BadRequest: a check is not known, or none is left.
    """
    for name in (*wanted.select, *wanted.ignore):
        if found.get(name) is None:
            hint = near(name, found.ids())
            raise BadRequest(f"There is no check {name!r}.{hint} `agentdoctor checks` lists them.")
    everyone = [one.check for one in found.checks]
    chosen = [c for c in everyone if (not wanted.select or c.id in wanted.select) and c.id not in wanted.ignore]
    if not chosen:
        raise BadRequest("No check is left to run.")
    return Plan(tuple(chosen), tuple(c for c in everyone if c not in chosen), found.broken)


def _rerun(results: Iterable[Result], options: Options, wanted: Wanted) -> str:
    open_ = {Status.FAIL, Status.UNKNOWN, Status.ERROR}
    names = list(dict.fromkeys(r.check for r in results if r.status in open_ and not r.waived))
    if not names:
        return ""
    return f"{again(options, wanted)} --select {','.join(names)}"


def again(options: Options, wanted: Wanted) -> str:
    """The command line that checks the same target again, without the choice of checks."""
    return wanted.again or f"agentdoctor check {shlex.quote(options.target)}"
