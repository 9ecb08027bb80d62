"""Answers that no client should have to bear: endless, enormous, packed, nested, in a circle. Made as they are sent."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from doctor.simulator.wire import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.simulator.scenario_model import Fault
    from doctor.simulator.wire import Request

_BLOCK = 65536
_JSON = {"content-type": "application/json"}
_ENCODINGS = {"gzip": 31, "deflate": 15}
"""Content-Encoding → window bits of zlib."""


def hostile(fault: Fault, request: Request) -> Reply | None:
    """The reply that a hostile fault puts in the place of the service's; None for every other kind."""
    make = _MAKERS.get(fault.kind)
    return make(fault, request) if make else None


def _huge(fault: Fault, request: Request) -> Reply:
    """A JSON text of `bytes`, sent in chunks."""
    del request
    return Reply(fault.status or 200, headers=_JSON, chunks=lambda: _text(fault.bytes))


def _bomb(fault: Fault, request: Request) -> Reply:
    """A JSON text of `bytes`, packed `layers` times."""
    del request
    layers = [fault.encoding] * fault.layers
    return Reply(
        fault.status or 200,
        headers={**_JSON, "content-encoding": ", ".join(layers)},
        chunks=lambda: _packed(_text(fault.bytes), layers),
    )


def _endless(fault: Fault, request: Request) -> Reply:
    """A page of nothing with a link to another one, for ever; `layers` 0 links to itself."""
    at = request.query.get("$skiptoken", "0")
    after = str(int(at) + 1) if at.isdigit() and fault.layers else at
    query = urlencode({**request.query, "$skiptoken": after})
    link = f"https://{request.host}{request.path}?{query}"
    page = {"value": [], "data": [], "nextLink": link, "$skipToken": after, "has_more": True, "last_id": after}
    return Reply(fault.status or 200, json.dumps(page).encode(), _JSON)


def _drip(fault: Fault, request: Request) -> Reply:
    """A byte every `ms` milliseconds (100 when it is not said), for ever."""
    del request

    def spaces() -> Iterator[bytes]:
        while True:
            yield b" "

    return Reply(fault.status or 200, headers=_JSON, chunks=spaces, delay_s=(fault.ms or 100) / 1000, wire_fault="drip")


def _headers(fault: Fault, request: Request) -> Reply:
    """Headers of `bytes` altogether."""
    del request
    many = {f"x-filler-{number}": "x" * 1000 for number in range(fault.bytes // 1000 + 1)}
    return Reply(fault.status or 200, b"{}", {**_JSON, **many})


def _redirect(fault: Fault, request: Request) -> Reply:
    """A redirect to `body`, or to the same address again."""
    target = fault.body or f"https://{request.host}{request.path}?{urlencode(request.query)}"
    return Reply(fault.status or 302, b"", {"Location": target})


def _deep(fault: Fault, request: Request) -> Reply:
    """JSON nested `layers` deep."""
    del request
    return Reply(fault.status or 200, b'{"value":' + b"[" * fault.layers + b"]" * fault.layers + b"}", _JSON)


def _answer(fault: Fault, request: Request) -> Reply:
    """Whatever `status`, `body` and `content_type` say."""
    del request
    headers = {"content-type": fault.content_type} if fault.content_type else {}
    return Reply(fault.status or 200, fault.body.encode("utf-8", "surrogateescape"), headers)


_MAKERS: dict[str, Callable[[Fault, Request], Reply]] = {
    "huge": _huge,
    "bomb": _bomb,
    "endless": _endless,
    "drip": _drip,
    "headers": _headers,
    "redirect": _redirect,
    "deep": _deep,
    "answer": _answer,
}
HOSTILE = tuple(_MAKERS)


def _text(size: int) -> Iterator[bytes]:
    yield b'{"value": "'
    for start in range(0, size, _BLOCK):
        yield b"x" * min(_BLOCK, size - start)
    yield b'"}'


def _packed(plain: Iterator[bytes], layers: list[str]) -> Iterator[bytes]:
    if not layers:
        yield from plain
        return
    packer = zlib.compressobj(9, wbits=_ENCODINGS[layers[0]])
    yield from _packed(_pieces(packer, plain), layers[1:])


def _pieces(packer: zlib._Compress, plain: Iterator[bytes]) -> Iterator[bytes]:
    for block in plain:
        yield packer.compress(block)
    yield packer.flush()
