"""Relates results: which failure merely follows from another, and which is the one thing to change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.model.finding import Finding, Result
from doctor.model.report import RootCause
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doctor.check import Check


def relate(results: Sequence[Result], checks: Mapping[str, Check]) -> tuple[Result, ...]:
    """The results with `because_of` filled in from what each check declares, and pointless ones made skips."""
    by_check = _by_check(results)
    pointless = {result.reference: gone for result in results if (gone := _failed_needs(result, checks, by_check))}
    related = [
        _as_skip(result, pointless[result.reference]) if result.reference in pointless else result for result in results
    ]
    by_check = _by_check(related)
    return tuple(_explained(result, checks, by_check) for result in related)


def root_causes(results: Sequence[Result]) -> tuple[RootCause, ...]:
    """The things to change, first things first: fails; without any, errors and then required unknowns."""
    by_reference = {result.reference: result for result in results}
    for statuses in ({Status.FAIL}, {Status.ERROR, Status.UNKNOWN}):
        candidates = [r for r in results if r.status in statuses and _counts(r)]
        roots = [r for r in candidates if not _follows(r, by_reference, statuses)]
        if candidates:
            return _merged([_root(r, candidates, by_reference) for r in roots or candidates[:1]])
    return ()


def _counts(result: Result) -> bool:
    return result.status is not Status.UNKNOWN or result.finding.required


def _by_check(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.check, []).append(result)
    return found


def _failed_needs(result: Result, checks: Mapping[str, Check], by_check: Mapping[str, list[Result]]) -> tuple[str, ...]:
    """References of the failed results that make this one pointless, through any number of steps."""
    pending, seen, gone = list(_needs(result.check, checks)), set[str](), list[str]()
    while pending:
        need = pending.pop(0)
        if need in seen:
            continue
        seen.add(need)
        failures = [r.reference for r in by_check.get(need, ()) if r.status is Status.FAIL]
        if failures:
            gone += failures
        else:
            pending += _needs(need, checks)
    return tuple(gone)


def _needs(check_id: str, checks: Mapping[str, Check]) -> tuple[str, ...]:
    return checks[check_id].needs if check_id in checks else ()


def _as_skip(result: Result, because_of: tuple[str, ...]) -> Result:
    # A need that itself failed only because of a further need is not what to name.
    summary = f"Pointless while {because_of[0]} fails."
    return replace(
        result,
        finding=Finding(Status.SKIP, summary, subject=result.finding.subject, required=False, because_of=because_of),
    )


def _explained(result: Result, checks: Mapping[str, Check], by_check: Mapping[str, list[Result]]) -> Result:
    finding = result.finding
    if finding.because_of or finding.cause is None or result.check not in checks:
        return result
    declared = checks[result.check].explained_by.get(finding.cause, ())
    serious = {Status.FAIL} if result.status is Status.FAIL else {Status.FAIL, Status.UNKNOWN}
    causes = tuple(
        other.reference for check_id in declared for other in by_check.get(check_id, ()) if other.status in serious
    )
    return replace(result, finding=replace(finding, because_of=causes)) if causes else result


def _follows(result: Result, by_reference: Mapping[str, Result], statuses: set[Status]) -> bool:
    """Whether something that counts as much explains this result."""
    return any(
        reference != result.reference
        and reference in by_reference
        and by_reference[reference].status in statuses | {Status.FAIL}
        and result.reference not in by_reference[reference].finding.because_of
        for reference in result.finding.because_of
    )


def _root(root: Result, candidates: Sequence[Result], by_reference: Mapping[str, Result]) -> RootCause:
    explains = tuple(r.reference for r in candidates if r is not root and root.reference in _ancestry(r, by_reference))
    finding = root.finding
    if finding.cause is None:
        raise ValueError(f"{root.reference} is a root without a cause")
    return RootCause(finding.cause, root.check, finding.subject, finding.summary, root.status, explains, finding.fixes)


def _ancestry(result: Result, by_reference: Mapping[str, Result]) -> set[str]:
    seen: set[str] = set()
    pending = list(result.finding.because_of)
    while pending:
        reference = pending.pop()
        if reference in seen or reference not in by_reference:
            continue
        seen.add(reference)
        pending += by_reference[reference].finding.because_of
    return seen


def _merged(roots: Sequence[RootCause]) -> tuple[RootCause, ...]:
    """One entry for roots that the same command mends."""
    kept: dict[object, RootCause] = {}
    for root in roots:
        command = root.fixes[0].command if root.fixes else ""
        key: object = command or (root.check, root.subject)
        if key in kept:
            reference = f"{root.check}:{root.subject}" if root.subject else root.check
            first = kept[key]
            kept[key] = replace(first, explains=(*first.explains, reference, *root.explains))
        else:
            kept[key] = root
    return tuple(kept.values())
