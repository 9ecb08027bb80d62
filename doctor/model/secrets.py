"""The run's own secrets, known by value: whatever form they take in a text, they are found there and taken out.

A run registers what it is given and what it sends (`keep`); `scrub` looks at a text just before somebody may read it.
Found are a secret and each part of at least twelve characters: as it is, split over lines, percent-encoded, with the
escapes of JSON and HTML, as hex, base64 and base64url, and several of these on top of each other.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import threading
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "[redacted]"
PART = 12
"""A part of so many characters is told from chance and is worth hiding."""
_SHORTEST = 6
_LONGEST = 20_000
_GRAM = 6
_DEEPEST = 2
_MOST_PLACES = 16

_BREAK = r"(?:[\r\n\u2028\u200b\u00ad\u2060]|\\{1,8}[nr])"
_GAPS = re.compile(rf"(?<![ \t])[ \t]*{_BREAK}(?:[ \t]|{_BREAK})*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[:-]?){12,}")
_ESCAPED = re.compile(
    r"(?:[\w.~+/%!*@$:()-]|\\+u[0-9a-fA-F]{4}|\\+x[0-9a-fA-F]{2}|\\+[^\w\s]|&(?:amp;){0,3}(?:\#\w{1,8}|[a-z]{2,6});)+"
)
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^\w\s]))")

Span = tuple[int, int]


class Vault:
    """Secrets that must not be shown; safe for threads, and it shows none itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: list[str] = []
        self._places: dict[str, list[tuple[int, int]]] = {}
        """A piece of six characters → in which secret, and where in it."""

    def keep(self, secret: str) -> None:
        """Register a secret; what is shorter than six characters cannot be told from ordinary text."""
        squeezed = _GAPS.sub("", secret)[:_LONGEST]
        if len(squeezed) < _SHORTEST or squeezed in self._known:
            return
        with self._lock:
            index = len(self._known)
            self._known.append(squeezed)
            for at in range(len(squeezed) - _GRAM + 1):
                places = self._places.setdefault(squeezed[at : at + _GRAM], [])
                if len(places) < _MOST_PLACES:
                    places.append((index, at))

    def hide(self, text: str) -> str:
        """The text without what stands in it openly; for the many small texts of which an output is made."""
        return _without(text, self._open(text, PART)) if self._known else text

    def scrub(self, text: str) -> str:
        """The text without secrets in any form; for an output as a whole."""
        if not self._known or len(text) < _SHORTEST:
            return text
        squeezed, places, origins = _squeezed(text)
        return _without(text, [_unsqueezed(span, places, origins) for span in self._found(squeezed, PART, 0, set())])

    def _found(self, text: str, part: int, depth: int, clean: set[str]) -> list[Span]:
        """Where secrets stand in a text without gaps, openly or encoded; `clean` are words that hold none."""
        spans = list(self._open(text, part))
        if depth == _DEEPEST:
            return spans
        for start, end, key, decoded in _decoded(text, clean):
            # Nine bytes are twelve characters of base64.
            if any(self._found(one, part if depth else 9, depth + 1, set()) for one in decoded):
                spans.append((start, end))
            else:
                clean.add(key)
        return spans

    def _open(self, text: str, part: int) -> Iterator[Span]:
        """Where secrets or their parts stand in a text as they are."""
        done = 0
        # A part of twelve holds a piece of six that begins at a multiple of seven.
        for at in range(0, len(text) - _GRAM + 1, part - _GRAM + 1):
            if at < done or not (places := self._places.get(text[at : at + _GRAM])):
                continue
            start, end = max((self._grown(text, at, *place) for place in places), key=lambda span: span[1] - span[0])
            if end - start >= part:
                done = end
                yield start, end
        for secret in self._known:
            if len(secret) < part:
                yield from _whole(text, secret)

    def _grown(self, text: str, at: int, index: int, place: int) -> Span:
        """The longest common piece of a text and a secret around a place that both have in common."""
        secret = self._known[index]
        back = 0
        while back < min(at, place) and text[at - back - 1] == secret[place - back - 1]:
            back += 1
        on = _GRAM
        while on < min(len(text) - at, len(secret) - place) and text[at + on] == secret[place + on]:
            on += 1
        return at - back, at + on


VAULT = Vault()
"""The secrets of this process. One for all its runs: what one of them must not show, none may."""


def _whole(text: str, secret: str) -> Iterator[Span]:
    """Where a short secret stands as a word of its own."""
    at = text.find(secret)
    while at >= 0:
        end = at + len(secret)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield at, end
        at = text.find(secret, end)


def _decoded(text: str, clean: set[str]) -> Iterator[tuple[int, int, str, list[str]]]:
    """Words of the text that may be encoded and are not known to be clean: where, under which key, and their meanings.

    The key says the encoding too: what holds nothing as hex may hold something as base64.
    """
    if "%" in text or "\\" in text or "&" in text:
        for found in _ESCAPED.finditer(text):
            word = found[0]
            plain = _ESCAPE.sub(_character, html.unescape(html.unescape(unquote(unquote(word)))))
            if plain != word:
                yield found.start(), found.end(), f"escaped {word}", [plain]
    for encoding, pattern, decode in (("hex", _HEX, _from_hex), ("base64", _BASE64, _from_base64)):
        for found in pattern.finditer(text):
            key = f"{encoding} {found[0]}"
            if key not in clean:
                yield found.start(), found.end(), key, decode(found[0])


def _from_hex(word: str) -> list[str]:
    digits = re.sub("[:-]", "", word)
    wholes = (digits[shift : shift + (len(digits) - shift) // 2 * 2] for shift in (0, 1))
    return [bytes.fromhex(whole).replace(b"\0", b"").decode("latin-1") for whole in wholes]


def _from_base64(word: str) -> list[str]:
    run = word.rstrip("=").replace("-", "+").replace("_", "/")
    found = []
    for shift in range(4):
        part = run[shift : shift + (len(run) - shift) // 4 * 4]
        # Of four times as many characters as there are signs, none of them padding, all can be decoded.
        with suppress(binascii.Error):
            found.append(base64.b64decode(part).replace(b"\0", b"").decode("latin-1"))
    return found


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else found[3]


def _squeezed(text: str) -> tuple[str, list[int], list[int]]:
    """The text without its gaps; which places of it begin a piece, and at which places of the text they do."""
    pieces, places, origins, at, size = [], [], [], 0, 0
    for gap in (*_GAPS.finditer(text), None):
        end = gap.start() if gap else len(text)
        pieces.append(text[at:end])
        places.append(size)
        origins.append(at)
        size += end - at
        at = gap.end() if gap else end
    return "".join(pieces), places, origins


def _unsqueezed(span: Span, places: list[int], origins: list[int]) -> Span:
    """Where in the text a stretch of the squeezed text stands."""
    first, last = span[0], span[1] - 1
    begin, end = (bisect_right(places, at) - 1 for at in (first, last))
    return origins[begin] + first - places[begin], origins[end] + last - places[end] + 1


def _without(text: str, spans: Iterator[Span] | list[Span]) -> str:
    out, at = [], 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        out += [text[at : max(start, at)], "" if start < at else REDACTED]
        at = end
    return "".join([*out, text[at:]])
