"""Who may do what where, and why not: pure reasoning over role assignments, denials, conditions and eligibility."""

from __future__ import annotations

from doctor.rbac.actions import matches
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
from doctor.rbac.facts import AccessFacts, Gap, Needs
from doctor.rbac.freshness import USUAL_DELAY, not_propagated, recent
from doctor.rbac.scopes import covers, describe, how_far, same

__all__ = [
    "BUNDLED_DATE",
    "USUAL_DELAY",
    "AccessFacts",
    "Gap",
    "Holding",
    "Needs",
    "bundled_definitions",
    "covers",
    "decide",
    "decide_all",
    "decide_each",
    "describe",
    "grants",
    "how_far",
    "matches",
    "not_propagated",
    "recent",
    "role_guid",
    "role_label",
    "role_name",
    "same",
]
