"""One run from its options to its report, for the commands that run checks."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from doctor.engine import registry
from doctor.engine.report import report_of
from doctor.engine.run import Plan, run
from doctor.model.report import Policy, Report
from doctor.model.status import Status
from doctor.session.session import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doctor.cli.progress import Progress
    from doctor.engine.registry import Registry
    from doctor.engine.run import Outcome
    from doctor.session.options import Options
    from doctor.session.session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks to run, and how the verdict is drawn."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on_warn: bool = False
    allow_unknown: bool = False
    again: str = ""
    """The command line without the choice of checks, from which the line that runs the failed ones is made."""


def run_check(options: Options, wanted: Wanted, environ: Mapping[str, str], progress: Progress) -> Report:
    """Run the wanted checks and make the report.

    Raises:
        click.UsageError: a check is not known, or none is left.
        MalformedTarget: the target names no application.
        AmbiguousTarget: it names several.
        BadConnectTo: a `--connect-to` rule cannot be read.
        BadTrust: the CA file cannot be used.
    """
    plan = plan_of(registry.load(), wanted)
    session = open_session(options, environ)
    started_at = session.now()
    try:
        with progress:
            session.settle_target()
            outcome = run(plan, session, [progress], seconds=session.time_left())
        return report_of(
            outcome,
            session,
            started_at=started_at,
            policy=Policy(wanted.fail_on_warn, wanted.allow_unknown),
            rerun=_rerun(outcome, options, wanted),
            notes=_notes(session),
        )
    finally:
        session.close()


def plan_of(found: Registry, wanted: Wanted) -> Plan:
    """The plan of a run.

    Raises:
        click.UsageError: a check is not known, or none is left.
    """
    for name in (*wanted.select, *wanted.ignore):
        if found.get(name) is None:
            near = difflib.get_close_matches(name, found.ids(), 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no check {name!r}.{hint} `agentdoctor checks` lists them.")
    everyone = [one.check for one in found.checks]
    chosen = [c for c in everyone if (not wanted.select or c.id in wanted.select) and c.id not in wanted.ignore]
    if not chosen:
        raise click.UsageError("No check is left to run.")
    return Plan(tuple(chosen), tuple(c for c in everyone if c not in chosen), found.broken)


def _rerun(outcome: Outcome, options: Options, wanted: Wanted) -> str:
    open_ = {Status.FAIL, Status.UNKNOWN, Status.ERROR}
    again: Sequence[str] = list(dict.fromkeys(r.check for r in outcome.results if r.status in open_))
    if not again:
        return ""
    line = wanted.again or f"agentdoctor check {shlex.quote(options.target)}"
    return f"{line} --select {','.join(again)}"


def _notes(session: Session) -> tuple[str, ...]:
    return session.notes()
