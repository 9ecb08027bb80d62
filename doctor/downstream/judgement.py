"""One question to a target's permission store, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.downstream import resolve
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.identity import IdentityRole
from doctor.model.untrusted import clean
from doctor.model.wording import capital

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.downstream.kind import Kind, Scenario
    from doctor.model.access import Decision
    from doctor.model.fact import Problem
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json
    from doctor.model.identity import Identity


@dataclass(frozen=True, slots=True)
class Ask:
    """May this identity use this resource for this?"""

    identity: Identity
    kind: Kind
    scenario: Scenario
    resource_id: str
    child: str = ""
    """Sub-scope that is used, below the resource; "" when the whole resource is, or when it is not known."""
    resource: Json | None = None
    """The resource as read; None when it could not be."""
    audience: str = ""
    target: str = ""
    """The URL that is called."""

    @property
    def scope(self) -> str:
        """ARM id of what is used."""
        return f"{self.resource_id}/{self.child}" if self.child else self.resource_id

    @property
    def what(self) -> str:
        """The resource in words: "Azure AI Search contoso"."""
        return f"{self.kind.title} {clean(resolve.resource_name(self.resource_id))}".rstrip()

    @property
    def who(self) -> str:
        """The identity in words, for the middle of a sentence."""
        if self.identity.role is IdentityRole.UNKNOWN and self.identity.name:
            return f"the user-assigned identity {clean(self.identity.name)}"
        return self.identity.role.label

    @property
    def subject(self) -> str:
        """The identity in words, for the beginning of a sentence."""
        return capital(self.who)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer of one permission store about one identity."""

    access: Access
    reason: str
    """One sentence."""
    cause: Cause | None = None
    """None when granted."""
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    decisions: tuple[Decision, ...] = ()
    confidence: Confidence = Confidence.HIGH
    search: Callable[[], tuple[Fix, ...]] | None = None
    """Searches for further changes: costly, and asked only of the judgement that is told."""

    def changes(self) -> tuple[Fix, ...]:
        """Every change that would help."""
        return (*self.fixes, *(self.search() if self.search is not None else ()))


def granted(reason: str, *, evidence: tuple[str, ...] = (), confidence: Confidence = Confidence.HIGH) -> Judgement:
    """The store admits the identity."""
    return Judgement(Access.GRANTED, reason, evidence=evidence, confidence=confidence)


def missing(
    cause: Cause,
    reason: str,
    *,
    evidence: tuple[str, ...] = (),
    fixes: tuple[Fix, ...] = (),
    confidence: Confidence = Confidence.HIGH,
) -> Judgement:
    """The store does not admit the identity."""
    return Judgement(Access.NOT_GRANTED, reason, cause, evidence, fixes, confidence=confidence)


def open_question(
    cause: Cause, reason: str, *, evidence: tuple[str, ...] = (), fixes: tuple[Fix, ...] = ()
) -> Judgement:
    """The store was read, and leaves it open."""
    return Judgement(Access.UNKNOWN, reason, cause, evidence, fixes)


def unread(problem: Problem, what: str) -> Judgement:
    """The store could not be read."""
    reason = f"{what} could not be read: {problem.summary}"
    return Judgement(Access.UNKNOWN, reason, problem.cause, problem.evidence, problem.fixes)


def for_a_person(ask: Ask, reason: str) -> Judgement:
    """Only a person can look; the kind says what to verify."""
    evidence = (f"To verify: {ask.kind.to_verify(ask.identity.object_id)}",) if ask.kind.verify else ()
    return Judgement(Access.UNKNOWN, reason, Cause.NOT_CHECKABLE, evidence)
