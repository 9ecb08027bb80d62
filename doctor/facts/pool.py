"""The threads of a run: few, counted in one place, and gone when the run is over."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 18
"""The most threads that a run has at work on facts and checks."""
CHECKS = 8
"""So many of them may be at checks, which mostly wait for facts."""
REQUESTS = 12
"""The most requests under way at once, each in a thread that may be left behind; with the main thread that makes 31."""


class Pool:
    """Runs jobs in at most so many threads, each started when there is work for it and none is idle."""

    def __init__(self, most: int = THREADS, checks: int = CHECKS) -> None:
        self._most = most
        self._free_for_checks = checks
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._facts: deque[Callable[[], object]] = deque()
        self._checks: deque[Callable[[], object]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def submit(self, job: Callable[[], object], *, later: bool = False) -> None:
        """Have a job run; one for `later` goes behind all others. After `close` nothing is taken.

        The job keeps what it raises to itself: whoever wants its outcome has a place for that.
        """
        with self._work:
            if self._closed:
                return
            (self._checks if later else self._facts).append(job)
            waiting = len(self._facts) + len(self._checks)
            if waiting > self._idle and len(self._threads) < self._most:
                thread = threading.Thread(target=self._serve, name=f"facts-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._work.notify()

    def close(self) -> None:
        """Take no more jobs, and let those that have not begun fall."""
        with self._work:
            self._closed = True
            self._facts.clear()
            self._checks.clear()
            self._work.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait for the threads to end after `close`, but not for long; whether all have."""
        end = time.monotonic() + seconds
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while True:
            with self._work:
                self._idle += 1
                while not (self._facts or (self._checks and self._free_for_checks) or self._closed):
                    self._work.wait()
                self._idle -= 1
                if self._closed:
                    return
                is_check = not self._facts
                self._free_for_checks -= is_check
                job = (self._checks if is_check else self._facts).popleft()
            job()
            if is_check:
                with self._work:
                    self._free_for_checks += 1
                    self._work.notify()
