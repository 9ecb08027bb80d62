"""How Resource Graph pages and limits: rows are made as the pages are fetched, and a query is counted once."""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from doctor.simulator import kql
from doctor.simulator.wire import Json, Refused, json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LARGEST = 1000
_OPEN, _GIVEN = 64, 4
_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query's rows."""

    rows: list[Json]
    total: int
    token: str
    """"" on the last page."""


class Cursors:
    """The queries under way. A token can be given twice: the page that it led to is kept a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[Iterator[Json], int]] = OrderedDict()
        self._given: OrderedDict[str, Page] = OrderedDict()

    def page(self, query: str, options: Json, tables: Callable[[], kql.Tables]) -> Page:
        """The page that `options` ask for.

        Raises:
            QueryError: the query cannot be answered.
        """
        top = min(int(options.get("$top") or _LARGEST), _LARGEST)
        token = str(options.get("$skipToken") or "")
        with self._lock:
            if token in self._given:
                return self._given[token]
            if token in self._open:
                rows, total = self._open.pop(token)
                page = self._cut(rows, total, top)
                self._keep(self._given, token, page, _GIVEN)
                return page
            skip = int(token) if token.isdigit() else int(options.get("$skip") or 0)
            page = self._cut(islice(kql.run(query, tables()), skip, None), -1, top)
            if not page.token:
                return Page(page.rows, skip + len(page.rows), "")
            total = sum(1 for _ in kql.run(query, tables()))
            rows, _ = self._open[page.token]
            self._open[page.token] = (rows, total)
            return Page(page.rows, total, page.token)

    def _cut(self, rows: Iterator[Json], total: int, top: int) -> Page:
        part = list(islice(rows, top))
        after = list(islice(rows, 1))
        token = uuid.uuid4().hex if after else ""
        if token:
            self._keep(self._open, token, (chain(after, rows), total), _OPEN)
        return Page(part, total, token)

    @staticmethod
    def _keep(store: OrderedDict[str, Any], token: str, value: object, most: int) -> None:
        store[token] = value
        while len(store) > most:
            store.popitem(last=False)


class Quota:
    """So many queries per principal in five seconds; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def take(self, who: str) -> dict[str, str]:
        """The quota headers of an answer.

        Raises:
            Refused: 429: there is nothing left.
        """
        if not self._limit:
            return {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
        now = time.monotonic()
        with self._lock:
            times = self._times.setdefault(who, deque())
            while times and now - times[0] >= _WINDOW_S:
                times.popleft()
            left = self._limit - len(times)
            wait = int(_WINDOW_S - (now - times[0])) + 1 if times else int(_WINDOW_S)
            headers = {
                "x-ms-user-quota-remaining": str(max(left - 1, 0)),
                "x-ms-user-quota-resets-after": f"00:00:{wait:02}",
            }
            if left <= 0:
                message = "Client application has been throttled and should not attempt to repeat the request until an "
                error = {"code": "RateLimiting", "message": f"{message}amount of time has elapsed."}
                raise Refused(json_reply(429, {"error": error}, {**headers, "Retry-After": str(wait)}))
            times.append(now)
        return headers
