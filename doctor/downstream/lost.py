"""Lost on publish: what the project's shared agent identity has on a target, and the new identity has not.

Publishing (and moving to the new agent model) makes a new identity, and no permission is copied to it. Every permission
store is compared, for the calls whose caller changes; a call by a managed identity, a key or an end user is the same
before and after. Source: Microsoft Learn, "Agent identity" and "Agent applications".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.downstream import knowledge, questions
from doctor.downstream.connections import demoted
from doctor.downstream.dependency import Who
from doctor.downstream.kind import Store
from doctor.downstream.target import Target, locate
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Known, Problem, Unread
from doctor.model.finding import failed, passed, skipped, unknown
from doctor.model.identity import IdentityRole
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency, Inventory
    from doctor.downstream.judgement import Judgement
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.model.finding import Finding
    from doctor.model.identity import Identity

CHECK = "downstream-access"
"""The check that judges the same calls as they are now."""
_NEW = (IdentityRole.APPLICATION_AGENT, IdentityRole.AGENT)
_FORMER = {
    IdentityRole.APPLICATION_AGENT: (IdentityRole.PROJECT_AGENT,),
    IdentityRole.AGENT: (IdentityRole.APPLICATION_AGENT, IdentityRole.PROJECT_AGENT),
}
"""With which identities an agent may have acted before it got its present one."""
_STEP = {
    IdentityRole.APPLICATION_AGENT: "publishing",
    IdentityRole.AGENT: "moving to the agent's own endpoint, to which no role is carried over",
}
_TELLING = (Access.GRANTED, Access.UNKNOWN, Access.CONDITIONAL, Access.NOT_GRANTED)
"""The former identity that had it tells most."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both identities have on one target."""

    dependency: Dependency
    target: Target
    before: Judgement
    after: Judgement
    former: IdentityRole = IdentityRole.PROJECT_AGENT
    """With which identity the agent acted before."""
    present: IdentityRole = IdentityRole.APPLICATION_AGENT


def moving(inventory: Inventory, known: Knowledge | None = None) -> tuple[Dependency, ...]:
    """The dependencies whose caller changes with publishing, and whose target's permissions can be read."""
    table = known or knowledge.load()
    found = []
    for one in inventory.dependencies:
        kind = table.get(one.kind)
        if one.caller.who is Who.IDENTITY and one.caller.role is inventory.agent and one.problem is None:
            found += [one] if kind is not None and kind.store is not Store.PERSON else []
    return tuple(found)


def lost_on_publish(inventory: Inventory, lookup: Lookup, known: Knowledge | None = None) -> tuple[Finding, ...]:
    """A fail for each permission that was left behind, with the narrow grant for the new identity.

    A skip when nothing is published or no tool calls as the agent. Not being able to tell is unknown and not required:
    whether the calls work is what `downstream-access` says.
    """
    table = known or knowledge.load()
    if inventory.agent not in _NEW:
        return (skipped("Nothing is published: the agent still acts with the project's shared agent identity"),)
    candidates = moving(inventory, table)
    if not candidates:
        gap = f", as far as it could be read ({len(inventory.unread)} gaps)" if inventory.unread else ""
        return (skipped(f"No tool calls an Azure resource as the agent's identity{gap}"),)
    after = lookup.identity(inventory.agent)
    if not isinstance(after, Known):
        return (_not_compared(after.problem, ""),)
    former = [lookup.identity(role) for role in _FORMER[inventory.agent]]
    before = tuple(one.value for one in former if isinstance(one, Known))
    if not before:
        return (_not_compared(next(one.problem for one in former if isinstance(one, Unread)), ""),)
    return _compared(candidates, before, after.value, lookup, table)


def _compared(
    candidates: tuple[Dependency, ...], before: tuple[Identity, ...], after: Identity, lookup: Lookup, known: Knowledge
) -> tuple[Finding, ...]:
    findings, compared = [], 0
    step = "moving" if after.role is IdentityRole.AGENT else "publishing"
    for dependency in candidates:
        found = _compare(dependency, before, after, lookup, known)
        if isinstance(found, Problem):
            findings.append(_not_compared(found, dependency.subject))
            continue
        finding = _finding(found)
        if finding is not None:
            findings.append(replace(finding, subject=clean(dependency.subject)))
        compared += finding is None
    if compared and not any(one.cause is Cause.LOST_ON_PUBLISH for one in findings):
        findings.insert(0, passed(f"Nothing was lost on {step}, on {compared} of {len(candidates)} targets compared"))
    return tuple(findings)


def _compare(
    dependency: Dependency, former: tuple[Identity, ...], after: Identity, lookup: Lookup, known: Knowledge
) -> Comparison | Problem:
    """What both identities have on a dependency's target, or why that cannot be told."""
    kind = known.get(dependency.kind)
    if kind is None:
        return Problem(Cause.NOT_CHECKABLE, f"nothing is known about the target of {clean(dependency.subject)}")
    target = locate(dependency, kind, known, lookup)
    if isinstance(target, Problem):
        return target
    chosen = questions.judged(dependency, target, known)
    now = questions.answer(dependency, target, after, chosen, lookup)
    if now is not None and now.access is Access.GRANTED:
        # What it had before does not matter then.
        return Comparison(dependency, target, now, now)
    asked = [(one, questions.answer(dependency, target, one, chosen, lookup)) for one in former]
    had = [(one, was) for one, was in asked if was is not None]
    if not had or now is None:
        return target.problem or Problem(Cause.NOT_CHECKABLE, "its kind says nothing about what is needed")
    who, was = min(had, key=lambda one: _TELLING.index(one[1].access))
    return Comparison(dependency, target, was, now, who.role, after.role)


def _finding(found: Comparison) -> Finding | None:
    """None when nothing was lost."""
    was, now = found.before.access, found.after.access
    what = f"{found.target.kind.title} behind {clean(found.dependency.subject)}"
    if was is Access.GRANTED and now is Access.NOT_GRANTED:
        finding = failed(
            Cause.LOST_ON_PUBLISH,
            f"Access to {what} was lost on {_STEP[found.present]}: {found.former.label} has it,"
            " the identity that calls now has not",
            evidence=(found.before.reason, found.after.reason),
            fixes=found.after.changes(),
            because_of=_follows(found),
            decisions=(*found.before.decisions, *found.after.decisions),
        )
        all_of = (found.before, found.after, found.target.kind, found.dependency.caller)
        used = found.dependency.used is not None
        if used and all(one.confidence is Confidence.HIGH for one in all_of):
            return finding
        why = "it is not known whether a tool uses it" if not used else "not known with high confidence"
        return replace(demoted(finding, why), required=False)
    if Access.UNKNOWN in {was, now} or Access.CONDITIONAL in {was, now}:
        if now is Access.GRANTED or was is Access.NOT_GRANTED:
            return None
        open_one = found.before if was is not Access.GRANTED else found.after
        cause = open_one.cause or Cause.CANNOT_READ
        summary = f"Whether access to {what} was lost on publishing is not known: {open_one.reason}"
        return unknown(cause, summary, required=False, evidence=open_one.evidence)
    return None


def _follows(found: Comparison) -> tuple[str, ...]:
    """A store of the target's own gives its own cause to `downstream-access`, from which this one follows."""
    own_cause = found.after.cause is not Cause.LOST_ON_PUBLISH
    return (f"{CHECK}:{clean(found.dependency.subject)}",) if own_cause else ()


def _not_compared(problem: Problem, subject: str) -> Finding:
    summary = f"What was lost on publishing could not be compared: {problem.summary}"
    found = unknown(problem.cause, summary, required=False, evidence=problem.evidence, because_of=problem.because_of)
    return replace(found, subject=clean(subject))
