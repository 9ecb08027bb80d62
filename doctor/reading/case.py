"""A piece of evidence with all that was read out of it: what every judgement about it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.reading.evidence import Evidence
    from doctor.reading.extract import Named, Place
    from doctor.reading.signals import Signals


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of evidence with all that was read out of it."""

    evidence: Evidence
    seen: Signals
    named: Named
    place: Place
