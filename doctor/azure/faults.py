"""What goes over the wire and how it can fail: no network library is loaded for these records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    truncated: bool = False
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, and within which limits (seconds, bytes)."""

    method: str
    url: str
    host: str
    port: int
    headers: Mapping[str, str]
    body: bytes | None
    connect: float
    read: float
    limit: int
