"""Wrapping by columns: nothing is lost, nothing is cut, nothing is wider than it must be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.columns import cells, pad, wrap

words = st.text(alphabet="ab-é名字\u0301", min_size=1, max_size=12)
texts = st.lists(words, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("名前", 4), ("é", 1), ("e\u0301", 1), ("✓ ▲‼", 4), ("\uff46", 2)]
)
def test_how_wide_a_text_is(text: str, width: int) -> None:
    assert cells(text) == width


def test_filled_up_to_a_width() -> None:
    assert pad("名", 4) == "名  "
    assert pad("long", 2) == "long"


@pytest.mark.parametrize(
    ("text", "width", "first", "rest", "lines"),
    [
        ("one two three", 9, "", "", ["one two", "three"]),
        ("one two", 9, "- ", None, ["- one two"]),
        ("one two six", 9, "- ", None, ["- one two", "  six"]),
        ("/subscriptions/very-long-id tail", 10, "id ", "   ", ["id /subscriptions/very-long-id", "   tail"]),
        ("/subscriptions/very-long-id", 10, "label  ", "  ", ["label", "  /subscriptions/very-long-id"]),
        ("名前名前名前", 7, "", "", ["名前名", "前名前"]),
        ("", 9, "- ", None, ["-"]),
    ],
)
def test_how_a_text_is_wrapped(text: str, width: int, first: str, rest: str | None, lines: list[str]) -> None:
    assert wrap(text, width, first, rest) == lines


@settings(deadline=None)
@given(texts, st.integers(1, 40), st.sampled_from(["", "  ", "seen    "]))
def test_nothing_is_lost_and_only_one_narrow_word_is_too_wide(text: str, width: int, first: str) -> None:
    lines = wrap(text, width, first)
    assert "".join("".join(lines).split()) == "".join((first + text).split())
    for line in lines:
        body = line.removeprefix(first)
        assert cells(line) <= width or len(body.split()) <= 1
