"""Several errors in one text kept apart: each entry that fits gets the part of the text that it stands in.

What a refusal names stands in its own sentence or after it, up to the next error; what stands before the first error
belongs to it only where nothing nearer says it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.reading.extract import GUID, Named, named
from doctor.reading.folding import spaced
from doctor.reading.proving import span_of, starts_of

if TYPE_CHECKING:
    from doctor.reading.case import Case
    from doctor.reading.catalogue import Signature

_ENDS = ("\n", ". ", "; ", "}", "{")
"""What ends the sentence or the part before."""
_MOST_PLACES = 20
_SEVERAL = 2
_SIGNED_IN = re.compile(
    r"(?i)(?:signed[ -]in(?: user)?|logged[ -]in|current user|account show|whoami)\b"
    rf"[^\n]{{0,160}}?({GUID}|[\w.+-]{{1,64}}@[\w.-]{{3,100}})"
    rf"(?:[^\n]{{0,80}}?({GUID}))?"
)


def apart(entries: list[Signature], case: Case) -> list[Case]:
    """The case of each entry: the whole where there is one error, else the part of each."""
    text = case.seen.text
    starts = [text.rfind("\n", 0, span[0]) + 1 if (span := span_of(one, text)) else None for one in entries]
    cuts = sorted({start for start in starts if start is not None})
    return [_part(case, start, cuts) for start in starts]


def repeats(entry: Signature, case: Case) -> list[Case]:
    """The parts of a text in which one entry stands again, with another principal than before; [] in most texts."""
    text = case.seen.text
    begins = [max(text.rfind(mark, 0, at) + len(mark) for mark in _ENDS) for at in starts_of(entry, text, _MOST_PLACES)]
    cuts = sorted(set(begins))
    if len(cuts) < _SEVERAL:
        return []
    found, seen = [], set()
    for begin, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        own = named(text[begin:end])
        if own.principal and own.principal.lower() not in seen:
            seen.add(own.principal.lower())
            found.append(replace(case, named=own, seen=replace(case.seen, text=text[begin:end])))
    return found if len(found) > 1 else []


def _part(case: Case, start: int | None, cuts: list[int]) -> Case:
    if start is None:
        return case
    text = case.seen.text
    end = next((cut for cut in cuts if cut > start), len(text))
    own = named(text[start:end])
    if len(cuts) == 1:
        return replace(case, named=_filled(own, case.named))
    others = [named(text[cut : next((one for one in cuts if one > cut), len(text))]) for cut in cuts if cut != start]
    if not any(other.principal and other.principal != own.principal for other in others) and not any(
        other.action and other.action != own.action for other in others
    ):
        return case
    part = text[start:end]
    return replace(case, named=own, seen=replace(case.seen, text=part, spaced=spaced(part)))


def _filled(own: Named, whole: Named) -> Named:
    return Named(*(getattr(own, name) or getattr(whole, name) for name in Named.__slots__))


def signed_in(text: str) -> frozenset[str]:
    """The ids and names of who was signed in, where the text says it, in lower case."""
    return frozenset(value.lower() for found in _SIGNED_IN.finditer(text[:64_000]) for value in found.groups() if value)
