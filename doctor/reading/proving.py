"""Which sentence of a paste proves a diagnosis, and where it stands, so that a person can see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from doctor.model.untrusted import clean
from doctor.reading.catalogue import signatures

if TYPE_CHECKING:
    from doctor.model.diagnosis import Diagnosis
    from doctor.reading.catalogue import Phrase, Signature

_MOST_TEXT = 400_000
_MOST_SENTENCE = 300
_BETWEEN = r"[^A-Za-z0-9]{1,12}"
_END = re.compile(r"[.!?](?=\s|\"|'|$)|[\n\r]|\\n")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words that prove a diagnosis."""

    offset: int
    """Characters before it in the decoded text."""
    text: str
    """Fit to be shown."""


def sentence_of(diagnosis: Diagnosis, text: str) -> Sentence | None:
    """The first sentence that the diagnosis' entry of the catalogue fits; None where only a status or shape decides."""
    entry = _entries().get(diagnosis.signature)
    if entry is None:
        return None
    head = text[:_MOST_TEXT]
    span = span_of(entry, head)
    if span is None:
        return None
    start, end = span
    begin = max((match.end() for match in _END.finditer(head, max(start - _MOST_SENTENCE, 0), start)), default=None)
    begin = begin if begin is not None else max(start - _MOST_SENTENCE // 2, 0)
    after = _END.search(head, end, end + _MOST_SENTENCE)
    stop = after.end() if after else min(end + _MOST_SENTENCE // 2, len(head))
    skipped = len(head[begin:stop]) - len(head[begin:stop].lstrip(" \"'\t\r\n"))
    return Sentence(begin + skipped, clean(head[begin + skipped : stop].strip()))


def span_of(entry: Signature, text: str) -> tuple[int, int] | None:
    """Where the words of an entry stand first; None where none of its words do."""
    found = [match.span() for pattern in _patterns(entry) if (match := pattern.search(text))]
    return min(found) if found else None


def starts_of(entry: Signature, text: str, most: int) -> list[int]:
    """Where the words of an entry stand, each place once, in order."""
    found = {match.start() for pattern in _patterns(entry) for match in islice(pattern.finditer(text), most)}
    return sorted(found)[:most]


@cache
def _entries() -> dict[str, Signature]:
    return {one.id: one for one in signatures()}


@cache
def _patterns(entry: Signature) -> tuple[re.Pattern[str], ...]:
    phrases = entry.any_of or entry.all_of
    codes = (*entry.codes, *entry.code_fields)
    made = [_pattern(phrase) for phrase in phrases] + [rf"(?<![A-Za-z0-9]){re.escape(code)}" for code in codes]
    return tuple(re.compile(one, re.IGNORECASE) for one in made)


def _pattern(phrase: Phrase) -> str:
    parts = [_BETWEEN.join(map(re.escape, part.split())) for part in phrase.parts]
    return rf"[\s\S]{{0,{phrase.gap * 2}}}?".join(parts)
