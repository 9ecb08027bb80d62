"""Two accounts that one label could mean: an address is the one's with the subdomain, a name the one's so named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario
from doctor.simulator.scenario_foundry import Account, Application, Project, Site
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.simulator.scenario_model import Scenario


def world(mine: Account, other: Account, *, graph: bool, twin: bool = True, elsewhere: str = "rg-other") -> Scenario:
    """The healthy application in one account, and perhaps one of its name in another."""
    scenario = load_scenario("healthy")
    site = Site(other, Project(), Application(exists=twin), resource_group=elsewhere)
    return replace(scenario, account=mine, projects={"other": site}, arm=replace(scenario.arm, resource_graph=graph))


@pytest.mark.parametrize("graph", [True, False])
def test_an_address_belongs_to_the_account_with_the_subdomain(*, graph: bool, tmp_path: Path) -> None:
    mine, other = Account("behind", subdomain="contoso-ai"), Account("contoso-ai", subdomain="elsewhere")
    with Simulator(world(mine, other, graph=graph)) as azure:
        ran = check(azure, tmp_path)
        wanted = azure.state.places.application
    assert ran.document["target"]["resource_id"] == wanted
    assert "/accounts/behind/" in wanted
    assert (ran.exit_code, ran.document["verdict"]) == (0, "pass")


def test_a_projects_address_does_as_well(tmp_path: Path) -> None:
    mine, other = Account("behind", subdomain="contoso-ai"), Account("contoso-ai", subdomain="elsewhere")
    with Simulator(world(mine, other, graph=False)) as azure:
        ran = check(azure, tmp_path, target=azure.state.places.endpoint)
    assert ran.exit_code == 2, "it serves two"
    assert "/accounts/behind/projects/support/applications/helpdesk" in ran.stderr
    assert "/accounts/contoso-ai/" not in ran.stderr


@pytest.mark.parametrize("graph", [True, False])
def test_a_name_belongs_to_the_account_that_is_named_so(*, graph: bool, tmp_path: Path) -> None:
    mine, other = Account("contoso-ai", subdomain="elsewhere"), Account("behind", subdomain="contoso-ai")
    with Simulator(world(mine, other, graph=graph)) as azure:
        ran = check(azure, tmp_path, target="contoso-ai/support/helpdesk")
        wanted = azure.state.places.application
    assert ran.document["target"]["resource_id"] == wanted
    assert ran.exit_code == 0
