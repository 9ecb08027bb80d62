"""From a piece of evidence to diagnoses: the catalogue's entries, the body before the status, one first cause.

What the text proves comes first; what it may turn out to be comes after it, with less confidence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame, Confidence, Diagnosis
from doctor.model.wording import capital
from doctor.reading.advise import Setting, fixes_for, refuser_in, setting_values
from doctor.reading.apart import apart, repeats
from doctor.reading.blame import blame
from doctor.reading.case import Case
from doctor.reading.catalogue import advice
from doctor.reading.entra import entra_refusal
from doctor.reading.extract import named, place
from doctor.reading.matching import best_matches
from doctor.reading.signals import signals
from doctor.reading.wording import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.reading.catalogue import Signature
    from doctor.reading.entra import EntraRefusal
    from doctor.reading.evidence import Evidence
    from doctor.reading.signals import Signals

_TELLING = 64
"""Rank below which an entry says nothing against a status of success."""
_MOST = 6
_ENTRA = "entra-code"
_REFUSALS = {Cause.PERMISSION_DENIED, Cause.DENIED, Cause.TOOL_DENIED, Cause.NATIVE_ROLE_MISSING}


def classify(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """What the evidence says, most likely first.

    Returns:
        () when nothing is wrong in it; one diagnosis `unrecognised` when it is an error that we do not know.
    """
    seen = signals(evidence)
    matches = best_matches(seen)
    if _says_success(seen) and (_is_data(seen) or not matches or matches[0].signature.rank < _TELLING):
        return ()
    if not matches:
        return (unrecognised(),)
    case = Case(evidence, seen, named(seen.text), place(seen.text))
    entries = [match.signature for match in matches]
    diagnoses = [_diagnosis(entry, part) for entry, part in zip(entries, apart(entries, case), strict=True)]
    first = matches[0].signature
    refusal = entra_refusal(seen.text) if first.id == _ENTRA else None
    also = refusal.family.also if refusal else first.also
    if diagnoses[0].principal and diagnoses[0].cause in _REFUSALS:
        known = [diagnoses[0].principal.lower()]
        again = [_diagnosis(first, part) for part in repeats(first, case) if part.named.principal.lower() not in known]
        diagnoses[1:1] = again
    diagnoses += [_follow_up(cause, diagnoses[0]) for cause in also]
    return tuple(each_cause_once(diagnoses))[:_MOST]


def unrecognised() -> Diagnosis:
    """The diagnosis of an error that no entry fits."""
    said = advice()[Cause.UNRECOGNISED]
    return Diagnosis(
        Cause.UNRECOGNISED,
        "This error is not in the catalogue; nothing is claimed about it.",
        proves=said.proves,
        suggests=said.suggests,
        confidence=Confidence.LOW,
        docs=said.docs,
    )


def each_cause_once(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """The first diagnosis of each cause, in order; refusals of different principals are different ones."""
    kept: dict[Cause, list[Diagnosis]] = {}
    for one in diagnoses:
        alike = kept.setdefault(one.cause, [])
        if not alike or (one.principal and all(other.principal not in {"", one.principal} for other in alike)):
            alike.append(one)
    return [one for alike in kept.values() for one in alike]


def _says_success(seen: Signals) -> bool:
    """Whether only a telling entry may still say that there is an error."""
    if seen.status is not None and seen.status >= 400:
        return False
    if seen.reading is not None:
        return seen.reading.is_object and not seen.reading.errors
    return seen.status is not None and 200 <= seen.status < 300


def _is_data(seen: Signals) -> bool:
    """Whether it is what a service answers when all is well: whatever words the data holds are no error."""
    return seen.reading is not None and (seen.status is not None or seen.reading.is_list_answer)


def _diagnosis(entry: Signature, case: Case) -> Diagnosis:
    """An entry's diagnosis, filled in with what the text names."""
    refusal = _refusal(entry, case)
    cause = refusal.cause if refusal else entry.cause
    said = advice()[cause]
    is_refusal = cause in _REFUSALS or entry.grant
    made = Diagnosis(
        cause=cause,
        summary="",
        signature=entry.id,
        principal=case.named.principal if is_refusal or cause is Cause.PRINCIPAL_NOT_FOUND else "",
        blames=blame(entry, case),
        action=case.named.action if is_refusal else "",
        operation=case.named.operation,
        scope=case.named.scope if is_refusal else "",
        confidence=entry.confidence,
        docs=entry.docs or said.docs,
        source=entry.source,
    )
    found = refuser_in(case, entry)
    at = Setting(case, entry, said, setting_values(case, found, refusal), found, refusal)
    summary = f"{refusal.summary} ({refusal.code})." if refusal else fill(entry.summary, made, at.values)
    return replace(
        made,
        summary=capital(summary),
        proves=fill(entry.proves or said.proves, made, at.values),
        suggests=fill(entry.suggests or said.suggests, made, at.values) + _whose(made, case),
        fixes=fixes_for(made, at),
    )


def _refusal(entry: Signature, case: Case) -> EntraRefusal | None:
    """What Entra says, where the entry is about that: all of it, or the request for the agent identity's own token."""
    refusal = entra_refusal(case.seen.text)
    is_told = entry.id == _ENTRA or (refusal is not None and refusal.cause is entry.cause is Cause.AGENT_IDENTITY_TOKEN)
    return refusal if is_told else None


def _whose(made: Diagnosis, case: Case) -> str:
    """What is not proven about whose access it is, where no id is known to compare with."""
    known = case.evidence.context
    if made.blames is not Blame.CALLER or not made.principal or known.caller_ids or known.identities:
        return ""
    return " A direct answer names its caller: compare the principal with the caller's object id."


def _follow_up(cause: Cause, first: Diagnosis) -> Diagnosis:
    """What the first diagnosis may turn out to be."""
    said = advice()[cause]
    return replace(
        first,
        cause=cause,
        summary=f"It may turn out that {said.may_be}.",
        proves="",
        suggests=fill(said.suggests, first, {}),
        confidence=Confidence.LOW if first.confidence is Confidence.LOW else Confidence.MEDIUM,
        fixes=(),
        docs=said.docs or first.docs,
    )
