"""JUnit XML: well-formed, counted right, one name for each case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.format import Style
from doctor.model.status import Status
from reports.junit import render, report
from tests.reports import samples

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from doctor.model.report import Report


def _read(sample: Report) -> ET.Element:
    return ET.fromstring(render(sample, Style()))  # noqa: S314 - our own output


def test_the_whole_text(snapshot: SnapshotAssertion) -> None:
    assert render(samples.BROKEN, Style()) == snapshot


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_the_counts_are_those_of_the_cases(sample: Report) -> None:
    root = _read(sample)
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        assert int(element.attrib["tests"]) == len(cases)
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[attribute]) == len(list(element.iter(tag)))
    assert int(root.attrib["tests"]) == len(sample.results)
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert (red > 0) is (sample.exit_code not in {0, 130} or sample.count(Status.FAIL) > 0)


def test_what_a_case_of_each_status_holds() -> None:
    root = _read(samples.make(*samples.BROKEN.results, samples.CRASHED))
    held = {case.attrib["name"]: [(child.tag, child.get("type")) for child in case] for case in root.iter("testcase")}
    assert held == {
        "token": [],
        "name-resolution": [],
        "endpoint-accepts-caller": [("failure", "permission-denied")],
        "stateless-contract": [("skipped", None)],
        "caller-access": [("failure", "role-lacks-action")],
        "downstream-access:blob": [("system-out", None)],
        "downstream-access:search-conn": [("error", "cannot-read")],
        "protocol": [("error", "crashed")],
    }


def test_a_failure_carries_the_command() -> None:
    failure = next(case for case in _read(samples.BROKEN).iter("failure") if case.get("type") == "role-lacks-action")
    assert failure.text is not None
    assert f"run: {samples.GRANT_FIX.command}" in failure.text.splitlines()


def test_names_are_unique_over_the_whole_file() -> None:
    numbered = samples.result("token", samples.passed("x").about("x"), "Other")
    sample = samples.make(samples.TOKEN, samples.TOKEN, numbered, samples.TOKEN, *samples.many(5).results)
    names = [case.attrib["name"] for case in _read(sample).iter("testcase")]
    assert len(names) == len(set(names)) == len(sample.results)
    assert {"token", "token (2)", "token (3)"} <= set(names)


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_hostile_names_stay_text(text: str) -> None:
    _harmless(text)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["]]>", "<!--", "&#0;", "\x00", "\ufffe", '"', "::", "\n", "##[x]"]) | st.text(max_size=3)
    ).map("".join)
)
def test_any_name_stays_text(text: str) -> None:
    if text.strip():
        _harmless(text)


def _harmless(text: str) -> None:
    sample = samples.hostile(text)
    shape = [element.tag for element in _read(sample).iter()]
    assert shape == [element.tag for element in _read(samples.hostile("calm")).iter()] or text.strip() == "Access"
    assert not re.search(r"##|^\s*::", render(sample, Style()), re.MULTILINE)


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("junit", "xml", "application/xml")
