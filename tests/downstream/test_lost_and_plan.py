"""What publishing loses, over every store, and the plan that prevents it."""

from __future__ import annotations

from typing import Any

import pytest

from doctor.downstream import lost_on_publish, plan
from doctor.model.cause import Cause
from doctor.model.plan import Plan, State
from doctor.model.status import Status
from tests.downstream import world as w

STORE = w.resource("Microsoft.Storage/storageAccounts", "store1")
COSMOS = w.resource("Microsoft.DocumentDB/databaseAccounts", "cosmos1")
VAULT = w.resource("Microsoft.KeyVault/vaults", "vault1")
SITE = w.resource("Microsoft.Web/sites", "site1")
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
READ = "00000000-0000-0000-0000-000000000001"


def connection(name: str, resource_id: str, target: str, audience: str) -> w.Connection:
    return w.connection(
        name,
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target=target,
        audience=audience,
        metadata={"ResourceId": resource_id},
    )


CONNECTIONS = {
    "blob": connection("blob", STORE, "https://store1.blob.core.windows.net", "https://storage.azure.com"),
    "cosmos": connection("cosmos", COSMOS, "https://cosmos1.documents.azure.com:443/", "https://cosmos.azure.com"),
    "vault": connection("vault", VAULT, "https://vault1.vault.azure.net", "https://vault.azure.net"),
    "site": connection("site", SITE, "https://site1.azurewebsites.net/mcp", "api://x"),
}


def give(world: w.World, store: str, *roles: w.IdentityRole) -> w.World:
    """Let these identities use a store, in the way that the store keeps."""
    ids = [w.IDS[one] for one in roles]
    if store == "blob":
        world.resources[STORE] = {"properties": {}}
        for role in roles:
            world.assign(role, BLOB_READER, w.GROUP)
    elif store == "cosmos":
        world.resources[COSMOS] = {"properties": {}}
        world.children[f"{COSMOS}/sqlRoleAssignments"] = [
            {"properties": {"principalId": one, "roleDefinitionId": READ, "scope": COSMOS}} for one in ids
        ]
    elif store == "vault":
        policies = [{"objectId": one, "permissions": {"secrets": ["get"]}} for one in ids]
        world.resources[VAULT] = {"properties": {"accessPolicies": policies}}
    else:
        world.resources[SITE] = {"properties": {}}
        policy = {"allowedPrincipals": {"identities": ids or ["nobody"]}}
        validation = {"allowedAudiences": ["api://x"], "defaultAuthorizationPolicy": policy}
        settings = {
            "platform": {"enabled": True},
            "globalValidation": {"requireAuthentication": True},
            "identityProviders": {"azureActiveDirectory": {"validation": validation}},
        }
        world.children[f"{SITE}/config/authsettingsV2"] = {"properties": settings}
    return world


def used(world: w.World, *names: str, role: w.IdentityRole = w.APP) -> Any:
    tools = [{"type": "mcp", "project_connection_id": name} for name in names]
    return w.take(world, (w.agent(*tools),), tuple(CONNECTIONS[name] for name in names), role=role)


STORES = pytest.mark.parametrize("store", CONNECTIONS)


@STORES
@pytest.mark.parametrize("role", [w.APP, w.AGENT])
def test_what_was_left_behind_is_lost(store: str, role: w.IdentityRole) -> None:
    world = give(w.World(), store, w.SHARED)
    (found,) = lost_on_publish(used(world, store, role=role), world)
    assert (found.status, found.cause, found.subject) == (Status.FAIL, Cause.LOST_ON_PUBLISH, store), found
    # Where downstream-access says lost-on-publish itself, neither follows from the other.
    alone = store == "blob"
    assert found.because_of == (() if alone else (f"downstream-access:{store}",))
    assert found.fixes
    assert w.IDS[role] in found.fixes[0].command + found.fixes[0].title


@STORES
def test_what_was_granted_again_is_not_lost(store: str) -> None:
    world = give(w.World(), store, w.SHARED, w.APP)
    (found,) = lost_on_publish(used(world, store), world)
    assert found.status is Status.PASS


@STORES
def test_what_nobody_had_is_not_lost(store: str) -> None:
    world = give(w.World(), store)
    (found,) = lost_on_publish(used(world, store), world)
    assert found.status is Status.PASS


@STORES
def test_what_cannot_be_read_is_unknown_and_not_required(store: str) -> None:
    world = give(w.World(), store, w.SHARED)
    world.unreadable |= {STORE, "assignments", f"{COSMOS}/sqlRoleAssignments", VAULT, f"{SITE}/config/authsettingsV2"}
    (found,) = lost_on_publish(used(world, store), world)
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.CANNOT_READ, False)


@pytest.mark.parametrize("role", [w.SHARED, w.APP])
def test_without_both_identities_nothing_is_compared(role: w.IdentityRole) -> None:
    world = give(w.World(unreadable={role.value}), "blob", w.SHARED)
    (found,) = lost_on_publish(used(world, "blob"), world)
    assert (found.status, found.required) == (Status.UNKNOWN, False)


def test_an_unpublished_agent_has_lost_nothing() -> None:
    world = give(w.World(), "blob", w.SHARED)
    (found,) = lost_on_publish(used(world, "blob", role=w.SHARED), world)
    assert found.status is Status.SKIP


def test_calls_whose_caller_stays_are_not_compared() -> None:
    world = give(w.World(), "blob", w.SHARED)
    managed = w.connection(
        "m",
        auth_type="ProjectManagedIdentity",
        category="RemoteTool",
        target="https://store1.blob.core.windows.net",
        audience="https://storage.azure.com",
    )
    tool = {"type": "mcp", "project_connection_id": "m"}
    (found,) = lost_on_publish(w.take(world, (w.agent(tool),), (managed,)), world)
    assert found.status is Status.SKIP


def test_the_plan_says_what_is_there_and_what_will_be_missing() -> None:
    world = w.World()
    for store in CONNECTIONS:
        give(world, store, w.SHARED)
    found = plan(used(world, *CONNECTIONS), world)
    assert isinstance(found, Plan)
    assert [(one.subject, one.state) for one in found.grants] == [
        ("blob", State.MISSING),
        ("cosmos", State.MISSING),
        ("vault", State.MISSING),
        ("site", State.MISSING),
    ]
    assert not found.complete
    blob, cosmos, vault, site = found.grants
    assert blob.role == "Storage Blob Data Reader"
    assert blob.fix
    assert f"--role {BLOB_READER} --scope {STORE}" in blob.fix.command
    assert cosmos.fix
    assert cosmos.fix.command.startswith("az cosmosdb sql role assignment create")
    assert vault.fix
    assert vault.fix.command.startswith("az keyvault set-policy")
    assert site.role == ""
    assert all("may" in one.today or "has" in one.today or "admit" in one.today for one in found.grants)


def test_the_plan_of_a_published_agent_with_everything_is_complete() -> None:
    world = w.World()
    for store in CONNECTIONS:
        give(world, store, w.SHARED, w.APP)
    found = plan(used(world, *CONNECTIONS), world)
    assert {one.state for one in found.grants} == {State.PRESENT}
    assert found.complete
    assert all(one.fix is None for one in found.grants)


def test_before_publishing_the_identity_is_a_placeholder() -> None:
    world = give(w.World(absent={w.APP}), "blob", w.SHARED)
    found = plan(used(world, "blob"), world)
    assert found.principal == "AGENT_OBJECT_ID"
    (grant,) = found.grants
    assert grant.state is State.MISSING
    assert grant.fix
    assert "--assignee-object-id AGENT_OBJECT_ID" in grant.fix.command


def test_who_may_write_today_is_planned_to_write() -> None:
    world = w.World(resources={STORE: {"properties": {}}}).assign(w.SHARED, BLOB_CONTRIBUTOR, w.SUBSCRIPTION)
    (grant,) = plan(used(world, "blob"), world).grants
    assert (grant.role, grant.scope) == ("Storage Blob Data Contributor", STORE)


def test_the_plan_names_what_stays_and_what_could_not_be_read() -> None:
    world = w.World(unreadable={"/toolboxes/box"})
    managed = w.connection("m", auth_type="AAD", category="CognitiveSearch", target="https://s.search.windows.net")
    keyed = w.connection("k", auth_type="CustomKeys", target="https://x.example.org")
    tools = (
        {"type": "azure_ai_search", "azure_ai_search": {"indexes": [{"project_connection_id": "m"}]}},
        {"type": "mcp", "project_connection_id": "k"},
        {"type": "toolbox", "toolbox_name": "box"},
        {"type": "mcp", "project_connection_id": "ghost"},
    )
    found = plan(w.take(world, (w.agent(*tools),), (managed, keyed)), world)
    assert found.unchanged == (
        "m: the project's managed identity calls, before and after",
        "k: a key is used, before and after",
    )
    assert len(found.unread) == 2
    assert not found.complete


def test_a_target_that_is_not_found_is_unknown_in_the_plan() -> None:
    tool = {"type": "mcp", "project_connection_id": "b"}
    lone = w.connection(
        "b",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://gone.blob.core.windows.net",
        audience="https://storage.azure.com",
    )
    world = w.World()
    (grant,) = plan(w.take(world, (w.agent(tool),), (lone,)), world).grants
    assert grant.state is State.UNKNOWN


@pytest.mark.parametrize("absent", [True, False])
def test_a_target_that_may_not_be_read_is_unknown_in_the_plan(*, absent: bool) -> None:
    world = give(w.World(absent={w.APP} if absent else set(), unreadable={STORE, "assignments"}), "blob", w.SHARED)
    (grant,) = plan(used(world, "blob"), world).grants
    assert grant.state is State.UNKNOWN


def test_what_only_a_person_can_grant_is_in_the_plan() -> None:
    tool = {"type": "mcp", "project_connection_id": "g"}
    graph = w.connection(
        "g",
        auth_type="AgenticIdentityToken",
        category="RemoteTool",
        target="https://graph.microsoft.com/v1.0",
        audience="https://graph.microsoft.com",
    )
    world = w.World()
    (grant,) = plan(w.take(world, (w.agent(tool),), (graph,)), world).grants
    assert (grant.state, grant.subject) == (State.PERSON, "g")
    assert "appRoleAssignments" in grant.reason


def test_what_is_known_with_less_confidence_is_not_called_lost() -> None:
    pool = w.resource("Microsoft.App/sessionPools", "pool1")
    lone = connection("pool", pool, "https://westeurope.dynamicsessions.io/x", "https://dynamicsessions.io")
    world = w.World(resources={pool: {"properties": {}}})
    world.assign(w.SHARED, "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0", pool)
    tool = {"type": "mcp", "project_connection_id": "pool"}
    (found,) = lost_on_publish(w.take(world, (w.agent(tool),), (lone,)), world)
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.LOST_ON_PUBLISH, False)
