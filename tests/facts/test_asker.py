"""The asker: each question once, side by side on few threads, never for ever."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.azure.errors import NoAnswer
from doctor.facts.asker import Asker, Ring, Stopped
from doctor.facts.pool import Pool
from doctor.model.cause import Cause
from doctor.model.fact import Problem, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class World:
    """What the questions of this file are given: the asker, and what they do."""

    def __init__(self, threads: int = 4, seconds: float = 20.0) -> None:
        self.pool = Pool(threads)
        self.answered: list[object] = []
        self.lock = threading.Lock()
        self.made_of: dict[int, tuple[int, ...]] = {}
        self.acts: dict[str, Callable[[], object]] = {}
        ends = time.monotonic() + seconds
        self.asker = Asker(self, self.pool, lambda: max(0.0, ends - time.monotonic()))

    def close(self) -> None:
        self.pool.close()
        self.asker.stop()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()
    assert made.pool.settle(5)


@dataclass(frozen=True, slots=True)
class Number:
    """A node of an acyclic graph: its answer is one more than the sum of those it is made of."""

    node: int

    def answer(self, world: World) -> int:
        with world.lock:
            world.answered.append(self.node)
        parts = [Number(one) for one in world.made_of.get(self.node, ())]
        world.asker.begin(parts)
        return 1 + sum(world.asker.ask(one) for one in parts)


@dataclass(frozen=True, slots=True)
class Act:
    """Does what the test says under its name."""

    name: str

    def answer(self, world: World) -> object:
        with world.lock:
            world.answered.append(self.name)
        return world.acts[self.name]()


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    """What each of so many threads got, the exceptions included."""
    got: list[object] = []

    def run() -> None:
        try:
            got.append(work())
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            got.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    return got


def test_a_question_is_answered_once_however_many_ask(world: World) -> None:
    gate = threading.Event()
    world.acts["slow"] = lambda: gate.wait(5) and 42
    threading.Timer(0.05, gate.set).start()
    assert in_threads(8, lambda: world.asker.ask(Act("slow"))) == [42] * 8
    assert world.answered == ["slow"]


def test_what_finding_out_raises_is_raised_to_everybody(world: World) -> None:
    def bad() -> None:
        raise ValueError("no")

    world.acts["bad"] = bad
    assert [str(one) for one in in_threads(3, lambda: world.asker.ask(Act("bad")))] == ["no"] * 3
    assert world.answered == ["bad"]
    assert world.asker.known(Act("bad")) is None
    assert list(world.asker.answered(Act)) == []


def test_a_request_without_an_answer_is_an_unread_fact(world: World) -> None:
    problem = Problem(Cause.TIMED_OUT, "management.azure.com did not answer")

    def silent() -> None:
        raise NoAnswer(problem)

    world.acts["silent"] = silent
    assert world.asker.ask(Act("silent")) == Unread(problem)


def test_questions_in_a_ring_raise_instead_of_waiting_for_ever(world: World) -> None:
    world.acts["a"] = lambda: world.asker.ask(Act("b"))
    world.acts["b"] = lambda: world.asker.ask(Act("a"))
    with pytest.raises(Ring):
        world.asker.ask(Act("a"))


def test_a_ring_over_two_threads_raises_as_well(world: World) -> None:
    both = threading.Barrier(2)

    def half(other: str) -> object:
        both.wait(5)
        return world.asker.ask(Act(other))

    world.acts["a"], world.acts["b"] = lambda: half("b"), lambda: half("a")
    world.asker.begin([Act("a"), Act("b")])
    for name in ("a", "b"):
        with pytest.raises(Ring):
            world.asker.ask(Act(name))


def test_stopping_wakes_whoever_waits_and_nothing_is_begun_afterwards(world: World) -> None:
    gate, begun = threading.Event(), threading.Event()
    world.acts["slow"] = lambda: begun.set() or gate.wait(5)
    world.asker.begin([Act("slow")])
    begun.wait(5)
    threading.Timer(0.05, world.asker.stop).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        world.asker.ask(Act("slow"))
    assert time.monotonic() - began < 2
    world.acts["new"] = lambda: 1
    with pytest.raises(Stopped):
        world.asker.ask(Act("new"))
    gate.set()
    assert world.answered == ["slow"]


def test_what_is_known_stays_known_after_the_end(world: World) -> None:
    world.acts["a"] = lambda: 7
    world.asker.ask(Act("a"))
    world.asker.stop()
    assert (world.asker.ask(Act("a")), world.asker.known(Act("a"))) == (7, 7)


def test_nobody_waits_for_another_thread_longer_than_there_is_time() -> None:
    world = World(seconds=0.2)
    gate, begun = threading.Event(), threading.Event()
    world.acts["slow"] = lambda: begun.set() or gate.wait(5)
    world.asker.begin([Act("slow")])
    begun.wait(5)
    with pytest.raises(Stopped, match="time"):
        world.asker.ask(Act("slow"))
    gate.set()
    world.close()


def test_provenance_tells_what_a_fact_was_made_of(world: World) -> None:
    world.made_of = {0: (1, 2), 1: (2,)}
    world.asker.ask(Number(0))
    told: dict[Any, Any] = {one.question: one for one in world.asker.provenance()}
    assert told[Number(0)].made_of == (Number(1), Number(2))
    assert (told[Number(1)].made_of, told[Number(2)].made_of) == ((Number(2),), ())
    assert all(one.ended_ms is not None and one.ended_ms >= one.began_ms for one in told.values())
    assert [answer for _, answer in world.asker.answered(Number)] == [4, 2, 1]


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, tuple[int, ...]]:
    """Each node is made of later ones only, so there is no ring."""
    size = draw(st.integers(1, 14))
    later = [st.lists(st.integers(node + 1, size), max_size=5, unique=True) for node in range(size)]
    return {node: tuple(draw(one)) for node, one in enumerate(later)}


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 5), st.data())
def test_no_graph_of_questions_locks_a_small_pool_up(
    graph: dict[int, tuple[int, ...]], threads: int, data: st.DataObject
) -> None:
    world = World(threads)
    world.made_of = graph
    first = data.draw(st.lists(st.sampled_from(sorted(graph)), min_size=1, max_size=6))
    world.asker.begin(Number(one) for one in first)

    def value(node: int) -> int:
        return 1 + sum(value(one) for one in graph.get(node, ()))

    assert [world.asker.ask(Number(one)) for one in first] == [value(one) for one in first]
    assert len(world.answered) == len(set(world.answered)), "each question once"
    world.close()
    assert world.pool.settle(5), "no thread is left"


def test_the_pool_has_no_more_threads_than_its_number(world: World) -> None:
    gate, names = threading.Event(), set()

    def job() -> None:
        names.add(threading.current_thread().name)
        gate.wait(5)

    for _ in range(50):
        world.pool.submit(job)
    time.sleep(0.1)
    assert len(names) == 4
    gate.set()


def test_facts_go_before_checks() -> None:
    pool, order, gate, begun = Pool(1), [], threading.Event(), threading.Event()
    pool.submit(lambda: begun.set() or gate.wait(5))
    begun.wait(5)
    pool.submit(lambda: order.append("check"), later=True)
    pool.submit(lambda: order.append("fact"))
    gate.set()
    time.sleep(0.1)
    pool.close()
    assert order == ["fact", "check"]
    assert pool.settle(5)
