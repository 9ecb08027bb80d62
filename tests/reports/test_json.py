"""The JSON format: valid against the schema in the package, and obeyed by nobody."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.document import from_document
from doctor.model.format import Style
from doctor.model.identity import IdentityRole
from doctor.model.status import Status, Verdict
from reports.json import render, report
from tests.reports import samples
from tests.reports.schemas import strict

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from doctor.model.report import Report

SCHEMA: dict[str, Any] = json.loads((files("reports") / "schema" / "report-1.json").read_text(encoding="utf-8"))


VALIDATOR = jsonschema.Draft202012Validator(strict(SCHEMA))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_every_report_is_valid_and_every_field_described(sample: Report) -> None:
    VALIDATOR.validate(json.loads(render(sample, Style())))


def test_hostile_reports_are_valid() -> None:
    for text in samples.HOSTILE:
        VALIDATOR.validate(json.loads(render(samples.hostile(text), Style())))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "agentdoctor/report/2"},
        {"verdict": "great"},
        {"exit_code": 2},
        {"summary": {}},
        {"results": [{}]},
        {"started_at": 5},
        {"redacted": None},
    ],
)
def test_the_schema_refuses_what_is_no_report(change: dict[str, Any]) -> None:
    document = json.loads(render(samples.BROKEN, Style())) | change
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_refuses_a_fail_without_cause_and_a_pass_with_one() -> None:
    for index, cause in ((2, None), (0, "denied")):
        document = json.loads(render(samples.BROKEN, Style()))
        document["results"][index]["cause"] = cause
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_lists_exactly_the_words_of_the_model() -> None:
    definitions = SCHEMA["$defs"]
    assert {item["const"]: item["description"] for item in definitions["cause"]["oneOf"]} == {
        cause.value: cause.meaning for cause in Cause
    }
    assert definitions["status"]["enum"] == [status.value for status in Status]
    assert SCHEMA["properties"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]
    assert definitions["identity"]["properties"]["role"]["enum"] == [role.value for role in IdentityRole]
    assert definitions["decision"]["properties"]["access"]["enum"] == [access.value for access in Access]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("#vso[:]%\n\r\u2028\u202e\x1b\ud800é<a")))
def test_nothing_is_obeyed_and_nothing_is_lost(text: str) -> None:
    written = render(samples.hostile(text or "x") if text.strip() else samples.BROKEN, Style())
    assert written.isascii()
    assert "##" not in written
    assert not any(line.strip().startswith("::") for line in written.splitlines())
    if text.strip():
        assert from_document(json.loads(written)) == samples.hostile(text)


def test_the_whole_text(snapshot: SnapshotAssertion) -> None:
    assert render(samples.BROKEN, Style()) == snapshot


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("json", "json", "application/json")
