"""Questions about access: may this principal do that here, what would let it, and who may at all?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from doctor import rbac
from doctor.facts.memo import together
from doctor.model.access import Access, Action, Decision
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.rbac import AccessFacts, Gap, Needs
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.facts.access_lists import AccessLists
    from doctor.facts.place import Places
    from doctor.facts.resources import Resources
    from doctor.facts.sign_in import SignIn
    from doctor.facts.wiring import Wiring
    from doctor.model.authorization import EligibleAssignment, RoleAssignment, RoleDefinition
    from doctor.model.fix import Fix

INVOKE = Action("Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action", data=True)
"""What calling an Agent Application takes (hosted-agent-permissions.md of Microsoft's documentation, April 2026)."""
INTERACT = Action("Microsoft.CognitiveServices/accounts/AIServices/endpoints/interact/action", data=True)
"""What calling a new-model agent's endpoint takes (configure-agent.md, April 2026)."""

_RIVALS = {
    IdentityRole.CALLER,
    IdentityRole.APPLICATION_AGENT,
    IdentityRole.PROJECT_AGENT,
    IdentityRole.AGENT,
    IdentityRole.PROJECT_MANAGED_IDENTITY,
    IdentityRole.ACCOUNT_MANAGED_IDENTITY,
}
"""Identities that may hold by mistake what another one needs."""


class AccessQuestions:
    """Asks `doctor.rbac` over what the lists say of the principals in question."""

    def __init__(
        self, wiring: Wiring, lists: AccessLists, places: Places, resources: Resources, sign_in: SignIn
    ) -> None:
        self._wiring = wiring
        self._memo = wiring.memo
        self._lists = lists
        self._places = places
        self._resources = resources
        self._sign_in = sign_in
        self._used_bundled = False

    def invoke_action(self) -> Action:
        """The data action that calling the target takes."""
        return INTERACT if self._wiring.target.kind is Kind.AGENT else INVOKE

    def prefetch(self) -> None:
        """Begin to read the assignments that access checks need, as soon as it is known whose they are."""
        self._memo.start(lambda: self._memo.once("prefetch", self._prefetch))

    def _prefetch(self) -> None:
        place = self._places.find()
        if isinstance(place, Unread):
            return
        scope = place.value.id
        self._memo.start(self._resources.application, self._resources.project, self._resources.account)
        if caller := self._sign_in.principal_id():
            self._memo.start(lambda: self.facts((caller,), scope), lambda: self._lists.ends(caller, scope))
        together(self._resources.application, self._resources.project, self._resources.account)
        for entry in self._wiring.ledger.entries():
            if entry.role in _RIVALS:
                self._memo.start(partial(self._lists.assignments, entry.object_id, scope))

    def decide(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        """May the principal do what is needed on the resource, and if not, why not?

        The other identities in play are read only when the answer is no: then they may explain it.
        """
        decision = rbac.decide_all(principal_id, needs, scope, self.facts((principal_id,), scope))
        if decision.access is Access.GRANTED:
            return decision
        return rbac.decide_all(principal_id, needs, scope, self.full_facts(principal_id, scope))

    def remedies(
        self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
    ) -> tuple[Fix, ...]:
        """The smallest changes that make the answer yes."""
        question = decision.question
        facts = self.full_facts(question.principal_id, question.scope)
        caller = self._sign_in.caller_id()
        if caller:
            facts = self._with_caller(facts, caller, question.scope)
        return rbac.remedies(
            question.principal_id,
            needs,
            question.scope,
            facts,
            caller=caller or None,
            principal_type=self._principal_type(question.principal_id, facts),
            prefer=prefer,
            api_version=api_version,
        )

    def over_privileged(self, decision: Decision) -> str:
        """What is granted far beyond the need, in a sentence; "" when nothing is."""
        question = decision.question
        return "; ".join(rbac.far_wider(decision, self.facts((question.principal_id,), question.scope)))

    @staticmethod
    def _principal_type(principal_id: str, facts: AccessFacts) -> str:
        """The kind of principal: as an assignment names it, else as its token or its part in the run does, else ""."""
        wanted = principal_id.lower()
        for one in facts.assignments:
            if one.principal_id.lower() == wanted and one.principal_type:
                return one.principal_type
        workload = any(facts.plays(principal_id, role) for role in _RIVALS - {IdentityRole.CALLER})
        entry = facts.identity(principal_id)
        kind = "workload" if workload else entry.kind if entry else ""
        return {"user": "User", "unknown": "", "": ""}.get(kind, "ServicePrincipal")

    def everybody(self, scope: str) -> Fact[AccessFacts]:
        """What is known about everybody's access to a resource; group members are not looked up."""
        self._memo.start(lambda: self._lists.definitions(scope), lambda: self._lists.denials(scope))
        self._memo.start(self._resources.application, self._resources.project, self._resources.account)
        self._memo.start(lambda: self._lists.all_eligible(scope))
        assignments, eligible = self._lists.all_assignments(scope), self._lists.all_eligible(scope)
        if isinstance(assignments, Unread):
            return assignments
        facts = self.facts((), scope)
        together(self._resources.application, self._resources.project, self._resources.account)
        unread = facts.unread | ({Gap.ELIGIBLE} if isinstance(eligible, Unread) else set())
        definitions = {**facts.definitions, **self._missing(assignments.value, facts.definitions, scope)}
        return Known(
            replace(
                facts,
                assignments=assignments.value,
                eligible=eligible.value if isinstance(eligible, Known) else (),
                definitions=definitions,
                identities=self._wiring.ledger.entries(),
                unread=frozenset(unread | {Gap.GROUPS}),
            )
        )

    def facts(self, principals: Iterable[str], scope: str) -> AccessFacts:
        """What is known about the access of these principals at a scope."""
        wanted = tuple(dict.fromkeys(one.lower() for one in principals if one))
        if not _subscription(scope):
            return AccessFacts((), {}, self._wiring.now(), unread=frozenset({Gap.ASSIGNMENTS}))
        self._memo.start(lambda: self._lists.definitions(scope), lambda: self._lists.denials(scope))
        lists = together(*(lambda one=one: self._lists.assignments(one, scope) for one in wanted)) if wanted else ()
        read = {one: fact.value for one, fact in zip(wanted, lists, strict=True) if isinstance(fact, Known)}
        assignments = {one.id.lower(): one for found in read.values() for one in found}
        definitions, denials = self._lists.definitions(scope), self._lists.denials(scope)
        known = {role.guid: role for role in definitions.value} if isinstance(definitions, Known) else {}
        self._used_bundled = self._used_bundled or isinstance(definitions, Unread)
        known |= self._missing(assignments.values(), known, scope)
        return AccessFacts(
            tuple(assignments.values()),
            known,
            self._wiring.now(),
            denials=denials.value if isinstance(denials, Known) else (),
            groups={one: _groups(one, found) for one, found in read.items()},
            identities=self._wiring.ledger.entries(),
            unread=frozenset({Gap.DENIALS} if isinstance(denials, Unread) else ()),
            unread_principals=frozenset(wanted) - frozenset(read),
        )

    def full_facts(self, principal_id: str, scope: str) -> AccessFacts:
        """The facts with everything that may explain a no: eligibility and the other identities in play."""
        if not _subscription(scope):
            return self.facts((principal_id,), "")
        self._memo.start(lambda: self._eligible(principal_id, scope))
        together(self._resources.application, self._resources.project, self._resources.account)
        others = [one.object_id for one in self._wiring.ledger.entries() if one.role in _RIVALS]
        facts = self.facts((principal_id, *others), scope)
        if principal_id.lower() == self._sign_in.principal_id():
            facts = replace(facts, assignments=_aimed_at(scope, principal_id, facts))
        eligible = self._eligible(principal_id, scope)
        if isinstance(eligible, Known):
            own = facts.groups_of(principal_id)
            if principal_id.lower() == self._sign_in.principal_id():
                # Assigned to a group, a role is eligible for its members: the list names groups of the principal only.
                own |= _groups(principal_id.lower(), eligible.value)
            return replace(facts, eligible=eligible.value, groups={**facts.groups, principal_id.lower(): own})
        return replace(facts, unread=facts.unread | {Gap.ELIGIBLE})

    def _eligible(self, principal_id: str, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """What the principal may activate; one list answers for all the identities of the agent together."""
        if principal_id.lower() == self._sign_in.principal_id():
            return self._lists.eligible(principal_id, scope)
        return self._lists.eligible_of_all(scope)

    def notes(self) -> tuple[str, ...]:
        """Whether the bundled role definitions stood in for the live ones."""
        if self._used_bundled:
            return (f"The role definitions could not be read; those of {rbac.BUNDLED_DATE} stood in for them.",)
        return ()

    def _with_caller(self, facts: AccessFacts, caller: str, scope: str) -> AccessFacts:
        """The facts with the caller's own assignments, to tell whether the caller may make the change."""
        own = self.facts((caller,), scope)
        return replace(
            facts,
            assignments=tuple({one.id.lower(): one for one in (*facts.assignments, *own.assignments)}.values()),
            groups={**facts.groups, **own.groups},
            unread_principals=facts.unread_principals | own.unread_principals,
        )

    def _missing(
        self, assignments: Iterable[RoleAssignment], known: Mapping[str, RoleDefinition], scope: str
    ) -> dict[str, RoleDefinition]:
        """Definitions that the list does not hold: custom roles of elsewhere, read one by one."""
        guids = {one.role_guid for one in assignments} - set(known)
        guids -= set(rbac.bundled_definitions()) if guids else set()
        facts = (
            together(*(lambda one=one: self._lists.definition(one, scope) for one in sorted(guids))) if guids else ()
        )
        return {fact.value.guid: fact.value for fact in facts if isinstance(fact, Known)}


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


def _subscription(scope: str) -> str:
    parts = scope.split("/")
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""
