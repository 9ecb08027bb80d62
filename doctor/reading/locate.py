"""The few places in megabytes of text where an error may be: cheap scans first, so that the cost stays linear.

A block of text is looked at closely only if it has every whole word of some phrase of the catalogue. What a narrow
terminal broke in the middle of a word is therefore found in small pastes only.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from doctor.reading.catalogue import Phrase, signatures
from doctor.reading.folding import spaced, squeeze, unescape

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = 12_000
"""Characters of a text that is judged whole."""
_CHUNK = 64_000
_BLOCK = 2_000
_MOST_WINDOWS = 12
_MOST_ALIKE = 3
_STATUS_RANK = 3
_LONG_WORD = 4
_TABLE = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256)).lower()
_STATUS_WORDS = frozenset(
    str(status).encode() for status in (400, 401, 403, 404, 405, 407, 409, 424, 429, 500, 502, 503, 504)
)
_STATUS_NUMBER = re.compile(r"(?<![0-9A-Za-z_])(?:40[0-9]|424|429|50[0-4])(?![0-9A-Za-z_])")
_STATUS_NAMES = ("http/", "status", "code", "error", "response", "failed")
_NEAR = 50
_MOST_NUMBERS = 20


@dataclass(frozen=True, slots=True)
class _Anchor:
    """One phrase or code of an entry, for the scan."""

    signature: str
    rank: int
    phrase: Phrase


@cache
def _anchors() -> tuple[_Anchor, ...]:
    found = []
    for signature in signatures():
        phrases = signature.any_of or signature.all_of[:1]
        found += [_Anchor(signature.id, signature.rank, phrase) for phrase in phrases]
        for code in signature.codes:
            words = frozenset(part.encode() for part in spaced(code).split() if len(part) >= _LONG_WORD)
            found.append(_Anchor(signature.id, signature.rank, Phrase((spaced(code),), words=words)))
    return tuple(found)


def windows(text: str) -> Iterator[str]:
    """The text itself when it is small, else the windows around the likeliest errors, the likeliest first."""
    if len(text) <= SMALL:
        yield text
        return
    best: list[tuple[int, int, int]] = []
    alike: dict[str, int] = {}
    for start in range(0, len(text), _CHUNK):
        for rank, signature, at in _hits(text, start, alike):
            alike[signature] = alike.get(signature, 0) + 1
            entry = (rank, -at, at)
            if len(best) < _MOST_WINDOWS:
                heapq.heappush(best, entry)
            else:
                heapq.heappushpop(best, entry)
    for _, _, at in sorted(best, reverse=True):
        yield _window(text, at)


def _hits(text: str, start: int, alike: dict[str, int]) -> Iterator[tuple[int, str, int]]:
    """Rank, entry and place of what the chunk that begins at `start` holds, without what was found often enough."""
    chunk = text[start : start + _CHUNK + _BLOCK]
    lowered = chunk.lower().encode("utf-8", "replace")
    held = set(lowered.translate(_TABLE).split())
    wanted = [
        anchor
        for anchor in _anchors()
        if _may_hold(anchor.phrase, held, lowered) and alike.get(anchor.signature, 0) < _MOST_ALIKE
    ]
    if wanted:
        plain = unescape(chunk)
        by_words, squeezed = spaced(plain), squeeze(plain)
        wanted = [anchor for anchor in wanted if anchor.phrase.find(by_words, squeezed) >= 0]
    by_status = not held.isdisjoint(_STATUS_WORDS) and alike.get("status", 0) < _MOST_ALIKE
    if not wanted and not by_status:
        return
    for offset in range(0, min(_CHUNK, len(chunk)), _BLOCK):
        piece = chunk[offset : offset + 2 * _BLOCK]
        plain = unescape(piece)
        by_words, squeezed = spaced(plain), squeeze(plain)
        for anchor in wanted:
            if alike.get(anchor.signature, 0) < _MOST_ALIKE and anchor.phrase.find(by_words, squeezed) >= 0:
                yield anchor.rank, anchor.signature, start + offset
        if by_status and _has_status(piece):
            yield _STATUS_RANK, "status", start + offset


def _has_status(piece: str) -> bool:
    """Whether one of the first numbers that look like a status follows a word for it on the same line."""
    for found in islice(_STATUS_NUMBER.finditer(piece), _MOST_NUMBERS):
        before = piece[max(found.start() - _NEAR, 0) : found.start()].rsplit("\n", 1)[-1].lower()
        if any(name in before for name in _STATUS_NAMES):
            return True
    return False


def _may_hold(phrase: Phrase, held: set[bytes], lowered: bytes) -> bool:
    """Whether a chunk with these words may hold the phrase."""
    return phrase.words <= held if phrase.words else phrase.parts[0].strip().encode() in lowered


def _window(text: str, at: int) -> str:
    """The block at `at` and its surroundings, from line to line."""
    begin = max(text.rfind("\n", 0, max(at - _BLOCK // 2, 0)), at - 2 * _BLOCK, 0)
    end = text.find("\n", at + 3 * _BLOCK)
    return text[begin : min(end if end >= 0 else len(text), at + 5 * _BLOCK)]
