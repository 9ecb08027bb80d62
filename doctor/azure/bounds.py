"""How much an answer may be: bytes on the wire and after decompression, headers, depth and parts of its JSON.

The limits lie far above what Azure sends (its largest list here, all 928 built-in roles, has about 1.5 MB and 40,000
parts) and keep the memory of a run below 200 MB whatever answers in Azure's place.
"""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model import shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BODY_BYTES = 8_000_000
REFUSAL_BYTES = 1_000_000
"""An answer with an error status explains itself in less."""
TOKEN_BYTES = 256_000
"""Entra and the metadata endpoints answer with a token and little else."""
HEADER_BYTES = 64_000
HEADER_COUNT = 200
JSON_PARTS = 400_000
RUN_BYTES = 32_000_000
RUN_PARTS = 600_000

_PIECE = 64_000
_MOST_CODINGS = 2


class TooMuch(Exception):  # noqa: N818 - it says what is wrong
    """More came than Azure ever sends; the message says of what."""


class Allowance:
    """What the answers of one run may come to together; safe for threads."""

    def __init__(self, size: int = RUN_BYTES, parts: int = RUN_PARTS) -> None:
        self._lock = threading.Lock()
        self._size = size
        self._parts = parts

    def take(self, size: int = 0, parts: int = 0) -> None:
        """Use some of it; a negative size gives back what is not kept.

        Raises:
            TooMuch: nothing is left.
        """
        with self._lock:
            self._size -= size
            self._parts -= parts
            if self._size < 0 or self._parts < 0:
                raise TooMuch("the answers of this run together are larger than any real ones")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one answer, in bytes."""

    body: int
    """More than this is not Azure."""
    allowance: Allowance
    enough: int | None = None
    """So much of the body suffices: the rest is not read, and the answer is `truncated`."""

    def of_status(self, status: int) -> int:
        """The limit of the body for an answer with this status."""
        return min(self.body, REFUSAL_BYTES) if status >= 400 else self.body


def check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Refuse headers that are too many or too long.

    Raises:
        TooMuch: they are.
    """
    lengths = [len(name) + len(value) for name, value in headers]
    if len(lengths) > HEADER_COUNT or sum(lengths) > HEADER_BYTES:
        raise TooMuch(f"its headers are too many or too long (over {HEADER_COUNT}, or over {HEADER_BYTES // 1000} KB)")


def check_json(body: bytes, allowance: Allowance) -> None:
    """Refuse JSON that would swell when it is parsed, or that is nested deeper than any real answer.

    Raises:
        TooMuch: it is.
    """
    parts = shape.parts(body)
    if parts > JSON_PARTS:
        raise TooMuch(f"its JSON has more than {JSON_PARTS:,} parts")
    allowance.take(parts=parts)
    if shape.is_too_deep(body):
        raise TooMuch(f"its JSON is nested deeper than {shape.DEPTH}")


def unpack(raw: Iterable[bytes], headers: Mapping[str, str], limit: int) -> Iterator[bytes]:
    """The body in pieces of at most 64 KB, its content codings undone within the limit at each layer.

    Args:
        raw: the bytes as they come from the wire.
        headers: of the answer; `content-encoding` may name several codings.
        limit: bytes, on the wire, between two codings and at the end.

    Raises:
        TooMuch: the limit is passed, or a coding is used that nobody asked for.
        zlib.error: the bytes are not of that coding.
    """
    named = headers.get("content-encoding", "").lower().split(",")
    codings = [name for part in named if (name := part.strip()) not in {"", "identity"}]
    if len(codings) > _MOST_CODINGS or not set(codings) <= {"gzip", "x-gzip", "deflate"}:
        raise TooMuch("it is compressed in a way that nobody asked for")
    stream = _counted(raw, limit)
    for coding in reversed(codings):
        stream = _counted(_inflated(stream, coding), limit)
    return stream


def _counted(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooMuch(f"its body has more than {limit / 1_000_000:g} MB")
        yield piece


def _inflated(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    decoder = None
    for piece in pieces:
        if decoder is None:
            decoder = zlib.decompressobj(_window(coding, piece))
        rest = piece
        while not decoder.eof:
            out = decoder.decompress(rest, _PIECE)
            if out:
                yield out
            rest = decoder.unconsumed_tail
            if not rest and len(out) < _PIECE:
                break
    if decoder is not None and not decoder.eof:
        raise zlib.error("the compressed body broke off")


def _window(coding: str, first: bytes) -> int:
    """Zlib's window bits; what is called deflate comes with zlib's header and also without."""
    if coding != "deflate":
        return 16 + zlib.MAX_WBITS
    return zlib.MAX_WBITS if first[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
