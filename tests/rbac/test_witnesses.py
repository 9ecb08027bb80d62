from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doctor.model.authorization import Permission
from doctor.model.cause import Cause
from doctor.model.diagnosis import Diagnosis
from doctor.rbac import AccessFacts, Disagreement, Gap, Witness, reconcile
from tests.rbac.worlds import (
    APPLICATION,
    FOUNDRY_USER,
    GROUP,
    INTERACT,
    INVOKE,
    ME,
    NOW,
    STRANGER,
    ask,
    deny,
    facts,
    given,
)

REFUSED = Diagnosis(Cause.PERMISSION_DENIED, "refused", principal=ME, action=INVOKE.name)
LISTED = (Permission(data_actions=("Microsoft.CognitiveServices/*",)),)
NOT_LISTED = (Permission(actions=("*",)),)
GIVEN = facts(given(ME, FOUNDRY_USER, APPLICATION))
NOTHING = facts()
OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"

YES_NO = {
    "all say yes": (None, LISTED, GIVEN, True, []),
    "all say no": (REFUSED, NOT_LISTED, NOTHING, None, []),
    "nothing is known": (None, None, NOTHING, None, []),
    "assigned, refused": (REFUSED, None, GIVEN, None, [(Witness.ASSIGNMENTS, Witness.SERVICE)]),
    "assigned, not listed": (None, NOT_LISTED, GIVEN, None, [(Witness.ASSIGNMENTS, Witness.PERMISSIONS)]),
    "listed, not assigned": (None, LISTED, NOTHING, None, [(Witness.PERMISSIONS, Witness.ASSIGNMENTS)]),
    "accepted, not assigned": (None, None, NOTHING, True, [(Witness.SERVICE, Witness.ASSIGNMENTS)]),
    "listed, refused, not assigned": (
        REFUSED,
        LISTED,
        NOTHING,
        None,
        [(Witness.PERMISSIONS, Witness.ASSIGNMENTS), (Witness.PERMISSIONS, Witness.SERVICE)],
    ),
    "listed under a condition": (None, (replace(LISTED[0], condition=OPEN),), NOTHING, None, []),
    "another principal was refused": (replace(REFUSED, principal=STRANGER), None, GIVEN, None, []),
    "another action was refused": (replace(REFUSED, action=INTERACT.name), None, GIVEN, None, []),
    "refused for another reason": (replace(REFUSED, cause=Cause.WRONG_AUDIENCE), None, GIVEN, None, []),
    "refused by a name": (
        replace(REFUSED, principal="robin@contoso.com", action=INVOKE.name.upper()),
        None,
        GIVEN,
        None,
        [(Witness.ASSIGNMENTS, Witness.SERVICE)],
    ),
    "assignments not read": (REFUSED, None, facts(unread=frozenset({Gap.ASSIGNMENTS})), None, []),
}


@pytest.mark.parametrize("name", YES_NO)
def test_who_contradicts_whom(name: str) -> None:
    refusal, permissions, known, accepted, expected = YES_NO[name]
    found = reconcile(refusal, permissions, ask(known), now=NOW, accepted=accepted)
    assert [(one.says_yes, one.says_no) for one in found] == expected
    assert all(one.reasons and one.summary for one in found)


def one(refusal: Diagnosis | None, permissions: tuple[Permission, ...] | None, known: AccessFacts) -> Disagreement:
    return reconcile(refusal, permissions, ask(known), now=NOW)[0]


def test_a_fresh_assignment_is_the_likeliest_reason() -> None:
    fresh = replace(given(ME, FOUNDRY_USER, APPLICATION), created_on=NOW - timedelta(minutes=2))
    reasons = one(REFUSED, None, facts(fresh)).reasons
    assert reasons[0].text.startswith("Foundry User on application support was assigned 2 minutes ago")
    assert [reason.cause for reason in reasons] == [
        Cause.NOT_PROPAGATED,
        Cause.NOT_PROPAGATED,
        Cause.WRONG_TENANT,
        Cause.CANNOT_READ,
    ]


def test_an_old_assignment_points_to_the_token_and_to_what_was_not_seen() -> None:
    blind = replace(GIVEN, unread=frozenset({Gap.DENIALS}))
    assert [reason.cause for reason in one(REFUSED, None, blind).reasons] == [
        Cause.NOT_PROPAGATED,
        Cause.DENIED,
        Cause.WRONG_TENANT,
        Cause.CANNOT_READ,
    ]


def test_a_denial_explains_a_listed_permission() -> None:
    known = facts(given(ME, FOUNDRY_USER, APPLICATION), denials=(deny(GROUP, "*"),))
    assert one(None, LISTED, known).reasons[0].cause is Cause.DENIED


def test_a_role_on_a_management_group_may_be_slow() -> None:
    known = facts(given(ME, FOUNDRY_USER, "/providers/Microsoft.Management/managementGroups/contoso"))
    assert any("can take hours" in reason.text for reason in one(REFUSED, None, known).reasons)
    assert not any("can take hours" in reason.text for reason in one(REFUSED, None, GIVEN).reasons)
