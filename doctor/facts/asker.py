"""Asks questions: each once, whoever asks, side by side, and no longer than the run lasts.

Whoever waits for a question that nobody has begun answers it himself, so a bounded pool cannot lock itself up. What
finding out raises is raised to everybody who asks; only a request that got no answer is an unread fact instead.
Questions that wait for each other in a ring are a mistake in the code; the one that would close the ring raises `Ring`
instead of waiting for ever.
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from doctor.azure.errors import AzureError
from doctor.azure.exchange_log import collecting
from doctor.facts.question import Provenance
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from doctor.facts.pool import Pool

C = TypeVar("C")
A = TypeVar("A")
Q = TypeVar("Q")


class Stopped(Exception):  # noqa: N818 - it names what has happened
    """The run has ended; nobody waits for the answer any more."""


class Ring(Exception):  # noqa: N818 - it names what was found
    """Questions that wait for each other."""


class _Flight:
    """One question on its way to its answer."""

    __slots__ = ("answer", "began", "done", "ended", "error", "made_of", "question", "requests", "taken", "waits_for")

    def __init__(self, question: object) -> None:
        self.question = question
        self.taken = False
        self.done = threading.Event()
        self.answer: Any = None
        self.error: BaseException | None = None
        self.began = self.ended = 0.0
        self.made_of: list[object] = []
        self.requests: list[int] = []
        self.waits_for: _Flight | None = None

    def ready(self) -> bool:
        """Whether an answer is there."""
        return self.done.is_set() and self.error is None

    def result(self) -> Any:
        """The answer, once it is done."""
        if self.error is not None:
            raise self.error
        return self.answer


_CURRENT: ContextVar[_Flight | None] = ContextVar("current", default=None)
"""The question that this thread is answering."""


class Asker(Generic[C]):
    """The answers of a run, or of an estate that several runs share."""

    def __init__(
        self,
        context: C,
        pool: Pool,
        remaining: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            context: what questions are given to ask further ones.
            pool: where questions are answered that were begun and not waited for.
            remaining: seconds that are left to wait for another thread's answer.
            clock: seconds of a monotonic clock.
        """
        self._context = context
        self._pool = pool
        self._remaining = remaining
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._flights: dict[object, _Flight] = {}
        self._stopped = False

    def ask(self, question: object) -> Any:
        """The answer, found out by whoever asks first.

        Raises:
            Stopped: the run has ended, or its time is over.
            Ring: the question waits for one that waits for it.
        """
        flight = self._flight(question)
        asking = _CURRENT.get()
        if asking is not None:
            asking.made_of.append(question)
        if flight.done.is_set():
            return flight.result()
        if self._take(flight):
            self._fly(flight, asking)
        else:
            self._wait(flight, asking)
        return flight.result()

    def begin(self, questions: Iterable[object]) -> None:
        """Have questions answered in the background; whoever asks one later finds it answered or under way."""
        for question in questions:
            flight = self._flight(question)
            if not flight.taken:
                self._pool.submit(partial(self._begun, flight))

    def known(self, question: object) -> Any | None:
        """The answer if it is there already; nothing is asked."""
        flight = self._flights.get(question)
        return flight.answer if flight is not None and flight.ready() else None

    def answered(self, kind: type[Q]) -> Iterator[tuple[Q, Any]]:
        """The questions of a kind that are answered by now, with their answers, in the order they were asked in."""
        with self._lock:
            flights = list(self._flights.values())
        return ((one.question, one.answer) for one in flights if type(one.question) is kind and one.ready())

    def provenance(self) -> tuple[Provenance, ...]:
        """How each fact came about, in the order in which they were asked for."""
        with self._lock:
            flights = [one for one in self._flights.values() if one.taken]
        return tuple(
            Provenance(
                one.question,
                one.answer,
                self._ms(one.began),
                self._ms(one.ended) if one.done.is_set() else None,
                tuple(dict.fromkeys(one.made_of)),
                tuple(one.requests),
            )
            for one in flights
        )

    def stop(self) -> None:
        """Wake everybody who waits; what is asked from now on is not answered."""
        with self._lock:
            self._stopped = True
            flights = list(self._flights.values())
        for flight in flights:
            if not flight.done.is_set():
                self._end(flight, error=Stopped("the run has ended"))

    def _ms(self, moment: float) -> int:
        return int((moment - self._began) * 1000)

    def _flight(self, question: object) -> _Flight:
        with self._lock:
            if self._stopped and question not in self._flights:
                raise Stopped("the run has ended")
            return self._flights.setdefault(question, _Flight(question))

    def _take(self, flight: _Flight) -> bool:
        with self._lock:
            mine = not flight.taken and not flight.done.is_set()
            flight.taken = flight.taken or mine
        return mine

    def _begun(self, flight: _Flight) -> None:
        if self._take(flight):
            self._fly(flight, None)

    def _fly(self, flight: _Flight, asking: _Flight | None) -> None:
        """Find the answer out in this thread."""
        if asking is not None:
            asking.waits_for = flight
        current = _CURRENT.set(flight)
        flight.began = self._clock()
        try:
            with collecting(flight.requests):
                answer = flight.question.answer(self._context)  # type: ignore[attr-defined]  # what a question has
            self._end(flight, answer=answer)
        except AzureError as error:
            self._end(flight, answer=Unread(error.problem))
        except BaseException as error:  # noqa: BLE001 - raised where the answer is asked for
            self._end(flight, error=error)
        finally:
            _CURRENT.reset(current)
            if asking is not None:
                asking.waits_for = None

    def _wait(self, flight: _Flight, asking: _Flight | None) -> None:
        if asking is not None:
            with _RINGS:
                ahead: _Flight | None = flight
                while ahead is not None:
                    if ahead is asking:
                        raise Ring(f"{flight.question!r} waits for {asking.question!r}, which asks for it")
                    ahead = ahead.waits_for
                asking.waits_for = flight
        in_time = flight.done.wait(min(self._remaining(), threading.TIMEOUT_MAX))
        if asking is not None:
            asking.waits_for = None
        if not in_time:
            raise Stopped("the time of the run is over")

    def _end(self, flight: _Flight, *, answer: Any = None, error: BaseException | None = None) -> None:
        with self._lock:
            if flight.done.is_set():
                return
            flight.answer, flight.error, flight.ended = answer, error, self._clock()
            flight.done.set()


_RINGS = threading.Lock()
"""Held while a thread looks whether waiting would close a ring, so that two cannot close one at the same time."""
