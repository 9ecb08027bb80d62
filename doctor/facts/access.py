"""Questions about access: may this principal do that here, what would let it, and who may at all?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from doctor import changes, rbac
from doctor.facts import principal
from doctor.facts.authorization import (
    ActiveAt,
    AssignmentsAt,
    DefinitionOf,
    DefinitionsAt,
    DenialsAt,
    EligibleAt,
    EverybodysAssignments,
    EverybodysEligible,
    Widest,
)
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.identities import identities
from doctor.facts.place import FindPlace
from doctor.facts.question import Question
from doctor.facts.records import TheAccount, TheProject
from doctor.facts.subjects import subject_of
from doctor.facts.tokens import caller_id
from doctor.model.access import Access, Action, Decision
from doctor.model.cause import Cause
from doctor.model.change import RunAz
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.model.principal import well_formed
from doctor.model.resource_id import ResourceId
from doctor.rbac import AccessFacts, Gap, Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from doctor.facts.subject import Facts
    from doctor.model.authorization import EligibleAssignment, RoleAssignment, RoleDefinition
    from doctor.model.fact import Problem
    from doctor.model.fix import Fix

_RIVALS = {
    IdentityRole.CALLER,
    IdentityRole.APPLICATION_AGENT,
    IdentityRole.PROJECT_AGENT,
    IdentityRole.AGENT,
    IdentityRole.PROJECT_MANAGED_IDENTITY,
    IdentityRole.ACCOUNT_MANAGED_IDENTITY,
}
"""Identities that may hold by mistake what another one needs."""


@dataclass(frozen=True, slots=True)
class Beginnings(Question[None]):
    """What access checks need, begun as soon as it is known whose it is; its answer says nothing."""

    def answer(self, facts: Facts) -> None:
        """The caller's lists at once, those of the other identities when their owners have been read."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return
        at = ResourceId.read(place.value.id)
        facts.begin(*owners(facts), Widest(DefinitionsAt(at)), Widest(DenialsAt(at)))
        if who := whose(facts):
            facts.begin(Widest(AssignmentsAt(at, who)), Widest(ActiveAt(at, who)))
            answer = facts.known(AnswerTo(Call.AUTHORISED))
            if isinstance(answer, Known) and answer.value.status in {401, 403}:
                facts.begin(Widest(EligibleAt(at, who)))
        facts.ask_all(owners(facts))
        rivals = tuple(one.object_id for one in identities(facts) if one.role in _RIVALS)
        facts.begin(*(Widest(AssignmentsAt(at, one)) for one in rivals), Widest(EligibleAt(at)))


def owners(facts: Facts) -> tuple[Question[Fact[Any]], ...]:
    """The questions for the records that name the identities in play."""
    subject = subject_of(facts)
    own = (subject.owner(role) for role in (IdentityRole.AGENT, IdentityRole.APPLICATION_AGENT))
    return (subject.record, TheProject(), TheAccount(), *(one for one in own if one not in {None, subject.record}))


def invoke_action(facts: Facts) -> Action:
    """The data action that calling the target takes."""
    return subject_of(facts).action


def whose(facts: Facts) -> str:
    """Object id of whose access is checked: the one that was asked for, else the caller; "" when nothing says it."""
    return principal.resolved(facts, well_formed(facts.options.principal), owners(facts))


def decide_for(facts: Facts, principal_id: str, needs: Needs, scope: str) -> Decision:
    """As `decide`, for a principal that a person named: an id that was seen nowhere is not known, and not guilty."""
    decision = decide(facts, principal_id, needs, scope)
    if decision.access is not Access.NOT_GRANTED or not principal.is_stranger(facts, principal_id):
        return decision
    known = full_facts(facts, principal_id, scope)
    own = known.groups_of(principal_id) | {principal_id.lower()}
    named = [one.principal_id.lower() for one in known.assignments]
    named += [one.principal_id.lower() for one in known.eligible]
    if not own.isdisjoint(named):
        return decision
    reason = (
        f"No role assignment and no identity here has the id {principal_id}: it may be new, a client id, or of another "
        "tenant"
    )
    return replace(decision, access=Access.UNKNOWN, cause=Cause.PRINCIPAL_NOT_FOUND, reason=reason)


def decide(facts: Facts, principal_id: str, needs: Needs, scope: str) -> Decision:
    """May the principal do what is needed on the resource, and if not, why not?

    The other identities in play are read only when the answer is no: then they may explain it.
    """
    decision = rbac.decide_all(principal_id, needs, scope, access_facts(facts, (principal_id,), scope))
    if decision.access is Access.GRANTED:
        return decision
    decision = rbac.decide_all(principal_id, needs, scope, full_facts(facts, principal_id, scope))
    problem = unread_assignments(facts, principal_id, scope)
    if problem is None or decision.access is not Access.UNKNOWN:
        return decision
    return replace(decision, cause=problem.cause, unread=(*decision.unread, problem.summary))


def unread_assignments(facts: Facts, principal_id: str, scope: str) -> Problem | None:
    """Why the principal's role assignments could not be read; None when they could."""
    at = ResourceId.of(scope)
    if at is None or not at.subscription:
        return None
    fact = facts.ask(Widest(AssignmentsAt(at, principal_id.lower())))
    return fact.problem if isinstance(fact, Unread) else None


def remedies(
    facts: Facts, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
) -> tuple[Fix, ...]:
    """The smallest changes that make the answer yes; none for a principal whose assignments could not be read."""
    question = decision.question
    if decision.cause is Cause.PRINCIPAL_NOT_FOUND:
        return (_find_out(question.principal_id),)
    if unread_assignments(facts, question.principal_id, question.scope) is not None:
        return ()
    known = full_facts(facts, question.principal_id, question.scope)
    caller = caller_id(facts.estate)
    if caller:
        known = _with_caller(facts, known, caller, question.scope)
    return rbac.remedies(
        question.principal_id,
        needs,
        question.scope,
        known,
        caller=caller or None,
        principal_type=_principal_type(question.principal_id, known),
        prefer=prefer,
        api_version=api_version,
    )


def _find_out(principal_id: str) -> Fix:
    change = RunAz(("ad", "sp", "show", "--id", principal_id, "--query", "id", "--output", "tsv"))
    note = "Of a person: az ad user show. Roles are given to object ids; the client id of an application is none."
    return changes.fix(change, "Find out whose id this is, and name its object id", note=note)


def over_privileged(facts: Facts, decision: Decision) -> str:
    """What is granted far beyond the need, in a sentence; "" when nothing is."""
    question = decision.question
    return "; ".join(rbac.far_wider(decision, access_facts(facts, (question.principal_id,), question.scope)))


def ends(facts: Facts, principal_id: str, scope: str) -> Mapping[str, datetime]:
    """When the principal's active assignments end, by the id of the assignment, as far as it can be read."""
    fact = facts.ask(Widest(ActiveAt(ResourceId.read(scope), principal_id)))
    active = fact.value if isinstance(fact, Known) else ()
    return {one.id.lower(): one.ends_on for one in active if one.ends_on is not None}


def everybody(facts: Facts, scope: str) -> Fact[AccessFacts]:
    """What is known about everybody's access to a resource; group members are not looked up."""
    at = ResourceId.read(scope)
    facts.begin(Widest(DefinitionsAt(at)), Widest(DenialsAt(at)), *owners(facts), EverybodysEligible(at))
    assignments, eligible = facts.ask(EverybodysAssignments(at)), facts.ask(EverybodysEligible(at))
    if isinstance(assignments, Unread):
        return assignments
    known = access_facts(facts, (), scope)
    facts.ask_all(owners(facts))
    unread = known.unread | ({Gap.ELIGIBLE} if isinstance(eligible, Unread) else set())
    definitions = {**known.definitions, **_missing(facts, assignments.value, known.definitions, at)}
    return Known(
        replace(
            known,
            assignments=assignments.value,
            eligible=eligible.value if isinstance(eligible, Known) else (),
            definitions=definitions,
            identities=identities(facts),
            unread=frozenset(unread | {Gap.GROUPS}),
        )
    )


def access_facts(facts: Facts, principals: Iterable[str], scope: str) -> AccessFacts:
    """What is known about the access of these principals at a scope."""
    wanted = tuple(dict.fromkeys(one.lower() for one in principals if one))
    at = ResourceId.of(scope)
    if at is None or not at.subscription:
        return AccessFacts((), {}, facts.now(), unread=frozenset({Gap.ASSIGNMENTS}))
    facts.begin(Widest(DefinitionsAt(at)), Widest(DenialsAt(at)))
    lists = facts.ask_all(Widest(AssignmentsAt(at, one)) for one in wanted)
    read = {one: fact.value for one, fact in zip(wanted, lists, strict=True) if isinstance(fact, Known)}
    assignments = {one.id.lower(): one for found in read.values() for one in found}
    definitions, denials = facts.ask(Widest(DefinitionsAt(at))), facts.ask(Widest(DenialsAt(at)))
    known = {role.guid: role for role in definitions.value} if isinstance(definitions, Known) else {}
    known |= _missing(facts, assignments.values(), known, at)
    return AccessFacts(
        tuple(assignments.values()),
        known,
        facts.now(),
        denials=denials.value if isinstance(denials, Known) else (),
        groups={one: _groups(one, found) for one, found in read.items()},
        identities=identities(facts),
        unread=frozenset({Gap.DENIALS} if isinstance(denials, Unread) else ()),
        unread_principals=frozenset(wanted) - frozenset(read),
        causes={
            one: fact.problem.cause
            for one, fact in (*zip(wanted, lists, strict=True), (Gap.DENIALS.value, denials))
            if isinstance(fact, Unread)
        },
    )


def full_facts(facts: Facts, principal_id: str, scope: str) -> AccessFacts:
    """The facts with everything that may explain a no: eligibility and the other identities in play."""
    at = ResourceId.of(scope)
    if at is None or not at.subscription:
        return access_facts(facts, (principal_id,), "")
    mine = principal_id.lower() == whose(facts)
    # One list answers for all the identities of the agent together.
    question = Widest(EligibleAt(at, principal_id.lower() if mine else ""))
    facts.begin(question)
    facts.ask_all(owners(facts))
    others = [one.object_id for one in identities(facts) if one.role in _RIVALS]
    known = access_facts(facts, (principal_id, *others), scope)
    if mine:
        known = replace(known, assignments=_aimed_at(scope, principal_id, known))
    eligible = facts.ask(question)
    if isinstance(eligible, Unread):
        causes = {**known.causes, Gap.ELIGIBLE.value: eligible.problem.cause}
        return replace(known, unread=known.unread | {Gap.ELIGIBLE}, causes=causes)
    own = known.groups_of(principal_id)
    if mine:
        # Assigned to a group, a role is eligible for its members: the list names groups of the principal only.
        own |= _groups(principal_id.lower(), eligible.value)
    return replace(known, eligible=eligible.value, groups={**known.groups, principal_id.lower(): own})


def bundled_stood_in(facts: Facts) -> bool:
    """Whether the live role definitions could not be read, so that the bundled ones stood in for them."""
    unread = [one for question, one in facts.answered(Widest) if isinstance(question.wanted, DefinitionsAt)]
    return any(isinstance(one, Unread) for one in unread)


def _principal_type(principal_id: str, known: AccessFacts) -> str:
    """The kind of principal: as an assignment names it, else as its token or its part in the run does, else ""."""
    wanted = principal_id.lower()
    for one in known.assignments:
        if one.principal_id.lower() == wanted and one.principal_type:
            return one.principal_type
    workload = any(known.plays(principal_id, role) for role in _RIVALS - {IdentityRole.CALLER})
    entry = known.identity(principal_id)
    kind = "workload" if workload else entry.kind if entry else ""
    return {"user": "User", "unknown": "", "": ""}.get(kind, "ServicePrincipal")


def _with_caller(facts: Facts, known: AccessFacts, caller: str, scope: str) -> AccessFacts:
    """The facts with the caller's own assignments, to tell whether the caller may make the change."""
    own = access_facts(facts, (caller,), scope)
    return replace(
        known,
        assignments=tuple({one.id.lower(): one for one in (*known.assignments, *own.assignments)}.values()),
        groups={**known.groups, **{one: groups | known.groups_of(one) for one, groups in own.groups.items()}},
        unread_principals=known.unread_principals | own.unread_principals,
        causes={**own.causes, **known.causes},
    )


def _missing(
    facts: Facts, assignments: Iterable[RoleAssignment], known: Mapping[str, RoleDefinition], at: ResourceId
) -> dict[str, RoleDefinition]:
    """Definitions that the list does not hold: custom roles of elsewhere, read one by one."""
    guids = {one.role_guid for one in assignments} - set(known)
    guids -= set(rbac.bundled_definitions()) if guids else set()
    found = facts.ask_all(DefinitionOf(guid, at.subscription) for guid in sorted(guids))
    return {fact.value.guid: fact.value for fact in found if isinstance(fact, Known)}


def _groups(principal_id: str, assigned: Iterable[RoleAssignment | EligibleAssignment]) -> frozenset[str]:
    """The groups of a principal: what `assignedTo()` gives besides its own assignments are those of its groups."""
    return frozenset(
        one.principal_id.lower()
        for one in assigned
        if one.principal_id.lower() != principal_id and one.principal_type.lower() in {"group", "foreigngroup", ""}
    )


def _aimed_at(scope: str, principal_id: str, facts: AccessFacts) -> tuple[RoleAssignment, ...]:
    """The assignments without those that other identities hold higher than one resource above the scope.

    A caller is told of another identity's role only where somebody may have meant the caller by it. Foundry User on the
    account is part of the documented setup of the project's managed identity, and says nothing about a caller.
    """
    own = facts.groups_of(principal_id) | {principal_id.lower()}
    lowest = len(scope.strip("/").split("/")) - 2
    return tuple(
        one
        for one in facts.assignments
        if one.principal_id.lower() in own or len(one.scope.strip("/").split("/")) >= lowest
    )
