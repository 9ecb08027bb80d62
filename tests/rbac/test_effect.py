"""What a change does to the facts, and what Azure refuses to do a second time."""

from __future__ import annotations

import pytest

from doctor.model.change import ActivateRole, CreateRole, GrantRole, RemoveRole, Wait
from doctor.rbac import after
from tests.rbac.worlds import APPLICATION, FOUNDRY_USER, INVOKE, ME, PROJECT, TEAM, facts, given, may_activate

GRANT = GrantRole(ME, FOUNDRY_USER, APPLICATION)


def test_a_grant_is_there_and_its_removal_takes_only_it_away() -> None:
    before = facts(given(TEAM, FOUNDRY_USER, APPLICATION))
    granted = after(GRANT, before)
    assert [(one.principal_id, one.role_guid, one.scope) for one in granted.assignments] == [
        (TEAM, FOUNDRY_USER, APPLICATION),
        (ME, FOUNDRY_USER, APPLICATION),
    ]
    assert after(RemoveRole(ME.upper(), FOUNDRY_USER.upper(), APPLICATION.upper() + "/"), granted) == before


@pytest.mark.parametrize(
    "there",
    [
        facts(given(ME.upper(), FOUNDRY_USER.upper(), APPLICATION.upper())),
        facts(eligible=(may_activate(ME, FOUNDRY_USER, APPLICATION),)),
    ],
)
def test_a_second_assignment_of_the_same_role_at_the_same_scope_changes_nothing(there: object) -> None:
    assert after(GRANT, there) is there  # type: ignore[arg-type]  # facts


def test_another_scope_or_principal_is_another_assignment() -> None:
    there = facts(given(ME, FOUNDRY_USER, PROJECT), given(TEAM, FOUNDRY_USER, APPLICATION))
    assert len(after(GRANT, there).assignments) == 3


def test_an_activation_keeps_its_condition_and_a_deactivation_is_no_grant() -> None:
    (active,) = after(ActivateRole(ME, FOUNDRY_USER, PROJECT, condition="c"), facts()).assignments
    assert (active.principal_id, active.scope, active.condition) == (ME, PROJECT, "c")
    assert after(ActivateRole(ME, FOUNDRY_USER, PROJECT, active=False), facts()) == facts()


def test_a_custom_role_can_be_assigned_by_its_name() -> None:
    made = after(CreateRole("Callers", PROJECT, data_actions=(INVOKE.name,)), facts())
    role = made.role("CALLERS")
    assert role is not None
    assert (role.permissions[0].data_actions, role.assignable_scopes) == ((INVOKE.name,), (PROJECT,))
    assert after(CreateRole("Callers", PROJECT, present=False), facts()) == facts()


def test_what_is_not_about_roles_leaves_the_facts_alone() -> None:
    known = facts()
    assert after(Wait(10), known) is known
