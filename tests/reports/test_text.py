"""The text format: what a person at a terminal of 80 columns sees."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.answer import answer
from doctor.model.cause import Cause
from doctor.model.finding import failed
from doctor.model.format import Style
from reports.columns import cells
from reports.text import render, report
from tests.reports import samples

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from doctor.model.report import Report

PLAIN = Style()


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_the_whole_text(sample: Report, snapshot: SnapshotAssertion) -> None:
    assert render(sample, PLAIN) == snapshot


def test_the_whole_text_in_ascii_and_verbose(snapshot: SnapshotAssertion) -> None:
    text = render(samples.BROKEN, Style(unicode=False, verbose=True, width=100))
    assert text == snapshot
    assert text.isascii()


WHOLE = Style(verbose=True)


def test_the_fix_command_stands_whole_on_a_line_of_its_own() -> None:
    for width in (20, 40, 80, 200):
        lines = [line.strip() for line in render(samples.BROKEN, Style(width=width)).splitlines()]
        assert lines.count(samples.GRANT_FIX.command) == 1
        assert lines.count(f"undo: {samples.GRANT_FIX.undo}") == 1


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_the_answer_is_the_last_thing(sample: Report, *, verbose: bool) -> None:
    last = render(sample, Style(width=500, verbose=verbose)).rstrip("\n").splitlines()[-1]
    assert last == answer(sample)


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_the_short_story_fits_a_screen(sample: Report) -> None:
    assert sum(max(1, -(-cells(line) // 80)) for line in render(sample, PLAIN).splitlines()) <= 22


def test_the_story_is_shorter_where_there_is_less_room() -> None:
    rows = [len(render(samples.BROKEN, Style(height=height)).splitlines()) for height in (60, 30, 24, 18, 5)]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] > rows[-1]
    assert samples.GRANT_FIX.command in render(samples.BROKEN, Style(height=5))


def test_what_is_not_well_has_one_line_each_and_what_has_no_room_is_counted() -> None:
    many = samples.make(*(samples.result(f"c{n}", failed(Cause.DENIED, f"It {n} is wrong " * 20)) for n in range(40)))
    text = render(many, PLAIN)
    assert [line[:11] for line in text.splitlines() if line.startswith("✗")] == [
        "✗ FAIL c0: ",
        "✗ FAIL c1: ",
        "✗ FAIL c2: ",
    ]
    assert "and 37 more that are not well" in text
    assert all(f"c{n}" in render(many, WHOLE) for n in range(40))


def test_the_whole_story_holds_the_plan_the_numbers_and_the_rerun_in_this_order() -> None:
    text = render(samples.BROKEN, WHOLE)
    parts = ["The one thing to change", "FAIL: 2 of 7 results failed.", samples.BROKEN.rerun, "To change:"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_a_fix_that_only_a_root_cause_holds_is_told_with_its_undo() -> None:
    bare = dataclasses.replace(samples.BROKEN, results=samples.BROKEN.results[:3])
    assert samples.GRANT_FIX.undo in render(bare, PLAIN)


def test_a_pass_is_told_without_details_unless_they_are_asked_for() -> None:
    assert "audience https://ai.azure.com" not in render(samples.HEALTHY, PLAIN)
    text = render(samples.HEALTHY, WHOLE)
    assert "  ✓ pass token: The Azure CLI gave a token for ada@contoso.com.\n" in text
    assert "seen in" in text
    assert "audience https://ai.azure.com" in text


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (samples.HEALTHY, "PASS: 3 of 3 results passed, none failed. Exit code 0."),
        (samples.WARNED, "PASS: 2 of 3 results passed, none failed; 1 warned. Exit code 0."),
        (samples.EMPTY, "PASS: Nothing was checked. Exit code 0."),
        (samples.CRASHING, "ERROR: 1 of 3 results could not be had: a check crashed or ran out of time. Exit code 4."),
        (samples.UNDECIDED, "UNKNOWN: 1 result that the answer depends on could not be verified (of 4 in all). Exit"),
        (samples.ALLOWED, "This run allows that. Exit code 0."),
        (samples.STRICT, "FAIL: Nothing failed, but 1 result warned, and warnings count as failures in this run."),
        (samples.INTERRUPTED, "INTERRUPTED: The run was stopped before its end. Of what was found so far: 1 of 2"),
    ],
)
def test_the_verdict_in_words(sample: Report, said: str) -> None:
    assert said in render(sample, Style(width=500, verbose=True))


def test_an_optional_unknown_is_told_and_does_not_read_as_passed() -> None:
    sample = samples.make(samples.TOKEN, samples.UNUSED_UNKNOWN)
    assert "? UNKNOWN downstream-access:mail" in render(sample, Style(width=200))
    assert "1 of 2 results passed, none failed; 1 not verified (not required)." in render(
        sample, Style(width=200, verbose=True)
    )


def test_a_simulated_run_is_marked() -> None:
    for style in (PLAIN, WHOLE):
        assert "(simulated, not Azure)" in render(dataclasses.replace(samples.BROKEN, simulated=True), style)
        assert "simulated" not in render(samples.BROKEN, style)


def test_no_colour_and_no_link_unless_asked_for() -> None:
    assert "\x1b" not in render(samples.BROKEN, Style(verbose=True))
    coloured = render(samples.BROKEN, Style(colour=True, links=True, verbose=True))
    assert "\x1b[1;31m✗ FAIL\x1b[0m" in coloured
    assert "\x1b]8;;https://agentdoctor.example/checks/caller-access\x1b\\" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", coloured)
    assert stripped == render(samples.BROKEN, WHOLE)


@settings(deadline=None)
@given(st.sampled_from(list(samples.ALL)), st.integers(50, 120), st.booleans())
def test_prose_keeps_to_the_width(name: str, width: int, verbose: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    for line in render(samples.ALL[name], Style(width=width, verbose=verbose)).splitlines():
        longest = max((cells(word) for word in line.split()), default=0)
        whole = (
            line.strip().startswith(("az ", "undo: az", "agentdoctor ", "docs", "name:", "scope")) or " ms: " in line
        )
        assert cells(line) <= width or whole or longest > width - 30


def test_wide_names_are_wrapped_by_columns() -> None:
    wide = samples.result("token", samples.passed("名前" * 60))
    lines = render(samples.make(wide), WHOLE).splitlines()
    assert "".join(line.strip() for line in lines).count("名前") == 60
    assert all(cells(line) <= 80 for line in lines if "名" in line)


NEVER = re.compile(r"##[A-Za-z]*\[|^\s*::", re.MULTILINE)
parts = st.sampled_from(["::", "##", "##vso[x]", "##[error]", "\n", "\r\n", "\x1b[31m", "\u2028", "%0A", " ", "'", '"'])
evil = st.lists(parts | st.text(max_size=3), max_size=8).map("".join)


@settings(deadline=None)
@given(evil, st.integers(10, 100), st.booleans())
def test_no_text_from_outside_is_obeyed(text: str, width: int, verbose: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    if not text.strip():
        return
    told = render(samples.hostile(text), Style(width=width, verbose=verbose, links=True))
    assert not NEVER.search(told)
    shown = re.sub(r"\x1b\]8;;(https://[!-~]+)?\x1b\\", "", told)
    assert all(char == "\n" or (char.isprintable() or char == "\u3000") for char in shown if not char.isspace())
    assert "\x1b" not in shown


def test_hostile_samples_are_told_without_harm(snapshot: SnapshotAssertion) -> None:
    for text in samples.HOSTILE:
        assert "\x1b" not in render(samples.hostile(text), Style(verbose=True))
    assert render(samples.hostile(samples.HOSTILE[4]), PLAIN) == snapshot


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("text", "txt", "text/plain")
