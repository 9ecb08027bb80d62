"""How sure an answer is, and what the other identities would get: confidence below high never makes a bare fail.

Where the sources leave open who calls, everybody whom they name is asked about. When none of them may, it fails whoever
it is; when only another one may, or when it is mere guesswork who calls, nobody can tell from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.downstream import questions
from doctor.downstream.dependency import Who
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.judgement import Judgement
    from doctor.downstream.kind import Scenario
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.identity import IdentityRole

_ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


@dataclass(frozen=True, slots=True)
class Sureness:
    """What may be concluded from an answer."""

    passes: bool
    fails: bool
    reason: str = ""
    """What is not sure, in words; "" when everything is."""
    evidence: tuple[str, ...] = ()
    holders: tuple[IdentityRole, ...] = ()
    """Who else has what the caller lacks."""


def weigh(
    dependency: Dependency, target: Target, chosen: tuple[Scenario, ...], answer: Judgement, lookup: Lookup
) -> Sureness:
    """What an answer proves, after asking about everybody else who may be the caller."""
    caller = dependency.caller
    rights = min(target.kind.confidence, answer.confidence, key=_ORDER.index)
    others = {role: _access(role, dependency, target, chosen, lookup) for role in _rivals(dependency, answer)}
    evidence = tuple(_line(role, access) for role, access in others.items() if access is not None)
    named = [others.get(role) for role in caller.others]
    if caller.note and caller.confidence is Confidence.HIGH and any(one not in {answer.access, None} for one in named):
        evidence = (*evidence, caller.note)
    reasons = []
    if caller.confidence is not Confidence.HIGH:
        reasons.append(f"that this identity calls is of {caller.confidence.value} confidence")
        evidence = (*evidence, caller.note) if caller.note else evidence
    if rights is not Confidence.HIGH:
        reasons.append(f"what {target.kind.title} needs is known with {rights.value} confidence")
    listed = caller.confidence is Confidence.MEDIUM and bool(named)
    nobody = listed and all(one is Access.NOT_GRANTED for one in named)
    everybody = bool(named) and all(one is Access.GRANTED for one in named)
    fails = rights is Confidence.HIGH and (caller.confidence is Confidence.HIGH or nobody)
    passes = caller.confidence is not Confidence.LOW or everybody
    holders = tuple(role for role, access in others.items() if access is Access.GRANTED)
    return Sureness(passes, fails, "; ".join(reasons), tuple(dict.fromkeys(evidence)), holders)


def _rivals(dependency: Dependency, answer: Judgement) -> tuple[IdentityRole, ...]:
    """Who else is asked about: whom the sources name and, after a no, who may hold the right by mistake."""
    roles = [*dependency.caller.others]
    if answer.access is Access.NOT_GRANTED and dependency.caller.who is Who.IDENTITY:
        roles += [*dependency.rivals]
    return tuple(one for one in dict.fromkeys(roles) if one is not dependency.caller.role)


def _access(
    role: IdentityRole,
    dependency: Dependency,
    target: Target,
    chosen: tuple[Scenario, ...],
    lookup: Lookup,
) -> Access | None:
    """What another identity would get; None when nothing can be said. One that does not exist gets nothing."""
    fact = lookup.identity(role)
    if not isinstance(fact, Known):
        return Access.NOT_GRANTED if fact.problem.cause is Cause.PRINCIPAL_NOT_FOUND else None
    found = questions.answer(dependency, target, fact.value, chosen, lookup)
    return found.access if found else None


def _line(role: IdentityRole, access: Access) -> str:
    words = {
        Access.GRANTED: "has what is needed",
        Access.NOT_GRANTED: "does not have what is needed",
        Access.CONDITIONAL: "has it on a condition",
        Access.UNKNOWN: "could not be judged",
    }
    return f"{role.label} {words[access]}"
