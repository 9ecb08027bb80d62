"""The smallest change that gives a principal what it lacks, checked by applying it to the facts and asking again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor import changes
from doctor.model.access import Access
from doctor.model.authorization import EligibleAssignment, RoleAssignment
from doctor.model.cause import Cause
from doctor.model.change import ActivateRole, AskPerson, GrantRole
from doctor.model.untrusted import clean
from doctor.model.wording import capital
from doctor.rbac import authority, custom_role
from doctor.rbac.candidates import candidates, part_holders
from doctor.rbac.combine import decide_all, decide_each
from doctor.rbac.definitions import role_label
from doctor.rbac.denials import may_be_denied
from doctor.rbac.effect import Standing, after, standing
from doctor.rbac.freshness import USUAL_DELAY
from doctor.rbac.reasons import lifter, title, when
from doctor.rbac.scopes import describe

if TYPE_CHECKING:
    from doctor.model.authorization import DenyAssignment, RoleDefinition
    from doctor.model.fix import Fix
    from doctor.rbac.facts import AccessFacts, Needs

_ALSO_SHOWN = 3
_DELAY = f"It can take {int(USUAL_DELAY.total_seconds() // 60)} minutes to be in force."


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be made right, and for whom."""

    principal_id: str
    needs: Needs
    scope: str
    facts: AccessFacts
    caller: str | None
    principal_type: str
    label: str
    prefer: tuple[str, ...]
    api_version: str

    def right(self, facts: AccessFacts) -> bool:
        """Whether everything is granted by these facts."""
        return decide_all(self.principal_id, self.needs, self.scope, facts).access is Access.GRANTED

    def certain(self, facts: AccessFacts) -> bool:
        """Whether it is right, and nothing that was not read may take it back."""
        decision = decide_all(self.principal_id, self.needs, self.scope, facts)
        return decision.access is Access.GRANTED and not may_be_denied(decision)

    @property
    def who(self) -> str:
        return self.facts.who(self.principal_id) if self.principal_id else "OBJECT_ID"


@dataclass(frozen=True, slots=True)
class _Step:
    """One change and the facts as they are after it."""

    fix: Fix
    facts: AccessFacts


def remedies(
    principal_id: str,
    needs: Needs,
    scope: str,
    facts: AccessFacts,
    *,
    caller: str | None = None,
    principal_type: str = "",
    resource_label: str = "",
    prefer: tuple[str, ...] = (),
    api_version: str = "",
) -> tuple[Fix, ...]:
    """The changes that together give the principal everything it needs.

    None when it has it already, and none when its role assignments could not be read: what is not known to be missing
    is not given.

    A change that is enough alone is `verified` when the reasoning, asked again with the change applied, grants all, and
    no deny assignment that was not read may take it back.
    Where several changes are needed, each says so in its note and none is verified alone.

    Args:
        principal_id: object id of who needs access; empty when unknown, which leaves OBJECT_ID to fill in.
        needs: what is needed.
        scope: ARM id of the resource; also the scope of a new assignment.
        facts: everything known.
        caller: object id of who runs this tool, to say whether they may make the change; None when unknown.
        principal_type: as Azure gives it: User, Group, ServicePrincipal, AgentServicePrincipal…; "" when unknown.
        resource_label: the resource in words, for the title.
        prefer: GUIDs of roles that documentation recommends for this use, the best first.
        api_version: one that knows the resource's type, for Bicep.
    """
    if principal_id and not facts.knows_assignments_of(principal_id):
        return ()
    label = clean(resource_label) or describe(scope)
    case = _Case(principal_id, needs, scope, facts, caller, principal_type, label, prefer, api_version)
    if case.right(facts):
        return ()
    steps = _lifted(case, facts)
    lifted = steps[-1].facts if steps else facts
    if not case.right(lifted):
        steps += _activated(case, lifted) or _assigned(case, lifted)
        # A denial whose condition is open matters only once there is something to deny.
        steps += _lifted(case, steps[-1].facts)
    return _checked(case, steps)


def _checked(case: _Case, steps: list[_Step]) -> tuple[Fix, ...]:
    if not steps:
        return ()
    together = case.certain(steps[-1].facts)
    if len(steps) == 1:
        return (replace(steps[0].fix, verified=together),)
    outcome = (
        "Asked again with all of them, access is granted." if together else "Even together they were not verified."
    )
    note = f"{len(steps)} changes are needed, and none is enough alone. {outcome}"
    return tuple(replace(step.fix, note=f"{note} {step.fix.note}".strip()) for step in steps)


def _lifted(case: _Case, facts: AccessFacts) -> list[_Step]:
    """Each deny assignment that stands, or may stand, in the way."""
    steps: list[_Step] = []
    parts = decide_each(case.principal_id, case.needs, case.scope, facts)
    blocking = {
        miss.assignment_id
        for part in parts
        if part.access is not Access.GRANTED
        for miss in part.near_misses
        if miss.cause is Cause.DENIED or (miss.cause is Cause.CONDITION_UNDECIDED and not miss.role_guid)
    }
    for denial in facts.denials:
        if denial.id in blocking:
            blocking.discard(denial.id)
            facts = replace(facts, denials=tuple(one for one in facts.denials if one.id != denial.id))
            steps.append(_Step(_lift(case, denial), facts))
    return steps


def _lift(case: _Case, denial: DenyAssignment) -> Fix:
    return changes.fix(
        AskPerson(),
        f"Have deny assignment '{title(denial)}' on {describe(denial.scope)} lifted, or {case.who} excluded from it",
        needs=capital(lifter(denial)),
        note="No role assignment helps against a deny assignment.",
    )


def _activated(case: _Case, facts: AccessFacts) -> list[_Step]:
    """Activation of eligible roles, when that alone gives everything; the fewest of them."""
    members = facts.groups_of(case.principal_id) | {case.principal_id.lower()}
    mine = [one for one in facts.eligible if one.principal_id.lower() in members and _ready(one, facts)]
    single = next((one for one in mine if case.right(after(_activation(case, one), facts))), None)
    steps: list[_Step] = []
    for eligible in [single] if single else mine:
        change = _activation(case, eligible)
        active = after(change, facts)
        if _lacking(case, active) < _lacking(case, facts):
            steps.append(_Step(_activate(case, change), active))
            facts = active
    return steps if case.right(facts) else []


def _lacking(case: _Case, facts: AccessFacts) -> int:
    parts = decide_each(case.principal_id, case.needs, case.scope, facts)
    return sum(part.access is not Access.GRANTED for part in parts)


def _ready(eligible: EligibleAssignment, facts: AccessFacts) -> bool:
    begun = eligible.starts_on is None or eligible.starts_on <= facts.now
    return begun and (eligible.ends_on is None or eligible.ends_on > facts.now)


def _activation(case: _Case, eligible: EligibleAssignment) -> ActivateRole:
    return ActivateRole(case.principal_id, eligible.role_guid, eligible.scope, condition=eligible.condition)


def _activate(case: _Case, change: ActivateRole) -> Fix:
    label = _label(change.role, case.facts)
    return changes.fix(
        change,
        f"Activate {label} on {describe(change.scope)} for {case.who}",
        needs="Only the principal itself can run this, signed in with az login; an approval or MFA may be asked for",
        note="The activation ends after one hour.",
    )


def _assigned(case: _Case, facts: AccessFacts) -> list[_Step]:
    """One role that holds everything; else several that do together; else a custom role."""
    ranked = candidates(case.needs, case.scope, facts, case.prefer)
    roles = [role.guid for role in ranked[:1] or part_holders(case.needs, case.scope, facts, case.prefer)]
    steps: list[_Step] = []
    if not roles:
        role = custom_role.proposal(case.needs, case.scope)
        facts = after(role, facts)
        named = " and ".join(clean(one) for one in (*role.actions, *role.data_actions))
        needs = f"Needs Microsoft.Authorization/roleDefinitions/write on {describe(role.home)}"
        note = "No known role holds this without a condition."
        steps.append(_Step(changes.fix(role, f"Create a custom role with {named}", needs=needs, note=note), facts))
        roles = [role.name]
    for guid in roles:
        change = GrantRole(case.principal_id, guid, case.scope, case.principal_type, case.api_version)
        there = standing(change, facts)
        given = after(change, facts)
        made = _mended(case, there, facts) if there else _assignment(case, change, ranked[1:], given)
        steps.append(_Step(made, given))
        facts = given
    return steps


def _mended(case: _Case, there: Standing, facts: AccessFacts) -> Fix:
    """What to do about an assignment that is there and gives nothing: Azure takes no second one beside it."""
    what = f"of {_label(there.role_guid, facts)} on {describe(there.scope)} to {case.who}"
    if isinstance(there, EligibleAssignment):
        verb = "Activate" if _ready(there, facts) else "Extend or renew"
        order = f"{verb} the eligible assignment {what}"
    elif there.ends_on is not None and there.ends_on <= facts.now:
        order = f"Extend the assignment {what}, which ended {when(there.ends_on)}"
    else:
        order = f"Edit the condition of the assignment {what} so that it lets this call through"
    return changes.fix(
        AskPerson(),
        order,
        needs=authority.needed(case.caller, _as_assignment(case, there), case.facts),
        note="Azure takes one assignment for each principal, role and scope, so that none can be added beside it.",
    )


def _as_assignment(case: _Case, there: Standing) -> RoleAssignment:
    return RoleAssignment("", case.principal_id, there.role_guid, there.scope, case.principal_type)


def _assignment(case: _Case, change: GrantRole, also: tuple[RoleDefinition, ...], known: AccessFacts) -> Fix:
    # Roles of other services hold it too, for those services' own identities; they are no advice for a person.
    family = known.role_name(change.role).split(" ", 1)[0]
    akin = [one.guid for one in also if one.name.split(" ", 1)[0] == family]
    others = ", ".join(case.facts.role_name(guid) for guid in akin[:_ALSO_SHOWN])
    new = RoleAssignment("", case.principal_id, change.role, change.scope, case.principal_type)
    return changes.fix(
        change,
        f"Assign {_label(change.role, known)} to {case.who} on {case.label}",
        needs=authority.needed(case.caller, new, case.facts),
        note=f"{_DELAY} Other roles that hold it: {others}." if others else _DELAY,
    )


def _label(guid: str, facts: AccessFacts) -> str:
    role = facts.definitions.get(guid.lower())
    return role_label(guid, role.name if role else "")
