"""What every report for people tells: the verdict in words, the plan of changes, and what was not verified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.answer import NOBODY, answer, caller_name
from doctor.model.status import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.identity import Identity
    from doctor.model.report import Report


PROOF = "With this change applied to what was read, the access is granted."
"""What a verified change is told to be."""
_BAD_REQUEST, _UNAUTHORIZED = 400, 401


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the plan: what is wrong and what to change; a change is told once in a plan."""

    reference: str
    """`check` or `check:subject` of the result behind it."""
    status: Status
    summary: str
    fixes: tuple[Fix, ...]
    explains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Results that were not verified, for one and the same reason."""

    status: Status
    references: tuple[str, ...]
    summary: str


def verdict_word(report: Report) -> str:
    """PASS, FAIL, UNKNOWN, ERROR or INTERRUPTED."""
    return "INTERRUPTED" if report.interrupted else report.verdict.value.upper()


def name(report: Report) -> str:
    """What the report is about, short: `account/project/application` where that is known, else the target as given."""
    found = _RESOURCE.search(report.target.resource_id) or _ADDRESS.match(report.target.endpoint or report.target.given)
    return "/".join(part for part in found.groups() if part) if found else report.target.given


_RESOURCE = re.compile(r"(?i)/accounts/([^/]+)/projects/([^/]+)(?:/(?:applications|agents)/([^/]+))?$")
_ADDRESS = re.compile(r"(?i)https://([^./]+)\.[^/]+/api/projects/([^/?#]+)(?:/(?:applications|agents)/([^/?#]+))?")


def occasion(report: Report) -> str:
    """As whom, when, and how long it took."""
    who = caller_name(report)
    as_whom = "" if who == NOBODY else f"as {who}, "
    return f"{as_whom}{report.started_at:%Y-%m-%d %H:%M:%S} UTC, took {duration(report.duration_ms)}"


def simulated(report: Report) -> str:
    """What is put behind the name where no real Azure answered."""
    return " (simulated, not Azure)" if report.simulated else ""


def headline_and_reason(report: Report) -> tuple[str, str]:
    """The answer's first sentence, and the rest of it."""
    found = re.match(r"(.+?\.)(?:\s+(?=[A-Z])(.+))?$", answer(report), re.DOTALL)
    return (found[1], found[2] or "") if found else (answer(report), "")


def options(command: str) -> list[str]:
    """A command in parts, each beginning with an option; joined by spaces they are the command."""
    return re.split(r" (?=--?[A-Za-z])", command)


def intended_refusals(report: Report) -> frozenset[int]:
    """Numbers of the requests that were made to be refused: without a token, or with a body that no service takes."""
    let_in = any(one.check == "endpoint-accepts-caller" and one.status is Status.PASS for one in report.results)
    return frozenset(
        one.number
        for one in report.exchanges
        if one.plane == "foundry"
        and ((one.status == _UNAUTHORIZED and not one.audience) or (one.status == _BAD_REQUEST and let_in))
    )


def uncoloured(line: str) -> str:
    """A line of a terminal without its colours and links."""
    return re.sub(r"\x1b(?:\[[\d;]*m|\]8;;[^\x1b]*\x1b\\)", "", line)


def reasons(result: Result) -> list[str]:
    """Why, in sentences that the summary has not said already."""
    return _unsaid((decision.reason for decision in result.finding.decisions), result)


def evidence(result: Result) -> list[str]:
    """What was seen, without what the summary has said already."""
    return _unsaid(result.finding.evidence, result)


def seen_at(result: Result, report: Report) -> str:
    """Reference of the first result that saw the very same, when that is another one; "" when this result tells it."""
    seen = result.finding.evidence
    first = next((one for one in report.results if one.status.needs_cause and one.finding.evidence == seen), result)
    return first.reference if seen and first.reference != result.reference else ""


def _unsaid(texts: Iterable[str], result: Result) -> list[str]:
    said = result.finding.summary.rstrip(".").lower()
    return [text for text in dict.fromkeys(texts) if text.rstrip(".").lower() not in said]


def headline(report: Report) -> str:
    """The verdict as one sentence; claims nothing that the report does not hold."""
    total = len(report.results)
    said = _verdict_sentence(report, total)
    waived = sum(bool(result.waived) for result in report.results)
    if waived and report.verdict is not Verdict.PASS:
        said += f" Besides, {_results(waived)} {'is' if waived == 1 else 'are'} waived."
    if report.interrupted:
        return f"The run was stopped before its end. Of what was found so far: {said[0].lower()}{said[1:]}"
    return said


def _verdict_sentence(report: Report, total: int) -> str:
    failed, warned = _counted(report, Status.FAIL), _counted(report, Status.WARN)
    match report.verdict:
        case Verdict.FAIL if failed:
            return f"{failed} of {_results(total)} failed."
        case Verdict.FAIL:
            return f"Nothing failed, but {_results(warned)} warned, and warnings count as failures in this run."
        case Verdict.ERROR:
            crashed = _counted(report, Status.ERROR)
            return f"{crashed} of {_results(total)} could not be had: a check crashed or ran out of time."
        case Verdict.UNKNOWN:
            open_ = sum(r.status is Status.UNKNOWN and r.finding.required and not r.waived for r in report.results)
            allowed = " This run allows that." if report.policy.allow_unknown else ""
            return f"{_results(open_)} that the answer depends on could not be verified (of {total} in all).{allowed}"
        case Verdict.PASS:
            return _passed(report, total, warned)


def _passed(report: Report, total: int, warned: int) -> str:
    if not total:
        return "Nothing was checked."
    waived = sum(bool(result.waived) for result in report.results)
    asides = [
        f"{count} {word}"
        for count, word in (
            (waived, "waived"),
            (warned, "warned"),
            (_counted(report, Status.UNKNOWN), "not verified (not required)"),
            (report.count(Status.SKIP), "skipped"),
        )
        if count
    ]
    passed = f"{report.count(Status.PASS)} of {_results(total)} passed, none failed"
    passed += " that is not waived" if waived else ""
    return f"{passed}; {', '.join(asides)}." if asides else f"{passed}."


def _counted(report: Report, status: Status) -> int:
    """How many results of this status count for the verdict."""
    return sum(result.status is status and not result.waived for result in report.results)


def waiver(result: Result) -> str:
    """Why and until when a result does not count; "" when it counts."""
    if not result.waived:
        return ""
    return f"{result.waived} (until {result.waived_until})" if result.waived_until else result.waived


def told_name(result: Result) -> str:
    """The reference of a result, as a list of results shows it."""
    return f"{result.reference} (waived)" if result.waived else result.reference


def _results(count: int) -> str:
    return f"{count} result{'' if count == 1 else 's'}"


def plan(report: Report) -> tuple[Step, ...]:
    """The root causes in their order, then what other results still propose.

    No change is told twice, and none of a result that a root cause explains: it comes right with that one.
    """
    told: set[str] = set()
    explained = {reference for cause in report.root_causes for reference in cause.explains}
    steps = [
        Step(
            _reference(cause.check, cause.subject), cause.status, cause.summary, _new(cause.fixes, told), cause.explains
        )
        for cause in report.root_causes
    ]
    steps += [
        Step(result.reference, result.status, result.finding.summary, fixes)
        for result in report.results
        if not result.waived and result.reference not in explained and (fixes := _new(result.finding.fixes, told))
    ]
    return tuple(steps)


def told_at(fix: Fix, result: Result, report: Report) -> str:
    """Reference of the result that tells a change in full when this one need not: a root cause, else the first one."""
    roots = [_reference(cause.check, cause.subject) for cause in report.root_causes]
    having = [one.reference for one in report.results if any(_key(fix) == _key(has) for has in one.finding.fixes)]
    teller = next((reference for reference in roots if reference in having), having[0] if having else "")
    return "" if teller == result.reference else teller


def _key(fix: Fix) -> str:
    return fix.command or fix.title


def _reference(check: str, subject: str) -> str:
    return f"{check}:{subject}" if subject else check


def _new(fixes: tuple[Fix, ...], told: set[str]) -> tuple[Fix, ...]:
    fresh = []
    for fix in fixes:
        if _key(fix) not in told:
            told.add(_key(fix))
            fresh.append(fix)
    return tuple(fresh)


def heading(steps: tuple[Step, ...], report: Report) -> str:
    """What stands above the plan; only a failure at the root is the one thing to change."""
    if not steps or not report.root_causes:
        return "Proposed changes" if steps else ""
    return "The one thing to change" if steps[0].status is Status.FAIL else "The first thing to settle"


def not_verified(report: Report) -> tuple[Gap, ...]:
    """What nobody may take for checked: errors, unknowns, then skips; what has one reason is told once."""
    gaps: dict[tuple[Status, str], list[str]] = {}
    for status in (Status.ERROR, Status.UNKNOWN, Status.SKIP):
        for result in report.results:
            if result.status is status:
                gaps.setdefault((status, result.finding.summary), []).append(result.reference)
    return tuple(Gap(status, tuple(references), summary) for (status, summary), references in gaps.items())


def groups(report: Report) -> dict[str, list[Result]]:
    """Results by group, both in declared order."""
    grouped: dict[str, list[Result]] = {}
    for result in report.results:
        grouped.setdefault(result.group or "Other", []).append(result)
    return grouped


def details(result: Result) -> list[str]:
    """What a person needs to act on a result, in plain lines: cause, evidence, reasons, fixes, documentation."""
    finding = result.finding
    lines = [f"cause: {finding.cause.value}"] if finding.cause else []
    lines += [f"waived: {waiver(result)}"] if result.waived else []
    lines += [f"seen: {seen}" for seen in evidence(result)]
    lines += [f"why: {reason}" for reason in reasons(result)]
    lines += [f"follows from: {', '.join(finding.because_of)}"] if finding.because_of else []
    for fix in finding.fixes:
        told = (("fix", fix.title), ("run", fix.command), ("who", fix.needs), ("note", fix.note), ("undo", fix.undo))
        lines += [f"{label}: {text}" for label, text in told if text]
    return [*lines, f"docs: {result.docs}"] if result.docs else lines


def who(identity: Identity) -> str:
    """Name, kind and client id of an identity, as far as they are known."""
    client = f"client id {identity.client_id}" if identity.client_id else ""
    return ", ".join(part for part in (identity.name, identity.kind, client) if part)


def duration(milliseconds: int) -> str:
    """A duration for people: 812 ms, 4.2 s, 3 min 20 s."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {rest} s"


def tally(report: Report) -> str:
    """How many results of each status, worst first, without zeros: "2 fail, 1 unknown, 9 pass"."""
    order = (Status.FAIL, Status.ERROR, Status.UNKNOWN, Status.WARN, Status.SKIP, Status.PASS)
    return ", ".join(f"{report.count(status)} {status.value}" for status in order if report.count(status))
