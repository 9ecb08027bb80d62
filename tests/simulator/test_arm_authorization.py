from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.simulator.client import Answer, Client
    from tests.simulator.conftest import Serve, Write

WORLD = """
without = ["grants.caller-reads"]

[groups.engineering]
members = ["platform"]
[groups.platform]
members = ["caller"]

[grants.caller-reads-all]
principal = "caller"
role = "Reader"
scope = "management-group"
[grants.by-group]
principal = "engineering"
role = "Cognitive Services User"
scope = "group"
[grants.below]
principal = "caller"
role = "Foundry User"
scope = "application"
[grants.other]
principal = "project-agent"
role = "Contributor"
scope = "subscription"
"""


def _names(client: Client, answer: Answer) -> set[str]:
    assert answer.status == 200, answer.body
    keys = {one.id: key for key, one in client.simulator.state.assignments.items()}
    return {keys[one["id"]] for one in answer.json["value"]}


@pytest.mark.parametrize(
    ("scope", "wanted", "expected"),
    [
        ("subscription", "assignedTo('{caller}')", {"caller-invokes", "caller-reads-all", "by-group", "below"}),
        ("subscription", "atScope() and assignedTo('{caller}')", {"caller-reads-all"}),
        ("subscription", "principalId eq '{caller}'", {"caller-invokes", "caller-reads-all", "below"}),
        ("subscription", "principalId eq '{engineering}'", {"by-group"}),
        ("subscription", "assignedTo('{engineering}')", set()),
        ("subscription", "atScope()", {"caller-reads-all", "other"}),
        ("project", "atScope()", {"caller-reads-all", "other", "by-group", "caller-invokes"}),
        ("application", "assignedTo('{caller}')", {"caller-invokes", "caller-reads-all", "by-group", "below"}),
        ("project", "assignedTo('{project-agent}')", {"other"}),
        ("contosoreports", "", {"agent-reads-reports", "by-group", "caller-reads-all", "other"}),
        ("account", "AtScope() AND AssignedTo('{CALLER}')", {"caller-reads-all", "by-group"}),
    ],
)  # fmt: skip
def test_role_assignments_by_filter(serve: Serve, write: Write, scope: str, wanted: str, expected: set[str]) -> None:
    client = serve(write(WORLD))
    state = client.simulator.state
    for name in ("caller", "engineering", "project-agent"):
        wanted = wanted.replace(f"{{{name}}}", state.directory.id(name))
        wanted = wanted.replace(f"{{{name.upper()}}}", state.directory.id(name).upper())
    found = client.authorization(state.places.scope(scope), "roleAssignments", wanted)
    assert _names(client, found) == expected


@pytest.mark.parametrize("wanted", ["principalId ne 'x'", "atScope() and principalId eq 'x'", "nonsense"])
def test_a_filter_that_is_not_one_is_refused(serve: Serve, wanted: str) -> None:
    client = serve()
    answer = client.authorization(client.simulator.state.places.subscription, "roleAssignments", wanted)
    assert (answer.status, answer.code) == (400, "BadRequestFormat")


def test_a_long_list_of_assignments_pages(serve: Serve, write: Write) -> None:
    client = serve(write(f"{WORLD}\n[arm]\nassignments_page_size = 2\n"))
    scope = client.simulator.state.places.subscription
    first = client.authorization(scope, "roleAssignments").json
    assert len(first["value"]) == 2
    assert first["nextLink"].startswith(f"https://management.azure.com{scope}/providers/Microsoft.Authorization")
    assert "$skipToken=" in first["nextLink"]


def test_who_may_not_read_assignments_is_refused(serve: Serve) -> None:
    client = serve("cannot-read-but-works")
    answer = client.authorization(client.simulator.state.places.application, "roleAssignments")
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    assert "Microsoft.Authorization/roleAssignments/read" in answer.json["error"]["message"]


@pytest.mark.parametrize("at", ["", "subscription", "application"])
def test_a_role_definition_by_its_id_at_any_prefix(serve: Serve, at: str) -> None:
    client = serve()
    scope = client.simulator.state.places.scope(at) if at else "/"
    found = client.authorization(scope, "roleDefinitions/53CA6127-db72-4b80-b1b0-d745d6d5456d").json
    assert found["properties"]["roleName"] == "Foundry User"
    assert found["properties"]["permissions"][0]["dataActions"] == ["Microsoft.CognitiveServices/*"]
    missing = client.authorization(scope, "roleDefinitions/11111111-1111-1111-1111-111111111111")
    assert (missing.status, missing.code) == (404, "RoleDefinitionDoesNotExist")


def test_role_definitions_are_listed_with_the_custom_ones(serve: Serve) -> None:
    client = serve("custom-role")
    scope = client.simulator.state.places.subscription
    every = client.authorization(scope, "roleDefinitions").json["value"]
    custom = client.authorization(scope, "roleDefinitions", "type eq 'CustomRole'").json["value"]
    assert len(every) == 929
    assert [one["properties"]["roleName"] for one in custom] == ["Contoso Agent Caller"]
    assert custom[0]["properties"]["assignableScopes"] == [scope]
    named = client.authorization(scope, "roleDefinitions", "roleName eq 'Owner'").json["value"]
    assert [one["name"] for one in named] == ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"]
    built_in = client.authorization(scope, "roleDefinitions", "atScopeAndBelow() and type eq 'BuiltInRole'").json
    assert len(built_in["value"]) == 928


def test_a_deny_assignment_has_the_documented_shape(serve: Serve) -> None:
    client = serve("denied")
    state = client.simulator.state
    scope = state.places.application
    (found,) = client.authorization(scope, "denyAssignments", "atScope()").json["value"]
    assert found["properties"] == {
        "denyAssignmentName": "Deny assignment created by deployment stack",
        "description": "",
        "permissions": [
            {"actions": [], "notActions": [], "dataActions": ["Microsoft.CognitiveServices/*"], "notDataActions": []}
        ],
        "scope": state.places.group,
        "doNotApplyToChildScopes": False,
        "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        "excludePrincipals": [{"id": state.directory.id("stack"), "type": "ServicePrincipal"}],
        "isSystemProtected": True,
    }
    assert client.authorization(state.places.subscription, "denyAssignments", "atScope()").json["value"] == []
    assert len(client.authorization(state.places.subscription, "denyAssignments").json["value"]) == 1


def _own(client: Client, scope: str) -> list[dict[str, Any]]:
    value: list[dict[str, Any]] = client.authorization(scope, "permissions").json["value"]
    return value


def test_permissions_are_the_callers_own(serve: Serve, write: Write) -> None:
    client = serve(write(WORLD))
    places = client.simulator.state.places
    assert [entry["actions"] for entry in _own(client, places.subscription)] == [["*/read"]]
    data = [action for entry in _own(client, places.application) for action in entry["dataActions"]]
    assert data.count("Microsoft.CognitiveServices/*") == 3  # on the project, by a group, on the application
    assert _own(serve("cannot-read"), places.subscription) == []


def test_an_eligible_assignment_is_no_assignment(serve: Serve) -> None:
    client = serve("pim-not-activated")
    state = client.simulator.state
    caller = state.directory.id("caller")
    scope = state.places.application
    (found,) = client.authorization(
        scope, "roleEligibilityScheduleInstances", f"assignedTo('{caller}')", "2020-10-01"
    ).json["value"]
    assert found["properties"]["principalId"] == caller
    assert found["properties"]["roleDefinitionId"].endswith("53ca6127-db72-4b80-b1b0-d745d6d5456d")
    assert found["properties"]["status"] == "Provisioned"
    assert found["properties"]["startDateTime"] < found["properties"]["endDateTime"]
    assert client.call({}).status == 401


def test_as_target_answers_for_the_caller_without_permission(serve: Serve, write: Write) -> None:
    text = "[eligible.mine]\nprincipal = 'caller'\nrole = 'Foundry User'\nscope = 'project'\n"
    client = serve(write(text, base="cannot-read"))
    scope = client.simulator.state.places.application
    assert client.authorization(scope, "roleEligibilityScheduleInstances", "", "2020-10-01").status == 403
    found = client.authorization(scope, "roleEligibilityScheduleInstances", "asTarget()", "2020-10-01").json["value"]
    assert len(found) == 1


def test_an_activated_assignment_says_when_it_ends(serve: Serve) -> None:
    client = serve("pim-ends-soon")
    state = client.simulator.state
    wanted = f"assignedTo('{state.directory.id('caller')}')"
    found = client.authorization(state.places.project, "roleAssignmentScheduleInstances", wanted, "2020-10-01").json
    kinds = {one["properties"]["assignmentType"]: one["properties"].get("endDateTime") for one in found["value"]}
    assert set(kinds) == {"Activated", "Assigned"}
    assert kinds["Activated"]
    assert kinds["Assigned"] is None


def _put(client: Client, scope: str, role: str, principal: str) -> Answer:
    definition = (
        f"{client.simulator.state.places.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    )
    body = {"properties": {"roleDefinitionId": definition, "principalId": principal}}
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555"
    return client.arm(path, "2022-04-01", method="PUT", body=body)


def test_a_fix_can_be_tried_out_and_undone(serve: Serve) -> None:
    client = serve("owner-is-not-enough")
    state = client.simulator.state
    assert client.call({}).status == 401
    made = _put(client, state.places.application, "53ca6127-db72-4b80-b1b0-d745d6d5456d", state.directory.id("caller"))
    assert made.status == 201
    assert client.call({}).status == 400
    assert client.arm(made.json["id"], "2022-04-01", method="DELETE").status == 200
    assert client.call({}).status == 401
    assert client.arm(made.json["id"], "2022-04-01", method="DELETE").status == 204


def test_who_may_not_assign_is_refused(serve: Serve) -> None:
    client = serve()
    state = client.simulator.state
    answer = _put(
        client, state.places.application, "53ca6127-db72-4b80-b1b0-d745d6d5456d", state.directory.id("caller")
    )
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    bad = _put(serve("owner-is-not-enough"), state.places.application, "no-role", "x")
    assert (bad.status, bad.code) == (400, "InvalidRequestContent")


def test_a_fresh_assignment_is_listed_and_not_in_force(serve: Serve) -> None:
    client = serve("fresh-assignment")
    state = client.simulator.state
    wanted = f"assignedTo('{state.directory.id('caller')}')"
    listed = client.authorization(state.places.project, "roleAssignments", wanted).json["value"]
    assert "53ca6127-db72-4b80-b1b0-d745d6d5456d" in {
        one["properties"]["roleDefinitionId"].rsplit("/", 1)[-1] for one in listed
    }
    assert client.call({}).status == 401


def test_a_permanent_instance_has_no_end_and_its_id_begins_with_the_provider(serve: Serve) -> None:
    client = serve()
    subscription = client.simulator.state.places.subscription
    found = client.authorization(subscription, "roleAssignmentScheduleInstances", "", "2020-10-01").json["value"]
    assert all("endDateTime" not in one["properties"] for one in found)
    assert all(one["id"].startswith(f"/providers/Microsoft.Subscription{subscription}/") for one in found)
    assert all(one["properties"]["scope"].startswith(subscription) for one in found)


def test_azure_knows_one_assignment_per_principal_role_and_scope(serve: Serve) -> None:
    client = serve()
    state = client.simulator.state
    state.assign("caller", "User Access Administrator", "subscription")
    scope = state.places.scope("contosoreports")
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    role = next(one.role for one in state.assignments.values() if one.scope == scope)

    def put(name: int, principal: str) -> Answer:
        properties = {"roleDefinitionId": f"/x/{role}", "principalId": principal}
        body = {"properties": properties}
        return client.arm(f"{path}/00000000-0000-4000-8000-{name:012}", "2022-04-01", method="PUT", body=body)

    again, nobody = put(1, state.directory.id("application-agent")), put(2, "11111111-1111-4111-8111-111111111111")
    assert (again.status, again.code) == (409, "RoleAssignmentExists")
    assert (nobody.status, nobody.code) == (400, "PrincipalNotFound")
    assert put(3, state.directory.id("project-agent")).status == 201
