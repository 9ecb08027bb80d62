"""Which cause wins for one access question: the first of the order that the design fixes, whatever else is there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.cause import Cause
from doctor.rbac import AccessFacts, Gap, Needs, remedies
from tests.rbac import worlds as w
from tests.rbac.worlds import HOUR, NOW, ask, deny, facts, may_activate
from tests.rbac.worlds import given as assigned

WHO = w.APP_AGENT
ELSEWHERE = f"{w.ACCOUNT}/projects/other"
OPEN = "@Request[Microsoft.CognitiveServices/accounts:mood] StringEquals 'good'"
WORLDS: dict[Cause, tuple[str, Any]] = {
    Cause.DENIED: ("denials", deny(w.GROUP, "*", to=(WHO,), type="ServicePrincipal")),
    Cause.ELIGIBLE_NOT_ACTIVE: ("eligible", may_activate(WHO, w.FOUNDRY_USER, w.PROJECT)),
    Cause.ASSIGNMENT_EXPIRED: ("own", assigned(WHO, w.PROJECT_MANAGER, w.APPLICATION, ends_on=NOW - HOUR)),
    Cause.CONDITION_UNDECIDED: ("own", assigned(WHO, w.FOUNDRY_USER, w.APPLICATION, condition=OPEN)),
    Cause.LOST_ON_PUBLISH: ("own", assigned(w.PROJECT_AGENT, w.FOUNDRY_USER, w.PROJECT)),
    Cause.WRONG_PRINCIPAL: ("own", assigned(w.ME, w.FOUNDRY_USER, w.PROJECT)),
    Cause.WRONG_SCOPE: ("own", assigned(WHO, w.FOUNDRY_USER, ELSEWHERE)),
    Cause.ROLE_LACKS_ACTION: ("own", assigned(WHO, w.OWNER, w.GROUP)),
}
"""Cause → the one thing that makes it the answer; in the order of the design."""
ORDER = [*WORLDS, Cause.NO_ASSIGNMENT]


def world(causes: set[Cause]) -> AccessFacts:
    parts: dict[str, list[Any]] = {"own": [], "denials": [], "eligible": []}
    for cause in causes:
        kind, thing = WORLDS[cause]
        parts[kind].append(thing)
    return facts(*parts["own"], denials=tuple(parts["denials"]), eligible=tuple(parts["eligible"]))


@pytest.mark.parametrize("cause", ORDER)
def test_each_is_the_answer_where_it_is_alone(cause: Cause) -> None:
    assert ask(world({cause} & set(WORLDS)), WHO).cause is cause


@settings(max_examples=150)
@given(st.sets(st.sampled_from(list(WORLDS))))
def test_the_first_of_the_order_wins_and_the_others_are_near_misses(causes: set[Cause]) -> None:
    decision = ask(world(causes), WHO)
    assert decision.cause is min(causes, key=ORDER.index, default=Cause.NO_ASSIGNMENT)
    assert {miss.cause for miss in decision.near_misses} >= causes
    ranks = [ORDER.index(miss.cause) for miss in decision.near_misses]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(("unread", "verified"), [(frozenset(), True), (frozenset({Gap.DENIALS}), False)])
def test_a_grant_that_an_unread_denial_may_take_back_is_not_verified(
    unread: frozenset[str],
    verified: bool,  # noqa: FBT001 - a column
) -> None:
    (found,) = remedies(WHO, Needs.of(w.INVOKE), w.APPLICATION, facts(unread=unread))
    assert (found.verified, bool(found.command)) == (verified, True)


@pytest.mark.parametrize(
    ("scope", "alone", "cause"),
    [
        (w.APPLICATION, True, Cause.DENIED),
        (w.APPLICATION, False, Cause.DENIED),
        (w.PROJECT, True, None),
        (w.PROJECT, False, Cause.DENIED),
        (w.SUBSCRIPTION, True, None),
        (w.SUBSCRIPTION, False, Cause.DENIED),
    ],
)
def test_a_denial_that_is_not_for_child_scopes_holds_at_its_own_scope_alone(
    scope: str,
    alone: bool,  # noqa: FBT001 - a column
    cause: Cause | None,
) -> None:
    denial = deny(scope, "*", do_not_apply_to_child_scopes=alone)
    assert ask(facts(assigned(WHO, w.FOUNDRY_USER, w.PROJECT), denials=(denial,)), WHO).cause is cause
