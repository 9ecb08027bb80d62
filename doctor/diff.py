"""What changed between two reports: what broke, what was fixed, and what happened in between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from doctor.model.identity import IdentityRole
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.model.access import Decision, Grant, NearMiss, Question
    from doctor.model.finding import Result
    from doctor.model.report import Report

_BADNESS = {Status.PASS: 0, Status.SKIP: 0, Status.WARN: 1, Status.UNKNOWN: 2, Status.ERROR: 2, Status.FAIL: 3}
"""How bad a status is for who depends on the application."""

PRESENT = "present"
"""The value of what is either there or not."""


class Kind(str, Enum):
    """What became of a result."""

    BROKE = "broke"
    """It is worse than before."""
    APPEARED = "appeared"
    """It is not well, and was not judged before."""
    FIXED = "fixed"
    """It passes, and did not."""
    WAIVED = "waived"
    """It does not pass, and a waiver makes it count no more."""
    BETTER = "better"
    """It is less bad than before, and no pass."""
    OTHER_CAUSE = "other-cause"
    """As bad as before, for another reason."""
    STILL = "still"
    """As bad as before, for the same reason."""
    GONE = "gone"
    """It was not well, and the later report does not judge it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one result; the side on which it is missing is None."""

    kind: Kind
    reference: str
    before: Result | None
    after: Result | None


@dataclass(frozen=True, slots=True)
class Between:
    """Something that happened between the two runs; "" stands for absent."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Diff:
    """The comparison of two reports."""

    old: Report
    new: Report
    changes: tuple[Change, ...]
    between: tuple[Between, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind, in the order of the reports."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def same_target(self) -> bool:
        """Whether both reports are about the same application, as far as they say."""
        ids = {report.target.resource_id.lower() for report in (self.old, self.new)} - {""}
        return len(ids) < 2

    @property
    def exit_code(self) -> int:
        """1 when something broke or appeared, else 0."""
        return 1 if self.of(Kind.BROKE) or self.of(Kind.APPEARED) else 0


def compare(old: Report, new: Report) -> Diff:
    """Compare two reports; an earlier and a later one of the same application, usually."""
    before = {result.reference: result for result in old.results}
    after = {result.reference: result for result in new.results}
    changes = []
    for reference in dict.fromkeys((*after, *before)):
        kind = _kind(before.get(reference), after.get(reference))
        if kind is not None:
            changes.append(Change(kind, reference, before.get(reference), after.get(reference)))
    return Diff(old, new, tuple(changes), _between(old, new))


def _kind(before: Result | None, after: Result | None) -> Kind | None:
    was, now = _badness(before), _badness(after)
    if after is None or after.status is Status.SKIP:
        return Kind.GONE if was else None
    if before is None or before.status is Status.SKIP:
        return Kind.APPEARED if now else None
    if now > was:
        return Kind.BROKE
    if now < was:
        return _healed(after)
    if now:
        return Kind.STILL if before.finding.cause is after.finding.cause else Kind.OTHER_CAUSE
    # What was waived may have come right all the same.
    return Kind.FIXED if _BADNESS[before.status] and not _BADNESS[after.status] else None


def _healed(after: Result) -> Kind:
    """What became of a result that counts for less than before."""
    if after.waived and _BADNESS[after.status]:
        return Kind.WAIVED
    return Kind.BETTER if _badness(after) else Kind.FIXED


def _badness(result: Result | None) -> int:
    return 0 if result is None or result.waived else _BADNESS[result.status]


def _between(old: Report, new: Report) -> tuple[Between, ...]:
    return (
        *_traits(old, new),
        *_assignments(old, new),
        *_pairs(_identities(old), _identities(new)),
        *_pairs({"agentdoctor": old.tool_version}, {"agentdoctor": new.tool_version}),
    )


def _pairs(before: dict[str, str], after: dict[str, str]) -> Iterable[Between]:
    names = dict.fromkeys((*after, *before))
    return (
        Between(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def _traits(old: Report, new: Report) -> Iterable[Between]:
    """What differs between properties that both runs have read; what one could not read says nothing."""
    before, after = _by_subject(old), _by_subject(new)
    for subject in dict.fromkeys((*after, *before)):
        if subject in before and subject in after:
            for one in _pairs(before[subject], after[subject]):
                yield Between(f"{subject}: {one.what}", one.before, one.after)
        elif _kinds(before) & _kinds(after) & {_kind_of(subject)}:
            yield Between(subject, *((PRESENT, "") if subject in before else ("", PRESENT)))


def _by_subject(report: Report) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, set[str]]] = {}
    for trait in report.traits:
        found.setdefault(trait.subject, {}).setdefault(trait.name, set()).add(trait.value)
    return {
        subject: {name: ", ".join(sorted(values)) for name, values in names.items()} for subject, names in found.items()
    }


def _kinds(traits: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_kind_of, traits))


def _kind_of(subject: str) -> str:
    """The first word: of the connections, say, either all were read or none."""
    return subject.partition(" ")[0]


def _assignments(old: Report, new: Report) -> Iterable[Between]:
    """Role assignments that grant what both reports asked for, and that the other one does not even mention."""
    asked = frozenset(d.question for d in _decisions(old)) & frozenset(d.question for d in _decisions(new))
    before, after = _mentioned(old), _mentioned(new)
    for name in _granting(new, asked):
        if name not in before:
            yield Between(name, "", PRESENT)
    for name in _granting(old, asked):
        if name not in after:
            yield Between(name, PRESENT, "")


def _decisions(report: Report) -> Iterable[Decision]:
    return (decision for result in report.results for decision in result.finding.decisions)


def _granting(report: Report, asked: frozenset[Question]) -> dict[str, None]:
    grants = (grant for decision in _decisions(report) if decision.question in asked for grant in decision.grants)
    return dict.fromkeys(_assignment(grant, report) for grant in grants)


def _mentioned(report: Report) -> frozenset[str]:
    decisions = tuple(_decisions(report))
    misses = {_assignment(miss, report) for decision in decisions for miss in decision.near_misses}
    return frozenset(misses | {_assignment(grant, report) for decision in decisions for grant in decision.grants})


def _assignment(one: Grant | NearMiss, report: Report) -> str:
    names = {identity.object_id: identity.name or identity.role.label for identity in report.identities}
    who = names.get(one.principal_id.lower(), "")
    whom = f"{who} ({one.principal_id})" if who else one.principal_id
    return f"role assignment of {one.role_name} to {whom} on {one.scope}"


def _identities(report: Report) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for identity in report.identities:
        if identity.role is not IdentityRole.UNKNOWN:
            found.setdefault(identity.role.label, set()).add(identity.object_id)
    return {role: ", ".join(sorted(ids)) for role, ids in found.items()}
