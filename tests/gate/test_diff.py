"""`agentdoctor diff`: what broke, what was fixed, and what happened in between."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.cli import diff_text
from doctor.diff import Between, Kind, compare
from doctor.model.access import Access, Action, Decision, Grant, Question
from doctor.model.cause import Cause
from doctor.model.finding import Finding, Result, failed, passed, skipped, unknown, warned
from doctor.model.identity import Identity, IdentityRole
from doctor.model.status import Status
from doctor.model.trait import Trait
from tests.gate.conftest import Azure, invoke
from tests.gate.samples import report_of, result

if TYPE_CHECKING:
    from pathlib import Path

FINE, BAD = passed("Fine."), failed(Cause.NO_ASSIGNMENT, "No role.")
VAGUE, WARNING = unknown(Cause.CANNOT_READ, "Not read."), warned(Cause.EXPIRES_SOON, "Ends soon.")
SKIPPED, OTHER = skipped("Deselected."), failed(Cause.DENIED, "Denied.")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (FINE, BAD, Kind.BROKE),
        (FINE, VAGUE, Kind.BROKE),
        (FINE, WARNING, Kind.BROKE),
        (VAGUE, BAD, Kind.BROKE),
        (BAD, FINE, Kind.FIXED),
        (WARNING, FINE, Kind.FIXED),
        (BAD, VAGUE, Kind.BETTER),
        (BAD, WARNING, Kind.BETTER),
        (BAD, OTHER, Kind.OTHER_CAUSE),
        (BAD, BAD, Kind.STILL),
        (BAD, SKIPPED, Kind.GONE),
        (BAD, None, Kind.GONE),
        (None, BAD, Kind.APPEARED),
        (SKIPPED, VAGUE, Kind.APPEARED),
        (FINE, FINE, None),
        (FINE, None, None),
        (None, FINE, None),
        (SKIPPED, FINE, None),
        (FINE, SKIPPED, None),
    ],
)
def test_what_became_of_a_result(before: Finding | None, after: Finding | None, kind: Kind | None) -> None:
    sides = [report_of(*([result("a", one)] if one else [])) for one in (before, after)]
    diff = compare(*sides)
    assert [change.kind for change in diff.changes] == ([kind] if kind else [])
    assert diff.exit_code == (1 if kind in {Kind.BROKE, Kind.APPEARED} else 0)


def test_what_is_waived_is_as_good_as_well() -> None:
    waived = replace(result("a", BAD), waived="known")
    assert compare(report_of(result("a", FINE)), report_of(waived)).exit_code == 0
    assert compare(report_of(waived), report_of(result("a", BAD))).of(Kind.BROKE)


def test_what_is_only_waived_is_not_called_fixed() -> None:
    waived = replace(result("a", BAD), waived="known")
    diff = compare(report_of(result("a", BAD)), report_of(waived))
    assert [change.kind for change in diff.changes] == [Kind.WAIVED]
    assert diff.exit_code == 0
    told = diff_text.as_text(diff, 80)
    assert "1 waived now." in told
    assert "Not well, and waived now" in told
    assert "ixed" not in told
    assert not compare(report_of(waived), report_of(waived)).changes
    assert compare(report_of(waived), report_of(result("a", FINE))).of(Kind.FIXED)


FINDINGS = st.sampled_from([FINE, BAD, VAGUE, WARNING, SKIPPED, OTHER])
REPORTS = st.lists(FINDINGS, max_size=4).map(lambda all_: report_of(*(result(f"c{i}", f) for i, f in enumerate(all_))))


@given(REPORTS, REPORTS)
def test_a_comparison_is_complete_and_has_a_mirror(old: object, new: object) -> None:
    there, back = compare(old, new), compare(new, old)  # type: ignore[arg-type]  # both are reports
    bad = {c.reference for c in there.changes if c.kind not in {Kind.FIXED, Kind.GONE}}
    assert bad == {r.check for r in new.results if r.status not in {Status.PASS, Status.SKIP}}  # type: ignore[attr-defined]  # as above
    assert len(there.changes) == len(back.changes)
    assert len(there.of(Kind.STILL)) == len(back.of(Kind.STILL))
    assert not compare(old, old).exit_code  # type: ignore[arg-type]  # as above


def test_what_happened_in_between() -> None:
    action = Action("x/y/action", data=True)
    question = Question("p", action, "/s")
    grant = Grant("/s/ra/1", "p", "r", "Foundry User", "/s")

    def judged(*grants: Grant) -> Result:
        answer = Decision(question, Access.GRANTED if grants else Access.UNKNOWN, None, "r", grants=grants)
        return result("caller-access", passed("x", decisions=(answer,)))

    me = Identity("p", IdentityRole.CALLER, name="dana")
    old = replace(report_of(judged(), identities=(me,)), traits=(Trait("deployment a", "agent version", "shop 1"),))
    new = replace(
        report_of(judged(grant), identities=(me, Identity("q", IdentityRole.APPLICATION_AGENT))),
        traits=(Trait("deployment a", "agent version", "shop 2"),),
    )
    assert compare(old, new).between == (
        Between("deployment a: agent version", "shop 1", "shop 2"),
        Between("role assignment of Foundry User to dana (p) on /s", "", "present"),
        Between("the application's agent identity", "", "q"),
    )
    assert compare(new, old).between[1].before == "present"


def test_what_one_run_could_not_read_is_not_said_to_be_gone() -> None:
    mail, blob = Trait("connection mail", "target", "m"), Trait("connection blob", "target", "b")
    model = Trait("agent shop", "model", "gpt")
    read, blind = replace(report_of(), traits=(mail, blob, model)), replace(report_of(), traits=(mail,))
    assert compare(read, blind).between == (Between("connection blob", "present", ""),)
    assert compare(blind, read).between == (Between("connection blob", "", "present"),)
    assert compare(report_of(), read).between == ()


def test_other_applications_and_swapped_reports_are_pointed_out() -> None:
    old = report_of(result("a", FINE))
    new = replace(old, target=replace(old.target, resource_id="/other"), started_at=old.started_at - timedelta(days=1))
    for told in (diff_text.as_text(compare(old, new), 200), diff_text.as_markdown(compare(old, new))):
        assert "two different agents" in told
        assert "the right way round?" in told


@given(st.text(min_size=1))
def test_nothing_in_it_is_obeyed(text: str) -> None:
    hostile = f"{text}\n::error::x ##vso[task.complete] ##[error]"
    finding = failed(Cause.UNRECOGNISED, hostile)
    old = replace(report_of(), traits=(Trait(hostile, hostile, hostile),))
    diff = compare(old, report_of(result(hostile, finding, hostile)))
    for told in (diff_text.as_text(diff, 80), diff_text.as_markdown(diff), diff_text.as_json(diff)):
        assert "##vso[" not in told
        assert "##[" not in told
        assert not any(line.lstrip().startswith("::") for line in told.splitlines())
        assert "\x1b" not in told
    assert json.loads(diff_text.as_json(diff))["changes"][0]["after"]["summary"] == hostile


def test_from_broken_to_fixed_through_the_command_line(here: Path, lost: Azure, healthy: Azure) -> None:
    lost.check("--report", "json=old.json")
    healthy.check("--report", "html=new.html")
    fixed = invoke("diff", "old.json", "new.html")
    assert fixed.exit_code == 0, fixed.output
    told = " ".join(fixed.stdout.split())
    assert "contoso-ai/support/helpdesk: 2 fixed." in told
    assert "downstream-access:reports: fail (lost-on-publish) → pass." in told
    assert "role assignment of Storage Blob Data Reader to helpdesk" in told
    assert "gone" not in told
    assert "fail (lost-on-publish) -> pass" in invoke("diff", "old.json", "new.html", env={"TERM": "dumb"}).stdout
    broke = invoke("diff", "new.html", "old.json", "--format", "markdown")
    assert broke.exit_code == 1
    assert "### Broke" in broke.stdout
    document = json.loads(invoke("diff", "old.json", "new.html", env={"AGENTDOCTOR_DIFF_FORMAT": "json"}).stdout)
    assert document["schema"] == "agentdoctor/diff/1"
    assert {change["kind"] for change in document["changes"]} == {"fixed"}


def test_a_file_that_is_no_report_is_a_usage_error(here: Path) -> None:
    (here / "a.json").write_text("{}")
    ended = invoke("diff", "a.json", "a.json")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "this is no agentdoctor report" in ended.stderr
