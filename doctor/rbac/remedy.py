"""The smallest change that gives a principal what it lacks, checked by applying it to the facts and asking again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.model.access import Access
from doctor.model.authorization import RoleAssignment
from doctor.model.cause import Cause
from doctor.model.fix import Fix
from doctor.model.untrusted import clean
from doctor.model.wording import capital
from doctor.rbac import authority, commands, custom_role
from doctor.rbac.candidates import candidates, part_holders
from doctor.rbac.combine import decide_all, decide_each
from doctor.rbac.definitions import is_guid, role_label
from doctor.rbac.freshness import USUAL_DELAY
from doctor.rbac.reasons import lifter, title
from doctor.rbac.scopes import describe

if TYPE_CHECKING:
    from doctor.model.authorization import DenyAssignment, EligibleAssignment, RoleDefinition
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
    """The changes that together give the principal everything it needs; none when it has it already.

    A change that is enough alone is `verified` when the reasoning, asked again with the change applied, grants all.
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
    label = clean(resource_label) or describe(scope)
    case = _Case(principal_id, needs, scope, facts, caller, principal_type, label, prefer, api_version)
    if case.right(facts):
        return ()
    steps = _lifted(case, facts)
    after = steps[-1].facts if steps else facts
    if not case.right(after):
        steps += _activated(case, after) or _assigned(case, after)
        # A denial whose condition is open matters only once there is something to deny.
        steps += _lifted(case, steps[-1].facts)
    return _checked(case, steps)


def _checked(case: _Case, steps: list[_Step]) -> tuple[Fix, ...]:
    if not steps:
        return ()
    together = case.right(steps[-1].facts)
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
    return Fix(
        title=(
            f"Have deny assignment '{title(denial)}' on {describe(denial.scope)} lifted, or {case.who} excluded from it"
        ),
        needs=capital(lifter(denial)),
        note="No role assignment helps against a deny assignment.",
    )


def _activated(case: _Case, facts: AccessFacts) -> list[_Step]:
    """Activation of eligible roles, when that alone gives everything; the fewest of them."""
    members = facts.groups_of(case.principal_id) | {case.principal_id.lower()}
    mine = [one for one in facts.eligible if one.principal_id.lower() in members and _ready(one, facts)]
    single = next((one for one in mine if case.right(_with_active(case, facts, one))), None)
    steps: list[_Step] = []
    for eligible in [single] if single else mine:
        after = _with_active(case, facts, eligible)
        if _lacking(case, after) < _lacking(case, facts):
            steps.append(_Step(_activation(case, eligible), after))
            facts = after
    return steps if case.right(facts) else []


def _lacking(case: _Case, facts: AccessFacts) -> int:
    parts = decide_each(case.principal_id, case.needs, case.scope, facts)
    return sum(part.access is not Access.GRANTED for part in parts)


def _ready(eligible: EligibleAssignment, facts: AccessFacts) -> bool:
    begun = eligible.starts_on is None or eligible.starts_on <= facts.now
    return begun and (eligible.ends_on is None or eligible.ends_on > facts.now)


def _with_active(case: _Case, facts: AccessFacts, eligible: EligibleAssignment) -> AccessFacts:
    active = RoleAssignment(
        "activated", case.principal_id, eligible.role_guid, eligible.scope, condition=eligible.condition
    )
    return replace(facts, assignments=(*facts.assignments, active))


def _activation(case: _Case, eligible: EligibleAssignment) -> Fix:
    label = _label(eligible.role_guid, case.facts)
    return Fix(
        title=f"Activate {label} on {describe(eligible.scope)} for {case.who}",
        command=commands.activate(eligible, case.principal_id),
        undo=commands.deactivate(eligible, case.principal_id),
        needs="Only the principal itself can run this, signed in with az login; an approval or MFA may be asked for",
        note="The activation ends after one hour.",
    )


def _assigned(case: _Case, facts: AccessFacts) -> list[_Step]:
    """One role that holds everything; else several that do together; else a custom role."""
    ranked = candidates(case.needs, case.scope, facts, case.prefer)
    roles = ranked[:1] or part_holders(case.needs, case.scope, facts, case.prefer)
    steps: list[_Step] = []
    if not roles:
        fix, role = custom_role.proposal(case.needs, case.scope)
        facts = replace(facts, definitions={**facts.definitions, role.guid.lower(): role})
        steps.append(_Step(fix, facts))
        roles = (role,)
    for role in roles:
        facts = _with_role(case, facts, role)
        steps.append(_Step(_assignment(case, role, ranked[1:], facts), facts))
    return steps


def _with_role(case: _Case, facts: AccessFacts, role: RoleDefinition) -> AccessFacts:
    return replace(facts, assignments=(*facts.assignments, _proposed(case, role)))


def _proposed(case: _Case, role: RoleDefinition) -> RoleAssignment:
    return RoleAssignment("proposed", case.principal_id, role.guid, case.scope, principal_type=case.principal_type)


def _assignment(case: _Case, role: RoleDefinition, also: tuple[RoleDefinition, ...], after: AccessFacts) -> Fix:
    # Roles of other services hold it too, for those services' own identities; they are no advice for a person.
    family = role.name.split(" ", 1)[0]
    akin = [one.guid for one in also if one.name.split(" ", 1)[0] == family]
    others = ", ".join(case.facts.role_name(guid) for guid in akin[:_ALSO_SHOWN])
    new = _proposed(case, role)
    return Fix(
        title=f"Assign {_label(role.guid, after)} to {case.who} on {case.label}",
        command=commands.assign(new),
        undo=commands.unassign(new),
        needs=authority.needed(case.caller, new, case.facts),
        bicep=commands.bicep(new, case.api_version) if is_guid(role.guid) else "",
        terraform=commands.terraform(new) if is_guid(role.guid) else "",
        note=f"{_DELAY} Other roles that hold it: {others}." if others else _DELAY,
    )


def _label(guid: str, facts: AccessFacts) -> str:
    role = facts.definitions.get(guid.lower())
    return role_label(guid, role.name if role else "")
