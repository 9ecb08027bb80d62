"""What the engine makes of checks that pass, crash, hang, lie or are interrupted."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from checks.application import check as real_check
from doctor.check import Check, InvalidCheck
from doctor.engine.events import CheckFinished, Event, RunStarted
from doctor.engine.registry import Broken
from doctor.engine.run import Outcome, Plan, run
from doctor.model.cause import Cause
from doctor.model.finding import Finding, failed, passed
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.facts.subject import Facts

NOBODY = cast("Facts", None)


def made(check_id: str, give: Any, **changes: object) -> Check:
    def ask(_: Facts) -> Iterable[Finding]:
        return cast("Iterable[Finding]", give(_) if callable(give) else give)

    # The documentation is looked up by the module of the function.
    ask.__module__ = real_check.run.__module__
    return replace(real_check, id=check_id, run=ask, needs=(), explained_by={}, **changes)  # type: ignore[arg-type]


def outcome(*checks: Check, seconds: float = 5, **more: Any) -> Outcome:
    return run(Plan(checks, **more), NOBODY, seconds=seconds)


def statuses(found: Outcome) -> dict[str, str]:
    return {result.reference: result.status.value for result in found.results}


def raises(_: Facts) -> Iterator[Finding]:
    yield passed("so far so good")
    raise RuntimeError("boom \x1b[31m eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")


def test_results_stand_in_declared_order_whatever_ends_first() -> None:
    def slow(_: Facts) -> list[Finding]:
        time.sleep(0.05)
        return [passed("late")]

    found = outcome(made("late", slow, rank=1), made("early", [passed("early")], rank=2))
    assert list(statuses(found)) == ["late", "early"]


def test_a_summary_ends_with_a_full_stop_whoever_wrote_it() -> None:
    said = ("no stop", "a stop.", "asked?", "listed:")
    found = outcome(*(made(f"c{number}", [passed(text)]) for number, text in enumerate(said)))
    assert sorted(one.finding.summary for one in found.results) == ["a stop.", "asked?", "listed:", "no stop."]


def test_a_check_that_raises_is_an_error_and_the_others_run_on() -> None:
    found = outcome(made("bad", raises), made("good", [passed("fine")]))
    assert statuses(found) == {"bad": "error", "good": "pass"}
    summary = found.results[0].finding.summary
    assert "RuntimeError: boom" in summary
    assert "\x1b" not in summary
    assert "eyJhb" not in summary


@pytest.mark.parametrize("given", [None, 3, [], ["pass"], [passed("fine"), None]])
def test_what_is_no_finding_is_never_a_pass(given: Any) -> None:
    found = outcome(made("odd", lambda _: given))
    assert Status.ERROR in {result.status for result in found.results}
    assert all(r.finding.cause is Cause.CRASHED for r in found.results if r.status is Status.ERROR)


def test_a_check_that_hangs_runs_out_of_its_time() -> None:
    gate = threading.Event()

    def hangs(_: Facts) -> list[Finding]:
        gate.wait(10)
        return [passed("too late")]

    began = time.monotonic()
    found = outcome(made("hangs", hangs), made("good", [passed("fine")]), seconds=0.5)
    gate.set()
    assert statuses(found) == {"hangs": "error", "good": "pass"}
    assert found.results[1].finding.cause is Cause.TIMED_OUT
    assert time.monotonic() - began < 3


def test_an_interruption_keeps_what_was_found() -> None:
    gate = threading.Event()

    def stop(event: Event) -> None:
        if isinstance(event, CheckFinished):
            raise KeyboardInterrupt

    def hangs(_: Facts) -> list[Finding]:
        gate.wait(10)
        return [passed("too late")]

    plan = Plan((made("good", [passed("fine")]), made("hangs", hangs)))
    found = run(plan, NOBODY, [stop], seconds=5)
    gate.set()
    assert found.interrupted
    assert statuses(found) == {"good": "pass", "hangs": "skip"}


def test_deselected_and_broken_checks_are_shown() -> None:
    broken = Broken("theirs", "their-package 1", "ImportError: no module")
    found = outcome(made("a", [passed("fine")]), deselected=(made("b", raises),), broken=(broken,))
    assert statuses(found) == {"a": "pass", "b": "skip", "theirs": "error"}


def test_a_check_that_costs_money_waits_for_what_it_needs() -> None:
    asked = []

    def costs(_: Facts) -> list[Finding]:
        asked.append(1)
        return [passed("paid")]

    broke = made("free", [failed(Cause.NO_CREDENTIAL, "no")])
    paid = replace(made("paid", costs, eager=False), needs=("free",))
    assert statuses(outcome(broke, paid)) == {"free": "fail", "paid": "skip"}
    assert not asked


def test_equal_subjects_get_references_of_their_own() -> None:
    found = outcome(made("a", [passed("one").about("x"), passed("two").about("x")]))
    assert list(statuses(found)) == ["a:x", "a:x (2)"]


def test_listeners_are_told() -> None:
    events: list[Event] = []
    run(Plan((made("a", [passed("fine")]),)), NOBODY, [events.append], seconds=5)
    assert isinstance(events[0], RunStarted)
    assert [e.finished for e in events if isinstance(e, CheckFinished)] == [1]


def test_hostile_texts_are_cleaned_wherever_they_stand() -> None:
    dirty = failed(
        Cause.NO_ASSIGNMENT, "a\x1b[2Jb", evidence=("Authorization: Bearer abcdefghijklmnop", "\u202eevil")
    ).about("x\ny")
    finding = outcome(made("a", [dirty])).results[0].finding
    assert finding.summary.isprintable()
    assert finding.subject.isprintable()
    assert "abcdefghijklmnop" not in finding.evidence[0]
    assert finding.evidence[1].isprintable()


@pytest.mark.parametrize("check_id", ["Upper", "a_b", "", "a--b", "-a", "ä"])
def test_a_check_id_is_a_slug(check_id: str) -> None:
    with pytest.raises(InvalidCheck):
        replace(real_check, id=check_id)


def test_a_check_without_documentation_is_refused() -> None:
    with pytest.raises(InvalidCheck, match="What it verifies"):
        replace(real_check, run=lambda _: [])
