"""The answer and its cause, one row per way in which access is there or is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doctor.model.access import Access, Action, Question
from doctor.model.authorization import EVERYONE, Permission
from doctor.model.cause import Cause
from doctor.model.identity import Identity, IdentityRole
from doctor.rbac import AccessFacts, Gap, Needs, decide, decide_all, decide_each, not_propagated, recent
from tests.rbac.worlds import (
    ACCOUNT,
    APP_AGENT,
    APPLICATION,
    BLOB_OWNER,
    BLOB_READ,
    BLOB_READER,
    BLOB_WRITE,
    CONSUMER,
    CONTRIBUTOR,
    FOUNDRY_USER,
    GROUP,
    HOUR,
    INTERACT,
    INVOKE,
    LEDGER,
    MANAGEMENT,
    ME,
    NOW,
    OTHER_TEAM,
    OWNER,
    PROJECT,
    PROJECT_AGENT,
    STORAGE,
    STRANGER,
    SUBSCRIPTION,
    TEAM,
    ask,
    deny,
    facts,
    given,
    may_activate,
    role,
)

GRANTED = (Access.GRANTED, None)
CUSTOM = "cccccccc-0000-0000-0000-000000000001"
OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"
OTHER_ACTION = "!(ActionMatches{'Microsoft.X/other'}) OR (" + OPEN + ")"
NEVER = "ActionMatches{'Microsoft.X/other'}"


def no(cause: Cause) -> tuple[Access, Cause]:
    return Access.NOT_GRANTED, cause


MAYBE = (Access.CONDITIONAL, Cause.CONDITION_UNDECIDED)
UNKNOWN = (Access.UNKNOWN, Cause.CANNOT_READ)
USER_HERE = given(ME, FOUNDRY_USER, APPLICATION)

WORLDS: dict[str, tuple[AccessFacts, tuple[Access, Cause | None]]] = {
    "the role on the application": (facts(USER_HERE), GRANTED),
    "the role on the root": (facts(given(ME, FOUNDRY_USER, "/")), GRANTED),
    "the role on a management group": (facts(given(ME, FOUNDRY_USER, MANAGEMENT)), GRANTED),
    "the role on a management group above": (
        facts(given(ME, FOUNDRY_USER, MANAGEMENT), ancestors=(MANAGEMENT.upper(),)),
        GRANTED,
    ),
    "the role on another management group": (
        facts(given(ME, FOUNDRY_USER, MANAGEMENT), ancestors=("/providers/Microsoft.Management/managementGroups/x",)),
        no(Cause.WRONG_SCOPE),
    ),
    "letter case of everything": (
        facts(given(ME.upper(), FOUNDRY_USER.upper(), GROUP.upper())),
        GRANTED,
    ),
    "through a group": (facts(given(TEAM, FOUNDRY_USER, ACCOUNT), groups={ME: frozenset({TEAM})}), GRANTED),
    "through a group in a group": (
        facts(
            given(OTHER_TEAM, FOUNDRY_USER, ACCOUNT),
            groups={ME: frozenset({TEAM.upper()}), TEAM: frozenset({OTHER_TEAM})},
        ),
        GRANTED,
    ),
    "a group of somebody else": (
        facts(given(TEAM, FOUNDRY_USER, ACCOUNT, principal_type="Group"), groups={STRANGER: frozenset({TEAM})}),
        no(Cause.NO_ASSIGNMENT),
    ),
    "a group, and memberships not read": (
        facts(given(TEAM, FOUNDRY_USER, ACCOUNT, principal_type="Group"), unread=frozenset({Gap.GROUPS})),
        UNKNOWN,
    ),
    "an agent's principal type": (facts(given(ME, FOUNDRY_USER, PROJECT, principal_type="AgentUser")), GRANTED),
    "active and bounded": (facts(replace(USER_HERE, ends_on=NOW + HOUR)), GRANTED),
    "nothing at all": (facts(), no(Cause.NO_ASSIGNMENT)),
    "an assignment without a scope": (facts(given(ME, FOUNDRY_USER, "")), no(Cause.WRONG_SCOPE)),
    "Owner": (facts(given(ME, OWNER, SUBSCRIPTION)), no(Cause.ROLE_LACKS_ACTION)),
    "Foundry Agent Consumer": (facts(given(ME, CONSUMER, APPLICATION)), no(Cause.ROLE_LACKS_ACTION)),
    "a role elsewhere that lacks it anyway": (facts(given(ME, OWNER, STORAGE)), no(Cause.NO_ASSIGNMENT)),
    "a sibling application": (
        facts(given(ME, FOUNDRY_USER, f"{PROJECT}/applications/other"), given(ME, OWNER, SUBSCRIPTION)),
        no(Cause.WRONG_SCOPE),
    ),
    "a name that only begins alike": (facts(given(ME, FOUNDRY_USER, APPLICATION[:-1])), no(Cause.WRONG_SCOPE)),
    "ended": (facts(replace(USER_HERE, ends_on=NOW - HOUR)), no(Cause.ASSIGNMENT_EXPIRED)),
    "ended this very moment": (facts(replace(USER_HERE, ends_on=NOW)), no(Cause.ASSIGNMENT_EXPIRED)),
    "eligible": (facts(eligible=(may_activate(ME, FOUNDRY_USER, PROJECT),)), no(Cause.ELIGIBLE_NOT_ACTIVE)),
    "eligible through a group": (
        facts(eligible=(may_activate(TEAM, FOUNDRY_USER, PROJECT),), groups={ME: frozenset({TEAM})}),
        no(Cause.ELIGIBLE_NOT_ACTIVE),
    ),
    "eligible elsewhere": (facts(eligible=(may_activate(ME, FOUNDRY_USER, STORAGE),)), no(Cause.NO_ASSIGNMENT)),
    "eligible later": (
        facts(eligible=(may_activate(ME, FOUNDRY_USER, PROJECT, starts_on=NOW + HOUR),)),
        no(Cause.NO_ASSIGNMENT),
    ),
    "eligible no more": (
        facts(eligible=(may_activate(ME, FOUNDRY_USER, PROJECT, ends_on=NOW - HOUR),)),
        no(Cause.ASSIGNMENT_EXPIRED),
    ),
    "eligible for what lacks it": (facts(eligible=(may_activate(ME, OWNER, PROJECT),)), no(Cause.NO_ASSIGNMENT)),
    "denied to everybody": (facts(USER_HERE, denials=(deny(GROUP, "*"),)), no(Cause.DENIED)),
    "denied to me": (facts(USER_HERE, denials=(deny(GROUP, INVOKE.name, to=(ME.upper(),)),)), no(Cause.DENIED)),
    "denied to my group": (
        facts(USER_HERE, denials=(deny(GROUP, "*", to=(TEAM,)),), groups={ME: frozenset({TEAM})}),
        no(Cause.DENIED),
    ),
    "denied to somebody else": (facts(USER_HERE, denials=(deny(GROUP, "*", to=(STRANGER,)),)), GRANTED),
    "denied to everybody but me": (facts(USER_HERE, denials=(deny(GROUP, "*", excluding=(ME,)),)), GRANTED),
    "denied to everybody but my group": (
        facts(USER_HERE, denials=(deny(GROUP, "*", excluding=(TEAM,)),), groups={ME: frozenset({TEAM})}),
        GRANTED,
    ),
    "denied to everybody but some group, memberships not read": (
        facts(USER_HERE, denials=(deny(GROUP, "*", excluding=(TEAM,)),), unread=frozenset({Gap.GROUPS})),
        MAYBE,
    ),
    "denied to some group, memberships not read": (
        facts(USER_HERE, denials=(deny(GROUP, "*", to=(TEAM,), type="Group"),), unread=frozenset({Gap.GROUPS})),
        MAYBE,
    ),
    "denied elsewhere": (facts(USER_HERE, denials=(deny(STORAGE, "*"),)), GRANTED),
    "denied above, for that scope alone": (
        facts(USER_HERE, denials=(deny(GROUP, "*", do_not_apply_to_child_scopes=True),)),
        GRANTED,
    ),
    "denied here, for this scope alone": (
        facts(USER_HERE, denials=(deny(APPLICATION.upper(), "*", do_not_apply_to_child_scopes=True),)),
        no(Cause.DENIED),
    ),
    "denied all but this": (
        facts(USER_HERE, denials=(deny(GROUP, "*", permission={"not_data_actions": ("*/invoke/action",)}),)),
        GRANTED,
    ),
    "denied another action": (facts(USER_HERE, denials=(deny(GROUP, "*/delete"),)), GRANTED),
    "denied under an open condition": (facts(USER_HERE, denials=(deny(GROUP, "*", condition=OPEN),)), MAYBE),
    "denied under an open condition, and eligible": (
        facts(
            USER_HERE,
            denials=(deny(GROUP, "*", condition=OPEN),),
            eligible=(may_activate(ME, FOUNDRY_USER, PROJECT),),
        ),
        MAYBE,
    ),
    "an open condition, and eligible": (
        facts(replace(USER_HERE, condition=OPEN), eligible=(may_activate(ME, FOUNDRY_USER, PROJECT),)),
        (Access.CONDITIONAL, Cause.ELIGIBLE_NOT_ACTIVE),
    ),
    "denied under an unreadable condition": (facts(USER_HERE, denials=(deny(GROUP, "*", condition="??"),)), MAYBE),
    "denied under a condition for other actions": (
        facts(USER_HERE, denials=(deny(GROUP, "*", condition=NEVER),)),
        GRANTED,
    ),
    "denied and nothing granted": (facts(denials=(deny(GROUP, "*"),)), no(Cause.DENIED)),
    "denied wins over eligible": (
        facts(eligible=(may_activate(ME, FOUNDRY_USER, PROJECT),), denials=(deny(GROUP, "*"),)),
        no(Cause.DENIED),
    ),
    "denied beats not having read": (
        facts(denials=(deny(GROUP, "*"),), unread=frozenset({Gap.ASSIGNMENTS})),
        no(Cause.DENIED),
    ),
    "a condition that does not restrict": (facts(replace(USER_HERE, condition=OTHER_ACTION)), GRANTED),
    "an open condition": (facts(replace(USER_HERE, condition=OPEN, condition_version="2.0")), MAYBE),
    "a condition of an old version": (facts(replace(USER_HERE, condition=OPEN, condition_version="1.0")), MAYBE),
    "an unreadable condition": (facts(replace(USER_HERE, condition="if it rains")), MAYBE),
    "a condition never met": (facts(replace(USER_HERE, condition=NEVER)), no(Cause.ROLE_LACKS_ACTION)),
    "an open condition and a plain grant": (facts(replace(USER_HERE, condition=OPEN), USER_HERE), GRANTED),
    "an open condition in the role": (
        facts(
            given(ME, CUSTOM, PROJECT),
            roles=(role(CUSTOM, Permission(data_actions=("*",), condition=OPEN, condition_version="2.0")),),
        ),
        MAYBE,
    ),
    "an open condition in one entry, none in the other": (
        facts(
            given(ME, CUSTOM, PROJECT),
            roles=(
                role(CUSTOM, Permission(data_actions=("*",), condition=OPEN), Permission(data_actions=(INVOKE.name,))),
            ),
        ),
        GRANTED,
    ),
    "subtracted in the same entry": (
        facts(
            given(ME, CUSTOM, PROJECT),
            roles=(role(CUSTOM, Permission(data_actions=("*",), not_data_actions=("*/invoke/action",))),),
        ),
        no(Cause.ROLE_LACKS_ACTION),
    ),
    "subtracted in one entry, granted in another": (
        facts(
            given(ME, CUSTOM, PROJECT),
            roles=(
                role(
                    CUSTOM,
                    Permission(data_actions=("*",), not_data_actions=("*/invoke/action",)),
                    Permission(data_actions=("Microsoft.CognitiveServices/*/action",)),
                ),
            ),
        ),
        GRANTED,
    ),
    "subtracted in one role, granted in another": (
        facts(
            given(ME, CUSTOM, PROJECT),
            USER_HERE,
            roles=(role(CUSTOM, Permission(data_actions=("*",), not_data_actions=("*/invoke/action",))),),
        ),
        GRANTED,
    ),
    "a live definition without it": (
        facts(USER_HERE, roles=(role(FOUNDRY_USER, Permission(data_actions=("Microsoft.Other/*",))),)),
        no(Cause.ROLE_LACKS_ACTION),
    ),
    "an unknown role": (facts(given(ME, CUSTOM, PROJECT)), UNKNOWN),
    "an unknown role elsewhere": (facts(given(ME, CUSTOM, STORAGE)), no(Cause.NO_ASSIGNMENT)),
    "an unknown role beside a grant": (facts(given(ME, CUSTOM, PROJECT), USER_HERE), GRANTED),
    "assignments not read": (facts(unread=frozenset({Gap.ASSIGNMENTS})), UNKNOWN),
    "my assignments not read": (facts(unread_principals=frozenset({ME.upper()})), UNKNOWN),
    "somebody else's assignments not read": (
        facts(unread_principals=frozenset({STRANGER})),
        no(Cause.NO_ASSIGNMENT),
    ),
    "denials not read": (facts(USER_HERE, unread=frozenset({Gap.DENIALS})), GRANTED),
    "another identity has it": (facts(given(PROJECT_AGENT, FOUNDRY_USER, ACCOUNT)), no(Cause.WRONG_PRINCIPAL)),
    "another identity has it, and is denied": (
        facts(given(PROJECT_AGENT, FOUNDRY_USER, ACCOUNT), denials=(deny(GROUP, "*", to=(PROJECT_AGENT,)),)),
        no(Cause.NO_ASSIGNMENT),
    ),
    "a stranger has it": (facts(given(STRANGER, FOUNDRY_USER, ACCOUNT)), no(Cause.NO_ASSIGNMENT)),
    "a deleted principal has it": (
        facts(given(STRANGER, FOUNDRY_USER, ACCOUNT, principal_type="Unknown")),
        no(Cause.NO_ASSIGNMENT),
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_world(name: str) -> None:
    known, (access, cause) = WORLDS[name]
    decision = ask(known)
    assert (decision.access, decision.cause) == (access, cause), decision
    assert decision.reason
    assert bool(decision.grants) is (access in {Access.GRANTED, Access.CONDITIONAL})
    if access is Access.NOT_GRANTED and decision.near_misses:
        assert decision.near_misses[0].cause is cause


ORDER = [
    (Cause.DENIED, {"denials": (deny(GROUP, "*", to=(ME,)),)}, ()),
    (Cause.ELIGIBLE_NOT_ACTIVE, {"eligible": (may_activate(ME, FOUNDRY_USER, PROJECT),)}, ()),
    (Cause.ASSIGNMENT_EXPIRED, {}, (replace(USER_HERE, ends_on=NOW - HOUR),)),
    (Cause.CONDITION_UNDECIDED, {}, (replace(USER_HERE, condition=OPEN),)),
    (Cause.WRONG_PRINCIPAL, {}, (given(APP_AGENT, FOUNDRY_USER, ACCOUNT),)),
    (Cause.WRONG_SCOPE, {}, (given(ME, FOUNDRY_USER, f"{ACCOUNT}/projects/p2"),)),
    (Cause.ROLE_LACKS_ACTION, {}, (given(ME, CONTRIBUTOR, SUBSCRIPTION),)),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_first_cause_in_the_agreed_order_wins_and_the_others_are_kept(first: int) -> None:
    known = facts(*(one for _, _, more in ORDER[first:] for one in more))
    for _, more, _ in ORDER[first:]:
        known = replace(known, **more)
    decision = ask(known)
    assert decision.cause is ORDER[first][0]
    assert [miss.cause for miss in decision.near_misses] == [cause for cause, _, _ in ORDER[first:]]


LACKS = f"The caller (robin@contoso.com) lacks the data action {INVOKE.name} on application support: "


def test_what_publishing_lost_is_told_from_another_identity_having_it() -> None:
    known = facts(given(PROJECT_AGENT, BLOB_READER, STORAGE), given(ME, BLOB_READER, STORAGE))
    lost = ask(known, APP_AGENT, BLOB_READ, STORAGE)
    assert lost.cause is Cause.LOST_ON_PUBLISH
    assert "publishing gave the application an identity of its own" in lost.reason
    assert [miss.cause for miss in lost.near_misses] == [Cause.LOST_ON_PUBLISH, Cause.WRONG_PRINCIPAL]
    other_way = ask(facts(given(APP_AGENT, BLOB_READER, STORAGE)), PROJECT_AGENT, BLOB_READ, STORAGE)
    assert other_way.cause is Cause.WRONG_PRINCIPAL


def test_one_identity_in_two_parts_lost_nothing() -> None:
    ledger = (*LEDGER[:1], Identity(APP_AGENT, IdentityRole.PROJECT_AGENT), LEDGER[1])
    known = facts(given(ME, BLOB_READER, STORAGE), identities=ledger)
    assert ask(known, APP_AGENT, BLOB_READ, STORAGE).cause is Cause.WRONG_PRINCIPAL


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (
            facts(given(ME, OWNER, SUBSCRIPTION)),
            (f"{LACKS}Owner on subscription {SUBSCRIPTION[15:]} holds no data actions at all, and this is one"),
        ),
        (
            facts(given(ME, CONSUMER, APPLICATION)),
            (
                f"{LACKS}Foundry Agent "
                f"Consumer on application support does not hold it; the nearest it holds is {INTERACT.name}"
            ),
        ),
        (
            facts(given(TEAM, FOUNDRY_USER, ACCOUNT, ends_on=NOW + HOUR), groups={ME: frozenset({TEAM})}),
            (
                "The caller (robin@contoso.com) may do this: Foundry User (formerly Azure AI User) on account acc "
                f"(through group {TEAM}) grants it until 2026-11-22 13:00 UTC"
            ),
        ),
        (
            facts(given(ME, FOUNDRY_USER, f"{PROJECT}/applications/other")),
            (
                f"{LACKS}Foundry User "
                "(formerly Azure AI User) would grant it, but is assigned on another application (other), not on "
                "application support"
            ),
        ),
        (
            facts(replace(USER_HERE, condition=OPEN)),
            (
                "Whether the caller (robin@contoso.com) may do this cannot be decided here: it depends on whether the "
                "resource's things:name is 'a'"
            ),
        ),
        (
            facts(unread_principals=frozenset({ME})),
            (
                "Whether the caller (robin@contoso.com) may do this is not known: the role assignments of the caller "
                "(robin@contoso.com) could not be read"
            ),
        ),
        (
            facts(),
            (f"{LACKS}no role is assigned to it on application support or above it"),
        ),
    ],
)
def test_the_reason_is_a_sentence(known: AccessFacts, reason: str) -> None:
    assert ask(known).reason == reason


def test_the_nearest_scope_comes_first() -> None:
    scopes = [
        f"{PROJECT}/applications/b",
        f"{ACCOUNT}/projects/p2",
        f"{SUBSCRIPTION}/resourceGroups/x",
        "/subscriptions/y",
    ]
    decision = ask(facts(*(given(ME, FOUNDRY_USER, one) for one in reversed(scopes))))
    assert [miss.scope for miss in decision.near_misses] == scopes


def test_a_role_that_holds_something_near_comes_before_one_that_holds_nothing() -> None:
    decision = ask(facts(given(ME, BLOB_OWNER, APPLICATION), given(ME, CONSUMER, GROUP)))
    assert [miss.role_guid for miss in decision.near_misses] == [CONSUMER, BLOB_OWNER]


def test_a_denial_says_which_and_who_can_lift_it() -> None:
    protected = ask(facts(USER_HERE, denials=(deny(GROUP, "*", system_protected=True),)))
    assert protected.reason == (
        f"The caller (robin@contoso.com) is denied the data action {INVOKE.name} on application support: Deny "
        "assignment 'lock' on resource group rg-agents refuses it, whatever roles are assigned; only the service that "
        "made it can lift it, such as a managed application or a deployment stack"
    )
    made = ask(facts(USER_HERE, denials=(deny(GROUP, "*"),)))
    assert made.reason.endswith("needs Microsoft.Authorization/denyAssignments/delete on resource group rg-agents")


def test_the_best_grant_is_the_one_that_lasts() -> None:
    ends = given(ME, FOUNDRY_USER, ACCOUNT, ends_on=NOW + HOUR)
    decision = ask(facts(ends, USER_HERE))
    assert [grant.scope for grant in decision.grants] == [APPLICATION, ACCOUNT]
    assert "until" not in decision.reason


def test_what_was_not_read_is_said_with_a_yes_too() -> None:
    known = facts(USER_HERE, unread=frozenset({Gap.DENIALS, Gap.ELIGIBLE}))
    assert ask(known).unread == ("deny assignments", "eligible assignments")
    aimed = facts(USER_HERE, denials=(deny(GROUP, "*", to=(TEAM,), type="Group"),))
    assert ask(aimed).unread == (
        f"membership of group {TEAM}, to which deny assignment 'lock' on resource group rg-agents applies",
    )


@pytest.mark.parametrize("question", [Question("", INVOKE, APPLICATION), Question(ME, INVOKE, " ")])
def test_without_a_principal_or_a_resource_nothing_is_known(question: Question) -> None:
    decision = decide(question, facts(given("", FOUNDRY_USER, "/"), USER_HERE))
    assert (decision.access, decision.cause) == UNKNOWN


def test_hostile_names_stay_visible_in_the_reason() -> None:
    ledger = (Identity(ME, IdentityRole.CALLER, "\x1b[31mroot"),)
    bad = role(CUSTOM, Permission(actions=("*",)), name="::error::\x1b[0m")
    decision = ask(facts(given(ME, CUSTOM, PROJECT), identities=ledger, roles=(bad,)))
    assert decision.cause is Cause.ROLE_LACKS_ACTION
    assert "\x1b" not in decision.reason + "".join(miss.reason + miss.role_name for miss in decision.near_misses)


class TestSeveralNeeds:
    BOTH = Needs.of(BLOB_READ, BLOB_WRITE)

    def test_all_of_them_must_be_granted(self) -> None:
        reader = facts(given(ME, BLOB_READER, STORAGE))
        decision = decide_all(ME, self.BOTH, STORAGE, reader)
        assert (decision.access, decision.cause) == no(Cause.ROLE_LACKS_ACTION)
        assert decision.question.action == BLOB_WRITE
        assert [part.access for part in decide_each(ME, self.BOTH, STORAGE, reader)] == [
            Access.GRANTED,
            Access.NOT_GRANTED,
        ]
        assert decide_all(ME, self.BOTH, STORAGE, facts(given(ME, BLOB_OWNER, STORAGE))).access is Access.GRANTED

    def test_two_roles_may_grant_them_together(self) -> None:
        writer = role(CUSTOM, Permission(data_actions=(BLOB_WRITE.name,)))
        known = facts(given(ME, BLOB_READER, GROUP), given(ME, CUSTOM, STORAGE), roles=(writer,))
        decision = decide_all(ME, self.BOTH, STORAGE, known)
        assert decision.access is Access.GRANTED
        assert {grant.role_guid for grant in decision.grants} == {BLOB_READER, CUSTOM}

    def test_of_alternatives_one_is_enough(self) -> None:
        either = Needs(((INVOKE, BLOB_READ),))
        assert decide_all(ME, either, STORAGE, facts(given(ME, BLOB_READER, STORAGE))).access is Access.GRANTED

    def test_a_no_decides_over_a_maybe_and_a_maybe_over_a_yes(self) -> None:
        write = role(CUSTOM, Permission(data_actions=(BLOB_WRITE.name,)))
        maybe = given(ME, CUSTOM, STORAGE, condition=OPEN)
        yes = given(ME, BLOB_READER, STORAGE)
        assert decide_all(ME, self.BOTH, STORAGE, facts(maybe, yes, roles=(write,))).access is Access.CONDITIONAL
        assert decide_all(ME, self.BOTH, STORAGE, facts(maybe, roles=(write,))).access is Access.NOT_GRANTED

    def test_a_no_decides_over_an_unknown_and_an_unknown_over_a_maybe(self) -> None:
        other = "cccccccc-0000-0000-0000-000000000002"
        read, write = (role(CUSTOM, Permission(data_actions=(one.name,))) for one in (BLOB_READ, BLOB_WRITE))
        unknown_role = given(ME, other, STORAGE)
        denied_write = facts(unknown_role, denials=(deny(GROUP, BLOB_WRITE.name),))
        assert decide_all(ME, self.BOTH, STORAGE, denied_write).access is Access.NOT_GRANTED
        maybe_read = facts(unknown_role, given(ME, CUSTOM, STORAGE, condition=OPEN), roles=(read,))
        assert decide_all(ME, self.BOTH, STORAGE, maybe_read).access is Access.UNKNOWN
        either = Needs((self.BOTH.actions,))
        for known in (maybe_read, replace(maybe_read, definitions={CUSTOM: write})):
            assert decide_all(ME, either, STORAGE, known).access is Access.CONDITIONAL

    def test_several_missing_actions_are_all_named(self) -> None:
        decision = decide_all(ME, self.BOTH, STORAGE, facts())
        assert BLOB_READ.name in decision.reason
        assert BLOB_WRITE.name in decision.reason

    @pytest.mark.parametrize("empty", [Needs(()), Needs(((),)), Needs(((INVOKE,), ()))])
    def test_empty_needs_are_no_yes(self, empty: Needs) -> None:
        with pytest.raises(ValueError, match="without an action"):
            decide_all(ME, empty, APPLICATION, facts(USER_HERE))


class TestFreshness:
    def fresh(self, age: timedelta) -> AccessFacts:
        return facts(replace(USER_HERE, created_on=NOW - age))

    @pytest.mark.parametrize(("minutes", "expected"), [(0, True), (3, True), (9, True), (10, False), (600, False)])
    def test_an_assignment_is_recent_for_ten_minutes(self, minutes: int, *, expected: bool) -> None:
        decision = ask(self.fresh(timedelta(minutes=minutes)))
        assert decision.access is Access.GRANTED
        assert recent(decision.grants[0], NOW) is expected
        assert bool(not_propagated(decision, NOW)) is expected

    def test_the_clock_is_told(self) -> None:
        (miss,) = not_propagated(ask(self.fresh(timedelta(minutes=3))), NOW)
        assert miss.cause is Cause.NOT_PROPAGATED
        assert miss.reason == (
            "Foundry User on application support was assigned 3 minutes ago (2026-11-22 11:57 UTC); "
            "it can take 10 minutes to be in force"
        )

    def test_an_older_grant_beside_it_counts(self) -> None:
        known = self.fresh(timedelta(minutes=1))
        known = replace(known, assignments=(*known.assignments, given(ME, FOUNDRY_USER, ACCOUNT)))
        assert not_propagated(ask(known), NOW) == ()

    def test_each_of_several_needs_is_looked_at_alone(self) -> None:
        fresh = given(ME, CUSTOM, STORAGE, created_on=NOW - timedelta(minutes=1))
        old = given(ME, BLOB_READER, STORAGE, created_on=NOW - timedelta(days=1))
        known = facts(fresh, old, roles=(role(CUSTOM, Permission(data_actions=(BLOB_WRITE.name,))),))
        decision = decide_all(ME, Needs.of(BLOB_READ, BLOB_WRITE), STORAGE, known)
        assert decision.access is Access.GRANTED
        assert [miss.role_guid for miss in not_propagated(decision, NOW)] == [CUSTOM]


def test_everyone_is_only_a_principal_of_denials() -> None:
    assert ask(facts(given(EVERYONE, FOUNDRY_USER, "/"))).access is Access.NOT_GRANTED


def test_a_control_action_is_granted_by_a_wildcard() -> None:
    read = Action("Microsoft.CognitiveServices/accounts/projects/applications/read", data=False)
    assert ask(facts(given(ME, OWNER, GROUP)), action=read).access is Access.GRANTED
