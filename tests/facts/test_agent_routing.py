"""Which versions of an agent get its traffic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.facts.routing import Share, shares
from doctor.model.fact import Known, Unread
from doctor.model.foundry import Agent, AgentVersion, TrafficRule


def agent(*rules: tuple[str, float | None], latest: str = "4", odd: str = "") -> Agent:
    return Agent(
        "desk",
        version_rules=tuple(TrafficRule(*rule) for rule in rules),
        latest=AgentVersion("desk", latest) if latest else None,
        odd={odd: "it should be a list, but is text"} if odd else {},
    )


@pytest.mark.parametrize(
    ("given", "served"),
    [
        (agent(), (Share("4", 100.0, follows=True),)),
        (agent(("@latest", 100)), (Share("4", 100.0, follows=True),)),
        (agent(("@Latest", None)), (Share("4", None, follows=True),)),
        (agent(("3", 100)), (Share("3", 100.0),)),
        (agent(("3", 90), ("@latest", 10)), (Share("3", 90.0), Share("4", 10.0, follows=True))),
        (agent(("4", 60), ("@latest", 40)), (Share("4", 100.0, follows=True),)),
        (agent(("3", 0), ("2", 100)), (Share("2", 100.0),)),
        (agent(("3", 0)), ()),
        (agent(("3", 100), latest=""), (Share("3", 100.0),)),
    ],
)
def test_served(given: Agent, served: tuple[Share, ...]) -> None:
    assert shares(given) == Known(served)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (agent(latest=""), "does not say which that is"),
        (agent(("@latest", 100), latest=""), "does not say which that is"),
        (agent(("@stable", 100)), "@stable"),
        (agent(("3", 100), odd="agent_endpoint.version_selector.version_selection_rules[1]"), "not as documented"),
        (agent(odd="agent_endpoint"), "not as documented"),
        (agent(odd="versions.latest"), "not as documented"),
    ],
)
def test_not_known(given: Agent, says: str) -> None:
    found = shares(given)
    assert isinstance(found, Unread)
    assert says in found.problem.summary


def test_an_oddity_elsewhere_does_not_touch_the_routing() -> None:
    assert isinstance(shares(agent(odd="agent_card")), Known)


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "@latest"]), st.none() | st.integers(0, 100)), max_size=5))
def test_no_version_is_served_twice_and_none_without_traffic(rules: list[tuple[str, float | None]]) -> None:
    found = shares(agent(*rules))
    assert isinstance(found, Known)
    versions = [one.version for one in found.value]
    assert len(set(versions)) == len(versions)
    assert all(one.percentage is None or one.percentage > 0 for one in found.value)
    assert "@latest" not in versions
