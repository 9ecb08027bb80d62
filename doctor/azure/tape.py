"""The wire that is a recording: each request is answered as it was answered once, whatever the order.

A request is known by its key: method, address with its query sorted, whose audience the token has (or that there is
none), and the body. Of a form that asks for a token, only what tells one question from another counts, so that no
secret is part of a key.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from doctor.azure.wire import Fault, Reply, WireFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from doctor.azure.wire import Request, Wire

_FORM = ("grant_type", "client_id", "scope", "resource", "claims", "username")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange: an answer, or the fault that came instead."""

    key: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    truncated: bool = False
    fault: Fault | None = None
    detail: str = ""


def key_of(request: Request) -> str:
    """What a request is known by."""
    parts = urlsplit(request.url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    where = f"{parts.scheme}://{request.host}:{request.port}{parts.path}?{query}"
    return f"{request.method} {where} {request.audience or 'anonymous'} {_digest(request)}"


class Tape:
    """A wire over recorded exchanges. Where one key was asked several times, its answers come in that order."""

    def __init__(
        self, exchanges: Iterable[Recorded], names: Mapping[str, tuple[str, ...]], issuers: Mapping[str, str]
    ) -> None:
        """Prepare.

        Args:
            exchanges: what was recorded.
            names: host → addresses.
            issuers: host → issuer of the certificate that was not trusted.
        """
        self._lock = threading.Lock()
        self._closed = False
        self._names = names
        self._issuers = issuers
        self._left: dict[str, list[Recorded]] = {}
        for one in exchanges:
            self._left.setdefault(one.key, []).append(one)

    def exchange(self, request: Request, reply: Reply) -> None:
        """Fill the reply from the recording; the last answer to a key is given again and again.

        Raises:
            WireFault: the fault that was recorded, or `NOT_RECORDED`.
        """
        with self._lock:
            if self._closed:
                raise WireFault(Fault.CLOSED, "the run has ended")
            answers = self._left.get(key_of(request), [])
            one = answers.pop(0) if len(answers) > 1 else answers[0] if answers else None
        if one is None:
            place = request.url.partition("?")[0]
            raise WireFault(Fault.NOT_RECORDED, f"the recording holds no answer to {request.method} {place}")
        if one.fault is not None:
            raise WireFault(one.fault, one.detail)
        reply.headers, reply.truncated = dict(one.headers), one.truncated
        reply.chunks.append(one.body)
        reply.status = one.status

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The recorded addresses of a name.

        Raises:
            WireFault: none were recorded.
        """
        del port
        if not (found := self._names.get(host.lower(), ())):
            raise WireFault(Fault.NOT_RECORDED, f"the recording holds no address of {host}")
        return found

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """The recorded issuer of a certificate, or ""."""
        del port, seconds
        return self._issuers.get(host.lower(), "")

    def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True


class Recorder:
    """A wire that tells what goes over another one."""

    def __init__(self, wire: Wire, keep: Callable[[Request, Recorded], None]) -> None:
        self._wire = wire
        self._keep = keep
        self.names: dict[str, tuple[str, ...]] = {}
        self.issuers: dict[str, str] = {}

    def exchange(self, request: Request, reply: Reply) -> None:
        """As the other wire.

        Raises:
            WireFault: as the other wire.
        """
        try:
            self._wire.exchange(request, reply)
        except WireFault as fault:
            self._keep(request, Recorded(key_of(request), fault=fault.fault, detail=fault.detail))
            raise
        self._keep(request, Recorded(key_of(request), reply.status, dict(reply.headers), reply.body, reply.truncated))

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """As the other wire.

        Raises:
            WireFault: as the other wire.
        """
        found = self.names[host.lower()] = self._wire.addresses(host, port)
        return found

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """As the other wire."""
        found = self.issuers[host.lower()] = self._wire.issuer(host, port, seconds)
        return found

    def close(self) -> None:
        """Close the other wire."""
        self._wire.close()


def _digest(request: Request) -> str:
    body = request.body or b""
    content_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if "x-www-form-urlencoded" in content_type:
        given = dict(parse_qsl(body.decode("utf-8", "replace")))
        return " ".join(f"{name}={given[name]}" for name in _FORM if name in given)
    if "json" in content_type:
        try:
            body = json.dumps(json.loads(body), sort_keys=True).encode()
        except (ValueError, RecursionError):
            return hashlib.sha256(body).hexdigest()
    return hashlib.sha256(body).hexdigest() if body else "-"
