from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.rbac.scopes import ScopeKind, covers, describe, how_far, parse, same
from tests.rbac.worlds import ACCOUNT, APPLICATION, GROUP, MANAGEMENT, PROJECT, STORAGE, SUBSCRIPTION


@pytest.mark.parametrize("scope", ["/", SUBSCRIPTION, GROUP, ACCOUNT, PROJECT, APPLICATION])
def test_every_level_above_covers_whatever_its_letter_case_and_slashes(scope: str) -> None:
    assert covers(scope, APPLICATION)
    assert covers(scope.upper(), APPLICATION.lower())
    assert covers(scope.rstrip("/") + "/", APPLICATION)


@pytest.mark.parametrize(
    "scope",
    [
        "",
        " ",
        f"{APPLICATION}2",
        APPLICATION[:-1],
        f"{APPLICATION}/agentDeployments/d",
        f"{ACCOUNT}2",
        f"{GROUP}-more",
        STORAGE,
        "/subscriptions/other",
        "/providers/Microsoft.Other/things/x",
    ],
)
def test_what_is_beside_or_below_does_not_cover(scope: str) -> None:
    assert not covers(scope, APPLICATION)


def test_a_management_group_covers_when_it_is_above() -> None:
    assert covers(MANAGEMENT, APPLICATION)
    assert covers(MANAGEMENT.upper(), APPLICATION, (MANAGEMENT,))
    assert not covers(MANAGEMENT, APPLICATION, ("/providers/Microsoft.Management/managementGroups/other",))
    assert not covers(MANAGEMENT, "/providers/Microsoft.Management/managementGroups/child")
    assert covers("/", MANAGEMENT)


SEGMENTS = st.lists(st.sampled_from(["a", "B", "ab", "subscriptions"]), max_size=4)


@settings(deadline=None)
@given(upper=SEGMENTS, lower=SEGMENTS)
def test_covering_is_being_a_prefix_by_segments(upper: list[str], lower: list[str]) -> None:
    expected = [one.lower() for one in lower[: len(upper)]] == [one.lower() for one in upper]
    assert covers("/" + "/".join(upper), "/" + "/".join(lower)) is expected


@settings(deadline=None)
@given(one=SEGMENTS, two=SEGMENTS)
def test_same_is_covering_both_ways(one: list[str], two: list[str]) -> None:
    left, right = "/" + "/".join(one), "/" + "/".join(two)
    assert same(left, right) is (covers(left, right) and covers(right, left))


@pytest.mark.parametrize(
    ("have", "words"),
    [
        (f"{PROJECT}/applications/other", "another application (other)"),
        (f"{ACCOUNT}/projects/p2", "another project (p2)"),
        (f"{ACCOUNT}/projects/p2/applications/support", "application support of another project (p2)"),
        (f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/b", "another account (b)"),
        (f"{SUBSCRIPTION}/resourceGroups/rg2", "another resource group (rg2)"),
        ("/subscriptions/other", "another subscription (other)"),
        (STORAGE, "storage account data1, which is another kind of resource beside it"),
        (f"{APPLICATION}/agentDeployments/d1", "deployment d1, which is only a part of application support"),
        (MANAGEMENT, "management group contoso, which is not above this subscription"),
    ],
)
def test_how_far_a_scope_is_off(have: str, words: str) -> None:
    assert how_far(have, APPLICATION) == words


@pytest.mark.parametrize(
    ("scope", "kind", "words"),
    [
        ("/", ScopeKind.ROOT, "the root of the tenant"),
        (MANAGEMENT, ScopeKind.MANAGEMENT_GROUP, "management group contoso"),
        (GROUP, ScopeKind.RESOURCE_GROUP, "resource group rg-agents"),
        (APPLICATION, ScopeKind.RESOURCE, "application support"),
        (f"{GROUP}/providers/M.Search/searchServices/s/indexes/i", ScopeKind.RESOURCE, "index i"),
        (f"{GROUP}/providers/Microsoft.DataFactory/factories/f", ScopeKind.RESOURCE, "factory f"),
        (
            f"{GROUP}/providers/M.Storage/storageAccounts/s/queues/q",
            ScopeKind.RESOURCE,
            "queue q",
        ),
    ],
)
def test_a_scope_in_words(scope: str, kind: ScopeKind, words: str) -> None:
    parsed = parse(scope)
    assert parsed is not None
    assert parsed.kind is kind
    assert describe(scope) == words


def test_a_hostile_name_is_made_visible() -> None:
    assert "\x1b" not in describe(f"{PROJECT}/applications/\x1b[31mred")


@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_described_without_a_crash(text: str) -> None:
    assert describe(text)
    assert how_far(text, APPLICATION)
    assert how_far(APPLICATION, text)
