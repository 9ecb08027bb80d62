"""The words for the outcome of one result and of a whole run."""

from __future__ import annotations

from enum import Enum


class Status(str, Enum):
    """The outcome of one result. There are words for not knowing, so that nothing can fake a pass."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    """Verified."""
    WARN = "warn"
    """Works now, but will bite."""
    FAIL = "fail"
    """Verified to be broken."""
    UNKNOWN = "unknown"
    """Could not be verified. Never shown as a pass."""
    SKIP = "skip"
    """Not applicable, deselected, or pointless because an earlier result failed."""
    ERROR = "error"
    """The check itself crashed or ran out of time."""

    @property
    def needs_cause(self) -> bool:
        """Whether a result of this status must carry exactly one cause."""
        return self in {Status.WARN, Status.FAIL, Status.UNKNOWN, Status.ERROR}


class Verdict(str, Enum):
    """The outcome of a run."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"


EXIT_CODES: dict[Verdict, int] = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.UNKNOWN: 3, Verdict.ERROR: 4}
"""Exit code of each verdict; 2 is a usage error and 130 an interruption, which are no verdicts."""
