"""A dependency that an identity calls: everything that must be right for the call to be admitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from doctor.downstream import connections, network, questions, scenarios, second_hop, switches
from doctor.downstream.kind import Concerns, Store
from doctor.downstream.origin import Reach
from doctor.downstream.principal import principal
from doctor.downstream.sureness import Sureness, weigh
from doctor.downstream.target import locate
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known, Problem
from doctor.model.finding import failed, passed, unknown, warned
from doctor.model.fix import Fix
from doctor.model.identity import IdentityRole
from doctor.model.untrusted import clean
from doctor.rbac import not_propagated

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.downstream.dependency import Dependency
    from doctor.downstream.judgement import Judgement
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.access import Decision
    from doctor.model.finding import Finding
    from doctor.model.foundry import Json
    from doctor.model.identity import Identity

SOON = timedelta(days=7)
_WAIT = Fix(title="Wait ten minutes for the assignment to take effect, then check again", needs="nobody's permission")


def judge(dependency: Dependency, kind: Kind | None, known: Knowledge, lookup: Lookup) -> Finding:
    """One finding about a call that an identity makes."""
    found = principal(dependency, lookup)
    if not isinstance(found, Known):
        return _no_identity(dependency, found.problem)
    who = found.value.role.label
    if kind is None or kind.store is Store.PERSON:
        verify = (f"To verify: {kind.to_verify(found.value.object_id)}",) if kind and kind.verify else ()
        what = kind.title if kind else "an unknown kind of target"
        summary = f"{clean(dependency.subject)} calls {what} as {who}; its rights there cannot be seen from Azure"
        evidence = (f"{who}: object id {found.value.object_id}", *verify)
        return unknown(Cause.NOT_CHECKABLE, summary, evidence=evidence)
    target = locate(dependency, kind, known, lookup)
    if isinstance(target, Problem):
        summary = f"The resource behind {clean(dependency.subject)} was not found: {target.summary}"
        return unknown(target.cause, summary, evidence=target.evidence, fixes=target.fixes)
    if target.problem is not None and target.problem.cause is Cause.RESOURCE_NOT_FOUND:
        summary = f"The resource that {clean(dependency.subject)} points to does not exist"
        return failed(Cause.DOWNSTREAM_NOT_FOUND, summary, evidence=target.problem.evidence)
    judged = second_hop.considered(
        _of_target(dependency, target, found.value, known, lookup), dependency, target, lookup
    )
    return connections.contradicted(judged, target.contradiction)


def _no_identity(dependency: Dependency, problem: Problem) -> Finding:
    role = dependency.caller.role
    who = role.label if role else "the identity of the connection"
    summary = f"{clean(dependency.subject)} calls as {who}, which is not there: {problem.summary}"
    absent = problem.cause in {Cause.PRINCIPAL_NOT_FOUND, Cause.AGENT_IDENTITY_NOT_READY}
    if absent and dependency.caller.confidence is Confidence.HIGH:
        managed = role in {IdentityRole.PROJECT_MANAGED_IDENTITY, IdentityRole.ACCOUNT_MANAGED_IDENTITY}
        turn_on = Fix(f"Turn on the system-assigned identity that is {who}, then give it the roles that the tool needs")
        fixes = problem.fixes or ((turn_on,) if managed else ())
        return failed(problem.cause, summary, evidence=problem.evidence, fixes=fixes, because_of=problem.because_of)
    return unknown(
        problem.cause,
        summary.replace("which is not there", "which could not be read"),
        evidence=problem.evidence,
        fixes=problem.fixes,
        because_of=problem.because_of,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """A call with its answer."""

    dependency: Dependency
    target: Target
    identity: Identity
    answer: Judgement
    sure: Sureness
    uses: str
    """What was judged, in words."""
    evidence: tuple[str, ...]

    @property
    def resource(self) -> Json:
        return self.target.resource or {}

    def fails(self, cause: Cause, summary: str, fixes: tuple[Fix, ...], *more: str) -> Finding:
        return failed(cause, summary, evidence=(*self.evidence, *more), fixes=fixes, decisions=self.answer.decisions)

    def is_unknown(self, cause: Cause, summary: str, fixes: tuple[Fix, ...], *more: str) -> Finding:
        lines = (*self.evidence, *more)
        return unknown(
            cause,
            summary,
            evidence=lines,
            fixes=fixes,
            decisions=self.answer.decisions,
        )


def _of_target(dependency: Dependency, target: Target, identity: Identity, known: Knowledge, lookup: Lookup) -> Finding:
    chosen = questions.judged(dependency, target, known)
    answer = questions.answer(dependency, target, identity, chosen, lookup)
    if answer is None:
        problem = target.problem or Problem(Cause.NOT_CHECKABLE, "its kind says nothing about what is needed")
        summary = f"What {clean(dependency.subject)} needs could not be told: {problem.summary}"
        return unknown(problem.cause, summary, evidence=problem.evidence, fixes=problem.fixes)
    sure = weigh(dependency, target, chosen, answer, lookup)
    uses = ", ".join(dict.fromkeys(one.title for one in chosen))
    evidence = (
        f"calls as {identity.role.label}, object id {identity.object_id}",
        f"judged for {uses}",
        *answer.evidence,
        *sure.evidence,
    )
    case = _Case(dependency, target, identity, answer, sure, uses, tuple(dict.fromkeys(evidence)))
    if answer.access is Access.GRANTED:
        return _obstructed(case, lookup) or _admitted(case, lookup)
    return _not_admitted(case, lookup)


def _obstructed(case: _Case, lookup: Lookup) -> Finding | None:
    """What spoils a permission that is there: an unread target, a switch, the network, doubt about who calls."""
    target, reason = case.target, case.answer.reason
    if target.resource is None and target.kind.api_version:
        problem = target.problem or Problem(Cause.CANNOT_READ, "nothing was read")
        summary = f"{reason}; but whether the target is set to honour that could not be read: {problem.summary}"
        return case.is_unknown(problem.cause, summary, problem.fixes, *problem.evidence)
    for switch in switches.refusing(target.kind, case.resource, Concerns.IDENTITY):
        make = case.fails if switch.confidence is Confidence.HIGH else case.is_unknown
        return make(switch.cause or Cause.TOOL_FAILED, switch.says, switches.command(switch.fix, target.resource_id))
    way = network.way(target, lookup, case.dependency.caller.role, case.dependency.account_id)
    if way.reach is Reach.CLOSED:
        return case.fails(
            Cause.NETWORK_DENIED, f"{reason}; but no call reaches it: {way.reason}", way.fixes, *way.evidence
        )
    if way.reach is Reach.UNKNOWN:
        cause = way.problem.cause if way.problem else Cause.NETWORK_DENIED
        return case.is_unknown(cause, f"{reason}; but {way.reason}", way.fixes, *way.evidence)
    return None if case.sure.passes else _doubtful(case)


def _doubtful(case: _Case) -> Finding:
    """It may be somebody else who calls; where nobody else is named who could be looked at, a person must find out."""
    summary = f"{case.answer.reason}; but {case.sure.reason}"
    if case.dependency.caller.others:
        return case.is_unknown(Cause.WRONG_PRINCIPAL, summary, ())
    return case.is_unknown(Cause.NOT_CHECKABLE, summary, ())


def _admitted(case: _Case, lookup: Lookup) -> Finding:
    reason = case.answer.reason
    fresh = [miss for one in case.answer.decisions for miss in not_propagated(one, lookup.now)]
    if fresh:
        return case.is_unknown(Cause.NOT_PROPAGATED, fresh[0].reason, (_WAIT,))
    if any(_ends_soon(part, lookup.now) for one in case.answer.decisions for part in (one.parts or (one,))):
        summary = f"{reason}, and that ends soon"
        return warned(Cause.EXPIRES_SOON, summary, evidence=case.evidence, decisions=case.answer.decisions)
    remarks = "; ".join(one for one in (f"judged for {case.uses}", case.sure.reason) if one)
    lines = (*case.evidence, *_remarks(case, lookup))
    return passed(f"{reason} ({remarks})", evidence=lines, decisions=case.answer.decisions)


def _ends_soon(decision: Decision, now: datetime) -> bool:
    """Whether every assignment that grants it ends soon."""
    return bool(decision.grants) and all(one.ends_on and one.ends_on - now < SOON for one in decision.grants)


def _not_admitted(case: _Case, lookup: Lookup) -> Finding:
    answer, target = case.answer, case.target
    cause, summary, fixes = answer.cause or Cause.CANNOT_READ, answer.reason, answer.changes()
    besides = switches.refusing(target.kind, case.resource, Concerns.IDENTITY)
    fixes = (*fixes, *(fix for one in besides for fix in switches.command(one.fix, target.resource_id)))
    lines = tuple(f"besides: {one.says}" for one in besides)
    if answer.access is not Access.NOT_GRANTED:
        return case.is_unknown(cause, summary, fixes, *lines)
    if target.problem is not None:
        # Settings of the target may admit it all the same, or ask for another role.
        summary = f"{summary}; but the target itself could not be read: {target.problem.summary}"
        return case.is_unknown(target.problem.cause, summary, fixes, *target.problem.evidence)
    other = _granted_in_other_mode(case, lookup)
    if other is not None:
        cause = Cause.RBAC_NOT_HONOURED
        summary = f"{other.reason}, but that counts for nothing in the mode that the target is in"
    if cause is Cause.NATIVE_ROLE_MISSING and case.sure.holders:
        summary += f"; {' and '.join(one.label for one in case.sure.holders)} may"
    soft = switches.softening(target.kind, target.resource)
    doubts = [f"{one.says[:1].lower()}{one.says[1:]}" for one in soft] + [case.sure.reason or ""]
    doubt = "; ".join(one for one in doubts if one)
    summary = f"{summary} ({doubt})" if doubt else summary
    certain = case.sure.fails and not soft
    return (case.fails if certain else case.is_unknown)(cause, summary, fixes, *lines)


def _granted_in_other_mode(case: _Case, lookup: Lookup) -> Judgement | None:
    """What the identity holds for the same use, if only the target were in its other mode."""
    if case.target.resource is None:
        return None
    for one in scenarios.other_modes(case.target.kind, case.target.resource):
        found = questions.answer(case.dependency, case.target, case.identity, (one,), lookup)
        if found is not None and found.access is Access.GRANTED:
            return found
    return None


def _remarks(case: _Case, lookup: Lookup) -> tuple[str, ...]:
    """What else the identity may or may not do, where it cannot be seen whether the tool does it."""
    lines = []
    for one in scenarios.remarked(case.dependency, case.target.kind):
        found = questions.answer(case.dependency, case.target, case.identity, (one,), lookup)
        if found is not None and found.access is not Access.GRANTED:
            role = one.role_name or (one.native.name if one.native else "")
            lines.append(f"not granted: {one.title}; a tool that does so needs {role or 'more'}")
    return (*lines, *case.target.kind.notes)
