from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.simulator.access import Entry, Held, Refusal, covers, may
from doctor.simulator.names import EVERYONE

if TYPE_CHECKING:
    from tests.simulator.conftest import Serve

SUB = "/subscriptions/s"
APP = f"{SUB}/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/projects/p/applications/desk"
INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
ALL = Entry(data_actions=("*",))
ME = frozenset({"me", "group"})


@pytest.mark.parametrize(
    ("scope", "resource", "expected"),
    [
        ("/", APP, True),
        (SUB, APP, True),
        (APP.upper(), APP, True),
        (APP[:-1], APP, False),
        (f"{APP}1", APP, False),
        (f"{SUB}/resourceGroups/g", f"{SUB}/resourcegroups/G/providers/x", True),
        (f"{SUB}/resourceGroups/g", f"{SUB}/resourceGroups/g2", False),
        (APP, SUB, False),
    ],
)
def test_a_scope_covers_by_path_segments(scope: str, resource: str, *, expected: bool) -> None:
    assert covers(scope, resource) is expected


@pytest.mark.parametrize(
    ("entry", "action", "data", "expected"),
    [
        (Entry(actions=("*",)), INVOKE, True, False),
        (Entry(actions=("*",)), INVOKE, False, True),
        (Entry(data_actions=("Microsoft.CognitiveServices/*",)), INVOKE, True, True),
        (Entry(data_actions=("microsoft.cognitiveservices/accounts/*/invoke/ACTION",)), INVOKE, True, True),
        (Entry(data_actions=("Microsoft.CognitiveServices/accounts/OpenAI/*",)), INVOKE, True, False),
        (Entry(data_actions=("Microsoft.CognitiveServices",)), INVOKE, True, False),
        (Entry(data_actions=("*",), not_data_actions=("*/invoke/action",)), INVOKE, True, False),
        (Entry(data_actions=("*",), not_actions=("*",)), INVOKE, True, True),
        (Entry(data_actions=("a.b/c",)), "aXb/c", True, False),
    ],
)
def test_an_entry_holds_an_action(entry: Entry, action: str, *, data: bool, expected: bool) -> None:
    assert entry.holds(action, data=data) is expected


@pytest.mark.parametrize(
    ("held", "refusals", "expected"),
    [
        ([Held("me", APP, (ALL,))], [], True),
        ([Held("group", SUB, (ALL,))], [], True),
        ([Held("me", "/providers/Microsoft.Management/managementGroups/m", (ALL,))], [], True),
        ([Held("other", APP, (ALL,))], [], False),
        ([Held("me", f"{APP}2", (ALL,))], [], False),
        ([Held("me", APP, (ALL,), in_force=False)], [], False),
        # What one role takes back, another may give.
        ([Held("me", APP, (Entry(data_actions=("*",), not_data_actions=("*",)),)), Held("me", APP, (ALL,))], [], True),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({EVERYONE}), frozenset(), SUB, (ALL,))], False),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({EVERYONE}), frozenset({"group"}), SUB, (ALL,))], True),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({"other"}), frozenset(), SUB, (ALL,))], True),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({"me"}), frozenset(), SUB, (ALL,), True)], True),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({"me"}), frozenset(), APP, (ALL,), True)], False),
        ([Held("me", APP, (ALL,))], [Refusal(frozenset({"me"}), frozenset(), SUB, (Entry(actions=("*",)),))], True),
    ],
)  # fmt: skip
def test_who_may_invoke(held: list[Held], refusals: list[Refusal], *, expected: bool) -> None:
    chain = (APP, "/providers/Microsoft.Management/managementGroups/m", "/")
    assert may(ME, INVOKE, chain, held, refusals, data=True) is expected


_scopes = st.sampled_from(["/", SUB, f"{SUB}/resourceGroups/g", APP, f"{APP}2", f"{APP}/agentDeployments/d"])
_patterns = st.lists(st.sampled_from(["*", INVOKE, "Microsoft.CognitiveServices/*", "x/y"]), max_size=2).map(tuple)
_entries = st.builds(Entry, _patterns, _patterns, _patterns, _patterns)
_held = st.builds(Held, st.sampled_from(["me", "group", "other"]), _scopes, st.tuples(_entries), st.booleans())
_refusals = st.builds(
    Refusal,
    st.frozensets(st.sampled_from(["me", EVERYONE, "other"]), max_size=2),
    st.frozensets(st.sampled_from(["group", "other"]), max_size=1),
    _scopes,
    st.tuples(_entries),
    st.booleans(),
)


@given(st.lists(_held, max_size=4), _held, st.lists(_refusals, max_size=3), _refusals)
def test_a_grant_never_takes_away_and_a_denial_never_gives(
    held: list[Held], grant: Held, refusals: list[Refusal], denial: Refusal
) -> None:
    before = may(ME, INVOKE, (APP, "/"), held, refusals, data=True)
    assert may(ME, INVOKE, (APP, "/"), [*held, grant], refusals, data=True) >= before
    assert may(ME, INVOKE, (APP, "/"), held, [*refusals, denial], data=True) <= before


# Every built-in role that invokes an application, of all 928, as the facts have them computed.
INVOKERS = {
    "Foundry User",
    "Foundry Project Manager",
    "Foundry Owner",
    "Cognitive Services User",
    "Cognitive Services Data Contributor (Preview)",
}
REFUSED = {"Owner", "Contributor", "Reader", "Azure AI Developer", "Foundry Account Owner", "Foundry Agent Consumer"}


@pytest.mark.parametrize("role", sorted(INVOKERS | REFUSED))
def test_the_endpoint_lets_in_who_holds_the_data_action(serve: Serve, role: str) -> None:
    client = serve("cannot-read")
    state = client.simulator.state
    assert client.call({}).status == 401
    state.assign("caller", role, "application")
    assert client.call({}).status == (400 if role in INVOKERS else 401)
