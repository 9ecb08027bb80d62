"""A waived result stays visible with its reason in every format, and turns nothing red."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from doctor.model.document import from_document, to_document
from doctor.model.format import Format, Style
from doctor.model.status import Status, Verdict
from reports import azure_devops, github, html, junit, markdown, sarif, story, text
from tests.reports import samples

if TYPE_CHECKING:
    from doctor.model.report import Report

REASON = "Moves to the new account in January"


def waived(report: Report = samples.BROKEN) -> Report:
    """The report with everything waived that is no pass, and so without root causes."""
    results = tuple(
        replace(result, waived=REASON, waived_until="2027-01-31") if result.status.needs_cause else result
        for result in report.results
    )
    return replace(report, results=results, root_causes=())


def test_it_does_not_count() -> None:
    report = waived()
    assert (report.verdict, report.exit_code) == (Verdict.PASS, 0)
    assert report.count(Status.FAIL) == samples.BROKEN.count(Status.FAIL) > 0


def test_a_failure_that_is_not_waived_still_counts() -> None:
    report = waived()
    first = next(result for result in report.results if result.status is Status.FAIL)
    results = tuple(replace(one, waived="") if one is first else one for one in report.results)
    broken = replace(report, results=results)
    assert broken.exit_code == 1
    assert story.headline(broken).startswith(f"1 of {len(results)} results failed. Besides, ")


@pytest.mark.parametrize("kind", [text.report, markdown.report, html.report], ids=lambda kind: kind.name)
def test_people_see_it_with_its_reason_and_its_end(kind: Format) -> None:
    told = kind.render(waived(), Style(width=200, verbose=True))
    assert f"{REASON} (until 2027-01-31)" in told
    assert "caller-access (waived)" in told
    assert "waived" in story.headline(waived())


@pytest.mark.parametrize("kind", [github.report, azure_devops.report], ids=lambda kind: kind.name)
def test_it_is_no_annotation(kind: Format) -> None:
    assert kind.render(samples.BROKEN, Style()).count("::error") + kind.render(samples.BROKEN, Style()).count("##vso")
    told = kind.render(waived(), Style())
    assert len(told.splitlines()) == 1
    assert "agentdoctor: PASS" in told


def test_junit_skips_it() -> None:
    document = ET.fromstring(junit.report.render(waived(), Style()))  # noqa: S314 - our own document
    assert (document.get("failures"), document.get("errors")) == ("0", "0")
    messages = [one.get("message") or "" for one in document.iter("skipped")]
    assert sum(REASON in message for message in messages) == sum(bool(r.waived) for r in waived().results)


def test_sarif_is_silent_about_it() -> None:
    assert json.loads(sarif.report.render(waived(), Style()))["runs"][0]["results"] == []


def test_the_document_keeps_it() -> None:
    assert from_document(to_document(waived())) == waived()
