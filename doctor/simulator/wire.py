"""One request as a handler sees it, one reply as a handler makes it, and one line of the log."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its header names in lower case, its path percent-decoded."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    """Parameter → value, names in lower case."""
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def bearer(self) -> str:
        """The bearer token, or "" when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; `wire_fault` tells the server to break it on the way."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wire_fault: str = ""
    """"", `reset`, `truncate` or `drip`."""
    delay_s: float = 0.0
    chunks: Callable[[], Iterator[bytes]] | None = None
    """Sent in chunks instead of `body`, as they are made."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One exchange of the log. It holds no header and no body, so no token."""

    method: str
    host: str
    path: str
    query: str
    """Raw query string, without the question mark; no Azure secret travels in the ones served here."""
    status: int
    authenticated: bool
    """The request carried a bearer token."""
    at: float
    """Seconds on the monotonic clock when the request had been read."""


class Refused(Exception):  # noqa: N818 - it is an answer, not an error of the simulator
    """Raised by a handler to answer at once with an error reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def unsimulated(method: str, path: str) -> Reply:
    """501 for what is not simulated; the header `x-agentdoctor-simulator` tells it from an answer of Azure."""
    message = f"The simulated Azure does not serve {method} {path}."
    body = {"error": {"code": "NotSimulated", "message": message}}
    return json_reply(501, body, {"x-agentdoctor-simulator": "not simulated"})


def json_reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON reply with a fresh request id."""
    merged = {"content-type": "application/json; charset=utf-8", "x-ms-request-id": str(uuid.uuid4())}
    return Reply(status, json.dumps(body).encode(), {**merged, **(headers or {})})
