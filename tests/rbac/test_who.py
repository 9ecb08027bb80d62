from __future__ import annotations

from dataclasses import replace

import pytest

from doctor.model.access import Access, Action
from doctor.model.cause import Cause
from doctor.rbac import AccessFacts, Entry, Gap, far_wider, who_may
from tests.rbac.worlds import (
    ACCOUNT,
    ADMINISTRATOR,
    APP_AGENT,
    APPLICATION,
    CONSUMER,
    FOUNDRY_USER,
    GROUP,
    HOUR,
    INVOKE,
    MANAGEMENT,
    ME,
    NOW,
    OWNER,
    PROJECT,
    STORAGE,
    STRANGER,
    SUBSCRIPTION,
    TEAM,
    ask,
    deny,
    facts,
    given,
    may_activate,
)

OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"


def who(known: AccessFacts) -> tuple[Entry, ...]:
    return who_may(INVOKE, APPLICATION, known)


def rows(known: AccessFacts) -> list[tuple[str, Access, Cause | None, str]]:
    return [(one.principal_id, one.access, one.cause, one.via_group) for one in who(known)]


def test_only_what_reaches_the_resource_and_holds_the_action_is_listed() -> None:
    known = facts(
        given(ME, FOUNDRY_USER, APPLICATION),
        given(STRANGER, OWNER, SUBSCRIPTION),
        given(STRANGER, CONSUMER, APPLICATION),
        given(STRANGER, FOUNDRY_USER, STORAGE),
        given(STRANGER, FOUNDRY_USER, PROJECT, ends_on=NOW - HOUR),
        eligible=(
            may_activate(STRANGER, FOUNDRY_USER, PROJECT, ends_on=NOW - HOUR),
            may_activate(STRANGER, FOUNDRY_USER, PROJECT, starts_on=NOW + HOUR),
            may_activate(STRANGER, OWNER, PROJECT),
        ),
    )
    assert rows(known) == [(ME, Access.GRANTED, None, "")]


def test_a_row_says_role_scope_end_and_name() -> None:
    (row,) = who(facts(given(ME, FOUNDRY_USER, ACCOUNT, ends_on=NOW + HOUR, principal_type="User")))
    assert (row.grant.role_name, row.grant.scope, row.grant.ends_on) == ("Foundry User", ACCOUNT, NOW + HOUR)
    assert (row.principal_type, row.name, row.note) == ("User", "the caller (robin@contoso.com)", "")


def test_a_group_and_each_known_member_are_listed() -> None:
    known = facts(given(TEAM, FOUNDRY_USER, ACCOUNT, principal_type="Group"), groups={ME.upper(): frozenset({TEAM})})
    assert rows(known) == [(ME, Access.GRANTED, None, TEAM), (TEAM, Access.GRANTED, None, "")]


def test_the_doubtful_and_the_nearly_follow_with_a_note() -> None:
    known = facts(
        given(ME, FOUNDRY_USER, PROJECT, condition=OPEN),
        given(STRANGER, "dddddddd-0000-0000-0000-000000000001", PROJECT),
        given(APP_AGENT, FOUNDRY_USER, PROJECT),
        given(TEAM, FOUNDRY_USER, APPLICATION),
        eligible=(may_activate(STRANGER, FOUNDRY_USER, GROUP),),
        denials=(deny(GROUP, "*", to=(APP_AGENT,)),),
    )
    assert rows(known) == [
        (TEAM, Access.GRANTED, None, ""),
        (ME, Access.CONDITIONAL, Cause.CONDITION_UNDECIDED, ""),
        (STRANGER, Access.UNKNOWN, Cause.CANNOT_READ, ""),
        (APP_AGENT, Access.NOT_GRANTED, Cause.DENIED, ""),
        (STRANGER, Access.NOT_GRANTED, Cause.ELIGIBLE_NOT_ACTIVE, ""),
    ]
    assert all(one.note for one in who(known)[1:])


def test_a_denial_reaches_members_through_their_group_and_spares_the_excluded() -> None:
    team = given(TEAM, FOUNDRY_USER, ACCOUNT, principal_type="Group")
    groups = {ME: frozenset({TEAM})}
    all_denied = facts(team, groups=groups, denials=(deny(GROUP, "*", to=(TEAM,)),))
    assert {access for _, access, _, _ in rows(all_denied)} == {Access.NOT_GRANTED}
    spared = facts(team, groups=groups, denials=(deny(GROUP, "*", excluding=(TEAM,)),))
    assert {access for _, access, _, _ in rows(spared)} == {Access.GRANTED}


def test_an_open_denial_makes_a_yes_a_maybe() -> None:
    known = facts(given(ME, FOUNDRY_USER, ACCOUNT), denials=(deny(GROUP, "*", condition=OPEN),))
    assert rows(known) == [(ME, Access.CONDITIONAL, Cause.CONDITION_UNDECIDED, "")]


def test_a_management_group_and_the_root_are_seen() -> None:
    known = facts(given(ME, FOUNDRY_USER, "/"), given(STRANGER, FOUNDRY_USER, MANAGEMENT))
    assert {one.principal_id for one in who(known)} == {ME, STRANGER}


def test_memberships_that_could_not_be_read_leave_the_denial_of_a_group_open() -> None:
    known = facts(
        given(ME, FOUNDRY_USER, ACCOUNT),
        denials=(deny(GROUP, "*", to=(TEAM,), type="Group"),),
        unread=frozenset({Gap.GROUPS}),
    )
    assert [one.access for one in who(known)] == [ask(known).access] == [Access.CONDITIONAL]


def test_a_deleted_principal_is_told() -> None:
    (row,) = who(facts(given(STRANGER, FOUNDRY_USER, ACCOUNT, principal_type="Unknown")))
    assert row.note.endswith("probably deleted")


class TestFarWider:
    @pytest.mark.parametrize("scope", ["/", MANAGEMENT, SUBSCRIPTION])
    def test_a_role_on_a_subscription_or_above_for_one_resource(self, scope: str) -> None:
        known = facts(given(ME, FOUNDRY_USER, scope))
        (sentence,) = far_wider(ask(known), known)
        assert "covers far more than application support" in sentence

    @pytest.mark.parametrize("scope", [GROUP, ACCOUNT, PROJECT, APPLICATION])
    def test_a_narrower_one_is_fine(self, scope: str) -> None:
        known = facts(given(ME, FOUNDRY_USER, scope), given(ME, FOUNDRY_USER, SUBSCRIPTION))
        assert far_wider(ask(known), known) == ()

    def test_a_role_that_assigns_roles(self) -> None:
        read = Action("Microsoft.CognitiveServices/accounts/read", data=False)
        known = facts(given(ME, OWNER, ACCOUNT))
        (sentence,) = far_wider(ask(known, action=read), known)
        assert sentence == "Owner on account acc also lets its holder assign any role to anybody there"
        bound = facts(replace(given(ME, ADMINISTRATOR, ACCOUNT), condition=OPEN))
        assert far_wider(ask(bound), bound) == ()

    def test_no_grant_is_not_too_wide(self) -> None:
        assert far_wider(ask(facts()), facts()) == ()
