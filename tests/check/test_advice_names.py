"""The one change names what this run knows: the account, its group, the role that is there already, the activation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario
from doctor.simulator.scenario_model import Eligible, Group, ModelDeployment
from tests.check.cli import Ran, check

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.simulator.scenario_model import Scenario


def ran(scenario: Scenario, tmp_path: Path) -> Ran:
    with Simulator(scenario) as azure:
        return check(azure, tmp_path)


@pytest.mark.parametrize("subdomain", ["", "contoso-front"])
def test_a_network_rule_is_for_the_account_and_its_group(subdomain: str, tmp_path: Path) -> None:
    healthy = load_scenario("healthy")
    closed = replace(
        healthy,
        endpoint=replace(healthy.endpoint, network="firewall"),
        account=replace(healthy.account, subdomain=subdomain),
    )
    fix = ran(closed, tmp_path).root["fixes"][0]
    assert "--name contoso-ai --resource-group rg-agents --ip-address" in fix["command"]
    assert "Foundry account contoso-ai" in fix["title"]
    assert "--name contoso-ai --resource-group rg-agents" in fix["undo"]


def test_no_rule_for_an_address_is_added_where_public_access_is_disabled(tmp_path: Path) -> None:
    healthy = load_scenario("healthy")
    closed = replace(healthy, endpoint=replace(healthy.endpoint, network="public-access-disabled"))
    root = ran(closed, tmp_path).root
    assert root["cause"] == "network-denied"
    assert "private endpoint" in root["fixes"][0]["title"]
    assert not root["fixes"][0]["command"]


@pytest.mark.parametrize("name", ["healthy", "new-model-agent"])
def test_a_role_that_is_there_is_not_to_be_assigned(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    refusing = replace(scenario, endpoint=replace(scenario.endpoint, refuses_everybody=True))
    root = ran(refusing, tmp_path).root
    assert root["cause"] == "permission-denied"
    assert root["fixes"][0]["title"].startswith("Sign in again")


@pytest.mark.parametrize("name", ["healthy", "new-model-agent"])
def test_a_role_that_is_eligible_for_a_group_is_activated(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    grants = {key: one for key, one in scenario.grants.items() if key != "caller-invokes"}
    eligible = replace(
        scenario,
        grants=grants,
        groups={"on-call": Group(members=["caller"])},
        eligible={"on-call": Eligible(principal="on-call", role="Foundry User", scope="project")},
    )
    root = ran(eligible, tmp_path).root
    assert root["cause"] == "eligible-not-active"
    assert root["fixes"][0]["title"].startswith("Activate Foundry User")
    assert "roleAssignmentScheduleRequests" in root["fixes"][0]["command"]


def test_no_advice_leads_an_agent_to_the_older_model(tmp_path: Path) -> None:
    scenario = load_scenario("new-model-agent")
    agent = replace(scenario.agents["helpdesk-agent"], routing={"@stable": 100})
    found = ran(replace(scenario, agents={"helpdesk-agent": agent}), tmp_path)
    assert (found.exit_code, found.root["cause"]) == (3, "unrecognised")
    assert "/applications/" not in found.stdout


def test_a_project_without_its_own_identity_is_told_to_turn_it_on(tmp_path: Path) -> None:
    scenario = load_scenario("healthy")
    grants = {name: one for name, one in scenario.grants.items() if one.principal != "project-identity"}
    bare = replace(scenario, project=replace(scenario.project, identity=False), grants=grants)
    root = ran(bare, tmp_path).root
    assert (root["cause"], root["subject"]) == ("principal-not-found", "handbook")
    assert root["fixes"][0]["title"].startswith("Turn on the system-assigned identity")


@pytest.mark.parametrize(("state", "exit_code"), [("Updating", 3), ("Creating", 1), ("Failed", 1), ("Succeeded", 0)])
def test_a_model_that_is_being_updated_is_not_known_to_be_broken(state: str, exit_code: int, tmp_path: Path) -> None:
    scenario = load_scenario("healthy")
    models = {"gpt-4.1": ModelDeployment(provisioning_state=state)}
    assert ran(replace(scenario, models=[], model_deployments=models), tmp_path).exit_code == exit_code
