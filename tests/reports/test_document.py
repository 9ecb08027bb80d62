"""Report → JSON document → Report: nothing is lost, nothing foreign is taken for a report."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.cause import Cause
from doctor.model.document import NotAReport, from_document, to_document
from doctor.model.exchange import Exchange
from doctor.model.finding import Finding, Result
from doctor.model.fix import Fix
from doctor.model.identity import Identity
from doctor.model.report import Report, Subject
from doctor.model.status import Status
from tests.changes.samples import CHANGES
from tests.reports import samples

if TYPE_CHECKING:
    from collections.abc import Callable

texts = st.text(max_size=20)
lines = st.lists(texts, max_size=3).map(tuple)
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001 - hypothesis adds the zone
_change = st.none() | st.sampled_from(CHANGES)
_fix = st.builds(Fix, texts, texts, texts, texts, st.booleans(), texts, texts, texts, _change, texts, texts)
fixes = st.lists(_fix, max_size=2).map(tuple)


@st.composite
def findings(draw: Callable[[Any], Any]) -> Finding:
    status = draw(st.sampled_from(Status))
    return Finding(
        status,
        draw(texts.filter(str.strip)),
        draw(st.sampled_from(Cause)) if status.needs_cause else None,
        draw(texts),
        draw(lines),
        draw(fixes),
        draw(st.booleans()),
        draw(lines),
    )


reports = st.builds(
    Report,
    tool_version=texts,
    target=st.builds(Subject),
    duration_ms=st.integers(0, 10**7),
    started_at=times,
    results=st.lists(st.builds(Result, finding=findings()), max_size=3).map(tuple),
    root_causes=st.just(()),
    identities=st.lists(st.from_type(Identity), max_size=2).map(tuple),
    exchanges=st.lists(st.builds(Exchange), max_size=2).map(tuple),
    notes=lines,
)


@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_every_sample_comes_back_equal(report: Report) -> None:
    assert from_document(json.loads(json.dumps(to_document(report)))) == report


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_hostile_names_come_back_equal(text: str) -> None:
    report = samples.hostile(text)
    assert from_document(json.loads(json.dumps(to_document(report)))) == report


@settings(deadline=None)
@given(reports)
def test_any_report_comes_back_equal(report: Report) -> None:
    assert from_document(json.loads(json.dumps(to_document(report)))) == report


def test_the_contract_of_the_first_version() -> None:
    document = to_document(samples.BROKEN)
    assert document["schema"] == "agentdoctor/report/1"
    assert document["tool"] == {"name": "agentdoctor", "version": "0.1.0"}
    assert document["started_at"] == "2026-11-22T09:30:05Z"
    assert (document["verdict"], document["exit_code"]) == ("fail", 1)
    assert document["summary"] == {"pass": 2, "warn": 1, "fail": 2, "unknown": 1, "skip": 1, "error": 0}
    first = document["root_causes"][0]
    assert (first["cause"], first["check"], first["subject"]) == ("role-lacks-action", "caller-access", "")
    assert first["explains"] == ["endpoint-accepts-caller"]
    assert first["fixes"][0]["command"].startswith("az role assignment create ")
    result = document["results"][2]
    assert (result["check"], result["status"], result["cause"]) == (
        "endpoint-accepts-caller",
        "fail",
        "permission-denied",
    )
    assert result["because_of"] == ["caller-access"]
    assert document["results"][0]["cause"] is None


def test_requests_for_tokens_are_counted_apart() -> None:
    assert to_document(samples.BROKEN)["requests"] == {
        "count": 3,
        "by_host": {"contoso-ai.services.ai.azure.com": 2, "management.azure.com": 1},
        "for_tokens": 1,
    }


def test_fields_of_a_later_version_are_passed_over() -> None:
    document = to_document(samples.BROKEN)
    document["weather"] = "fine"
    document["results"][0]["mood"] = {"good": True}
    document["root_causes"][0]["fixes"][0]["colour"] = "blue"
    assert from_document(document) == samples.BROKEN


def test_a_document_with_the_first_fields_only_is_read() -> None:
    document = to_document(samples.HEALTHY)
    for later in ("exchanges", "policy", "interrupted", "rerun", "notes"):
        del document[later]
    assert from_document(document) == dataclasses.replace(samples.HEALTHY, exchanges=())


def _broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = to_document(samples.BROKEN)
    change(document)
    return document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "the document is not a JSON object"),
        ([], "the document is not a JSON object"),
        ({}, "its schema is None"),
        ({"schema": "agentdoctor/report/2"}, "its schema is 'agentdoctor/report/2'"),
        ({"schema": "agentdoctor/explain/1", "diagnoses": []}, "agentdoctor/explain/1"),
        (_broken(lambda d: d.pop("tool")), "tool is not a JSON object"),
        (_broken(lambda d: d.pop("target")), "target is not a JSON object"),
        (_broken(lambda d: d.pop("duration_ms")), "has no duration_ms"),
        (_broken(lambda d: d.update(results={})), "results is not a list"),
        (_broken(lambda d: d.update(duration_ms=True)), "duration_ms is not of type int"),
        (_broken(lambda d: d.update(redacted="no")), "redacted is not of type bool"),
        (_broken(lambda d: d.update(started_at="yesterday")), "started_at is not a time"),
        (_broken(lambda d: d.update(started_at="2026-01-01T00:00:00")), "without a time zone"),
        (_broken(lambda d: d["results"][0].update(status="great")), "results[0].status: 'great' is no status"),
        (_broken(lambda d: d["results"][2].update(cause="moon")), "results[2].cause: 'moon' is no cause"),
        (_broken(lambda d: d["results"][2].update(cause=None)), "results[2]: a finding of status fail"),
        (_broken(lambda d: d["results"][0].update(summary=" ")), "results[0]: a finding of status pass without"),
        (_broken(lambda d: d["results"][0].update(evidence="one")), "results[0].evidence is not a list"),
        (_broken(lambda d: d["results"][4]["fixes"].append(None)), "results[4].fixes[1] is not a JSON object"),
        (_broken(lambda d: d["identities"][0].update(role="king")), "identities[0].role: 'king' is no identityrole"),
        (_broken(lambda d: d["results"][4]["decisions"][0].pop("access")), "results[4].decisions[0] has no access"),
    ],
)
def test_what_is_no_report_is_refused_in_one_sentence(document: object, said: str) -> None:
    with pytest.raises(NotAReport) as caught:
        from_document(document)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.data())
def test_any_damage_is_refused_or_read_but_never_crashes(data: st.DataObject) -> None:
    document = to_document(samples.BROKEN)
    key = data.draw(st.sampled_from(sorted(document)))
    document[key] = data.draw(json_values)
    try:
        report = from_document(document)
    except NotAReport:
        return
    assert from_document(to_document(report)) == report
