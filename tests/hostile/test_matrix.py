"""Every fault on every request of a run: no crash, no lie, no secret.

The sample that CI takes is seeded; `python dev.py hostile` runs the whole and prints the table.
"""

from __future__ import annotations

import base64
import os
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.hostile.faults import FAULTS, PLANTED, Fault
from tests.hostile.world import SECONDS, Seen, World

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = os.environ.get("HOSTILE") == "whole"
SEED = int(os.environ.get("HOSTILE_SEED", "20261125"))
SAMPLE = int(os.environ.get("HOSTILE_SAMPLE", "40"))
UNREAD = {
    "name-not-resolved", "unreachable", "tls-untrusted", "proxy-failed", "not-azure", "timed-out", "service-failed",
    "throttled", "unrecognised",
}  # fmt: skip
"""Causes of a result that fails because something could not be reached or read at all."""
SCENARIOS = ("healthy", "lost-on-publish") if WHOLE else ("healthy",)


@pytest.fixture(scope="module", params=SCENARIOS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
        return World(request.param, tmp_path_factory.mktemp("hostile"))


def cells(world: World) -> Iterator[tuple[str, Fault]]:
    every = [(key, fault) for key in sorted(world.requests) for fault in FAULTS]
    chosen = every if WHOLE else random.Random(SEED).sample(every, min(SAMPLE, len(every)))  # noqa: S311 - a sample
    yield from chosen


def test_the_recording_gives_what_the_network_gave(world: World) -> None:
    assert world.truth.exit_code == world.healthy.exit_code
    assert world.truth.statuses() == world.healthy.statuses()


def test_no_fault_makes_it_crash_lie_or_tell(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    wrong: list[str] = []
    counted: Counter[str] = Counter()
    slowest = 0.0
    for key, fault in cells(world):
        seen = world.play(key, fault)
        slowest = max(slowest, seen.seconds)
        complaints = [*_complaints(world, key, fault, seen)]
        counted["survived" if not complaints else "failed"] += 1
        wrong += [f"{fault.name} on {key[:160]}: {one}" for one in complaints]
    with capsys.disabled():
        if WHOLE:
            print(  # noqa: T201 - the table for who runs the whole
                f"\n{sum(counted.values())} cells, {counted['survived']} survived, slowest {slowest:.1f} s"
            )
    assert not wrong, "\n".join(wrong)


def _complaints(world: World, key: str, fault: Fault, seen: Seen) -> Iterator[str]:
    if seen.exit_code not in {0, 1, 3}:
        yield f"exit {seen.exit_code}"
    if seen.seconds > SECONDS + 2:
        yield f"took {seen.seconds:.1f} s"
    yield from _lies(world, fault, seen)
    roots = seen.report["root_causes"]
    # Where another request is asked instead, the recording holds no answer to it.
    untold = bool(roots) and "No evidence" in roots[0]["summary"]
    if fault.causes and roots and not untold and roots[0]["cause"] not in fault.causes:
        yield f"the first cause is {roots[0]['cause']} of {roots[0]['check']}: {roots[0]['summary']}"
    text = seen.stdout + seen.stderr + str(seen.report)
    for secret in _secrets(world, key):
        if secret in text:
            yield f"tells {secret[:8]}…"


def _lies(world: World, fault: Fault, seen: Seen) -> Iterator[str]:
    truth = world.truth.statuses()
    for one in seen.report["results"]:
        reference = f"{one['check']}:{one['subject'] or ''}"
        if one["status"] == "error":
            yield f"{reference} crashed: {one['summary']}"
        if one["status"] == "pass" and truth.get(reference, "pass") != "pass":
            yield f"{reference} passes although it is {truth[reference]}"
        broken = one["status"] == "fail" and truth.get(reference) != "fail"
        if broken and fault.says_nothing and one["cause"] not in UNREAD:
            yield f"{reference} fails with {one['cause']}: {one['summary']}"


def _secrets(world: World, key: str) -> Iterator[str]:
    request = world.requests[key]
    yield PLANTED.rpartition("sig=")[2]
    yield world.environ["AZURE_CLIENT_SECRET"]
    bearer = next((v for name, v in request.headers.items() if name.lower() == "authorization"), "").partition(" ")[2]
    if bearer:
        yield from (bearer[at : at + 16] for at in range(40, len(bearer) - 16, 40))
        yield base64.b64encode(bearer.encode()).decode()[40:60]
        yield bearer.encode().hex()[80:120]
