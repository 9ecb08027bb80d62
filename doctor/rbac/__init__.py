"""Who may do what where, and why not: pure reasoning over role assignments, denials, conditions and eligibility."""

from __future__ import annotations

from doctor.rbac.actions import matches
from doctor.rbac.authority import may_assign
from doctor.rbac.candidates import candidates, narrowest
from doctor.rbac.combine import decide_all, decide_each
from doctor.rbac.decide import decide
from doctor.rbac.definitions import (
    BUNDLED_DATE,
    Holding,
    bundled_definitions,
    grants,
    role_guid,
    role_label,
    role_name,
)
from doctor.rbac.denials import may_be_denied
from doctor.rbac.effect import after
from doctor.rbac.excess import far_wider
from doctor.rbac.facts import AccessFacts, Gap, Needs
from doctor.rbac.freshness import USUAL_DELAY, not_propagated, recent
from doctor.rbac.near_misses import PRECEDENCE
from doctor.rbac.remedy import remedies
from doctor.rbac.scopes import covers, describe, how_far, same
from doctor.rbac.who import Entry, who_may
from doctor.rbac.witnesses import Disagreement, Reason, Witness, reconcile

__all__ = [
    "BUNDLED_DATE",
    "PRECEDENCE",
    "USUAL_DELAY",
    "AccessFacts",
    "Disagreement",
    "Entry",
    "Gap",
    "Holding",
    "Needs",
    "Reason",
    "Witness",
    "after",
    "bundled_definitions",
    "candidates",
    "covers",
    "decide",
    "decide_all",
    "decide_each",
    "describe",
    "far_wider",
    "grants",
    "how_far",
    "matches",
    "may_assign",
    "may_be_denied",
    "narrowest",
    "not_propagated",
    "recent",
    "reconcile",
    "remedies",
    "role_guid",
    "role_label",
    "role_name",
    "same",
    "who_may",
]
