"""A fact that was asked for: known, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, Union

if TYPE_CHECKING:
    from doctor.model.cause import Cause
    from doctor.model.fix import Fix

T_co = TypeVar("T_co", covariant=True)


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


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """The fact."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Unread:
    """Not the fact, but why it could not be had."""

    problem: Problem


Fact = Union[Known[T_co], Unread]  # noqa: UP007 - an alias is evaluated at run time, also by Python 3.10
