"""The run's log of requests: which, where, how long, with what outcome; nothing secret."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.model.exchange import Exchange
from doctor.model.untrusted import REDACTED, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_NUMBERS: ContextVar[tuple[list[int], ...]] = ContextVar("numbers", default=())

_SECRET_QUERY = {
    "sig", "code", "client_secret", "client_assertion", "assertion", "access_token", "id_token", "refresh_token",
    "token", "key", "api-key", "apikey", "subscription-key", "password", "secret", "state", "nonce", "se", "skoid",
}  # fmt: skip


@contextmanager
def collecting(numbers: list[int]) -> Iterator[None]:
    """Collect the numbers of the exchanges that this thread makes meanwhile: for which fact they were made."""
    before = _NUMBERS.set((*_NUMBERS.get(), numbers))
    try:
        yield
    finally:
        _NUMBERS.reset(before)


class ExchangeLog:
    """Every attempt to get an answer, in the order in which it ended; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._lines: list[Exchange] = []

    def now_ms(self) -> int:
        """Milliseconds since the start of the run."""
        return int((self._clock() - self._began) * 1000)

    def add(
        self,
        *,
        method: str,
        url: str,
        plane: str,
        started_ms: int,
        status: int | None,
        request_id: str,
        error: str,
        attempt: int,
        audience: str,
    ) -> None:
        """Write one attempt down."""
        with self._lock:
            self._lines.append(
                Exchange(
                    number=len(self._lines) + 1,
                    method=method,
                    url=safe_url(url),
                    host=clean(urlsplit(url).hostname or ""),
                    plane=plane,
                    started_ms=started_ms,
                    duration_ms=self.now_ms() - started_ms,
                    status=status,
                    request_id=clean(request_id),
                    error=clean(error),
                    attempt=attempt,
                    audience=clean(audience),
                )
            )
            for numbers in _NUMBERS.get():
                numbers.append(len(self._lines))

    def add_again(self, lines: Iterable[Exchange]) -> None:
        """Write down what was done once, as if it were done now."""
        with self._lock:
            for line in lines:
                self._lines.append(replace(line, number=len(self._lines) + 1, started_ms=self.now_ms()))

    def lines(self) -> tuple[Exchange, ...]:
        """Everything so far."""
        with self._lock:
            return tuple(self._lines)

    def by_host(self) -> Mapping[str, int]:
        """How many requests went to which host."""
        return dict(Counter(line.host for line in self.lines()))


def safe_url(url: str) -> str:
    """The URL without the values of secret query parameters, user information and fragment."""
    head, question, query = url.partition("#")[0].partition("?")
    scheme, separator, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    head = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    return clean(head + question + "&".join(_safe(pair) for pair in query.split("&")))


def _safe(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={REDACTED}" if equals and value and name.lower() in _SECRET_QUERY else f"{name}{equals}{value}"
