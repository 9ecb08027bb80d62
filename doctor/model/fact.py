"""A fact that was asked for: known, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, Union

from doctor.model.cause import Cause

if TYPE_CHECKING:
    from doctor.model.fix import Fix

T_co = TypeVar("T_co", covariant=True)

OUTAGES = frozenset(
    {
        Cause.THROTTLED,
        Cause.SERVICE_FAILED,
        Cause.NOT_AZURE,
        Cause.NETWORK_DENIED,
        Cause.TIMED_OUT,
        Cause.UNREACHABLE,
        Cause.NAME_NOT_RESOLVED,
        Cause.TLS_UNTRUSTED,
        Cause.PROXY_FAILED,
    }
)
"""Why a host tells nothing at all: one thing to mend, however many facts are missing for it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a fact could not be had, in the report's own terms."""

    cause: Cause
    summary: str
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    status: int | None = None
    """HTTP status of the answer, where there was one."""
    because_of: tuple[str, ...] = ()
    host: str = ""
    """Who was asked; "" where nobody was."""
    permission: str = ""
    """The action that looking takes, where a missing permission is why."""

    @property
    def outage(self) -> tuple[Cause, str] | None:
        """What is wrong with the host as a whole, whatever it is asked; None when it is about this one fact."""
        return (self.cause, self.host) if self.host and self.cause in OUTAGES else None


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """The fact."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Unread:
    """Not the fact, but why it could not be had."""

    problem: Problem


Fact = Union[Known[T_co], Unread]  # noqa: UP007 - an alias is evaluated at run time, also by Python 3.10
