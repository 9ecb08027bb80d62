"""Makes results of findings: the engine stamps id, title, link and duration, and cleans every text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from doctor.model.cause import Cause
from doctor.model.finding import Finding, Result
from doctor.model.status import Status
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.check import Check

T = TypeVar("T")

_TEMPLATES = {"bicep", "terraform"}
"""Fields of a fix that hold several lines."""
_SENTENCES = {"summary", "needs", "note"}
"""Fields that end with a full stop, whoever wrote them."""


def stamp(check: Check, given: object, duration_ms: int) -> tuple[Result, ...]:
    """The results of what a check gave; what is no finding becomes an error, never a pass."""
    if not isinstance(given, Iterable):
        return (_result(check, _crash(f"it gave {type(given).__name__} instead of findings"), duration_ms),)
    findings = [
        one if isinstance(one, Finding) else _crash(f"it gave {type(one).__name__} instead of a finding")
        for one in given
    ]
    if not findings:
        findings = [_crash("it said nothing at all")]
    return tuple(_result(check, one, duration_ms) for one in _distinct(findings))


def crashed(check: Check, error: BaseException, duration_ms: int) -> tuple[Result, ...]:
    """The result of a check that raised. The traceback's last own line is shown, so that it can be reported."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}", trace.tb_next
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (_result(check, _crash(f"{reason} (at {place})"), duration_ms),)


def overdue(check: Check, seconds: float, duration_ms: int) -> tuple[Result, ...]:
    """The result of a check that did not end in its time."""
    finding = Finding(
        Status.ERROR,
        f"Not finished within its {seconds:.0f} seconds. Try again with a longer --timeout.",
        Cause.TIMED_OUT,
    )
    return (_result(check, finding, duration_ms),)


def broken(name: str, reason: str) -> Result:
    """The result of an entry point that could not be loaded."""
    finding = Finding(
        Status.ERROR,
        f"The check could not be loaded: {reason}",
        Cause.CRASHED,
        evidence=("reinstall or remove the package that provides it",),
    )
    return Result(clean(name), "Can the check be loaded?", "Other", _cleaned(finding), "", 0)


def _crash(reason: str) -> Finding:
    return Finding(
        Status.ERROR,
        f"The check has a bug: {reason}.",
        Cause.CRASHED,
        evidence=("please report it with this line and the output of --verbose, which holds no secrets",),
    )


def _result(check: Check, finding: Finding, duration_ms: int) -> Result:
    return Result(check.id, check.title, check.group.value, _cleaned(finding), check.link, duration_ms)


def _distinct(findings: list[Finding]) -> list[Finding]:
    """Findings whose references differ: a repeated subject gets a number."""
    seen: dict[str, int] = {}
    named = []
    for finding in findings:
        count = seen[finding.subject] = seen.get(finding.subject, 0) + 1
        named.append(finding if count == 1 else finding.about(f"{finding.subject or 'result'} ({count})"))
    return named


def _cleaned(value: T) -> T:
    """The same record with every text in it redacted and made visible."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return clean(value)  # type: ignore[return-value]  # a str stays a str
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)  # type: ignore[return-value]  # a tuple stays a tuple
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _field(f.name, getattr(value, f.name)) for f in fields(value)})
    return value


def _field(name: str, value: object) -> object:
    """A record's field; of a template the lines are kept."""
    if name in _TEMPLATES and isinstance(value, str):
        return "\n".join(clean(line) for line in value.split("\n"))
    cleaned = _cleaned(value)
    if name in _SENTENCES and isinstance(cleaned, str) and cleaned and cleaned[-1] not in ".!?…:":
        return f"{cleaned}."
    return cleaned
