"""The run's memory: each fact once, whoever asks; scopes, ledger and routing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.facts.ledger import Ledger
from doctor.facts.memo import Memo, together
from doctor.facts.routing import routed
from doctor.facts.rows import Rows
from doctor.facts.widest_scope import WidestScope, ladder
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.foundry import Application, Deployment, TrafficRule
from doctor.model.identity import Identity, IdentityRole

if TYPE_CHECKING:
    from collections.abc import Callable

SUB = "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e"
RG = f"{SUB}/resourceGroups/rg"
RESOURCE = f"{RG}/providers/Microsoft.Storage/storageAccounts/sto1"


def test_a_fact_is_fetched_once_however_many_ask() -> None:
    memo, asked = Memo(), []
    gate = threading.Event()

    def slow() -> int:
        asked.append(1)
        gate.wait(5)
        return 42

    threads: list[Callable[[], int]] = [lambda: memo.once("key", slow)] * 8
    timer = threading.Timer(0.05, gate.set)
    timer.start()
    assert together(*threads) == (42,) * 8
    assert len(asked) == 1


def test_what_fetching_raises_is_raised_to_all_who_ask() -> None:
    memo = Memo()

    def bad() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            memo.once("key", bad)
    assert memo.peek("key") is None


def test_together_keeps_order_and_raises_the_first() -> None:
    assert together(lambda: 1, lambda: 2, lambda: 3) == (1, 2, 3)

    def bad() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        together(lambda: 1, bad)


def refusal() -> Unread:
    return Unread(Problem(Cause.CANNOT_READ, "no"))


def test_the_widest_scope_that_may_be_listed_is_taken_and_a_refused_one_not_asked_again() -> None:
    asked: list[str] = []

    def fetch(scope: str) -> Fact[str]:
        asked.append(scope)
        return refusal() if scope == SUB else Known(scope)

    widest = WidestScope(Memo())
    assert widest.read("assignments", "p1", RESOURCE, fetch) == Known(RG)
    assert widest.read("assignments", "p2", RESOURCE, fetch) == Known(RG)
    assert asked == [SUB, RG, RG]


def test_when_every_scope_refuses_the_first_refusal_is_told() -> None:
    widest = WidestScope(Memo())
    assert isinstance(widest.read("denials", "", RESOURCE, lambda _: refusal()), Unread)


def test_a_failure_that_is_no_refusal_is_not_tried_lower() -> None:
    asked: list[str] = []

    def fetch(scope: str) -> Fact[str]:
        asked.append(scope)
        return Unread(Problem(Cause.THROTTLED, "later"))

    assert isinstance(WidestScope(Memo()).read("x", "", RESOURCE, fetch), Unread)
    assert asked == [SUB]


def test_the_ladder_of_scopes() -> None:
    assert ladder(RESOURCE) == (SUB, RG, RESOURCE)
    assert ladder(SUB) == (SUB,)
    assert ladder("/providers/Microsoft.Management/managementGroups/mg") == ()


def test_the_ledger_keeps_the_first_role_that_is_known() -> None:
    ledger = Ledger()
    ledger.note(Identity("ABC", IdentityRole.APPLICATION_AGENT, name="desk", seen_in=("application",)))
    entry = ledger.note(Identity("abc", IdentityRole.UNKNOWN, seen_in=("refusal",)))
    assert (entry.role, entry.name, entry.seen_in) == (
        IdentityRole.APPLICATION_AGENT, "desk", ("application", "refusal"),
    )  # fmt: skip
    assert ledger.find("DESK") == entry
    assert ledger.find("nobody") is None


D1, D2 = Deployment("1", "blue", deployment_id="id-1"), Deployment("2", "green", deployment_id="id-2")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (None, (D1, D2)),
        ((), ()),
        ((TrafficRule("ID-1", 100),), (D1,)),
        ((TrafficRule("green", None),), (D2,)),
        ((TrafficRule("id-1", 0), TrafficRule("id-2", 100)), (D2,)),
        ((TrafficRule("/subscriptions/x/agentDeployments/blue", 1),), (D1,)),
        ((TrafficRule("gone", 100),), ()),
    ],
)
def test_routing(rules: tuple[TrafficRule, ...] | None, expected: tuple[Deployment, ...]) -> None:
    assert routed(Application("a", "a", routing=rules), (D1, D2)) == expected


@given(st.text(), st.text())
def test_names_in_a_query_stay_names(first: str, second: str) -> None:
    query = Rows.query([first, second], [])
    inside = query.partition("(")[2].rpartition(")")[0]
    # Every quote within a name is escaped, so the list holds one or two strings and nothing else.
    bare = inside.replace("\\\\", "").replace("\\'", "")
    assert bare.count("'") == 2 * len({first, second})
