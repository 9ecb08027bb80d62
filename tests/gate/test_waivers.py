"""Waivers and baselines: the algebra, and the whole way through the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor import config, waivers
from doctor.model.cause import Cause
from doctor.model.finding import failed, passed, skipped, unknown, warned
from doctor.model.report import Policy
from doctor.waivers import Waiver
from tests.gate.conftest import Azure, invoke
from tests.gate.samples import report_of, result

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.model.finding import Result

TODAY = date(2026, 11, 22)
BROKEN = result("downstream-access", failed(Cause.LOST_ON_PUBLISH, "Lost."), "reports")
OTHER = result("downstream-access", failed(Cause.NO_ASSIGNMENT, "None."), "mail")
FINE = result("token", passed("Fine."))


@pytest.mark.parametrize(
    ("waiver", "covered"),
    [
        (Waiver("downstream-access", "r"), {"reports", "mail"}),
        (Waiver("downstream-access", "r", "reports"), {"reports"}),
        (Waiver("downstream-access", "r", "reports", Cause.LOST_ON_PUBLISH), {"reports"}),
        (Waiver("downstream-access", "r", None, Cause.NO_ASSIGNMENT), {"mail"}),
        (Waiver("downstream-access", "r", "reports", Cause.NO_ASSIGNMENT), set()),
        (Waiver("downstream-access", "r", ""), set()),
        (Waiver("downstream-access", "r", "Reports"), set()),
        (Waiver("caller-access", "r"), set()),
    ],
)
def test_what_a_waiver_covers(waiver: Waiver, covered: set[str]) -> None:
    results = waivers.apply((BROKEN, OTHER, FINE), (waiver,), TODAY)
    assert {one.finding.subject for one in results if one.waived} == covered
    assert any(one.check == waivers.CHECK for one in results) is not bool(covered)


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_a_waiver_holds_to_the_end_of_its_last_day(days: int, *, holds: bool) -> None:
    waiver = Waiver("downstream-access", "because", until=TODAY + timedelta(days=days))
    (told,) = waivers.apply((BROKEN,), (waiver,), TODAY)
    assert bool(told.waived) is holds
    assert report_of(told).exit_code == (0 if holds else 1)
    expired = f"its waiver expired on {waiver.until}: because"
    assert (expired in told.finding.evidence) is not holds


def test_an_expired_waiver_gives_way_to_one_that_holds() -> None:
    old, new = Waiver("downstream-access", "old", until=date(2026, 1, 1)), Waiver("downstream-access", "new")
    (told,) = waivers.apply((BROKEN,), (old, new), TODAY)
    assert told.waived == "new"
    assert told.finding.evidence == BROKEN.finding.evidence


def test_a_waiver_that_covers_nothing_is_a_warning() -> None:
    results = waivers.apply((FINE,), (Waiver("token", "r", cause=Cause.TOKEN_EXPIRED),), TODAY)
    warning = results[-1]
    assert (warning.status.value, warning.finding.cause) == ("warn", Cause.WAIVER_UNUSED)
    assert "The waiver for token (token-expired) covers no result." in warning.finding.summary
    assert report_of(*results).exit_code == 0
    assert report_of(*results, policy=Policy(fail_on_warn=True)).exit_code == 1


def test_an_expired_waiver_that_covers_nothing_says_both() -> None:
    results = waivers.apply((FINE,), (Waiver("token", "r", until=date(2026, 1, 1)),), TODAY)
    assert "covers no result, and it expired on 2026-01-01" in results[-1].finding.summary


def test_a_check_that_was_not_judged_says_nothing_about_its_waiver() -> None:
    skip = result("deployment", skipped("Deselected."))
    assert waivers.apply((skip,), (Waiver("deployment", "r"),), TODAY) == (skip,)


def test_two_equal_waivers_that_cover_nothing_keep_their_references_apart() -> None:
    told = waivers.apply((FINE,), (Waiver("token", "a"), Waiver("token", "b")), TODAY)
    assert len({one.reference for one in told}) == len(told) == 3


def test_a_pass_is_not_waived_and_an_unknown_may_be() -> None:
    vague = result("protocol", unknown(Cause.CANNOT_READ, "Not read."))
    results = waivers.apply((FINE, vague), (Waiver("token", "r"), Waiver("protocol", "r")), TODAY)
    assert [bool(one.waived) for one in results] == [False, True, False]
    assert report_of(*results[:2]).exit_code == 0


def test_what_is_waived_is_no_root_cause_and_explains_nothing() -> None:
    follower = result("endpoint", replace(failed(Cause.PERMISSION_DENIED, "No."), because_of=("caller-access",)))
    root = replace(result("caller-access", failed(Cause.NO_ASSIGNMENT, "None.")), waived="known")
    assert [one.check for one in report_of(root, follower).root_causes] == ["endpoint"]
    assert report_of(root, replace(follower, waived="known")).root_causes == ()


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@given(
    st.lists(
        st.builds(
            Waiver,
            check=st.sampled_from(["token", "caller-access"]),
            reason=TEXT,
            subject=st.none() | st.text(st.characters(exclude_categories=("Cs",))),
            cause=st.none() | st.sampled_from(Cause),
            until=st.none() | st.dates(date(1970, 1, 1)),
        )
    )
)
def test_waivers_survive_being_written(given_: list[Waiver]) -> None:
    read = config.tomllib.loads(waivers.to_toml(given_)).get("waivers", [])
    assert [
        Waiver(
            one["check"],
            one["reason"],
            one.get("subject"),
            next((cause for cause in Cause if cause.value == one.get("cause")), None),
            one.get("until"),
        )
        for one in read
    ] == given_


RESULTS = st.lists(st.sampled_from([BROKEN, OTHER, FINE, result("a", warned(Cause.KEY_IN_USE, "!"))]), unique=True)
WAIVERS = st.lists(
    st.builds(
        Waiver,
        check=st.sampled_from(["downstream-access", "a", "token", "other"]),
        reason=st.just("known"),
        subject=st.sampled_from([None, "", "reports", "mail"]),
        cause=st.sampled_from([None, Cause.LOST_ON_PUBLISH, Cause.KEY_IN_USE]),
        until=st.sampled_from([None, TODAY, TODAY - timedelta(days=1)]),
    )
)


@given(RESULTS, WAIVERS)
def test_waivers_hide_nothing_and_make_nothing_worse(given_: list[Result], some: list[Waiver]) -> None:
    applied = waivers.apply(given_, some, TODAY)
    assert [one.reference for one in applied[: len(given_)]] == [one.reference for one in given_]
    assert [one.status for one in applied[: len(given_)]] == [one.status for one in given_]
    assert report_of(*applied).exit_code <= report_of(*given_).exit_code
    more = waivers.apply(given_, [*some, Waiver("downstream-access", "all")], TODAY)
    assert sum(bool(one.waived) for one in more) >= sum(bool(one.waived) for one in applied)


def test_a_baseline_makes_the_same_report_pass() -> None:
    report = report_of(
        BROKEN, OTHER, FINE, result("a", unknown(Cause.CANNOT_READ, "?")), result("b", warned(Cause.KEY_IN_USE, "!"))
    )
    known = waivers.known(report, TODAY)
    assert report_of(*waivers.apply(report.results, known, TODAY), policy=Policy(fail_on_warn=True)).exit_code == 0
    assert [one.check for one in known] == ["downstream-access", "downstream-access", "a", "b"]
    assert known[0].reason == "Known on 2026-11-22"


def test_a_baseline_keeps_the_reason_and_the_end_of_what_is_waived_already() -> None:
    report = report_of(replace(BROKEN, waived="agreed", waived_until="2026-12-01"), replace(OTHER, waived="for ever"))
    assert [(one.reason, one.until) for one in waivers.known(report, TODAY)] == [
        ("agreed", date(2026, 12, 1)),
        ("for ever", None),
    ]


def test_from_a_failure_to_a_green_gate_and_back(here: Path, lost: Azure) -> None:
    assert lost.check("--report", "json=report.json").exit_code == 1
    written = invoke("baseline", "report.json", "-o", config.FILE)
    assert (written.exit_code, written.stdout) == (0, "")
    green = lost.report()
    assert (green["verdict"], green["exit_code"], green["root_causes"]) == ("pass", 0, [])
    waived = [one for one in green["results"] if one["waived"]]
    assert {one["status"] for one in waived} == {"fail"}
    assert all(one["waived"].startswith("Known on 20") for one in waived)
    text = lost.check().stdout
    assert "Waived: lost-on-publish and downstream-access:reports." in text
    assert "downstream-access:reports (waived)" in lost.check("-v").stdout
    file = here / config.FILE
    file.write_text(file.read_text().replace("until = 20", "until = 19"))
    red = lost.check("-v")
    assert red.exit_code == 1
    assert "its waiver expired on 19" in " ".join(red.stdout.split())


def test_a_baseline_is_appended_to_a_configuration(here: Path, lost: Azure) -> None:
    lost.check("--report", "json=report.json")
    (here / config.FILE).write_text('timeout = 30\n\n[[waivers]]\ncheck = "token"\nreason = "x"\n')
    assert invoke("baseline", "report.json", "-o", config.FILE, "--until", "never", "--reason", "agreed").exit_code == 0
    loaded = config.load(here / config.FILE)
    assert loaded.options == {"timeout": 30}
    assert [one.reason for one in loaded.waivers] == ["x", "agreed", "agreed"]
    assert loaded.waivers[1].until is None


def test_a_baseline_is_written_to_standard_output(here: Path, lost: Azure) -> None:
    html = here / "report.html"
    lost.check("--report", f"html={html}")
    ended = invoke("baseline", str(html), "--until", "2099-01-31")
    assert ended.exit_code == 0
    assert "2 waivers written." in ended.stderr
    entries = config.tomllib.loads(ended.stdout)["waivers"]
    assert {entry["until"] for entry in entries} == {date(2099, 1, 31)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.json"], "cannot be read"),
        (["bad.json"], "neither a JSON report nor an HTML report"),
        (["other.json"], "this is no agentdoctor report"),
        (["report.json", "--until", "tomorrow"], "no date of the form 2026-12-31"),
        (["report.json", "-o", "pyproject.toml"], "name agentdoctor.toml"),
        (["report.json", "-o", "bad.toml"], "is not valid TOML"),
    ],
)
def test_a_baseline_says_what_is_wrong(here: Path, arguments: list[str], said: str, healthy: Azure) -> None:
    healthy.check("--report", "json=report.json")
    (here / "bad.json").write_text("[")
    (here / "bad.toml").write_text("= 1")
    (here / "pyproject.toml").write_text("")
    (here / "other.json").write_text(json.dumps({"schema": "x"}))
    ended = invoke("baseline", *arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in " ".join(ended.stderr.split())
