"""The wire as a port: one request goes out, one answer or the reason why there is none comes back.

`live` is the network, `tape` a recording. No network library is loaded for the records here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.bounds import Bounds


class Fault(str, Enum):
    """Why no answer came."""

    DNS = "dns"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect-timeout"
    UNTRUSTED = "untrusted"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    NOT_HTTP = "not-http"
    TOO_MUCH = "too-much"
    """More came than Azure ever sends."""
    CLOSED = "closed"
    """The run has ended, or nobody waits for this answer any more."""
    NOT_RECORDED = "not-recorded"


class WireFault(Exception):  # noqa: N818 - a fault of the wire
    """No answer came; `sent` when the request may have reached the server."""

    def __init__(self, fault: Fault, detail: str, *, sent: bool = False, passing: bool = False, code: int = 0) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.sent = sent
        self.passing = passing
        """A second attempt may well succeed, and harms nobody: nothing was sent."""
        self.code = code
        """OpenSSL's verification code of an untrusted certificate."""


@dataclass(slots=True)
class Reply:
    """An answer while it comes in; another thread may read what is there when the time is over."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; without cookies."""
    chunks: list[bytes] = field(default_factory=list)
    """The body, decompressed."""
    truncated: bool = False
    abandoned: bool = False
    """Set by whoever waited: what is not sent yet must not be sent any more."""

    @property
    def body(self) -> bytes:
        """What has come so far."""
        return b"".join(list(self.chunks))


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, and within which limits (seconds)."""

    method: str
    url: str
    host: str
    port: int
    headers: Mapping[str, str]
    body: bytes | None
    audience: str
    """Audience of the token among the headers; "" when there is none."""
    connect: float
    read: float
    bounds: Bounds


class Wire(Protocol):
    """What carries requests."""

    def exchange(self, request: Request, reply: Reply) -> None:
        """Send the request and fill the reply; a body that breaks off is `truncated`.

        Raises:
            WireFault: no answer came, or none that may be used.
        """

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a name (or of where a rule sends it), in the resolver's order.

        Raises:
            WireFault: there are none.
        """

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """Who issued the certificate that this host presents, or ""."""

    def close(self) -> None:
        """Close; nothing is sent any more, not even what other threads are about to send."""
