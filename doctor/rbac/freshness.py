"""Assignments so new that they may not be in force yet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from doctor.model.access import Access, NearMiss
from doctor.model.cause import Cause
from doctor.rbac.reasons import when
from doctor.rbac.scopes import describe

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.access import Decision, Grant

USUAL_DELAY = timedelta(minutes=10)
"""Role changes take up to 10 minutes to be in force; through a managed identity's group up to about a day
(azure-docs, role-based-access-control/troubleshooting.md)."""


def recent(grant: Grant, now: datetime) -> bool:
    """Whether the assignment is younger than the usual delay; also when this machine's clock is behind Azure's."""
    return grant.created_on is not None and now - grant.created_on < USUAL_DELAY


def not_propagated(decision: Decision, now: datetime) -> tuple[NearMiss, ...]:
    """What may explain a refusal although the assignments grant: every grant is too new to count on.

    Empty when an older assignment grants it too, or when nothing is granted. Of several needs each is looked at alone.
    """
    if decision.parts:
        return tuple(dict.fromkeys(miss for part in decision.parts for miss in not_propagated(part, now)))
    if decision.access is not Access.GRANTED or not all(recent(grant, now) for grant in decision.grants):
        return ()
    return tuple(_miss(grant, now) for grant in decision.grants)


def _miss(grant: Grant, now: datetime) -> NearMiss:
    created = grant.created_on or now
    minutes = max(0, int((now - created).total_seconds() // 60))
    age = "less than a minute" if minutes == 0 else f"{minutes} minute{'s' if minutes > 1 else ''}"
    usual = int(USUAL_DELAY.total_seconds() // 60)
    return NearMiss(
        cause=Cause.NOT_PROPAGATED,
        reason=(
            f"{grant.role_name} on {describe(grant.scope)} was assigned {age} ago ({when(created)}); "
            f"it can take {usual} minutes to be in force"
        ),
        role_guid=grant.role_guid,
        role_name=grant.role_name,
        scope=grant.scope,
        principal_id=grant.principal_id,
        assignment_id=grant.assignment_id,
    )
