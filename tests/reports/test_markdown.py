"""The Markdown format, read as a ticket system reads it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from doctor.model.format import Style
from reports.markdown import LEFT_OUT, bounded, render, report
from tests.reports import samples

if TYPE_CHECKING:
    from markdown_it.token import Token
    from syrupy.assertion import SnapshotAssertion

    from doctor.model.report import Report

PLAIN = Style()
READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def _tokens(text: str) -> list[Token]:
    return [inner for token in READER.parse(text) for inner in (token, *(token.children or ()))]


def _shape(text: str) -> list[str]:
    """The structure of a text: kinds of blocks and inline elements; comments and soft breaks do not count."""
    return [
        t.type for t in _tokens(text) if t.type not in {"text", "html_inline", "text_special", "softbreak", "inline"}
    ]


@pytest.mark.parametrize("name", ["healthy", "broken", "crashing", "empty"])
def test_the_whole_text(name: str, snapshot: SnapshotAssertion) -> None:
    assert render(samples.ALL[name], PLAIN) == snapshot


def test_without_unicode_it_is_ascii() -> None:
    assert render(samples.BROKEN, Style(unicode=False)).isascii()


def test_commands_stand_whole_in_blocks_of_their_own() -> None:
    fences = [token.content.rstrip("\n") for token in _tokens(render(samples.BROKEN, PLAIN)) if token.type == "fence"]
    assert fences == [samples.GRANT_FIX.command, samples.GRANT_FIX.undo, samples.BROKEN.rerun]


def test_every_result_is_a_row() -> None:
    rows = [token for token in _tokens(render(samples.BROKEN, PLAIN)) if token.type == "tr_open"]
    assert len(rows) == 2 + len(samples.BROKEN.results) + len(samples.IDENTITIES)


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_hostile_names_have_no_shape_of_their_own(text: str) -> None:
    _harmless(text)


MARKS = [
    "`",
    "``",
    "```",
    "|",
    "[a](b)",
    "![i](u)",
    "<b>",
    "<!--",
    "-->",
    "*",
    "_",
    "~~",
    "@bob",
    "#1",
    "\\",
    "&lt;",
    "$",
]
STARTS = ["\n", "1. ", "- ", "> ", "# ", "---", "===", "    ", "\t"]
pieces = st.sampled_from(MARKS + STARTS)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces | st.text(max_size=2), min_size=1, max_size=6).map("".join))
def test_no_text_from_outside_has_a_shape_of_its_own(text: str) -> None:
    if text.strip():
        _harmless(text)


def _harmless(text: str) -> None:
    written = render(samples.hostile(text), PLAIN)
    assert _shape(written) == _shape(render(samples.hostile("calm"), PLAIN))
    assert {token.content for token in _tokens(written) if token.type.startswith("html")} <= {"<!-- -->"}
    assert not re.search(r"##[A-Za-z]*\[|^\s*::", written, re.MULTILINE)
    outside_code = "".join(
        t.content if t.type in {"text", "text_special", "html_inline"} else " " for t in _tokens(written)
    )
    assert not re.search(r"(?<![\w/])@\w|#\d", outside_code)


@pytest.mark.parametrize("limit", [200, 2000, 5000, 20_000])
def test_a_full_page_says_that_something_was_left_out(limit: int) -> None:
    page = bounded(samples.many(100), PLAIN, limit)
    assert len(page.encode()) <= limit
    assert page.startswith("## ✗ FAIL")
    assert page.rstrip().endswith(LEFT_OUT)


def test_a_page_that_fits_is_whole() -> None:
    assert bounded(samples.BROKEN, PLAIN) == render(samples.BROKEN, PLAIN)


def test_one_enormous_result_does_not_hide_the_verdict() -> None:
    huge = dataclasses.replace(samples.NO_ACCESS.finding, evidence=("x" * 2_000_000,))
    page = bounded(samples.make(dataclasses.replace(samples.NO_ACCESS, finding=huge)), PLAIN)
    assert len(page.encode()) < 1024 * 1024
    assert samples.GRANT_FIX.command in page


def test_wide_and_astral_names_are_counted_in_bytes() -> None:
    wide: Report = samples.make(samples.result("token", samples.passed("名" * 1000)))
    assert len(bounded(wide, PLAIN, 2000).encode()) <= 2000


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("markdown", "md", "text/markdown")
