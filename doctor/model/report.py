"""The finished outcome of a run. A report format is a pure function of this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.model.status import EXIT_CODES, Status, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.cause import Cause
    from doctor.model.exchange import Exchange
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.identity import Identity
    from doctor.model.trait import Trait


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked."""

    given: str
    """The target as the user wrote it."""
    kind: str
    """`agent-application`, `agent` (new model) or `unknown`."""
    endpoint: str = ""
    """The Responses URL, without query."""
    resource_id: str = ""
    """ARM id; empty when it could not be found out."""


@dataclass(frozen=True, slots=True)
class RootCause:
    """One thing to change, with the results that it explains."""

    cause: Cause
    check: str
    subject: str
    summary: str
    status: Status
    explains: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """How the verdict is drawn from the results."""

    fail_on_warn: bool = False
    allow_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found out."""

    tool_version: str
    target: Subject
    started_at: datetime
    """UTC."""
    duration_ms: int
    results: tuple[Result, ...]
    """In declared order, whatever finished first."""
    root_causes: tuple[RootCause, ...]
    """The first is the one thing to change."""
    identities: tuple[Identity, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    policy: Policy = field(default_factory=Policy)
    interrupted: bool = False
    """The user stopped the run; what was found so far is here."""
    rerun: str = ""
    """Command line that runs just the checks that did not pass again."""
    notes: tuple[str, ...] = ()
    """What is worth knowing about the run itself: staleness of a source, a narrowed credential chain."""
    redacted: bool = False
    simulated: bool = False
    """The Azure that answered is a simulated one."""
    traits: tuple[Trait, ...] = ()
    """Properties of what was checked, for comparison with another run."""

    @property
    def verdict(self) -> Verdict:
        """Any fail, else any error, else any required unknown, else pass; what is waived does not count."""
        counted = [result for result in self.results if not result.waived]
        statuses = {result.status for result in counted}
        if Status.FAIL in statuses or (self.policy.fail_on_warn and Status.WARN in statuses):
            return Verdict.FAIL
        if Status.ERROR in statuses:
            return Verdict.ERROR
        if any(r.status is Status.UNKNOWN and r.finding.required for r in counted):
            return Verdict.UNKNOWN
        return Verdict.PASS

    @property
    def exit_code(self) -> int:
        """The process's exit code for this report."""
        if self.interrupted:
            return 130
        if self.verdict is Verdict.UNKNOWN and self.policy.allow_unknown:
            return 0
        return EXIT_CODES[self.verdict]

    def count(self, status: Status) -> int:
        """How many results have this status, the waived ones included."""
        return sum(result.status is status for result in self.results)
