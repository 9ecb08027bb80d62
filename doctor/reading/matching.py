"""Which entries of the catalogue fit what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.reading.catalogue import Signature, signatures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.reading.catalogue import Phrase
    from doctor.reading.signals import Signals

_VAGUE = 10
_BAND = 15


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits, and where in the text."""

    signature: Signature
    at: int


def best_matches(seen: Signals) -> list[Match]:
    """The entries that fit and are about as telling as the best of them, the most telling first."""
    found = [Match(entry, at) for entry in signatures() if (at := _place_of(entry, seen)) is not None]
    if not found:
        return []
    best = found[0].signature.rank
    kept = [match for match in found if match.signature.rank > best - _BAND]
    if best <= _VAGUE:
        kept = kept[:1]
    kept.sort(key=lambda match: (-match.signature.rank, match.at))
    return kept


def _place_of(entry: Signature, seen: Signals) -> int | None:
    """Where the entry fits, or None when it does not."""
    if not _fits_shape(entry, seen) or _is_excluded(entry, seen):
        return None
    at = 0
    if entry.any_of or entry.codes or entry.code_fields:
        coded = not seen.words.isdisjoint(entry.codes) or not seen.codes.isdisjoint(entry.code_fields)
        at = _first_position(entry.any_of, seen)
        if at < 0 and not coded:
            return None
    if entry.and_any_of or entry.and_statuses:
        by_status = not seen.statuses.isdisjoint(entry.and_statuses)
        if not by_status and _first_position(entry.and_any_of, seen) < 0:
            return None
    if any(phrase.find(seen.spaced, seen.squeezed) < 0 for phrase in entry.all_of):
        return None
    return max(at, 0)


def _fits_shape(entry: Signature, seen: Signals) -> bool:
    if entry.status and (seen.status is None or seen.status not in entry.status):
        return False
    return seen.shapes.issuperset(entry.shape)


def _is_excluded(entry: Signature, seen: Signals) -> bool:
    if not seen.statuses.isdisjoint(entry.no_statuses) or not seen.words.isdisjoint(entry.no_codes):
        return True
    return any(phrase.find(seen.spaced, seen.squeezed) >= 0 for phrase in entry.none_of)


def _first_position(phrases: Iterable[Phrase], seen: Signals) -> int:
    return min((at for phrase in phrases if (at := phrase.find(seen.spaced, seen.squeezed)) >= 0), default=-1)
