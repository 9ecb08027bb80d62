"""What reports for people tell: the plan, the reasons, the names."""

from __future__ import annotations

import dataclasses

import pytest

from doctor.model.cause import Cause
from doctor.model.finding import failed, skipped
from doctor.model.fix import Fix
from doctor.model.format import Style
from doctor.model.report import RootCause, Subject
from doctor.model.status import Status
from reports import story
from reports import text as text_report
from tests.reports import samples


def test_the_plan_begins_with_the_root_causes_and_ends_with_what_else_is_proposed() -> None:
    steps = story.plan(samples.BROKEN)
    assert [(step.reference, step.status, len(step.fixes)) for step in steps] == [
        ("caller-access", Status.FAIL, 1),
        ("downstream-access:search-conn", Status.UNKNOWN, 0),
        ("downstream-access:blob", Status.WARN, 1),
    ]
    assert steps[0].explains == ("endpoint-accepts-caller",)


def test_the_plan_holds_no_change_of_what_a_root_cause_explains() -> None:
    root = RootCause(Cause.CHANNEL_ONLY, "policy", "", "Channels only.", Status.FAIL, explains=("endpoint",))
    endpoint, other = (
        samples.result(name, failed(Cause.CHANNEL_ONLY, "Refused.", fixes=(Fix(f"Set it for {name}"),)))
        for name in ("endpoint", "other")
    )
    policy = samples.result("policy", failed(Cause.CHANNEL_ONLY, "Channels only."))
    steps = story.plan(samples.make(policy, endpoint, other, root_causes=(root,)))
    assert [step.reference for step in steps] == ["policy", "other"]


def test_a_command_without_a_word_behind_it_leaves_one_empty_line() -> None:
    fix = Fix("Sign in there", command="az login --tenant x")
    root = RootCause(Cause.WRONG_TENANT, "one", "", "Another tenant.", Status.FAIL, fixes=(fix,))
    one = samples.result("one", failed(Cause.WRONG_TENANT, "Another tenant.", fixes=(fix,)))
    left = samples.result("two", skipped("Not run."))
    assert "\n\n\n" not in text_report.render(samples.make(one, left, root_causes=(root,)), Style())


@pytest.mark.parametrize(
    ("report", "heading"),
    [
        (samples.HEALTHY, ""),
        (samples.BROKEN, "The one thing to change"),
        (samples.WARNED, "Proposed changes"),
        (dataclasses.replace(samples.BROKEN, root_causes=samples.BROKEN.root_causes[1:]), "The first thing to settle"),
    ],
)
def test_only_a_failure_at_the_root_is_the_one_thing_to_change(report: samples.Report, heading: str) -> None:
    assert story.heading(story.plan(report), report) == heading


def test_what_is_not_verified_comes_worst_first_and_one_reason_once() -> None:
    again = samples.result("protocol", samples.SKIPPED.finding)
    report = samples.make(
        samples.SKIPPED, samples.TOKEN, again, samples.SEARCH_UNKNOWN, samples.CRASHED, samples.NO_ACCESS
    )
    assert [(gap.status.value, gap.references) for gap in story.not_verified(report)] == [
        ("error", ("protocol",)),
        ("unknown", ("downstream-access:search-conn",)),
        ("skip", ("stateless-contract", "protocol")),
    ]


@pytest.mark.parametrize(
    ("resource_id", "name"),
    [
        (samples.APPLICATION, "contoso-ai/support/helper"),
        (samples.APPLICATION.upper(), "CONTOSO-AI/SUPPORT/HELPER"),
        (f"{samples.ACCOUNT}/projects/support", "contoso-ai/support"),
        (samples.ACCOUNT, "as given"),
        ("", "as given"),
    ],
)
def test_the_short_name(resource_id: str, name: str) -> None:
    target = Subject("as given", "agent-application", resource_id=resource_id)
    assert story.name(dataclasses.replace(samples.HEALTHY, target=target)) == name


def test_a_reason_that_the_summary_has_said_is_not_said_again() -> None:
    assert story.reasons(samples.NO_ACCESS) == [samples.DENIED_ACCESS.reason]
    finding = dataclasses.replace(samples.NO_ACCESS.finding, summary=f"Refused: {samples.DENIED_ACCESS.reason[:-1]}!")
    assert story.reasons(dataclasses.replace(samples.NO_ACCESS, finding=finding)) == []


def test_evidence_that_the_summary_has_said_is_not_said_again() -> None:
    finding = failed(Cause.DENIED, "Refused: a lock, and more.", evidence=("a lock", "request id 7", "request id 7"))
    assert story.evidence(samples.result("one", finding)) == ["request id 7"]


def test_what_two_results_tell_is_told_in_full_once() -> None:
    fixes = samples.NO_ACCESS.finding.fixes
    first = samples.result("first", failed(Cause.DENIED, "One.", evidence=("it",), fixes=fixes))
    second = samples.result("second", failed(Cause.DENIED, "Two.", evidence=("it",), fixes=fixes))
    other = samples.result("other", failed(Cause.DENIED, "Three.", evidence=("else",)))
    report = samples.make(first, second, other)
    assert [story.seen_at(one, report) for one in report.results] == ["", "first", ""]
    assert [story.told_at(fixes[0], one, report) for one in (first, second)] == ["", "first"]
    root = RootCause(Cause.DENIED, "second", "", "Two.", Status.FAIL, fixes=fixes)
    rooted = dataclasses.replace(report, root_causes=(root,))
    assert [story.told_at(fixes[0], one, rooted) for one in (first, second)] == ["second", ""]


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (4200, "4.2 s"), (59_999, "60.0 s"), (200_000, "3 min 20 s")],
)
def test_a_duration_in_words(milliseconds: int, words: str) -> None:
    assert story.duration(milliseconds) == words


def test_the_tally_leaves_out_what_is_not_there() -> None:
    assert story.tally(samples.BROKEN) == "2 fail, 1 unknown, 1 warn, 1 skip, 2 pass"
    assert story.tally(samples.EMPTY) == ""
