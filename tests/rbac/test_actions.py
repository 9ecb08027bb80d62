from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.access import Action
from doctor.model.authorization import Permission
from doctor.rbac.actions import Held, holds, matches, overlaps, touches

TEXT = st.text(alphabet="ab/*", max_size=8)


@settings(deadline=None)
@given(pattern=TEXT, action=st.text(alphabet="ab/", max_size=10))
def test_matching_is_the_same_as_a_regular_expression(pattern: str, action: str) -> None:
    expression = "".join(".*" if char == "*" else re.escape(char) for char in pattern)
    assert matches(pattern, action) is (re.fullmatch(expression, action) is not None)


@settings(deadline=None)
@given(pattern=TEXT, action=st.text(alphabet="abAB/", max_size=10))
def test_letter_case_is_irrelevant(pattern: str, action: str) -> None:
    assert matches(pattern.upper(), action.lower()) is matches(pattern.lower(), action.upper())


def instances(pattern: str) -> set[str]:
    """Every text of the pattern where each wildcard stands for at most two letters."""
    fillings = ["", *("".join(text) for size in (1, 2) for text in product("ab", repeat=size))]
    texts = {""}
    for char in pattern:
        texts = {text + more for text in texts for more in (fillings if char == "*" else [char])}
    return texts


SHORT = st.text(alphabet="ab*", max_size=3)


@settings(max_examples=150, deadline=None)
@given(left=SHORT, right=SHORT)
def test_two_patterns_overlap_when_some_action_is_in_both(left: str, right: str) -> None:
    in_both = any(matches(left, text) for text in instances(right)) or any(
        matches(right, text) for text in instances(left)
    )
    assert overlaps(left, right) is in_both


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("*", "Microsoft.X/y/read", True),
        ("*/read", "Microsoft.X/y/read", True),
        ("*/read", "Microsoft.X/y/readAll", False),
        ("Microsoft.X/*/read", "Microsoft.X/a/b/read", True),
        ("Microsoft.X/*/read", "Microsoft.X/read", False),
        ("microsoft.x/Y/READ", "Microsoft.X/y/read", True),
        ("Microsoft.X/a*a", "Microsoft.X/a", False),
        ("Microsoft.X/*/b/*/read", "Microsoft.X/a/b/c/read", True),
        ("Microsoft.X/y", "Microsoft.X/y/read", False),
        (" Microsoft.X/y/read ", "Microsoft.X/y/read", True),
        ("", "Microsoft.X/y/read", False),
    ],
)
def test_wildcards_anywhere(pattern: str, action: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert matches(pattern, action) is expected


def test_a_wildcard_in_the_question_must_be_granted_whole() -> None:
    asked = Action("Microsoft.X/things/*", data=True)
    whole = Permission(data_actions=("Microsoft.X/*",))
    part = Permission(data_actions=("Microsoft.X/things/read",))
    holed = Permission(data_actions=("Microsoft.X/*",), not_data_actions=("Microsoft.X/things/write",))
    assert [holds(one, asked) for one in (whole, part, holed)] == [Held.YES, Held.NO, Held.SUBTRACTED]
    assert touches(part, asked)
    spared = replace(whole, not_data_actions=("Microsoft.X/things/read",))
    assert touches(spared, asked)
    assert not touches(replace(whole, not_data_actions=("Microsoft.X/things/*",)), asked)


def test_control_actions_and_data_actions_never_mix() -> None:
    everything = Permission(actions=("*",))
    assert holds(everything, Action("Microsoft.X/y/read", data=False)) is Held.YES
    assert holds(everything, Action("Microsoft.X/y/read", data=True)) is Held.NO
    assert holds(Permission(data_actions=("*",)), Action("Microsoft.X/y/read", data=False)) is Held.NO


def test_a_not_action_takes_away_and_one_of_the_other_kind_does_not() -> None:
    asked = Action("Microsoft.X/y/delete", data=True)
    own = Permission(data_actions=("Microsoft.X/*",), not_data_actions=("*/delete",))
    other = Permission(data_actions=("Microsoft.X/*",), not_actions=("*/delete",))
    assert holds(own, asked) is Held.SUBTRACTED
    assert holds(other, asked) is Held.YES
