"""The text format: what a person at a terminal of 80 columns sees."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_the_fix_command_stands_whole_on_a_line_of_its_own() -> None:
    for width in (20, 40, 80, 200):
        lines = [line.strip() for line in render(samples.BROKEN, Style(width=width)).splitlines()]
        assert lines.count(samples.GRANT_FIX.command) == 2, "beside the result and in the plan at the end"
        assert lines.count(samples.GRANT_FIX.undo) == 1


def test_the_end_holds_verdict_plan_what_is_open_and_the_rerun_in_this_order() -> None:
    end = render(samples.BROKEN, PLAIN).partition("── Verdict ")[2]
    parts = ["FAIL: 2 of 7 results failed.", "The one thing to change", samples.GRANT_FIX.command, "Not verified"]
    parts += ["? UNKNOWN downstream-access:search-conn", "– skip stateless-contract", samples.BROKEN.rerun]  # noqa: RUF001 - the symbol of a skip
    assert [end.index(part) for part in parts] == sorted(end.index(part) for part in parts)


def test_a_fix_that_only_a_root_cause_holds_is_told_with_its_undo() -> None:
    bare = dataclasses.replace(samples.BROKEN, results=samples.BROKEN.results[:3])
    assert samples.GRANT_FIX.undo in render(bare, PLAIN)


def test_no_change_is_proposed_twice_in_the_plan() -> None:
    again = dataclasses.replace(samples.BROKEN, root_causes=samples.BROKEN.root_causes[:1] * 3)
    end = render(again, PLAIN).partition("── Verdict ")[2]
    assert end.count(samples.GRANT_FIX.command) == 1


def test_a_pass_is_one_paragraph_without_details() -> None:
    text = render(samples.HEALTHY, PLAIN)
    assert "  ✓ pass token: The Azure CLI gave a token for ada@contoso.com.\n" in text
    assert "seen in" in text
    assert "audience https://ai.azure.com" not in text
    assert "audience https://ai.azure.com" in render(samples.HEALTHY, Style(verbose=True))


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
    assert said in render(sample, Style(width=500))


def test_an_optional_unknown_is_told_and_does_not_read_as_passed() -> None:
    sample = samples.make(samples.TOKEN, samples.UNUSED_UNKNOWN)
    text = render(sample, Style(width=200))
    assert "1 of 2 results passed, none failed; 1 not verified (not required)." in text
    assert text.count("? UNKNOWN downstream-access:mail") == 2


def test_no_colour_and_no_link_unless_asked_for() -> None:
    assert "\x1b" not in render(samples.BROKEN, Style(verbose=True))
    coloured = render(samples.BROKEN, Style(colour=True, links=True))
    assert "\x1b[1;31m✗ FAIL\x1b[0m" in coloured
    assert "\x1b]8;;https://agentdoctor.example/checks/token\x1b\\" not in coloured
    assert "\x1b]8;;https://agentdoctor.example/checks/caller-access\x1b\\" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", coloured)
    assert stripped == render(samples.BROKEN, PLAIN)


@settings(deadline=None)
@given(st.sampled_from(list(samples.ALL)), st.integers(50, 120), st.booleans())
def test_prose_keeps_to_the_width(name: str, width: int, verbose: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    for line in render(samples.ALL[name], Style(width=width, verbose=verbose)).splitlines():
        longest = max((cells(word) for word in line.split()), default=0)
        whole = line.strip().startswith(("az ", "agentdoctor ", "docs", "name:", "scope")) or " ms: " in line
        assert cells(line) <= width or whole or longest > width - 30


def test_wide_names_are_wrapped_by_columns() -> None:
    wide = samples.result("token", samples.passed("名前" * 60))
    lines = render(samples.make(wide), PLAIN).splitlines()
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


def test_many_identities_are_cut_short_with_their_number() -> None:
    crowd = dataclasses.replace(samples.HEALTHY, identities=samples.IDENTITIES * 10)
    assert "and 18 more (--verbose shows them)" in render(crowd, PLAIN)
    assert "more (--verbose" not in render(crowd, Style(verbose=True))


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("text", "txt", "text/plain")
