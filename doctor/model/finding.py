"""What a check says, and what becomes of it in the report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from doctor.model.status import Status

if TYPE_CHECKING:
    from doctor.model.access import Decision
    from doctor.model.cause import Cause
    from doctor.model.fix import Fix


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a check; made by `passed`, `warned`, `failed`, `unknown` or `skipped` below.

    Raises:
        ValueError: the cause does not go with the status, or the summary is empty.
    """

    status: Status
    summary: str
    """One sentence that stands alone, in plain words."""
    cause: Cause | None = None
    subject: str = ""
    """What it is about when a check gives several results: a connection's name, a tool's label."""
    evidence: tuple[str, ...] = ()
    """What was seen, one line each: status, code, principal, action, request id, role, scope."""
    fixes: tuple[Fix, ...] = ()
    required: bool = True
    """Whether not knowing this leaves open if the application works for this caller."""
    because_of: tuple[str, ...] = ()
    """Other results (`check` or `check:subject`) that this one merely follows from."""
    decisions: tuple[Decision, ...] = field(default=())
    """The access decisions behind it, for the picture identity → role → scope."""
    transient: bool = False
    """Azure is at work on it (creating, starting…), so that waiting alone may heal it."""

    def __post_init__(self) -> None:
        if self.status.needs_cause is (self.cause is None):
            raise ValueError(f"a finding of status {self.status.value} with cause {self.cause}: {self.summary}")
        if not self.summary.strip():
            raise ValueError(f"a finding of status {self.status.value} without a summary")

    def about(self, subject: str) -> Finding:
        """The same finding about a subject."""
        return replace(self, subject=subject)


@dataclass(frozen=True, slots=True)
class Result:
    """A finding as the engine stamped it: with the check's id, title and documentation, cleaned of secrets."""

    check: str
    title: str
    group: str
    finding: Finding
    docs: str
    duration_ms: int
    waived: str = ""
    """Why it does not count: the reason of the waiver that covers it; empty when it counts."""
    waived_until: str = ""
    """Last day (UTC) on which it is waived, as 2026-12-31; empty when the waiver does not end."""

    @property
    def reference(self) -> str:
        """How other results name this one: `check` or `check:subject`."""
        return f"{self.check}:{self.finding.subject}" if self.finding.subject else self.check

    @property
    def status(self) -> Status:
        """The finding's status."""
        return self.finding.status


def passed(summary: str, *, evidence: tuple[str, ...] = (), decisions: tuple[Decision, ...] = ()) -> Finding:
    """Verified."""
    return Finding(Status.PASS, summary, evidence=evidence, decisions=decisions)


def warned(
    cause: Cause,
    summary: str,
    *,
    evidence: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
    decisions: tuple[Decision, ...] = (),
) -> Finding:
    """Works now, but will bite."""
    return Finding(Status.WARN, summary, cause, evidence=evidence, fixes=fixes, decisions=decisions)


def failed(
    cause: Cause,
    summary: str,
    *,
    evidence: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
    because_of: tuple[str, ...] = (),
    decisions: tuple[Decision, ...] = (),
    transient: bool = False,
) -> Finding:
    """Verified to be broken; `transient` when Azure is at work on it."""
    return Finding(
        Status.FAIL,
        summary,
        cause,
        evidence=evidence,
        fixes=fixes,
        because_of=because_of,
        decisions=decisions,
        transient=transient,
    )


def unknown(
    cause: Cause,
    summary: str,
    *,
    required: bool = True,
    evidence: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
    because_of: tuple[str, ...] = (),
    decisions: tuple[Decision, ...] = (),
) -> Finding:
    """Could not be verified; `required` when that leaves the main question open."""
    return Finding(
        Status.UNKNOWN,
        summary,
        cause,
        evidence=evidence,
        fixes=fixes,
        required=required,
        because_of=because_of,
        decisions=decisions,
    )


def skipped(summary: str, *, because_of: tuple[str, ...] = ()) -> Finding:
    """Not applicable or pointless; the summary says why."""
    return Finding(Status.SKIP, summary, because_of=because_of, required=False)
