"""What the endpoint answers and what the role assignments say agree.

## What it verifies
The caller's access is told in three places: the endpoint's own answer, what Azure says the caller may do there
(`Microsoft.Authorization/permissions`), and the role assignments as evaluated here. They must agree.

## When it does not pass
- the endpoint refuses what the assignments grant, or accepts what they do not, or Azure's own list of the caller's
  permissions says otherwise. The likely reasons are listed, most likely first: an assignment just made, a token or
  group claim from before it, a deny assignment, another tenant, a condition, something that we cannot see

## What to do
Wait ten minutes, sign in again and run the check again. If they still disagree, look at the reasons in their order.

## Sources
Delays of role changes: Microsoft's troubleshooting page of Azure RBAC. Whether the list of own permissions holds data
actions for this type of resource is not documented, so it is used to corroborate only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import rbac
from doctor.check import Check, Finding, Group, passed, skipped, warned
from doctor.facts import access, witness
from doctor.facts.authorization import OwnPermissions
from doctor.facts.place import FindPlace
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.fact import Known, Unread
from doctor.model.resource_id import ResourceId
from doctor.rbac import Needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Hold the answers against each other."""
    if facts.options.principal:
        yield skipped("Only the caller has an answer of the endpoint to compare with.")
        return
    principal, place = access.whose(facts), facts.ask(FindPlace())
    accepted, denied = witness.accepts(facts), witness.denies(facts)
    if not principal or isinstance(place, Unread):
        yield skipped("There is only the endpoint's own answer, and nothing to compare it with.")
        return
    if not accepted and not denied:
        yield skipped("The endpoint's answer says nothing about access.", because_of=("endpoint-accepts-caller",))
        return
    decision = access.decide(facts, principal, Needs.of(access.invoke_action(facts)), place.value.id)
    if decision.access is Access.UNKNOWN:
        yield skipped(
            "The role assignments could not be read, so there is nothing to compare the endpoint's answer with."
        )
        return
    # Whether that list holds data actions is not documented, so it is asked only where the endpoint refused.
    own = facts.ask(OwnPermissions(ResourceId.read(place.value.id))) if denied else None
    disagreements = rbac.reconcile(
        witness.refusal(facts),
        own.value if isinstance(own, Known) else None,
        decision,
        accepted=accepted,
        now=facts.now(),
    )
    if not disagreements:
        yield passed("The endpoint's answer and the role assignments agree.")
    for one in disagreements:
        yield warned(
            Cause.CANNOT_READ if accepted else Cause.PERMISSION_DENIED,
            one.summary,
            evidence=tuple(f"likely: {reason.text}" for reason in one.reasons),
        )


check = Check(
    id="witnesses-agree",
    title="Do the endpoint's answer and the assignments agree?",
    group=Group.CALLER,
    rank=20,
    run=run,
    needs=("token", "name-resolution", "connection", "application", "authorization-policy"),
    link="https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
)
