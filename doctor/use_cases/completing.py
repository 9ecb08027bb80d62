"""Completes the results of a run: a fail says what to do, and waiting has its command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.engine.healing import heals
from doctor.model.diagnosis import Diagnosis
from doctor.model.fix import Fix
from doctor.model.status import Status
from doctor.reading.catalogue import advice
from doctor.reading.wording import fill

if TYPE_CHECKING:
    from doctor.model.finding import Result

WAIT = "--wait 10m"
"""A new role assignment can take 10 minutes to be in force (learn.microsoft.com, RBAC troubleshooting)."""


def complete(result: Result, again: str) -> Result:
    """The result with the changes that it lacks.

    Args:
        result: as a check gave it.
        again: the command line that checks the same target again.
    """
    if result.status is not Status.FAIL and not heals(result):
        return result
    fixes = result.finding.fixes or _advised(result)
    told = tuple(_waiting(fix, result, again) for fix in fixes)
    return result if told == result.finding.fixes else replace(result, finding=replace(result.finding, fixes=told))


def _advised(result: Result) -> tuple[Fix, ...]:
    """What holds for every result of the cause; a result that follows from another is mended there."""
    known = advice().get(result.finding.cause) if result.finding.cause else None
    if known is None or result.finding.cause is None or not known.fix or result.finding.because_of:
        return ()
    return (Fix(fill(known.fix, Diagnosis(result.finding.cause, result.finding.summary), {})),)


def _waiting(fix: Fix, result: Result, again: str) -> Fix:
    """Where waiting heals it and nothing else is to run, the command that waits."""
    if fix.command or not heals(result) or not again:
        return fix
    return replace(fix, command=f"{again} {WAIT}", needs="Anybody.")
