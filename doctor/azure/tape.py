"""The wire that is a recording: each request is answered as it was answered once, whatever the order.

A request is known by its key: method, address with its query sorted, whose audience the token has (or that there is
none), and the body. Of a form that asks for a token, only what tells one question from another counts, so that no
secret is part of a key.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from doctor.azure.wire import Fault, Reply, WireFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.azure.wire import Request, Wire

_WORD = re.compile(r"[^\s,()]+")
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
    passing: bool = False
    """The fault may pass, as `WireFault.passing` says."""
    code: int = 0
    """OpenSSL's verification code of an untrusted certificate."""

    def as_fault(self) -> WireFault | None:
        """The fault, as it was raised."""
        return WireFault(self.fault, self.detail, passing=self.passing, code=self.code) if self.fault else None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A request and what came of it."""

    request: Request
    kept: Recorded
    ended: float
    """Seconds since 1970, UTC."""
    seconds: float
    """How long it took."""


@dataclass(frozen=True, slots=True)
class Name:
    """What became of a name that was looked up."""

    host: str
    addresses: tuple[str, ...]
    """In the resolver's order; empty when the name has none."""
    detail: str = ""
    """What the resolver said then."""


def key_of(request: Request) -> str:
    """What a request is known by."""
    parts = urlsplit(request.url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    where = f"{parts.scheme}://{request.host}:{request.port}{parts.path}?{query}"
    return f"{request.method} {where} {request.audience or 'anonymous'} {_digest(request)}"


class Tape:
    """A wire over recorded exchanges. Where one key was asked several times, its answers come in that order."""

    def __init__(self, exchanges: Iterable[Recorded], names: Iterable[Name], issuers: Mapping[str, str]) -> None:
        """Prepare.

        Args:
            exchanges: what was recorded.
            names: what became of each name that was looked up.
            issuers: host → issuer of the certificate that was not trusted.
        """
        self._lock = threading.Lock()
        self._closed = False
        self._names = {one.host.lower(): one for one in names}
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
        if (fault := one.as_fault()) is not None:
            raise fault
        reply.headers, reply.truncated = dict(one.headers), one.truncated
        reply.chunks.append(one.body)
        reply.status = one.status

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The recorded addresses of a name.

        Raises:
            WireFault: none were recorded.
        """
        del port
        found = self._names.get(host.lower())
        if found is None:
            raise WireFault(Fault.NOT_RECORDED, f"the recording holds no address of {host}")
        if not found.addresses:
            raise WireFault(Fault.DNS, found.detail)
        return found.addresses

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """The recorded issuer of a certificate, or ""."""
        del port, seconds
        return self._issuers.get(host.lower(), "")

    def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True


class Recorder:
    """Keeps what a transport sees: each exchange in the order in which it ended, each name, each issuer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wire: Wire | None = None
        self.exchanges: list[Exchanged] = []
        self.names: dict[str, Name] = {}
        self.issuers: dict[str, str] = {}

    def over(self, wire: Wire) -> Recorder:
        """This recorder as a wire over another one, whose names and issuers it keeps."""
        self._wire = wire
        return self

    def took(self, request: Request, reply: Reply, fault: WireFault | None, seconds: float) -> None:
        """Keep one exchange, as the transport judged it."""
        key = key_of(request)
        if fault is not None:
            kept = Recorded(key, fault=fault.fault, detail=fault.detail, passing=fault.passing, code=fault.code)
        else:
            kept = Recorded(key, reply.status, dict(reply.headers), reply.body, reply.truncated)
        with self._lock:
            self.exchanges.append(Exchanged(request, kept, time.time(), seconds))

    def exchange(self, request: Request, reply: Reply) -> None:
        """As the other wire; what came is told by the transport, which knows what ran out of time or was too much.

        Raises:
            WireFault: as the other wire.
        """
        self._under().exchange(request, reply)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """As the other wire.

        Raises:
            WireFault: as the other wire.
        """
        try:
            found = self._under().addresses(host, port)
        except WireFault as fault:
            self.names[host.lower()] = Name(host, (), fault.detail)
            raise
        self.names[host.lower()] = Name(host, found)
        return found

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """As the other wire."""
        found = self.issuers[host.lower()] = self._under().issuer(host, port, seconds)
        return found

    def close(self) -> None:
        """Close the other wire."""
        self._under().close()

    def _under(self) -> Wire:
        if self._wire is None:
            raise WireFault(Fault.CLOSED, "nothing carries this recorder's requests")
        return self._wire


def _digest(request: Request) -> str:
    body = request.body or b""
    content_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if "x-www-form-urlencoded" in content_type:
        given = dict(parse_qsl(body.decode("utf-8", "replace")))
        return " ".join(f"{name}={given[name]}" for name in _FORM if name in given)
    if "json" in content_type:
        try:
            body = json.dumps(_in_order(json.loads(body)), sort_keys=True).encode()
        except (ValueError, RecursionError):
            return hashlib.sha256(body).hexdigest()
    return hashlib.sha256(body).hexdigest() if body else "-"


def _in_order(document: object) -> object:
    """The document with the words of a query sorted: the order of ids in a list of Resource Graph says nothing."""
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        return document
    return {**document, "query": sorted(_WORD.findall(document["query"]))}
