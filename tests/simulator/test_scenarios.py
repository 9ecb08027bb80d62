from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.model.cause import Cause
from doctor.simulator import ScenarioError, Simulator, catalogue, load_scenario, scenario_names

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulator.conftest import Write

WANTED = {
    "healthy", "owner-is-not-enough", "contributor", "azure-ai-developer", "agent-consumer-trap", "wrong-audience",
    "wrong-tenant", "pim-not-activated", "denied", "sibling-scope", "wrong-principal", "lost-on-publish",
    "search-keys-only", "stopped-deployment", "no-deployment", "private-network", "firewall", "teams-only", "throttled",
    "disabled", "identity-creating", "condition-undecided", "cannot-read", "cannot-read-but-works", "expired-secret",
    "custom-role", "group-grant", "key-vault-access-policies", "cosmos-native-missing", "new-model-agent", "not-found",
    "gateway-html", "ten-downstream", "arm-down", "fresh-assignment",
}  # fmt: skip
EXITS = {"pass": 0, "fail": 1, "unknown": 3, "error": 4}


def test_every_story_has_its_scenario() -> None:
    assert set(scenario_names()) >= WANTED


@pytest.mark.parametrize("name", scenario_names())
def test_a_bundled_scenario_is_whole(name: str) -> None:
    scenario = load_scenario(name)
    Simulator(scenario)
    assert scenario.name == name
    assert scenario.title
    assert len(scenario.story.split()) > 8
    assert scenario.expect.exit_code == EXITS[scenario.expect.verdict]
    assert bool(scenario.expect.root_cause) == (scenario.expect.verdict != "pass")
    if scenario.expect.root_cause:
        assert Cause(scenario.expect.root_cause)


def test_the_catalogue_names_each_scenario_once() -> None:
    lines = catalogue().splitlines()
    assert [line.split()[0] for line in lines] == list(scenario_names())
    assert "Owner may do everything" in next(line for line in lines if line.startswith("owner-is-not-enough"))


def test_ten_downstream_has_ten_targets_in_one_subscription() -> None:
    scenario = load_scenario("ten-downstream")
    assert len(scenario.resources) == len(scenario.connections) == len(scenario.agents["helpdesk-agent"].tools) == 10


def test_a_scenario_takes_its_world_from_its_base_and_its_story_from_itself() -> None:
    base, made = load_scenario("healthy"), load_scenario("owner-is-not-enough")
    assert made.resources == base.resources
    assert made.grants["caller-invokes"].role == "Owner"
    assert made.grants["caller-invokes"].principal == "caller"
    assert "caller-reads" not in made.grants
    assert made.title != base.title


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[applicaton]\nname = 'x'", "The scenario has the unknown key 'applicaton'. Did you mean 'application'?"),
        ("[caller]\nknd = 'user'", "The table [caller] has the unknown key 'knd'. Did you mean 'kind'?"),
        ("[application]\nenabled = 'yes'", "application.enabled must be true or false, not 'yes'."),
        ("[arm]\npage_size = true", "arm.page_size must be a whole number, not True."),
        ("[entra]\nrefuse = 7000222", "entra.refuse must be a string, not 7000222."),
        ("application = 3", "application must be a table."),
        ("[deployments.production]\nprotocols = 'Responses'", "deployments.production.protocols must be a list."),
        ("[deployments.production]\nstate = 1", "deployments.production.state must be a string, not 1."),
        ("models = [1]", "models[0] must be a string, not 1."),
        ("without = ['a.b']", "The scenario made is without 'a.b', but its base has no such table."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_scenario_is_named(write: Write, text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(text))
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "text",
    [
        "[grants.caller-invokes]\nrole = 'Foundry Usher'",
        "[grants.caller-invokes]\nprincipal = 'nobody'",
        "[grants.caller-invokes]\nscope = 'the-moon'",
        "[connections.reports]\nresource = 'gone'",
        "[groups.all]\nmembers = ['nobody']",
    ],
)
def test_a_scenario_that_speaks_of_what_it_does_not_define_is_refused(write: Write, text: str) -> None:
    with pytest.raises(ScenarioError, match=r"The scenario made speaks of .*, which it does not define\."):
        Simulator(write(text))


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"cannot be read: No such file or directory\."):
        load_scenario(tmp_path / "gone.toml")


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe\x00"])
def test_a_file_that_is_not_toml_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match="is not valid TOML"):
        load_scenario(path)


def test_a_scenario_without_title_or_expectation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.toml"
    path.write_text('story = "x"\n')
    with pytest.raises(ScenarioError, match=r"^The scenario lacks 'title'\.$"):
        load_scenario(path)
    path.write_text('title = "x"\nstory = "x"\n')
    with pytest.raises(ScenarioError, match="does not say what it expects"):
        load_scenario(path)


def test_a_scenario_cannot_be_its_own_base(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('title = "a"\nstory = "a"\nbase = "b"\n')
    (tmp_path / "b.toml").write_text('title = "b"\nstory = "b"\nbase = "a"\n')
    with pytest.raises(ScenarioError, match=r"The scenario a is its own base\."):
        load_scenario(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("given", "said"), [("helthy", "Did you mean healthy?"), ("qqqq", "`agentdoctor demo --list` names them all.")]
)
def test_an_unknown_name_gets_a_hint(given: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(given)
    assert str(caught.value) == f"There is no scenario named {given!r}. {said}"
