"""The smallest change: which role, for whom, by which command, who may make it, and whether it was verified."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from doctor.changes.identifiers import principal_type
from doctor.model.access import Action
from doctor.model.authorization import Permission
from doctor.model.change import GrantRole
from doctor.rbac import AccessFacts, Gap, Needs, bundled_definitions, candidates, may_assign, remedies
from doctor.rbac.breadth import breadth
from tests.rbac.worlds import (
    ACCOUNT,
    ADMINISTRATOR,
    APPLICATION,
    BLOB_CONTRIBUTOR,
    BLOB_OWNER,
    BLOB_READ,
    BLOB_READER,
    BLOB_WRITE,
    CONSUMER,
    FOUNDRY_USER,
    GROUP,
    HOUR,
    INTERACT,
    INVOKE,
    ME,
    NOW,
    OWNER,
    PROJECT,
    PROJECT_MANAGER,
    READER,
    STORAGE,
    STRANGER,
    SUBSCRIPTION,
    TEAM,
    deny,
    facts,
    given,
    may_activate,
    role,
)

if TYPE_CHECKING:
    from doctor.model.fix import Fix

CUSTOM = "cccccccc-0000-0000-0000-000000000001"
CALL = Needs.of(INVOKE)
OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"


def fix(known: AccessFacts, needs: Needs = CALL, scope: str = APPLICATION, **more: object) -> Fix:
    (only,) = remedies(ME, needs, scope, known, **more)  # type: ignore[arg-type]  # keywords are passed through
    return only


def test_invoking_an_application_takes_foundry_user_on_the_application() -> None:
    found = fix(facts(), principal_type="User")
    assert found.title == (
        "Assign Foundry User (formerly Azure AI User) to the caller (robin@contoso.com) on application support"
    )
    assert found.command == (
        f"az role assignment create --assignee-object-id {ME} --assignee-principal-type User "
        f"--role {FOUNDRY_USER} --scope {APPLICATION}"
    )
    assert (
        found.undo == f"az role assignment delete --assignee-object-id {ME} --role {FOUNDRY_USER} --scope {APPLICATION}"
    )
    assert found.verified
    assert "Foundry Project Manager, Foundry Owner." in found.note


@pytest.mark.parametrize(
    ("needs", "scope", "prefer", "expected"),
    [
        (Needs.of(INVOKE), APPLICATION, (), FOUNDRY_USER),
        (Needs.of(INTERACT), PROJECT, (), CONSUMER),
        (Needs.of(INVOKE, INTERACT), PROJECT, (), FOUNDRY_USER),
        (Needs.of(BLOB_READ), STORAGE, (), BLOB_READER),
        (Needs.of(BLOB_READ, BLOB_WRITE), STORAGE, (BLOB_CONTRIBUTOR,), BLOB_CONTRIBUTOR),
        (Needs.of(BLOB_READ), STORAGE, (BLOB_OWNER.upper(),), BLOB_OWNER),
        (Needs.of(BLOB_READ), STORAGE, (OWNER,), BLOB_READER),
        (
            Needs.of(Action("Microsoft.KeyVault/vaults/secrets/getSecret/action", data=True)),
            f"{GROUP}/providers/Microsoft.KeyVault/vaults/v",
            (),
            "4633458b-17de-408a-b874-0445c86b69e6",
        ),
        (
            Needs.of(Action("Microsoft.Search/searchServices/indexes/documents/read", data=True)),
            f"{GROUP}/providers/Microsoft.Search/searchServices/s",
            (),
            "1407120a-92aa-4202-b7e9-c0e197c71c8f",
        ),
        (
            Needs.of(Action("Microsoft.ServiceBus/namespaces/messages/send/action", data=True)),
            f"{GROUP}/providers/Microsoft.ServiceBus/namespaces/n",
            (),
            "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        ),
    ],
)
def test_the_role_that_is_proposed(needs: Needs, scope: str, prefer: tuple[str, ...], expected: str) -> None:
    found = fix(facts(), needs, scope, prefer=prefer)
    assert f"--role {expected} " in found.command
    assert found.verified


def test_a_custom_role_comes_after_the_built_in_ones_that_are_recommended_and_only_where_it_can_be_assigned() -> None:
    narrow = Permission(data_actions=(INVOKE.name,))
    here = role(CUSTOM, narrow, name="Invoker", assignable_scopes=(GROUP,))
    found = [one.guid for one in candidates(CALL, APPLICATION, facts(roles=(here,)))]
    assert found[0] == FOUNDRY_USER
    assert found.index(CUSTOM) == 3
    elsewhere = replace(here, assignable_scopes=("/subscriptions/other",))
    assert CUSTOM not in [one.guid for one in candidates(CALL, APPLICATION, facts(roles=(elsewhere,)))]
    assert f"--role {CUSTOM} " in fix(facts(roles=(here,)), prefer=(CUSTOM,)).command


def test_a_role_that_grants_it_only_under_a_condition_is_no_candidate() -> None:
    bound = role(CUSTOM, Permission(data_actions=("*",), condition=OPEN))
    assert CUSTOM not in [one.guid for one in candidates(CALL, APPLICATION, facts(roles=(bound,)))]


def test_breadth_grows_with_what_is_granted() -> None:
    roles = bundled_definitions()
    order = [BLOB_READER, READER, BLOB_CONTRIBUTOR, BLOB_OWNER, OWNER]
    measured = [breadth(roles[guid], STORAGE) for guid in order]
    assert measured == sorted(measured)
    assert breadth(roles[READER], SUBSCRIPTION) < breadth(roles[OWNER], SUBSCRIPTION)


def test_what_is_granted_needs_no_change() -> None:
    assert remedies(ME, CALL, APPLICATION, facts(given(ME, FOUNDRY_USER, "/"))) == ()


def test_what_was_not_read_is_no_reason_to_give_a_role() -> None:
    assert remedies(ME, CALL, APPLICATION, facts(unread=frozenset({Gap.ASSIGNMENTS}))) == ()
    assert remedies(ME, CALL, APPLICATION, facts(unread_principals=frozenset({ME.upper()}))) == ()


@pytest.mark.parametrize(
    ("there", "order"),
    [
        ({"condition": OPEN}, "Edit the condition of the assignment of Foundry User"),
        ({"ends_on": NOW - HOUR}, "Extend the assignment of Foundry User"),
    ],
)
def test_nothing_is_added_beside_an_assignment_of_the_same_role_and_scope(there: dict[str, Any], order: str) -> None:
    found = fix(facts(given(ME, FOUNDRY_USER, APPLICATION, **there)))
    assert found.title.startswith(order)
    assert (found.command, found.undo, found.verified) == ("", "", False)
    assert "Azure takes one assignment for each principal, role and scope" in found.note


def test_an_assignment_at_another_scope_or_of_a_group_leaves_room_for_one() -> None:
    above = fix(facts(given(ME, FOUNDRY_USER, PROJECT, condition=OPEN)))
    assert (above.verified, above.change) == (True, GrantRole(ME, FOUNDRY_USER, APPLICATION))
    known = facts(given(TEAM, FOUNDRY_USER, APPLICATION, condition=OPEN), groups={ME: frozenset({TEAM})})
    assert fix(known).verified


def test_an_eligible_assignment_that_begins_later_is_no_reason_for_a_second_one() -> None:
    found = fix(facts(eligible=(may_activate(ME, FOUNDRY_USER, APPLICATION, starts_on=NOW + HOUR),)))
    assert found.title.startswith("Extend or renew the eligible assignment of Foundry User")
    assert (found.command, found.verified) == ("", False)


def test_without_an_object_id_the_command_says_where_it_goes_and_nothing_is_verified() -> None:
    (found,) = remedies("", CALL, APPLICATION, facts())
    assert "--assignee-object-id OBJECT_ID " in found.command
    assert not found.verified


class TestDenials:
    def test_a_denial_alone_is_lifted(self) -> None:
        known = facts(given(ME, FOUNDRY_USER, PROJECT), denials=(deny(GROUP, "*", system_protected=True),))
        found = fix(known)
        assert found.title.startswith("Have deny assignment 'lock' on resource group rg-agents lifted, or the caller")
        assert found.needs.startswith("Only the service that made it can lift it")
        assert (found.command, found.verified) == ("", True)

    def test_a_denial_that_people_made_says_which_right_it_takes(self) -> None:
        known = facts(given(ME, FOUNDRY_USER, PROJECT), denials=(deny(GROUP, "*"),))
        assert "Microsoft.Authorization/denyAssignments/delete on resource group rg-agents" in fix(known).needs

    def test_denied_and_missing_takes_two_changes(self) -> None:
        lift, assign = remedies(ME, CALL, APPLICATION, facts(denials=(deny(GROUP, "*"),)))
        assert "deny assignment" in lift.title
        assert assign.command.startswith("az role assignment create")
        for one in (lift, assign):
            assert one.note.startswith("2 changes are needed, and none is enough alone. Asked again with all of them")
            assert not one.verified

    def test_a_denial_that_may_bite_after_the_assignment_is_named_too(self) -> None:
        assign, lift = remedies(ME, CALL, APPLICATION, facts(denials=(deny(GROUP, "*", condition=OPEN),)))
        assert assign.command.startswith("az role assignment create")
        assert "deny assignment" in lift.title

    def test_two_denials_are_two_changes(self) -> None:
        two = (deny(GROUP, "*", name="one"), deny(ACCOUNT, "*", name="two"))
        found = remedies(ME, CALL, APPLICATION, facts(given(ME, FOUNDRY_USER, PROJECT), denials=two))
        assert len(found) == 2
        assert all("deny assignment" in one.title for one in found)


class TestActivation:
    ELIGIBLE = may_activate(ME, FOUNDRY_USER, PROJECT)

    def test_an_eligible_role_is_activated(self) -> None:
        found = fix(facts(eligible=(self.ELIGIBLE,)))
        assert found.title.startswith("Activate Foundry User (formerly Azure AI User) on project proj for the caller")
        assert found.verified
        words = shlex.split(found.command)
        assert words[:4] == ["az", "rest", "--method", "PUT"]
        url = words[words.index("--url") + 1]
        assert url == (
            f"{PROJECT}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/$(uuidgen)"
            "?api-version=2020-10-01"
        )
        body = json.loads(words[words.index("--body") + 1])["properties"]
        assert body["principalId"] == ME
        assert body["requestType"] == "SelfActivate"
        assert body["roleDefinitionId"] == (
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{FOUNDRY_USER}"
        )
        assert "SelfDeactivate" in found.undo

    def test_through_a_group_the_member_activates_it(self) -> None:
        known = facts(eligible=(replace(self.ELIGIBLE, principal_id=TEAM),), groups={ME: frozenset({TEAM})})
        assert f'"principalId":"{ME}"' in fix(known).command

    @pytest.mark.parametrize(
        "eligible",
        [
            may_activate(ME, FOUNDRY_USER, STORAGE),
            may_activate(ME, OWNER, PROJECT),
            may_activate(STRANGER, FOUNDRY_USER, PROJECT),
            may_activate(ME, FOUNDRY_USER, PROJECT, ends_on=NOW - HOUR),
            may_activate(ME, FOUNDRY_USER, PROJECT, starts_on=NOW + HOUR),
            may_activate(ME, FOUNDRY_USER, PROJECT, condition=OPEN),
        ],
    )
    def test_what_would_not_help_is_not_proposed(self, eligible: object) -> None:
        found = fix(facts(eligible=(eligible,)))
        assert found.command.startswith("az role assignment create")


class TestWhoMayMakeIt:
    def needs(self, known: AccessFacts, **more: object) -> str:
        return fix(known, caller=STRANGER, **more).needs

    def test_nobody_in_particular(self) -> None:
        assert fix(facts()).needs == (
            "Needs Microsoft.Authorization/roleAssignments/write on application support (Role Based Access Control "
            "Administrator, User Access Administrator, Owner, Foundry Project Manager, Foundry Account Owner, "
            "Foundry Owner)"
        )

    def test_an_owner_can(self) -> None:
        text = self.needs(facts(given(STRANGER, OWNER, SUBSCRIPTION)))
        assert text.startswith("You can run this: Owner on subscription")

    def test_a_delegate_can_assign_what_the_condition_allows_and_nothing_else(self) -> None:
        manager = given(STRANGER, PROJECT_MANAGER, GROUP)
        assert self.needs(facts(manager)).startswith("You can run this: Foundry Project Manager on resource group")
        blob = fix(facts(manager), Needs.of(BLOB_READ), STORAGE, caller=STRANGER).needs
        assert blob.startswith("You cannot run this")
        assert "Foundry Project Manager" not in blob

    def test_a_reader_cannot_and_who_can_is_named(self) -> None:
        text = self.needs(facts(given(STRANGER, READER, SUBSCRIPTION), given(TEAM, ADMINISTRATOR, SUBSCRIPTION)))
        assert text.startswith("You cannot run this")
        assert text.endswith(f"Who can: principal {TEAM}")
        assert self.needs(facts()).endswith("Nobody else who can is known from the assignments that were read")

    def test_what_was_not_read_is_not_known(self) -> None:
        text = self.needs(facts(unread_principals=frozenset({STRANGER})))
        assert text.startswith("Whether you can run this is not known")

    @pytest.mark.parametrize(
        ("kind", "starts"), [("ServicePrincipal", "You can"), ("User", "You cannot"), ("AgentUser", "Whether you can")]
    )
    def test_a_condition_on_the_principal_type(self, kind: str, starts: str) -> None:
        condition = (
            "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
            "(@Request[Microsoft.Authorization/roleAssignments:PrincipalType] "
            "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'})"
        )
        known = facts(given(STRANGER, ADMINISTRATOR, GROUP, condition=condition, condition_version="2.0"))
        assert self.needs(known, principal_type=kind).startswith(starts)

    def test_a_condition_that_forbids_privileged_roles(self) -> None:
        condition = (
            "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
            "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] "
            f"ForAnyOfAllValues:GuidNotEquals {{{OWNER}, {ADMINISTRATOR}}})"
        )
        known = facts(given(STRANGER, ADMINISTRATOR, GROUP, condition=condition, condition_version="2.0"))
        answers = {guid: may_assign(STRANGER, given(ME, guid, GROUP), known).access.value for guid in (READER, OWNER)}
        assert answers == {READER: "granted", OWNER: "not-granted"}


class TestSeveralRoles:
    NEEDS = Needs.of(INVOKE, BLOB_READ)

    def test_when_no_role_holds_everything_several_do_together(self) -> None:
        found = remedies(ME, self.NEEDS, GROUP, facts())
        assert {one.command.split("--role ")[1].split()[0] for one in found} == {FOUNDRY_USER, BLOB_READER}
        assert all("2 changes are needed" in one.note and not one.verified for one in found)

    def test_what_no_role_holds_takes_a_custom_one(self) -> None:
        create, assign = remedies(ME, Needs.of(Action("My.Own/things/read/action", data=True)), GROUP, facts())
        definition = json.loads(shlex.split(create.command)[-1])
        assert definition["DataActions"] == ["My.Own/things/read/action"]
        assert definition["AssignableScopes"] == [SUBSCRIPTION]
        assert f"--role {shlex.quote(definition['Name'])} " in assign.command
        assert (assign.bicep, assign.terraform) == ("", "")


class TestFiles:
    def test_bicep_on_a_resource(self) -> None:
        text = fix(facts()).bicep
        assert (
            "resource target 'Microsoft.CognitiveServices/accounts/projects/applications@2025-12-01' existing" in text
        )
        assert "name: 'acc/proj/support'" in text
        assert "scope: target" in text
        assert f"principalId: '{ME}'" in text
        assert f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{FOUNDRY_USER}" in text

    def test_bicep_where_the_api_version_is_not_known_says_so(self) -> None:
        assert "storageAccounts@API_VERSION'" in fix(facts(), Needs.of(BLOB_READ), STORAGE).bicep
        told = fix(facts(), Needs.of(BLOB_READ), STORAGE, api_version="2024-01-01").bicep
        assert "storageAccounts@2024-01-01'" in told

    @pytest.mark.parametrize(
        ("scope", "head"),
        [(SUBSCRIPTION, "targetScope = 'subscription'"), (GROUP, "resource grant")],
    )
    def test_bicep_above_a_resource(self, scope: str, head: str) -> None:
        text = fix(facts(), scope=scope).bicep
        assert text.startswith(head)
        assert "scope:" not in text

    def test_terraform(self) -> None:
        text = fix(facts()).terraform
        assert f'scope              = "{APPLICATION}"' in text
        assert "principal_type" not in text

    @pytest.mark.parametrize(
        ("given_type", "kind"),
        [("User", "User"), ("AgentServicePrincipal", "ServicePrincipal"), ("", ""), ("Unknown", "")],
    )
    def test_a_principals_type_is_written_when_it_is_known_and_never_guessed(self, given_type: str, kind: str) -> None:
        found = fix(facts(), principal_type=given_type)
        assert ("--assignee-principal-type" in found.command) is bool(kind)
        assert (f" --assignee-principal-type {kind} --role " in found.command) is bool(kind)
        assert (f"    principalType: '{kind}'\n" in found.bicep) is bool(kind)
        assert (f'  principal_type     = "{kind}"\n' in found.terraform) is bool(kind)
        assert "''" not in found.bicep

    def test_bicep_of_the_root_is_deployed_to_the_tenant(self) -> None:
        assert fix(facts(), scope="/").bicep.startswith("targetScope = 'tenant'\n")

    @pytest.mark.parametrize("below", ["indexes/products", "agents/helper", "dbs/shop"])
    def test_bicep_cannot_refer_to_what_is_no_arm_resource(self, below: str) -> None:
        found = fix(facts(), Needs.of(BLOB_READ), f"{STORAGE}/{below}")
        assert found.bicep == ""
        assert f"{STORAGE}/{below}" in found.terraform


@pytest.mark.parametrize(
    ("given_type", "kind"),
    [
        ("User", "User"),
        ("group", "Group"),
        ("ServicePrincipal", "ServicePrincipal"),
        ("AgentServicePrincipal", "ServicePrincipal"),
        ("AgentUser", "User"),
        ("ForeignGroup", "ForeignGroup"),
        ("serviceprincipal", "ServicePrincipal"),
        ("", ""),
        ("Unknown", ""),
        ("Something new", ""),
    ],
)
def test_the_type_that_a_command_takes(given_type: str, kind: str) -> None:
    assert principal_type(given_type) == kind


@example(name="\n")
@example(name="\r\x1b[0m")
@example(name="\u2028'\u202e")
@settings(max_examples=25, deadline=None)
@hypothesis_given(name=st.text(st.characters(exclude_characters="/"), min_size=1, max_size=20))
def test_whatever_a_resource_is_called_the_command_is_one_line_and_its_words_stay_whole(name: str) -> None:
    scope = f"{PROJECT}/applications/x{name}"
    found = fix(facts(), scope=scope)
    assert "\n" not in found.command
    assert "\r" not in found.command
    words = shlex.split(found.command)
    assert len(words) == 10
    assert words[-2] == "--scope"
    assert words[-1].startswith(f"{PROJECT}/applications/x")


def test_a_hostile_name_cannot_leave_its_quotes() -> None:
    scope = f"{PROJECT}/applications/x'; rm -rf ~ #\"${{z}}$(id)"
    found = fix(facts(), scope=scope)
    assert shlex.split(found.command)[-1] == scope
    assert "\\${z}" in found.bicep
    assert "\\'; rm" in found.bicep
    assert '\\"$${z}' in found.terraform
