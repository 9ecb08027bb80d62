"""One reason is told once: results that could not be verified for the same reason follow the first of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.check import Unverified
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.model.finding import Finding, Result

_BAD = {Status.FAIL, Status.UNKNOWN, Status.ERROR}


def told_once(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results as reports know them.

    What could not be verified because of another check's failure is a skip where that check failed or is open itself.
    Of several that have one reason, the first required one carries it; the others stay unknown and name that one.
    """
    open_ = {name for result in results if result.status in _BAD for name in (result.reference, result.check)}
    first: dict[object, Result] = {}
    for result in sorted(results, key=lambda one: not one.finding.required):
        if (key := _reason(result.finding)) is not None and not _skips(result, open_):
            first.setdefault(key, result)
    return tuple(_told(result, open_, first) for result in results)


def _told(result: Result, open_: set[str], first: dict[object, Result]) -> Result:
    finding = result.finding
    if not isinstance(finding, Unverified):
        return result
    if _skips(result, open_):
        plain = finding.plain(status=Status.SKIP, cause=None, evidence=(), fixes=(), required=False)
        return replace(result, finding=plain)
    before = first[_reason(finding)]
    if before is result:
        return replace(result, finding=finding.plain(because_of=()))
    what = finding.what or f"{result.title}: not known"
    summary = f"{what}, for the reason given at {before.reference}."
    plain = finding.plain(summary=summary, evidence=(), fixes=(), because_of=(before.reference,))
    return replace(result, finding=plain)


def _skips(result: Result, open_: set[str]) -> bool:
    """Whether another check, which is not verified itself, is why."""
    return any(name in open_ and name not in {result.check, result.reference} for name in result.finding.because_of)


def _reason(finding: Finding) -> object | None:
    """What two findings have in common when one thing is to be mended for both."""
    if not isinstance(finding, Unverified) or finding.problem is None:
        return None
    problem = finding.problem
    return problem.outage or (problem.cause, problem.summary)
