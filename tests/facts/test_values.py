"""The plain parts of the facts: scopes, identities, routing, queries, accounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.facts.accounts import of_host, of_name
from doctor.facts.authorization import ladder
from doctor.facts.identities import merged
from doctor.facts.routing import routed
from doctor.facts.targets import targets_query
from doctor.model.foundry import Application, Deployment, TrafficRule
from doctor.model.identity import Identity, IdentityRole
from doctor.model.resource_id import ResourceId

SUB = "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e"
RG = f"{SUB}/resourceGroups/rg"
RESOURCE = f"{RG}/providers/Microsoft.Storage/storageAccounts/sto1"


@pytest.mark.parametrize(
    ("scope", "steps"),
    [
        (RESOURCE, [SUB, RG, RESOURCE]),
        (RG, [SUB, RG]),
        (SUB, [SUB]),
        ("/providers/Microsoft.Management/managementGroups/mg", []),
    ],
)
def test_the_ladder_of_scopes(scope: str, steps: list[str]) -> None:
    assert [str(one) for one in ladder(ResourceId.read(scope))] == steps


def test_an_identity_of_unknown_part_joins_the_entry_of_its_object_id() -> None:
    agent = Identity("ABC", IdentityRole.APPLICATION_AGENT, name="desk", seen_in=("application",))
    assert merged([agent, Identity("abc", IdentityRole.UNKNOWN, seen_in=("refusal",))]) == (
        Identity("abc", IdentityRole.APPLICATION_AGENT, name="desk", seen_in=("application", "refusal")),
    )


def account(name: str, subdomain: str | None = None, *, lean: bool = False) -> dict[str, object]:
    properties = {} if subdomain is None else {"customSubDomainName": subdomain}
    whole = {"name": name, "id": f"{RG}/providers/Microsoft.CognitiveServices/accounts/{name}"}
    return whole if lean else {**whole, "properties": {"provisioningState": "Succeeded", **properties}}


@pytest.mark.parametrize(
    ("rows", "addressed"),
    [
        ([account("contoso", "other"), account("b", "Contoso")], ["b"]),
        ([account("contoso", "other")], []),
        ([account("Contoso")], ["Contoso"]),
        ([account("contoso"), account("b", "contoso")], ["b"]),
        ([account("contoso", lean=True)], []),
        ([], []),
    ],
)
def test_a_host_is_that_of_the_account_with_the_subdomain(rows: list[dict[str, object]], addressed: list[str]) -> None:
    assert [row["name"] for row in of_host(rows, "contoso")] == addressed


def test_a_name_is_that_of_the_account_and_of_a_subdomain_only_where_none_is_named_so() -> None:
    rows = [account("contoso", "other"), account("b", "contoso")]
    assert [row["name"] for row in of_name(rows, "Contoso")] == ["contoso"]
    assert [row["name"] for row in of_name(rows, "other")] == ["contoso"]


D1, D2 = Deployment("1", "blue", deployment_id="id-1"), Deployment("2", "green", deployment_id="id-2")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (None, (D1, D2)),
        ((), ()),
        ((TrafficRule("ID-1", 100),), (D1,)),
        ((TrafficRule("green", None),), (D2,)),
        ((TrafficRule("id-1", 0), TrafficRule("id-2", 100)), (D2,)),
        ((TrafficRule("/subscriptions/x/agentDeployments/blue", 1),), (D1,)),
        ((TrafficRule("gone", 100),), ()),
    ],
)
def test_routing(rules: tuple[TrafficRule, ...] | None, expected: tuple[Deployment, ...]) -> None:
    assert routed(Application("a", "a", routing=rules), (D1, D2)) == expected


@given(st.text(alphabet=st.characters(exclude_characters="/"), min_size=1), st.text(min_size=1))
def test_names_in_a_query_stay_names(first: str, second: str) -> None:
    one = ResourceId(("subscriptions", first.lower()), ("subscriptions", first))
    two = ResourceId(("subscriptions", second.lower()), ("subscriptions", second))
    query = targets_query([one, two], [])
    inside = query.partition("(")[2].rpartition(")")[0]
    # Every quote within a name is escaped, so the list holds one or two strings and nothing else.
    bare = inside.replace("\\\\", "").replace("\\'", "")
    assert bare.count("'") == 2 * len({first, second})
