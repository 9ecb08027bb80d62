"""Laws of access that hold in every world, and agreement with an independent brute-force model."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doctor.model.access import Access, Action, Question
from doctor.model.authorization import (
    EVERYONE,
    DenyAssignment,
    DenyPrincipal,
    EligibleAssignment,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from doctor.model.cause import Cause
from doctor.model.change import GrantRole
from doctor.model.identity import Identity, IdentityRole
from doctor.rbac import AccessFacts, Needs, decide, remedies, who_may
from tests.rbac import brute
from tests.rbac.worlds import NOW

PRINCIPALS = ["p-one", "p-two", "g-one", "g-two"]
LIKELY = ["p-one", "p-one", "p-two", "g-one"]
ROLES = ["r-one", "r-two", "r-three", "r-unknown"]
SCOPES = ["/", "/subscriptions/s", "/subscriptions/s/resourceGroups/g", "/subscriptions/s/resourceGroups/g2"]
SCOPES += [f"{SCOPES[2]}/providers/My.Things/things/{name}" for name in ("a", "b", "a/parts/x")]
DEEP = [SCOPES[4], SCOPES[4], SCOPES[5], SCOPES[6], SCOPES[2]]
ACTIONS = ["My.Things/things/read", "My.Things/things/write", "My.Things/things/parts/read", "Your.Things/read"]
PATTERNS = [
    "*",
    "*/read",
    "My.Things/*",
    "My.Things/things/*/read",
    "my.things/THINGS/read",
    "Your.*",
    "My.Things/things",
]

some = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2).map(tuple)
few = st.one_of(st.just(()), st.just(()), st.sampled_from(PATTERNS).map(lambda one: (one,)))
conditions = st.sampled_from(["", "", "", "", *brute.OUTCOMES])
permissions = st.builds(
    Permission,
    actions=some,
    not_actions=few,
    data_actions=some,
    not_data_actions=few,
    condition=conditions,
)
definitions = st.fixed_dictionaries(
    {
        guid: st.lists(permissions, min_size=1, max_size=2).map(
            lambda entries, guid=guid: RoleDefinition(guid, guid, tuple(entries), built_in=False)
        )
        for guid in ROLES[:3]
    }
)
ends = st.sampled_from([None, None, None, None, NOW, NOW + timedelta(hours=1), NOW - timedelta(hours=1)])
assignments = st.builds(
    RoleAssignment,
    id=st.uuids().map(str),
    principal_id=st.sampled_from(LIKELY),
    role_guid=st.sampled_from([*ROLES, *ROLES[:3]]),
    scope=st.sampled_from(SCOPES),
    condition=conditions,
    ends_on=ends,
    principal_type=st.sampled_from(["", "User", "Group", "AgentServicePrincipal"]),
)
aimed = st.lists(st.sampled_from([EVERYONE, *LIKELY]).map(DenyPrincipal), min_size=1, max_size=2).map(tuple)
spared = st.lists(st.sampled_from(PRINCIPALS).map(DenyPrincipal), max_size=1).map(tuple)
denials = st.builds(
    DenyAssignment,
    id=st.uuids().map(str),
    name=st.just("lock"),
    scope=st.sampled_from(SCOPES),
    permissions=st.lists(permissions.map(lambda one: replace(one, condition="")), min_size=1, max_size=2).map(tuple),
    principals=aimed,
    exclude_principals=spared,
    do_not_apply_to_child_scopes=st.booleans(),
    condition=conditions,
)
eligibles = st.builds(
    EligibleAssignment,
    id=st.uuids().map(str),
    principal_id=st.sampled_from(PRINCIPALS),
    role_guid=st.sampled_from(ROLES[:3]),
    scope=st.sampled_from(SCOPES),
    starts_on=ends,
    ends_on=ends,
)
groups = st.dictionaries(
    st.sampled_from(LIKELY), st.frozensets(st.sampled_from(["g-one", "g-two"]), max_size=2), max_size=3
)
LEDGER = (Identity("p-one", IdentityRole.APPLICATION_AGENT), Identity("p-two", IdentityRole.PROJECT_AGENT))
worlds = st.builds(
    AccessFacts,
    assignments=st.lists(assignments, min_size=1, max_size=5).map(tuple),
    definitions=definitions,
    now=st.just(NOW),
    denials=st.one_of(st.just(()), st.lists(denials, min_size=1, max_size=2).map(tuple)),
    eligible=st.lists(eligibles, max_size=2).map(tuple),
    groups=groups,
    identities=st.sampled_from([(), LEDGER]),
    unread_principals=st.sampled_from([frozenset(), frozenset(), frozenset(), frozenset({"P-ONE"})]),
)
questions = st.builds(
    Question,
    principal_id=st.sampled_from(LIKELY),
    action=st.builds(Action, name=st.sampled_from(ACTIONS), data=st.booleans()),
    scope=st.sampled_from(DEEP),
)
STRENGTH = [Access.NOT_GRANTED, Access.UNKNOWN, Access.CONDITIONAL, Access.GRANTED]


@settings(max_examples=500, deadline=None)
@given(question=questions, world=worlds)
def test_the_answer_is_that_of_the_brute_force_model(question: Question, world: AccessFacts) -> None:
    assert decide(question, world).access.value == brute.answer(question, world)


@settings(max_examples=150, deadline=None)
@given(question=questions, world=worlds, more=assignments)
def test_one_more_assignment_never_takes_access_away(
    question: Question, world: AccessFacts, more: RoleAssignment
) -> None:
    before = decide(question, world).access
    after = decide(question, replace(world, assignments=(more, *world.assignments))).access
    assert STRENGTH.index(after) >= STRENGTH.index(before)


@settings(max_examples=150, deadline=None)
@given(question=questions, world=worlds, more=denials)
def test_one_more_denial_never_gives_access(question: Question, world: AccessFacts, more: DenyAssignment) -> None:
    before = decide(question, world).access
    after = decide(question, replace(world, denials=(*world.denials, more)))
    assert STRENGTH.index(after.access) <= STRENGTH.index(before)


@settings(max_examples=100, deadline=None)
@given(question=questions, world=worlds)
def test_a_denial_of_everything_to_everybody_wins(question: Question, world: AccessFacts) -> None:
    wall = DenyAssignment("wall", "wall", "/", (Permission(("*",), (), ("*",)),), (DenyPrincipal(EVERYONE),))
    decision = decide(question, replace(world, denials=(*world.denials, wall)))
    assert (decision.access, decision.cause) == (Access.NOT_GRANTED, Cause.DENIED)


@settings(max_examples=100, deadline=None)
@given(question=questions, world=worlds, unrelated=assignments)
def test_an_assignment_to_an_unrelated_principal_changes_nothing(
    question: Question, world: AccessFacts, unrelated: RoleAssignment
) -> None:
    stranger = replace(unrelated, principal_id="stranger", principal_type="User")
    assert decide(question, replace(world, assignments=(stranger, *world.assignments))) == decide(question, world)


@settings(max_examples=100, deadline=None)
@given(question=questions, world=worlds)
def test_letter_case_is_irrelevant(question: Question, world: AccessFacts) -> None:
    loud = Question(
        question.principal_id.upper(),
        replace(question.action, name=question.action.name.upper()),
        question.scope.upper(),
    )
    shouted = replace(
        world,
        assignments=tuple(
            replace(
                one, principal_id=one.principal_id.upper(), role_guid=one.role_guid.upper(), scope=one.scope.upper()
            )
            for one in world.assignments
        ),
        denials=tuple(
            replace(one, principals=tuple(DenyPrincipal(who.id.upper()) for who in one.principals))
            for one in world.denials
        ),
    )
    quiet, other = decide(question, world), decide(loud, shouted)
    assert (quiet.access, quiet.cause) == (other.access, other.cause)


@settings(max_examples=100, deadline=None)
@given(question=questions, world=worlds, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_facts_is_irrelevant(question: Question, world: AccessFacts, seed: object) -> None:
    shuffled = list(world.assignments)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its Random as object here
    mixed = decide(question, replace(world, assignments=tuple(shuffled), denials=world.denials[::-1]))
    plain = decide(question, world)
    assert (mixed.access, mixed.cause, len(mixed.near_misses)) == (plain.access, plain.cause, len(plain.near_misses))


@settings(max_examples=150, deadline=None)
@given(question=questions, world=worlds)
def test_an_answer_is_whole(question: Question, world: AccessFacts) -> None:
    decision = decide(question, world)
    assert (decision.cause is None) is (decision.access is Access.GRANTED)
    assert bool(decision.grants) is (decision.access in {Access.GRANTED, Access.CONDITIONAL})
    if decision.access is Access.NOT_GRANTED:
        assert decision.cause is not Cause.CONDITION_UNDECIDED
    assert (decision.access is Access.UNKNOWN) is (decision.cause is Cause.CANNOT_READ)
    assert decision.reason
    assert all(miss.reason for miss in decision.near_misses)


@settings(max_examples=80, deadline=None)
@given(question=questions, world=worlds)
def test_a_verified_change_gives_access_and_what_has_access_needs_none(question: Question, world: AccessFacts) -> None:
    fixes = remedies(question.principal_id, Needs.of(question.action), question.scope, world)
    read = world.knows_assignments_of(question.principal_id)
    assert bool(fixes) is (read and decide(question, world).access is not Access.GRANTED)
    there = {
        (one.principal_id.lower(), one.role_guid, one.scope.lower()) for one in (*world.assignments, *world.eligible)
    }
    mended = any("Azure takes one assignment" in fix.note for fix in fixes)
    assert [fix.verified for fix in fixes] == ([not mended] if len(fixes) == 1 else [False] * len(fixes))
    for fix in fixes:
        if isinstance(fix.change, GrantRole):
            assert (fix.change.principal.lower(), fix.change.role, fix.change.scope.lower()) not in there
        assert len(fix.command.splitlines()) <= 1
        assert fix.title
        assert fix.needs


@settings(max_examples=150, deadline=None)
@given(question=questions, world=worlds)
def test_who_may_agrees_with_asking_each_principal(question: Question, world: AccessFacts) -> None:
    assume(not world.unread_principals)
    entries = who_may(question.action, question.scope, world)
    for principal in PRINCIPALS:
        strongest = max(
            (STRENGTH.index(entry.access) for entry in entries if entry.principal_id.lower() == principal), default=0
        )
        asked = decide(replace(question, principal_id=principal), world)
        assert STRENGTH[strongest] is asked.access, (principal, entries)
