"""A fact is a question: a frozen record whose fields say what is asked, and whose `answer` says how it is found out.

Two equal questions are one fact. A question of the estate holds for a tenant or a subscription, whatever application or
agent is looked at; it cannot see one. Every other question is about the one subject of a run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from doctor.facts.estate import Estate
    from doctor.facts.subject import Facts

A_co = TypeVar("A_co", covariant=True)


class EstateQuestion(ABC, Generic[A_co]):
    """What holds for a tenant or a subscription; many subjects share its answer."""

    __slots__ = ()

    @abstractmethod
    def answer(self, estate: Estate) -> A_co:
        """Find the answer out, by asking further questions or by sending a request."""


class Question(ABC, Generic[A_co]):
    """What holds for the application or agent that the run looks at."""

    __slots__ = ()

    @abstractmethod
    def answer(self, facts: Facts) -> A_co:
        """Find the answer out, by asking further questions or by sending a request."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a fact came about."""

    question: object
    answer: Any
    """None while it is not there, or when finding it out raised an error."""
    began_ms: int
    """Milliseconds since the run began."""
    ended_ms: int | None
    made_of: tuple[object, ...]
    """The questions that were asked for it, in order."""
    requests: tuple[int, ...]
    """Numbers of the exchanges that were made for it alone, as the report counts them."""
