"""Every form of target names the same application; bad ones are refused with a sentence."""

from __future__ import annotations

import base64
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Scenario, Simulator, load_scenario
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("form", ["url", "short url", "id", "triple", "bare"])
def test_every_form_is_checked_alike(form: str, tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        url = azure.target.split("?", maxsplit=1)[0]
        resource_id = check(azure, tmp_path, target=url).document["target"]["resource_id"]
        parts = resource_id.split("/")
        forms = {
            "url": url,
            "short url": url.split("/protocols", maxsplit=1)[0],
            "id": resource_id.upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
            "triple": f"{parts[8]}/{parts[10]}/{parts[12]}",
            "bare": parts[12],
        }
        ran = check(azure, tmp_path, target=forms[form])
    assert (ran.exit_code, ran.document["verdict"]) == (0, "pass")
    assert ran.document["target"]["resource_id"].lower() == resource_id.lower()


def test_a_name_that_nothing_has_is_a_result(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        ran = check(azure, tmp_path, target="no-such-app")
    assert (ran.exit_code, ran.root["cause"]) == (1, "application-not-found")


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("contoso-ai.services.ai.azure.com/api/projects/p/agents/a", "https://contoso-ai.services.ai.azure.com/api"),
        ("https://contoso-ai.openai.azure.com/api/projects/p/agents/a", "https://contoso-ai.services.ai.azure.com/api"),
        ("<https://contoso-ai.services.ai.azure.com/api/projects/p/agents/a>", "/api/projects/p/agents/a\n"),
    ],
)
def test_what_is_no_target_exits_2_before_any_sign_in(given: str, right: str, tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        ran = check(azure, tmp_path, target=given)
        requests = azure.requests
    assert (ran.exit_code, ran.stdout, len(requests)) == (2, "", 0)
    assert right in ran.stderr


def test_a_foundry_address_that_is_no_agents_is_a_result(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        base = azure.target.split("/applications/")[0]
        ran = check(azure, tmp_path, target=f"{base}/agents/helpdesk/protocols/openai/responses")
    assert (ran.exit_code, ran.root["cause"]) == (1, "wrong-endpoint")
    assert f"{base}/agents/helpdesk/endpoint/protocols/openai/responses" in ran.root["fixes"][0]["title"]


def served(*agents: str, application: bool = True) -> Scenario:
    """An account with these agents at their own endpoints, and perhaps the application helpdesk."""
    scenario = load_scenario("new-model-agent")
    return replace(
        scenario,
        application=replace(scenario.application, exists=application),
        target="application",
        grants={key: one for key, one in scenario.grants.items() if one.principal == "caller"},
        agents={name: replace(next(iter(scenario.agents.values())), new_model=True) for name in agents},
    )


def forms_of(azure: Simulator, name: str) -> dict[str, str]:
    places = azure.state.places
    parts = places.project.split("/")
    return {
        "bare": name,
        "triple": f"{parts[8]}/{parts[10]}/{name}",
        "project url": places.endpoint,
        "project id": places.project,
        "management url": f"{places.endpoint}/agents/{name}?api-version=v1",
        "portal": f"https://portal.azure.com/#@contoso.example/resource{places.project}/overview",
        "nextgen": f"https://ai.azure.com/nextgen/r/{portal_guid(parts[2])},{parts[4]},,{parts[8]},{parts[10]}/home",
    }


def portal_guid(guid: str) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(guid).bytes).decode().rstrip("=")


@pytest.mark.parametrize("form", ["bare", "triple", "project url", "project id", "management url", "portal", "nextgen"])
def test_every_form_finds_the_one_agent(form: str, tmp_path: Path) -> None:
    with Simulator(served("desk", application=False)) as azure:
        ran = check(azure, tmp_path, "--select", "application", target=forms_of(azure, "desk")[form])
        wanted = f"{azure.state.places.project}/agents/desk"
    assert (ran.exit_code, ran.document["target"]["kind"]) == (0, "agent"), ran.stdout
    assert ran.document["target"]["resource_id"] in {wanted, ""}


@pytest.mark.parametrize("form", ["bare", "triple"])
def test_where_both_have_the_name_the_agents_endpoint_is_judged(form: str, tmp_path: Path) -> None:
    with Simulator(served("helpdesk")) as azure:
        ran = check(azure, tmp_path, "--select", "application", target=forms_of(azure, "helpdesk")[form])
    assert ran.document["target"]["kind"] == "agent"


@pytest.mark.parametrize("form", ["project url", "project id", "portal"])
def test_a_project_that_serves_several_is_ambiguous(form: str, tmp_path: Path) -> None:
    with Simulator(served("desk", "front", application=False)) as azure:
        ran = check(azure, tmp_path, target=forms_of(azure, "desk")[form])
        project = azure.state.places.project
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"{project}/agents/desk" in ran.stderr
    assert f"{project}/agents/front" in ran.stderr


def test_a_project_that_serves_nothing_is_a_result(tmp_path: Path) -> None:
    with Simulator(served(application=False)) as azure:
        ran = check(azure, tmp_path, target=azure.state.places.endpoint)
    assert (ran.exit_code, ran.root["cause"]) == (1, "application-not-found")


def test_a_project_whose_agents_may_not_be_listed_is_unknown(tmp_path: Path) -> None:
    scenario = served("desk", application=False)
    with Simulator(replace(scenario, grants={})) as azure:
        ran = check(azure, tmp_path, target=azure.state.places.endpoint)
    assert ran.exit_code == 3, ran.stdout
    assert ran.root["cause"] == "cannot-read"
