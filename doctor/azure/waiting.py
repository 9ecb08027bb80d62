"""Waiting no longer than agreed, and politely."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


class Overdue(Exception):  # noqa: N818 - the work is overdue
    """The work did not end in its time; its thread is left behind."""


class _Box(Generic[T]):
    def __init__(self) -> None:
        self.done = threading.Event()
        self.value: T | None = None
        self.error: BaseException | None = None


def bounded(work: Callable[[], T], seconds: float, name: str) -> T:
    """The result of `work`, which runs in a daemon thread of its own.

    Neither a name lookup nor a server that drips its headers can be interrupted from outside, so nothing short of a
    thread that may be left behind keeps a deadline.

    Raises:
        Overdue: the time is over.
    """
    box: _Box[T] = _Box()

    def run() -> None:
        try:
            box.value = work()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            box.error = error
        finally:
            box.done.set()

    threading.Thread(target=run, name=name, daemon=True).start()
    if not box.done.wait(seconds):
        raise Overdue
    if box.error is not None:
        raise box.error
    return box.value  # type: ignore[return-value]  # set, as there was no error


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the server asks us to wait, or None when it does not say.

    `Retry-After` is in seconds or an HTTP date; the model endpoints also send `retry-after-ms`, and Resource Graph
    `x-ms-user-quota-resets-after` as hh:mm:ss.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (value := headers.get(name, "").strip()).isdecimal() and value.isascii():
            return int(value[:9]) / 1000
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    if value:
        return _until(value, now or datetime.now(timezone.utc))
    parts = headers.get("x-ms-user-quota-resets-after", "").split(":")
    if len(parts) == 3 and all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
        hours, minutes, seconds = map(int, parts)
        return float(hours * 3600 + minutes * 60 + seconds)
    return None


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - now).total_seconds())
