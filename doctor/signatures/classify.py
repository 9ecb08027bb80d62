"""From a piece of evidence to diagnoses: the catalogue's entries, the body before the status, one first cause.

What the text proves comes first; what it may turn out to be comes after it, with less confidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame, Confidence, Diagnosis
from doctor.model.identity import IdentityRole
from doctor.signatures.catalogue import Blames, Signature, advice, entra_families, signatures
from doctor.signatures.evidence import Plane
from doctor.signatures.extract import entra_codes, hosts, named, place
from doctor.signatures.remedies import fixes_for
from doctor.signatures.signals import signals
from doctor.signatures.wording import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.signatures.catalogue import EntraFamily, Phrase
    from doctor.signatures.evidence import Evidence
    from doctor.signatures.extract import Named, Place
    from doctor.signatures.signals import Signals

_VAGUE = 10
_TELLING = 64
"""Rank below which an entry says nothing against a status of success."""
_BAND = 15
_MOST = 6
_BLAMED = {
    IdentityRole.CALLER: Blame.CALLER,
    IdentityRole.APPLICATION_AGENT: Blame.AGENT,
    IdentityRole.PROJECT_AGENT: Blame.AGENT,
    IdentityRole.AGENT: Blame.AGENT,
    IdentityRole.PROJECT_MANAGED_IDENTITY: Blame.PROJECT,
    IdentityRole.ACCOUNT_MANAGED_IDENTITY: Blame.UNKNOWN,
    IdentityRole.END_USER: Blame.UNKNOWN,
    IdentityRole.UNKNOWN: Blame.UNKNOWN,
}
_REFUSALS = {Cause.PERMISSION_DENIED, Cause.DENIED, Cause.TOOL_DENIED, Cause.NATIVE_ROLE_MISSING}


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits, and where in the text."""

    signature: Signature
    at: int


def classify(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """What the evidence says, most likely first.

    Returns:
        () when nothing is wrong in it; one diagnosis `unrecognised` when it is an error that we do not know.
    """
    seen = signals(evidence)
    matches = best_matches(seen)
    if _says_success(seen) and (not matches or matches[0].signature.rank < _TELLING):
        return ()
    if not matches:
        return (unrecognised(),)
    names = named(seen.text)
    where = place(seen.text)
    diagnoses = [diagnosis(match.signature, seen, evidence, names, where) for match in matches]
    first = matches[0].signature
    also = _entra_also(seen) if first.id == "entra-code" else first.also
    diagnoses += [_follow_up(cause, diagnoses[0]) for cause in also]
    return tuple(_distinct(diagnoses))[:_MOST]


def best_matches(seen: Signals) -> list[Match]:
    """The entries that fit and are about as telling as the best of them."""
    found = [match for signature in signatures() if (match := _match(signature, seen)) is not None]
    if not found:
        return []
    best = found[0].signature.rank
    kept = [match for match in found if match.signature.rank > best - _BAND]
    if best <= _VAGUE:
        kept = kept[:1]
    kept.sort(key=lambda match: (-match.signature.rank, match.at))
    return kept


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


def _says_success(seen: Signals) -> bool:
    """Whether only a telling entry may still say that there is an error."""
    if seen.status is not None and seen.status >= 400:
        return False
    if seen.reading is not None:
        return seen.reading.is_object and not seen.reading.errors
    return seen.status is not None and 200 <= seen.status < 300


def _match(signature: Signature, seen: Signals) -> Match | None:
    if signature.status and (seen.status is None or seen.status not in signature.status):
        return None
    if signature.shape and not seen.shapes.issuperset(signature.shape):
        return None
    at = 0
    if signature.any_of or signature.codes or signature.code_fields:
        coded = any(code in seen.words for code in signature.codes) or any(
            code in seen.codes for code in signature.code_fields
        )
        at = _first_position(signature.any_of, seen.squeezed)
        if at < 0 and not coded:
            return None
    if (signature.and_any_of or signature.and_statuses) and not (
        seen.statuses.intersection(signature.and_statuses) or _first_position(signature.and_any_of, seen.squeezed) >= 0
    ):
        return None
    if seen.statuses.intersection(signature.no_statuses) or seen.words.intersection(signature.no_codes):
        return None
    if any(phrase.find(seen.squeezed) < 0 for phrase in signature.all_of):
        return None
    if any(phrase.find(seen.squeezed) >= 0 for phrase in signature.none_of):
        return None
    return Match(signature, max(at, 0))


def _first_position(phrases: Iterable[Phrase], squeezed: str) -> int:
    found = [at for phrase in phrases if (at := phrase.find(squeezed)) >= 0]
    return min(found, default=-1)


def diagnosis(signature: Signature, seen: Signals, evidence: Evidence, names: Named, where: Place) -> Diagnosis:
    """An entry's diagnosis, filled in with what the text names."""
    cause, summary = signature.cause, signature.summary
    family = None
    if signature.id == "entra-code":
        family = _entra_family(seen)
        cause, summary = family.cause, family.summary
    is_refusal = cause in _REFUSALS or signature.grant
    blames = _blame(signature, seen, evidence, names, where)
    said = advice()[cause]
    host = next(iter(hosts(seen.text)), "")
    made = Diagnosis(
        cause=cause,
        summary="",
        signature=signature.id,
        principal=names.principal if is_refusal or cause is Cause.PRINCIPAL_NOT_FOUND else "",
        blames=blames,
        action=names.action if is_refusal else "",
        operation=names.operation,
        scope=names.scope if is_refusal else "",
        confidence=signature.confidence,
        docs=signature.docs or said.docs,
        source=signature.source,
    )
    codes = entra_codes(seen.text)
    values = {
        "host": host,
        "tenant": names.tenant,
        "audience": names.audience,
        "code": f"AADSTS{codes[0]}" if codes else "",
        "status": str(seen.status or ""),
    }
    return replace(
        made,
        summary=fill(summary, made, values),
        proves=fill(signature.proves or said.proves, made, values),
        suggests=fill(signature.suggests or said.suggests, made, values),
        fixes=fixes_for(made, signature, said, where, values, family),
    )


def _blame(signature: Signature, seen: Signals, evidence: Evidence, names: Named, where: Place) -> Blame:
    context = evidence.context
    principal = names.principal.lower()
    if signature.blames in {Blames.REFUSED, Blames.NAMED}:
        if principal in context.identities:
            return _BLAMED[context.identities[principal]]
        if principal and principal in context.caller_ids:
            return Blame.CALLER
        if said := _said_who(seen.squeezed):
            return said
        if signature.blames is Blames.NAMED and not (principal and "run" in seen.shapes):
            return Blame.UNKNOWN
        if "run" in seen.shapes:
            return Blame.AGENT
        if principal and context.caller_ids:
            return Blame.UNKNOWN
        return Blame.CALLER if _is_direct(signature, evidence, where) else Blame.UNKNOWN
    return Blame(signature.blames.value)


def _is_direct(signature: Signature, evidence: Evidence, where: Place) -> bool:
    """Whether the refusing service is the one that the caller itself asked."""
    if signature.plane in {Plane.ENDPOINT, Plane.ARM}:
        return True
    asked = evidence.context.plane in {Plane.ENDPOINT, Plane.ARM}
    return signature.plane is Plane.UNKNOWN and (asked or bool(where.url or where.subscription))


def _said_who(squeezed: str) -> Blame | None:
    """Whom the text itself says that it is about."""
    if "projectmanagedidentity" in squeezed or "managedidentityoftheproject" in squeezed:
        return Blame.PROJECT
    if any(words in squeezed for words in ("theagentidentity", "theagentsidentity", "agenticidentity", "agentinstanceidentity")):
        return Blame.AGENT
    return None


def _entra_family(seen: Signals) -> EntraFamily:
    families = entra_families()
    codes = entra_codes(seen.text)
    for code in codes:
        for family in families:
            if code in family.codes:
                return family
    first = str(codes[0]) if codes else "-"
    return next((family for family in families if first.startswith(family.starts)), families[-1])


def _entra_also(seen: Signals) -> tuple[Cause, ...]:
    return _entra_family(seen).also


def _follow_up(cause: Cause, first: Diagnosis) -> Diagnosis:
    said = advice()[cause]
    return replace(
        first,
        cause=cause,
        summary=fill(f"It may turn out that {said.may_be}.", first, {}),
        proves="",
        suggests=said.suggests,
        confidence=Confidence.LOW if first.confidence is Confidence.LOW else Confidence.MEDIUM,
        fixes=(),
        docs=said.docs or first.docs,
    )


def _distinct(diagnoses: list[Diagnosis]) -> list[Diagnosis]:
    kept: dict[Cause, Diagnosis] = {}
    for one in diagnoses:
        kept.setdefault(one.cause, one)
    return list(kept.values())
