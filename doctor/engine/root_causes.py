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
    """The results with `because_of` filled in from what each check declares; what can say nothing is a skip."""
    by_check = _by_check(results)
    pointless = {check_id: _failed_needs(check_id, checks, by_check) for check_id in by_check}
    related = [_as_skip(result, gone) if (gone := pointless[result.check]) else result for result in results]
    by_check = _by_check(related)
    return tuple(_explained(result, checks, by_check) for result in related)


def root_causes(results: Sequence[Result]) -> tuple[RootCause, ...]:
    """The things to change, first things first: fails; without any, errors and then required unknowns."""
    by_reference = {result.reference: result for result in results}
    candidates = _candidates(results)
    return _merged([(root, _root(root, candidates, by_reference)) for root in roots(results)])


def roots(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results behind the root causes: those that count and do not merely follow from others that count."""
    candidates = _candidates(results)
    by_reference = {result.reference: result for result in results if not result.waived}
    failing = any(result.status is Status.FAIL for result in candidates)
    statuses = {Status.FAIL} if failing else {Status.ERROR, Status.UNKNOWN}
    return tuple(r for r in candidates if not _follows(r, by_reference, statuses)) or tuple(candidates[:1])


def _candidates(results: Sequence[Result]) -> list[Result]:
    """The fails that count; without any, the errors and required unknowns that do."""
    counted = [result for result in results if not result.waived]
    fails = [result for result in counted if result.status is Status.FAIL]
    open_ = [r for r in counted if r.status in {Status.ERROR, Status.UNKNOWN} and _counts(r)]
    return fails or open_


def _counts(result: Result) -> bool:
    return result.status is not Status.UNKNOWN or result.finding.required


def _by_check(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.check, []).append(result)
    return found


def _failed_needs(
    check_id: str, checks: Mapping[str, Check], by_check: Mapping[str, list[Result]], seen: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """References of the failed results that make a check pointless: the first in each chain of needs."""
    gone: list[str] = []
    for need in checks[check_id].needs if check_id in checks else ():
        if need in seen:
            continue
        deeper = _failed_needs(need, checks, by_check, seen | {check_id})
        gone += deeper or [r.reference for r in by_check.get(need, ()) if r.status is Status.FAIL]
    return tuple(dict.fromkeys(gone))


def _as_skip(result: Result, because_of: tuple[str, ...]) -> Result:
    summary = f"Not looked at while {because_of[0]} fails."
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
    """Whether something that counts as much explains this result; of a ring of explanations the first follows none."""
    places = {reference: place for place, reference in enumerate(by_reference)}
    return any(
        by_reference[reference].status in statuses | {Status.FAIL}
        and (
            places[reference] < places[result.reference]
            or result.reference not in _ancestry(by_reference[reference], by_reference)
        )
        for reference in _ancestry(result, by_reference) - {result.reference}
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


def _merged(roots: Sequence[tuple[Result, RootCause]]) -> tuple[RootCause, ...]:
    """One entry for roots that the same command mends, and for unknowns for which the same answer is to blame."""
    kept: dict[object, RootCause] = {}
    for result, root in roots:
        key: object = root.fixes[0].command if root.fixes else ""
        if not key and result.status is Status.UNKNOWN and result.finding.evidence:
            key = (root.cause, result.finding.evidence)
        key = key or result.reference
        if key in kept:
            first = kept[key]
            kept[key] = replace(first, explains=(*first.explains, result.reference, *root.explains))
        else:
            kept[key] = root
    return tuple(kept.values())
