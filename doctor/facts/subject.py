"""The memory of one look at one application or agent: what checks ask for facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from doctor.facts.asker import Asker
from doctor.facts.question import EstateQuestion, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from doctor.azure.clouds import Cloud
    from doctor.facts.estate import Estate
    from doctor.facts.options import Options
    from doctor.facts.question import Provenance
    from doctor.model.exchange import Exchange
    from doctor.target import Target

A = TypeVar("A")
Q = TypeVar("Q")


class Facts:
    """Answers questions about one subject, and passes those about the estate on. Any thread may ask."""

    def __init__(self, options: Options, target: Target, estate: Estate) -> None:
        """Prepare; nothing is asked yet."""
        self.options = options
        """The options of the run."""
        self.target = target
        """What the user asked about."""
        self.estate = estate
        """What holds for the tenant and its subscriptions."""
        self._asker = Asker(self, estate.pool, estate.remaining)

    @property
    def cloud(self) -> Cloud:
        """The Azure cloud that is asked."""
        return self.estate.cloud

    @property
    def now(self) -> Callable[[], datetime]:
        """The present time, in UTC."""
        return self.estate.now

    def ask(self, question: Question[A] | EstateQuestion[A]) -> A:
        """The answer to a question, found out by whoever asks it first.

        Raises:
            Stopped: the run has ended.
        """
        if isinstance(question, EstateQuestion):
            return self.estate.ask(question)
        answer: A = self._asker.ask(question)
        return answer

    def ask_all(self, questions: Iterable[Question[A] | EstateQuestion[A]]) -> tuple[A, ...]:
        """The answers to several questions, found out side by side, in the order of the questions."""
        wanted = tuple(questions)
        self.begin(*wanted[1:])
        return tuple(self.ask(one) for one in wanted)

    def begin(self, *questions: Question[Any] | EstateQuestion[Any]) -> None:
        """Have questions answered in the background; whoever asks one later finds it answered or under way."""
        self.estate.begin(*(one for one in questions if isinstance(one, EstateQuestion)))
        self._asker.begin(one for one in questions if isinstance(one, Question))

    def known(self, question: Question[A] | EstateQuestion[A]) -> A | None:
        """The answer, if it is there already; nothing is asked."""
        if isinstance(question, EstateQuestion):
            return self.estate.known(question)
        answer: A | None = self._asker.known(question)
        return answer

    def answered(self, kind: type[Q]) -> Iterator[tuple[Q, Any]]:
        """All questions of a kind that are answered by now, with their answers."""
        asker = self.estate if issubclass(kind, EstateQuestion) else self._asker
        return asker.answered(kind)

    def provenance(self) -> tuple[Provenance, ...]:
        """How each fact of the run came about, in the order in which they were begun."""
        both = (*self.estate.provenance(), *self._asker.provenance())
        return tuple(sorted(both, key=lambda one: one.began_ms))

    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests made so far, in the order in which they began."""
        return self.estate.clients.transport.exchanges()

    def time_left(self) -> float:
        """Seconds until the run's time is over."""
        return self.estate.remaining()

    def close(self) -> None:
        """End the run: whoever waits is woken, and nothing is sent afterwards."""
        self._asker.stop()
        self.estate.close()
