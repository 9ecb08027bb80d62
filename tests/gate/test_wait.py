"""`--wait`: through the real command line, against an Azure that changes while it is asked."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from doctor.cli.duration import Duration
from doctor.cli.progress import Progress
from doctor.cli.simulate import check_arguments
from doctor.engine import healing
from doctor.model.cause import Cause
from doctor.model.finding import Finding, failed, passed, unknown, warned
from doctor.model.format import Style
from doctor.model.status import Status
from doctor.model.wording import spoken
from doctor.simulator import Simulator
from doctor.use_cases import waiting
from doctor.use_cases.waiting import Patience, wait
from tests.gate.conftest import Azure
from tests.gate.samples import report_of, result

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.report import Report

NEW = failed(Cause.NOT_PROPAGATED, "The role is not in force yet.")
LASTING = failed(Cause.NO_ASSIGNMENT, "There is no role.")


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def waited(first: Report, then: Callable[[int], Report], seconds: float = 600) -> tuple[Report, Clock, str]:
    """Wait with a clock of our own; `then` gives the report of each further look."""
    clock, looks, stream = Clock(), iter(range(1, 1000)), io.StringIO()
    patience = Patience(seconds, clock=clock, sleep=clock.sleep)
    report = wait(first, lambda _: then(next(looks)), patience, Progress(stream, Style()))
    return report, clock, stream.getvalue()


def test_pauses_grow_and_the_last_look_is_at_the_end() -> None:
    report, clock, said = waited(report_of(result("caller-access", NEW)), lambda _: report_of(result("a", NEW)))
    assert clock.naps[:4] == pytest.approx([5, 8, 12.8, 20.48])
    assert max(clock.naps) == 60
    assert clock.now == 600
    assert len(said.splitlines()) == len(clock.naps)
    assert report.exit_code == 1
    expected = f"Waited 10 min 0 s for a role assignment to take effect; looked {len(clock.naps) + 1} times."
    assert report.notes == (f"{expected} It has not come right in that time.",)


def test_what_is_waited_for_is_said_with_its_beginning_and_its_end() -> None:
    _, _, said = waited(report_of(result("caller-access", NEW)), lambda _: report_of(result("a", NEW)), 13)
    first, second = said.splitlines()
    found = re.fullmatch(
        r"Waiting since (\d\d:\d\d:\d\d), until (\d\d:\d\d:\d\d) UTC at the latest, "
        r"for a role assignment to take effect \(caller-access\); next look in 5 s\.",
        first,
    )
    assert found is not None
    began, ends = (datetime.strptime(one, "%H:%M:%S").replace(tzinfo=timezone.utc) for one in found.groups())
    assert (ends - began) % timedelta(days=1) == timedelta(seconds=13)
    assert "(a); next look in 8 s." in second


def test_it_ends_when_all_is_well() -> None:
    fine = report_of(result("caller-access", passed("In force.")))
    still = report_of(result("caller-access", NEW))
    report, clock, _ = waited(still, lambda look: fine if look == 3 else still)
    assert (report.exit_code, len(clock.naps)) == (0, 3)
    assert report.notes == ("Waited 26 s for a role assignment to take effect; looked 4 times. It came right.",)


def test_what_was_refused_before_the_role_came_is_asked_once_more_at_once() -> None:
    still = report_of(result("caller-access", NEW))
    unread = report_of(result("caller-access", passed("In force.")), result("tools", unknown(Cause.CANNOT_READ, "No.")))
    fine = report_of(result("caller-access", passed("In force.")), result("tools", passed("Read.")))
    report, clock, _ = waited(still, lambda look: {1: unread, 2: fine}[look])
    assert (report.exit_code, len(clock.naps)) == (0, 1)
    report, clock, _ = waited(still, lambda look: {1: unread, 2: unread}[look])
    assert (report.exit_code, len(clock.naps)) == (3, 1)
    assert "Stopped, since waiting does not heal tools (cannot-read)." in report.notes[0]


def test_it_stops_at_once_when_waiting_does_not_heal() -> None:
    both = report_of(result("caller-access", NEW), result("deployment", LASTING))
    report, clock, said = waited(both, lambda _: pytest.fail("looked again"))
    assert (clock.naps, said) == ([], "")
    assert report.notes == ("Did not wait: waiting does not heal deployment (no-assignment).",)


def test_it_stops_when_something_lasting_turns_up() -> None:
    report, clock, _ = waited(report_of(result("a", NEW)), lambda _: report_of(result("b", LASTING)))
    assert len(clock.naps) == 1
    assert report.notes[0].endswith("looked 2 times. Stopped, since waiting does not heal b (no-assignment).")


def test_a_pass_waits_for_nothing_and_says_nothing() -> None:
    report, clock, said = waited(report_of(result("a", passed("Fine."))), lambda _: pytest.fail("looked again"))
    assert (report.notes, clock.naps, said) == ((), [], "")


def test_ctrl_c_ends_the_wait_with_what_is_known() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    first = report_of(result("a", NEW))
    patience = Patience(60, clock=Clock(), sleep=interrupt)
    report = wait(first, lambda _: pytest.fail("looked again"), patience, Progress(io.StringIO(), Style()))
    assert (report.interrupted, report.exit_code) == (True, 130)
    assert report.results == first.results
    assert report.notes[0].endswith("The wait was stopped.")


def test_a_terminal_gets_one_line_that_is_wiped_at_the_end() -> None:
    clock, stream = Clock(), Terminal()
    style = Style(colour=True, width=60)
    first = report_of(result("a", NEW))
    wait(first, lambda _: first, Patience(5, clock=clock, sleep=clock.sleep, tick=1), Progress(stream, style))
    assert clock.naps == [1, 1, 1, 1, 1]
    shown = stream.getvalue().split("\r\x1b[K")
    assert shown[-1] == ""
    assert all(len(line) < 60 and "\n" not in line for line in shown)
    assert re.fullmatch(r"Waiting since [0-9:]+, until [0-9:]+ UTC; next look in 5.*…", shown[1])


@pytest.mark.parametrize(
    ("finding", "hopeful"),
    [
        (NEW, True),
        (failed(Cause.THROTTLED, "429"), True),
        (failed(Cause.SERVICE_FAILED, "503"), True),
        (failed(Cause.PERMISSION_DENIED, "401"), True),
        (failed(Cause.DEPLOYMENT_NOT_RUNNING, "Starting", transient=True), True),
        (failed(Cause.DEPLOYMENT_NOT_RUNNING, "Stopped"), False),
        (failed(Cause.ROLE_LACKS_ACTION, "Owner"), False),
        (failed(Cause.DENIED, "denied"), False),
        (failed(Cause.APPLICATION_DISABLED, "off"), False),
        (unknown(Cause.THROTTLED, "429"), True),
        (unknown(Cause.CANNOT_READ, "403"), False),
        (unknown(Cause.THROTTLED, "429", required=False), False),
        (warned(Cause.KEY_IN_USE, "a key"), False),
        (Finding(Status.ERROR, "slow", Cause.TIMED_OUT), True),
        (Finding(Status.ERROR, "a bug", Cause.CRASHED), False),
        (passed("fine"), False),
    ],
)
def test_what_waiting_can_heal(*, finding: Finding, hopeful: bool) -> None:
    assert healing.outlook([result("a", finding)]).hopeful is hopeful


def test_what_merely_follows_does_not_end_the_hope() -> None:
    follower = replace(failed(Cause.TOOL_DENIED, "refused"), because_of=("caller-access",))
    ahead = healing.outlook([result("caller-access", NEW), result("invocation", follower)])
    assert ahead.hopeful
    assert ahead.because_of == ("caller-access",)


def test_only_what_can_change_is_asked_again() -> None:
    results = [
        result("passed", passed("fine")),
        result("failed", NEW),
        result("fresh-warning", warned(Cause.NOT_PROPAGATED, "new")),
        result("lasting-warning", warned(Cause.KEY_IN_USE, "a key")),
        replace(result("waived", LASTING), waived="known"),
        result("unknown", unknown(Cause.CANNOT_READ, "403", required=False)),
    ]
    assert healing.to_ask_again(results) == {"failed", "fresh-warning", "unknown"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1h30m", 5400), ("2 min 5 s", 125), ("45", 45), ("1.5m", 90)],
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "10x", "-5m", "0s", "25h", "m"])
def test_a_bad_duration_is_a_usage_error(text: str, healthy: Azure) -> None:
    ended = healthy.check(f"--wait={text}")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "--wait" in ended.stderr


def test_a_person_is_not_asked_to_sign_in_at_every_look(healthy: Azure) -> None:
    ended = healthy.check("--wait", "1m", "--credential", "interactive")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "that takes a person" in ended.stderr
    assert not healthy.simulator.requests


def test_durations_are_spoken() -> None:
    assert [spoken(s) for s in (0.4, 59, 60, 600)] == ["0 s", "59 s", "1 min 0 s", "10 min 0 s"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a twentieth of a second."""
    monkeypatch.setattr(waiting, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(waiting, "LONGEST_PAUSE_S", 0.05)


def test_a_new_role_is_waited_for_until_it_is_in_force(quick: None) -> None:
    with Simulator("fresh-assignment") as simulator:
        azure = Azure(simulator)

        def grant_soon() -> None:
            begun = len(simulator.requests)
            while len(simulator.requests) < begun + 20:
                time.sleep(0.01)
            simulator.state.assign("caller", "Foundry User", "project")

        helper = threading.Thread(target=grant_soon)
        helper.start()
        ended = azure.check("--wait", "30s", "--format", "json")
        helper.join()
    document = json.loads(ended.stdout)
    assert (ended.exit_code, document["verdict"], document["root_causes"]) == (0, "pass", [])
    assert any(note.startswith("Waited ") and "It came right." in note for note in document["notes"])
    assert "for a role assignment to take effect (caller-access)" in ended.stderr
    statuses = {one["check"]: one["status"] for one in document["results"]}
    assert statuses["endpoint-accepts-caller"] == statuses["caller-access"] == statuses["token"] == "pass"
    order = [exchange["number"] for exchange in document["exchanges"]]
    assert order == list(range(1, len(order) + 1))


def test_what_passed_is_not_asked_again(quick: None) -> None:
    with Simulator("fresh-assignment") as simulator:
        Azure(simulator).check("--wait", "3s")
        asked = [logged.path for logged in simulator.requests]
    calls = [path for path in asked if path.endswith("/responses")]
    anonymous = [one for one in simulator.requests if one.path.endswith("/responses") and not one.authenticated]
    assert len(calls) >= 3, "one look makes two calls, every further one at least one"
    assert len(anonymous) == 1


def test_a_missing_role_is_not_waited_for() -> None:
    with Simulator("owner-is-not-enough") as simulator:
        begun = time.monotonic()
        document = Azure(simulator).report("--wait", "10m")
    assert time.monotonic() - begun < 60
    assert document["exit_code"] == 1
    assert any(note.startswith("Did not wait: ") and "role-lacks-action" in note for note in document["notes"])


def test_an_identity_that_is_being_created_is_waited_for(quick: None) -> None:
    with Simulator("identity-creating") as simulator:
        document = Azure(simulator).report("--wait", "1s")
    assert document["exit_code"] == 3
    assert any(re.search(r"Waited \d+ s for Azure to finish what it is at", note) for note in document["notes"])


def test_ctrl_c_in_a_real_process_gives_the_report_and_130() -> None:
    with Simulator("fresh-assignment") as simulator:
        process = subprocess.Popen(
            [sys.executable, "-m", "agentdoctor", "check", *check_arguments(simulator), "--wait", "10m", "-f", "json"],
            env={**os.environ, **simulator.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        written, rest = process.communicate(timeout=20)
    assert said.startswith("Waiting since ")
    assert "Traceback" not in rest
    document = json.loads(written)
    assert (process.returncode, document["exit_code"], document["interrupted"]) == (130, 130, True)
    assert any(note.endswith("The wait was stopped.") for note in document["notes"])
