"""Deny assignments whose conditions are open, and what nobody may take for a grant or a denial because of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doctor.model.access import Access
from doctor.model.authorization import DenyAssignment, Permission
from doctor.model.cause import Cause
from doctor.rbac import Gap
from tests.rbac.worlds import (
    ACCOUNT,
    APPLICATION,
    FOUNDRY_USER,
    GROUP,
    HOUR,
    ME,
    NOW,
    PROJECT_AGENT,
    READER,
    TEAM,
    ask,
    deny,
    facts,
    given,
)

OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"
NEVER = "ActionMatches{'Microsoft.X/other'}"
UNKNOWN_ROLE = "cccccccc-0000-0000-0000-000000000009"
USER_HERE = given(ME, FOUNDRY_USER, APPLICATION)


def denial(*conditions: str) -> DenyAssignment:
    """One permission entry for each condition; each refuses everything."""
    entries = tuple(Permission(data_actions=("*",), condition=one, condition_version="2.0") for one in conditions)
    return replace(deny(GROUP, "*"), permissions=entries)


@pytest.mark.parametrize(
    ("conditions", "access"),
    [
        (("",), Access.NOT_GRANTED),
        ((OPEN,), Access.CONDITIONAL),
        ((NEVER,), Access.GRANTED),
        ((OPEN, ""), Access.NOT_GRANTED),
        ((OPEN, NEVER), Access.CONDITIONAL),
        ((NEVER, OPEN), Access.CONDITIONAL),
        ((NEVER, ""), Access.NOT_GRANTED),
    ],
)
def test_each_entry_of_a_denial_has_its_own_condition(conditions: tuple[str, ...], access: Access) -> None:
    assert ask(facts(USER_HERE, denials=(denial(*conditions),))).access is access


def test_another_identity_that_may_be_denied_is_no_holder() -> None:
    theirs = given(PROJECT_AGENT, FOUNDRY_USER, APPLICATION)
    open_ = replace(deny(GROUP, "*", to=(PROJECT_AGENT,)), condition=OPEN)
    for denials, holder in (((), True), ((open_,), False), ((replace(open_, condition=""),), False)):
        causes = {miss.cause for miss in ask(facts(theirs, denials=denials)).near_misses}
        assert (Cause.WRONG_PRINCIPAL in causes) is holder


def test_a_role_that_could_not_be_read_hides_nothing_once_it_has_ended() -> None:
    unknown = given(ME, UNKNOWN_ROLE, APPLICATION)
    assert ask(facts(unknown)).access is Access.UNKNOWN
    assert ask(facts(replace(unknown, ends_on=NOW - HOUR))).access is Access.NOT_GRANTED


def test_only_a_group_with_the_right_role_may_hide_a_grant() -> None:
    unread = frozenset({Gap.GROUPS})
    right = ask(facts(given(TEAM, FOUNDRY_USER, APPLICATION, principal_type="Group"), unread=unread))
    assert right.access is Access.UNKNOWN
    (miss,) = right.near_misses
    assert miss.reason.endswith(
        f"is assigned to group {TEAM}; whether the caller (robin@contoso.com) is in it could not be read"
    )
    other = ask(facts(given(TEAM, READER, APPLICATION, principal_type="Group"), unread=unread))
    assert other.access is Access.NOT_GRANTED


def test_of_two_grants_that_end_the_later_one_is_told() -> None:
    soon = given(ME, FOUNDRY_USER, APPLICATION, ends_on=NOW + HOUR)
    later = given(ME, FOUNDRY_USER, ACCOUNT, ends_on=NOW + 2 * HOUR)
    for known in (facts(soon, later), facts(later, soon)):
        decision = ask(known)
        assert decision.grants[0].scope == ACCOUNT
        assert decision.reason.endswith("until 2026-11-22 14:00 UTC")


def test_what_is_not_read_for_anybody_is_said_once() -> None:
    decision = ask(facts(unread=frozenset({Gap.ASSIGNMENTS})))
    assert decision.unread == ("the role assignments of the caller (robin@contoso.com)", "role assignments")


def test_the_version_of_an_assignments_condition_counts() -> None:
    met = "ActionMatches{'Microsoft.CognitiveServices/*'}"
    for version, access in (("2.0", Access.GRANTED), ("1.0", Access.CONDITIONAL)):
        assert ask(facts(replace(USER_HERE, condition=met, condition_version=version))).access is access
