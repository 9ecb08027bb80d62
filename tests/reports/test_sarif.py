"""SARIF 2.1.0: valid by the official schema, and every state where a viewer expects it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from doctor.model.format import Style
from reports.sarif import render, report
from tests.npm import read
from tests.reports import samples

if TYPE_CHECKING:
    from doctor.model.report import Report


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft4Validator:
    """The validator of the schema that Microsoft's own test package carries."""
    return jsonschema.Draft4Validator(json.loads(read("@microsoft/jest-sarif")))


def _run(sample: Report, anchor: str = "") -> dict[str, Any]:
    log = json.loads(render(sample, Style(anchor=anchor)))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize("anchor", ["", "infra/my main.bicep", "a\\b é.txt"])
def test_every_report_is_valid(official: jsonschema.Draft4Validator, anchor: str) -> None:
    told = (*samples.ALL.values(), samples.many(3), *(samples.hostile(text) for text in samples.HOSTILE))
    for sample in told:
        official.validate(json.loads(render(sample, Style(anchor=anchor))))


def test_the_schema_is_no_formality(official: jsonschema.Draft4Validator) -> None:
    log = json.loads(render(samples.BROKEN, Style()))
    log["runs"][0]["results"][0]["kind"] = "great"
    assert not official.is_valid(log)


def test_kinds_and_levels() -> None:
    run = _run(samples.make(*samples.BROKEN.results, samples.CRASHED))
    assert [(r["ruleId"], r["kind"], r["level"]) for r in run["results"]] == [
        ("endpoint-accepts-caller", "fail", "error"),
        ("caller-access", "fail", "error"),
        ("downstream-access", "review", "warning"),
        ("downstream-access", "open", "warning"),
    ]
    (crash,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (crash["level"], crash["associatedRule"]["id"]) == ("error", "protocol")
    assert run["invocations"][0]["executionSuccessful"] is False


def test_rules_are_the_checks_and_results_point_to_them() -> None:
    run = _run(samples.BROKEN)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({result.check for result in samples.BROKEN.results})
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert rules[0]["helpUri"] == "https://agentdoctor.example/checks/caller-access"


def test_locations() -> None:
    bare = _run(samples.BROKEN)["results"][0]["locations"][0]
    assert bare["logicalLocations"] == [{"fullyQualifiedName": samples.APPLICATION, "kind": "resource"}]
    assert bare["physicalLocation"] == {"artifactLocation": {"uri": "README.md"}, "region": {"startLine": 1}}
    anchored = _run(samples.BROKEN, "infra\\my main.bicep")["results"][0]["locations"][0]
    assert anchored["physicalLocation"]["artifactLocation"] == {"uri": "infra/my%20main.bicep"}


def test_fingerprints_tell_results_apart_and_outlive_a_run() -> None:
    later = dataclasses.replace(samples.BROKEN, started_at=samples.BEGUN.replace(year=2027), duration_ms=1)
    first, second = ([r["partialFingerprints"] for r in _run(sample)["results"]] for sample in (samples.BROKEN, later))
    assert first == second
    assert len({prints["primaryLocationLineHash"] for prints in first}) == len(first)


def test_what_is_well_or_waived_is_no_result() -> None:
    assert _run(samples.HEALTHY)["results"] == []
    waived = tuple(dataclasses.replace(one, waived="agreed") for one in samples.BROKEN.results)
    assert _run(dataclasses.replace(samples.BROKEN, results=waived))["results"] == []


def test_rules_have_what_code_scanning_shows() -> None:
    for rule in _run(samples.BROKEN)["tool"]["driver"]["rules"]:
        assert {"shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"} <= set(rule)
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]


def test_a_message_holds_no_link_of_its_own() -> None:
    texts = [result["message"]["text"] for result in _run(samples.hostile(samples.HOSTILE[7]))["results"]]
    assert all("](" not in text for text in texts)


def test_an_interrupted_run_did_not_succeed() -> None:
    invocation = _run(samples.INTERRUPTED)["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 130)
    healthy = _run(samples.HEALTHY)["invocations"][0]
    assert (healthy["executionSuccessful"], healthy["exitCode"]) == (True, 0)


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("sarif", "sarif", "application/sarif+json")
