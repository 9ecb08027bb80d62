"""Who may do what, as facts: assignments, definitions, denials and eligibility, and the questions asked over them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from doctor import rbac
from doctor.azure import read_authorization
from doctor.model.access import Access, Action, Decision
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.rbac import AccessFacts, Gap, Needs
from doctor.session.memo import together
from doctor.session.refusals import Asked
from doctor.session.widest_scope import WidestScope
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from doctor.model.authorization import (
        DenyAssignment,
        EligibleAssignment,
        Permission,
        RoleAssignment,
        RoleDefinition,
    )
    from doctor.model.fix import Fix
    from doctor.session.arm_reads import ArmReads
    from doctor.session.place import Places
    from doctor.session.resources import Resources
    from doctor.session.sign_in import SignIn
    from doctor.session.wiring import Wiring

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
_AUTHORIZATION = "Microsoft.Authorization"


class AccessReads:
    """Reads each list once per subscription and principal, and asks `doctor.rbac` over what was read."""

    def __init__(self, wiring: Wiring, reads: ArmReads, places: Places, resources: Resources, sign_in: SignIn) -> None:
        self._wiring = wiring
        self._memo = wiring.memo
        self._authorization = wiring.authorization
        self._reads = reads
        self._places = places
        self._resources = resources
        self._sign_in = sign_in
        self._widest = WidestScope(wiring.memo)
        self._used_bundled = False

    def invoke_action(self) -> Action:
        """The data action that calling the target takes."""
        return INTERACT if self._wiring.target.kind is Kind.AGENT else INVOKE

    def assignments(self, principal_id: str, scope: str) -> Fact[tuple[RoleAssignment, ...]]:
        """The role assignments of a principal and of its groups, at, above and below the widest scope we may list."""
        asked = Asked(f"the role assignments of {principal_id}", f"{_AUTHORIZATION}/roleAssignments/read")
        return self._widest.read(
            "assignments",
            principal_id,
            scope,
            lambda at: self._reads.all(
                lambda: self._authorization.role_assignments(at, assigned_to=principal_id),
                asked,
                read_authorization.role_assignment,
            ),
        )

    def all_assignments(self, scope: str) -> Fact[tuple[RoleAssignment, ...]]:
        """The role assignments of everybody at a scope and above it."""
        asked = Asked("the role assignments", f"{_AUTHORIZATION}/roleAssignments/read")
        return self._memo.once(
            ("assignments-at", scope.lower()),
            lambda: self._reads.all(
                lambda: self._authorization.role_assignments(scope, at_scope=True),
                asked,
                read_authorization.role_assignment,
            ),
        )

    def all_eligible(self, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """The eligible assignments of everybody at a scope and above it."""
        asked = Asked("the eligible assignments", f"{_AUTHORIZATION}/roleEligibilityScheduleInstances/read")
        return self._memo.once(
            ("eligible-at", scope.lower()),
            lambda: self._reads.all(
                lambda: self._authorization.eligible(scope), asked, read_authorization.eligible_assignment
            ),
        )

    def definitions(self, scope: str) -> Fact[tuple[RoleDefinition, ...]]:
        """The role definitions that Azure has now, built-in and custom."""
        asked = Asked("the role definitions", f"{_AUTHORIZATION}/roleDefinitions/read")
        return self._widest.read(
            "definitions",
            "",
            scope,
            lambda at: self._reads.all(
                lambda: self._authorization.role_definitions(at), asked, read_authorization.role_definition
            ),
        )

    def denials(self, scope: str) -> Fact[tuple[DenyAssignment, ...]]:
        """The deny assignments at, above and below the widest scope we may list."""
        asked = Asked("the deny assignments", f"{_AUTHORIZATION}/denyAssignments/read")
        return self._widest.read(
            "denials",
            "",
            scope,
            lambda at: self._reads.all(
                lambda: self._authorization.deny_assignments(at), asked, read_authorization.deny_assignment
            ),
        )

    def eligible(self, principal_id: str, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """The roles that the principal may activate."""
        asked = Asked("the eligible assignments", f"{_AUTHORIZATION}/roleEligibilityScheduleInstances/read")
        return self._widest.read(
            "eligible",
            principal_id,
            scope,
            lambda at: self._reads.all(
                lambda: self._authorization.eligible(at, assigned_to=principal_id),
                asked,
                read_authorization.eligible_assignment,
            ),
        )

    def ends(self, principal_id: str, scope: str) -> Mapping[str, datetime]:
        """When the principal's active assignments end, by the id of the assignment, as far as it can be read."""
        asked = Asked("the active assignments' schedules", f"{_AUTHORIZATION}/roleAssignmentScheduleInstances/read")
        fact = self._widest.read(
            "schedules",
            principal_id,
            scope,
            lambda at: self._reads.all(
                lambda: self._authorization.active_instances(at, assigned_to=principal_id),
                asked,
                read_authorization.active_assignment,
            ),
        )
        active = fact.value if isinstance(fact, Known) else ()
        return {one.id.lower(): one.ends_on for one in active if one.ends_on is not None}

    def own_permissions(self, scope: str) -> Fact[tuple[Permission, ...]]:
        """What Azure says the caller may do at a scope: a witness of its own."""
        asked = Asked("the caller's own permissions", f"{_AUTHORIZATION}/permissions/read")
        return self._memo.once(("permissions", scope.lower()), lambda: self._own_permissions(scope, asked))

    def _own_permissions(self, scope: str, asked: Asked) -> Fact[tuple[Permission, ...]]:
        fact = self._reads.all(lambda: self._authorization.permissions(scope), asked, lambda row: row)
        return Known(read_authorization.permissions(fact.value)) if isinstance(fact, Known) else fact

    def prefetch(self) -> None:
        """Read the assignments that nearly every run needs, as soon as it is known whose they are."""
        place = self._places.find()
        if isinstance(place, Unread):
            return
        self._memo.start(self._resources.application, self._resources.project)
        if caller := self._sign_in.principal_id():
            self._memo.start(lambda: self.facts((caller,), place.value.id), lambda: self.ends(caller, place.value.id))
        together(self._resources.application, self._resources.project)
        agents = {IdentityRole.APPLICATION_AGENT, IdentityRole.PROJECT_AGENT, IdentityRole.PROJECT_MANAGED_IDENTITY}
        for entry in self._wiring.ledger.entries():
            if entry.role in agents:
                self._memo.start(partial(self.assignments, entry.object_id, place.value.id))

    def decide(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        """May the principal do what is needed on the resource, and if not, why not?

        The other identities in play are read only when the answer is no: then they may explain it.
        """
        decision = rbac.decide_all(principal_id, needs, scope, self.facts((principal_id,), scope))
        if decision.access is Access.GRANTED:
            return decision
        return rbac.decide_all(principal_id, needs, scope, self.full_facts(principal_id, scope))

    def remedies(self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = ()) -> tuple[Fix, ...]:
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
        )

    def over_privileged(self, decision: Decision) -> str:
        """What is granted far beyond the need, in a sentence; "" when nothing is."""
        question = decision.question
        return "; ".join(rbac.far_wider(decision, self.facts((question.principal_id,), question.scope)))

    @staticmethod
    def _principal_type(principal_id: str, facts: AccessFacts) -> str:
        """The kind of principal: as an assignment names it, else as its token does, else a service principal."""
        wanted = principal_id.lower()
        for one in facts.assignments:
            if one.principal_id.lower() == wanted and one.principal_type:
                return one.principal_type
        entry = facts.identity(principal_id)
        return "User" if entry is not None and entry.kind == "user" else "ServicePrincipal"

    def everybody(self, scope: str) -> Fact[AccessFacts]:
        """What is known about everybody's access to a resource; group members are not looked up."""
        self._memo.start(lambda: self.definitions(scope), lambda: self.denials(scope))
        self._memo.start(self._resources.application, self._resources.project, self._resources.account)
        self._memo.start(lambda: self.all_eligible(scope))
        assignments, eligible = self.all_assignments(scope), self.all_eligible(scope)
        if isinstance(assignments, Unread):
            return assignments
        facts = self.facts((), scope)
        together(self._resources.application, self._resources.project, self._resources.account)
        unread = facts.unread | ({Gap.ELIGIBLE} if isinstance(eligible, Unread) else set())
        definitions = {**facts.definitions, **self._missing(assignments.value, facts.definitions)}
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
        self._memo.start(lambda: self.definitions(scope), lambda: self.denials(scope))
        lists = together(*(lambda one=one: self.assignments(one, scope) for one in wanted)) if wanted else ()
        read = {one: fact.value for one, fact in zip(wanted, lists, strict=True) if isinstance(fact, Known)}
        assignments = {one.id.lower(): one for found in read.values() for one in found}
        definitions, denials = self.definitions(scope), self.denials(scope)
        known = {role.guid: role for role in definitions.value} if isinstance(definitions, Known) else {}
        self._used_bundled = self._used_bundled or isinstance(definitions, Unread)
        known |= self._missing(assignments.values(), known)
        return AccessFacts(
            tuple(assignments.values()),
            known,
            self._wiring.now(),
            denials=denials.value if isinstance(denials, Known) else (),
            # What assignedTo() gives for a principal besides its own are the assignments of its groups.
            groups={one: frozenset(a.principal_id.lower() for a in found) - {one} for one, found in read.items()},
            identities=self._wiring.ledger.entries(),
            unread=frozenset({Gap.DENIALS} if isinstance(denials, Unread) else ()),
            unread_principals=frozenset(wanted) - frozenset(read),
        )

    def full_facts(self, principal_id: str, scope: str) -> AccessFacts:
        """The facts with everything that may explain a no: eligibility and the other identities in play."""
        if not _subscription(scope):
            return self.facts((principal_id,), "")
        self._memo.start(lambda: self.eligible(principal_id, scope))
        together(self._resources.application, self._resources.project, self._resources.account)
        others = [one.object_id for one in self._wiring.ledger.entries() if one.role in _RIVALS]
        facts = self.facts((principal_id, *others), scope)
        eligible = self.eligible(principal_id, scope)
        if isinstance(eligible, Known):
            return replace(facts, eligible=eligible.value)
        return replace(facts, unread=facts.unread | {Gap.ELIGIBLE})

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
        self, assignments: Iterable[RoleAssignment], known: Mapping[str, RoleDefinition]
    ) -> dict[str, RoleDefinition]:
        """Definitions that the list does not hold: custom roles of elsewhere, read one by one."""
        guids = {one.role_guid for one in assignments} - set(known)
        guids -= set(rbac.bundled_definitions()) if guids else set()
        facts = together(*(lambda one=one: self._definition(one) for one in sorted(guids))) if guids else ()
        return {fact.value.guid: fact.value for fact in facts if isinstance(fact, Known)}

    def _definition(self, guid: str) -> Fact[RoleDefinition]:
        asked = Asked(f"role definition {guid}", f"{_AUTHORIZATION}/roleDefinitions/read")
        path = f"/providers/{_AUTHORIZATION}/roleDefinitions/{guid}"
        return self._memo.once(
            ("definition", guid), lambda: self._reads.one(path, "2022-04-01", asked, read_authorization.role_definition)
        )


def _subscription(scope: str) -> str:
    parts = scope.split("/")
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""
