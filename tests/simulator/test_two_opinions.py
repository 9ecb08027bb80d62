"""The simulator and the product decide access by different code: in random worlds they must come to the same answer."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.access import Access, Action, Question
from doctor.model.authorization import (
    EVERYONE,
    DenyAssignment,
    DenyPrincipal,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from doctor.rbac import AccessFacts, bundled_definitions, decide
from doctor.simulator import access, roles

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
ME, GROUP, OUTER, OTHER = (f"{digit * 8}-1111-1111-1111-111111111111" for digit in "1234")
SUB = "/subscriptions/aaaaaaaa-1111-1111-1111-111111111111"
MG = "/providers/Microsoft.Management/managementGroups/m"
ACCOUNT = f"{SUB}/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
APP = f"{ACCOUNT}/projects/p/applications/x"
INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
READ = "Microsoft.CognitiveServices/accounts/read"

_pattern = st.sampled_from(
    ["*", "*/read", INVOKE, INVOKE.upper(), READ, "Microsoft.CognitiveServices/*", "Microsoft.Search/*", "*/invoke/*"]
)
_patterns = st.lists(_pattern, max_size=2).map(tuple)
_permission = st.builds(Permission, _patterns, _patterns, _patterns, _patterns)
_role = st.lists(_permission, min_size=1, max_size=2).map(tuple)
_scope = st.sampled_from(
    ["/", MG, SUB, SUB.upper(), f"{SUB}/resourceGroups/g", ACCOUNT, f"{ACCOUNT}/projects/p2", APP, f"{APP}2"]
)
_principal = st.sampled_from([ME, GROUP, OUTER, OTHER, ME.upper()])
_assignment = st.tuples(_principal, _role, _scope)
_denied = st.lists(st.sampled_from([ME, OUTER, OTHER, EVERYONE]), min_size=1, max_size=2)
_denial = st.tuples(
    _denied, st.lists(st.sampled_from([ME, GROUP, OTHER]), max_size=1), _permission, _scope, st.booleans()
)


def _entry(one: Permission) -> access.Entry:
    return access.Entry(one.actions, one.not_actions, one.data_actions, one.not_data_actions)


@settings(max_examples=200, deadline=None)
@given(
    assignments=st.lists(_assignment, max_size=4),
    denials=st.lists(_denial, max_size=2),
    action=st.sampled_from([Action(INVOKE, data=True), Action(READ, data=False)]),
    scope=st.sampled_from([APP, ACCOUNT, SUB]),
)
def test_random_worlds(
    assignments: list[tuple[str, tuple[Permission, ...], str]],
    denials: list[tuple[list[str], list[str], Permission, str, bool]],
    action: Action,
    scope: str,
) -> None:
    definitions = {f"role-{n}": RoleDefinition(f"role-{n}", f"Role {n}", one[1]) for n, one in enumerate(assignments)}
    facts = AccessFacts(
        assignments=tuple(RoleAssignment(f"a{n}", one[0], f"role-{n}", one[2]) for n, one in enumerate(assignments)),
        definitions=definitions,
        now=NOW,
        denials=tuple(
            DenyAssignment(
                f"d{n}",
                f"Denial {n}",
                at,
                (permission,),
                tuple(map(DenyPrincipal, who)),
                tuple(map(DenyPrincipal, but)),
                alone,
            )
            for n, (who, but, permission, at, alone) in enumerate(denials)
        ),
        groups={ME: frozenset({GROUP}), GROUP: frozenset({OUTER})},
        ancestors=(MG,),
    )
    ours = decide(Question(ME, action, scope), facts)
    held = [access.Held(who.lower(), at, tuple(map(_entry, role))) for who, role, at in assignments]
    refusals = [
        access.Refusal(frozenset(who), frozenset(but), at, (_entry(permission),), alone)
        for who, but, permission, at, alone in denials
    ]
    theirs = access.may(frozenset({ME, GROUP, OUTER}), action.name, (scope, MG, "/"), held, refusals, data=action.data)
    assert ours.access is (Access.GRANTED if theirs else Access.NOT_GRANTED), ours.reason


def test_both_know_the_same_built_in_roles() -> None:
    ours, theirs = bundled_definitions(), roles.built_in()
    assert set(ours) == set(theirs)
    for guid, role in theirs.items():
        assert ours[guid].name == role["properties"]["roleName"]
        entries = [access.Entry.of(one) for one in role["properties"]["permissions"]]
        assert [_entry(one) for one in ours[guid].permissions] == entries
