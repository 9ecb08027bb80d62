"""What holds for a tenant or a subscription, and the clients through which it is found out. Subjects share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from doctor.facts.asker import Asker
from doctor.facts.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from doctor.azure.arm import Arm
    from doctor.azure.authorization import Authorization
    from doctor.azure.clouds import Cloud
    from doctor.azure.credentials import Credentials
    from doctor.azure.foundry import Foundry
    from doctor.azure.transport import Transport
    from doctor.facts.question import EstateQuestion, Provenance

A = TypeVar("A")
Q = TypeVar("Q")

SETTLE_SECONDS = 0.5
"""A request that nobody waits for any more may take so long to end before its connection is cut."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The ways to Azure, all of them over one transport."""

    transport: Transport
    credentials: Credentials
    arm: Arm
    authorization: Authorization
    foundry: Foundry


class Estate:
    """Answers questions about a tenant, its subscriptions and what lies in them."""

    def __init__(
        self,
        clients: Clients,
        cloud: Cloud,
        now: Callable[[], datetime],
        *,
        tenant: str = "",
        subscription: str = "",
        remaining: Callable[[], float] | None = None,
        pool: Pool | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            clients: the ways to Azure.
            cloud: the Azure cloud that is asked.
            now: the present time, in UTC.
            tenant: the tenant that the user named, or "".
            subscription: GUID of the subscription that the target or the user named, or "".
            remaining: seconds that are left to wait for an answer.
            pool: the threads of the run.
        """
        self.clients = clients
        self.cloud = cloud
        self.now = now
        self.tenant = tenant
        self.subscription = subscription
        self.pool = pool or Pool()
        self.remaining = remaining or clients.transport.remaining
        self._asker = Asker(self, self.pool, self.remaining)

    def ask(self, question: EstateQuestion[A]) -> A:
        """The answer to a question, found out by whoever asks it first.

        Raises:
            Stopped: the run has ended.
        """
        answer: A = self._asker.ask(question)
        return answer

    def ask_all(self, questions: Iterable[EstateQuestion[A]]) -> tuple[A, ...]:
        """The answers to several questions, found out side by side, in the order of the questions."""
        wanted = tuple(questions)
        self.begin(*wanted[1:])
        return tuple(self.ask(one) for one in wanted)

    def begin(self, *questions: EstateQuestion[Any]) -> None:
        """Have questions answered in the background."""
        self._asker.begin(questions)

    def known(self, question: EstateQuestion[A]) -> A | None:
        """The answer, if it is there already."""
        answer: A | None = self._asker.known(question)
        return answer

    def answered(self, kind: type[Q]) -> Iterator[tuple[Q, Any]]:
        """All questions of a kind that are answered by now, with their answers."""
        return self._asker.answered(kind)

    def provenance(self) -> tuple[Provenance, ...]:
        """How each fact came about."""
        return self._asker.provenance()

    def stop(self) -> None:
        """Wake everybody who waits; nothing more is answered."""
        self._asker.stop()

    def close(self) -> None:
        """End the run's threads and connections; nothing is sent afterwards."""
        self.pool.close()
        self.stop()
        self.pool.settle(SETTLE_SECONDS)
        self.clients.transport.close()
        self.pool.settle(SETTLE_SECONDS)
