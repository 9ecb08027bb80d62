"""Single-flight memory: the first thread that asks for a fact fetches it, the others wait for it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Memo:
    """Remembers what was computed under a key. Facts must not ask for each other in a circle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Any]] = {}
        self._started: list[threading.Thread] = []

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value under the key, computed by the first who asks; what it raises is raised to all who ask."""
        with self._lock:
            future = self._futures.get(key)
            mine = future is None
            if future is None:
                future = self._futures[key] = Future()
        if mine:
            try:
                future.set_result(compute())
            except BaseException as error:  # a waiting thread must not wait for ever
                future.set_exception(error)
                raise
        return cast("T", future.result())

    def start(self, *thunks: Callable[[], object]) -> None:
        """Ask for facts in the background; whoever needs one later finds it fetched or under way."""
        threads = [threading.Thread(target=_quietly, args=(thunk,), daemon=True) for thunk in thunks]
        with self._lock:
            self._started += threads
        for thread in threads:
            thread.start()

    def settle(self, seconds: float) -> None:
        """Wait for what was started in the background and is no longer needed, but not for long."""
        end = time.monotonic() + seconds
        with self._lock:
            started = list(self._started)
        for thread in started:
            thread.join(max(0.0, end - time.monotonic()))

    def peek(self, key: Hashable) -> object | None:
        """The value under the key if it is there already, without asking for it."""
        with self._lock:
            future = self._futures.get(key)
        return future.result() if future is not None and future.done() and future.exception() is None else None


def _quietly(thunk: Callable[[], object]) -> None:
    # What it raises is kept in the memo's future and raised to whoever asks for the fact.
    try:
        thunk()
    except BaseException:  # noqa: BLE001 - see above
        return


def together(*thunks: Callable[[], T]) -> tuple[T, ...]:
    """Run all at the same time and give their values in the same order; raises what the first of them raised."""
    if len(thunks) == 1:
        return (thunks[0](),)
    futures: list[Future[T]] = [Future() for _ in thunks]
    threads = [
        threading.Thread(target=_fulfil, args=(thunk, future), daemon=True)
        for thunk, future in zip(thunks, futures, strict=True)
    ]
    for thread in threads:
        thread.start()
    return tuple(future.result() for future in futures)


def _fulfil(thunk: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(thunk())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the value is asked for
        future.set_exception(error)
