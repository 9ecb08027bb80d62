"""The stories about agents: which check is the root, of what, and what its change says and keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator, load_scenario
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    ("agent-pinned-to-broken-version", "version", "", ["AcrPull", "@latest", "Container Registry Repository Reader"]),
    ("agent-latest-code-error", "version", "", ["No matching distribution", "deploy a new version"]),
    ("agent-split-half-broken", "version", "version 2", ["10 % of the traffic", "Deploy the version again", "@latest"]),
    ("agent-version-creating", "version", "", ["still being created"]),
    ("agent-version-deleted", "version", "", ["does not exist", "@latest"]),
    ("agent-routing-unreadable", "version", "", ["version_selector.version_selection_rules", "should be a list"]),
    ("agent-no-traffic", "version", "", ['\\"agent_version\\": \\"@latest\\"', "merge-patch+json"]),
    ("agent-old-container-protocol", "version", "", ["azure-ai-agentserver-core 2.0.0b7", "31 July 2026"]),
    ("agent-disabled", "application", "", ["agents/helpdesk-agent:enable?api-version=v1", ":disable", "agents/write"]),
    ("agent-disabled-through-blueprint", "application", "", ["does not help", "blueprint", "accountEnabled"]),
    ("agent-identity-disabled", "agent-identity", "", ["accountEnabled", "administrator of the tenant"]),
    ("agent-identity-in-the-making", "agent-identity", "", ["still being made"]),
    ("agent-protocol-not-offered", "protocol", "", ['\\"responses\\": {}', '\\"invocations\\": {}', "as a whole"]),
    ("agent-protocol-not-declared", "protocol", "", ["protocol_versions", "deploy a new version"]),
    ("agent-card-missing", "protocol", "", ['\\"agent_card\\"', '\\"skills\\"']),
    ("agent-a2a-without-responses", "protocol", "", ['\\"a2a\\": {}', '\\"responses\\": {}']),
    ("agent-blueprint-only", "authorization-policy", "", ["api://", '\\"AgentBlueprint\\"', '\\"Entra\\"']),
    ("agent-channels-only", "authorization-policy", "", ['\\"BotServiceRbac\\"', '\\"Entra\\"', "as a whole"]),
    ("agent-consumer-suffices", "application", "", ["Foundry User on the project would let us look"]),
    ("agent-owner-may-not-call", "caller-access", "", ["Foundry Agent Consumer", "/agents/helpdesk-agent"]),
    ("agent-application-moved", "application", "", ["agents/helpdesk/endpoint/protocols/openai/responses", "again"]),
    ("agent-not-made-yet", "application", "", ["Create the agent helpdesk"]),
    ("agent-lost-on-move", "lost-on-publish", "", ["At its own endpoint", "Storage Blob Data Reader"]),
    ("agent-legacy", "application", "", ["legacy agent", "Create a new agent"]),
    ("agent-bot-of-another-identity", "channels", "", ["msaAppId", "signs in as"]),
    ("agent-bot-elsewhere", "channels", "", ["properties.endpoint=", "helpdesk-old"]),
    ("agent-teams-approval-pending", "channels", "", ["Approve the agent"]),
    ("agent-version-unknown-status", "endpoint-accepts-caller", "", ["not active"]),
]


@pytest.mark.parametrize(("name", "of", "subject", "says"), ROWS, ids=[row[0] for row in ROWS])
def test_what_the_story_comes_to(name: str, of: str, subject: str, says: list[str], tmp_path: Path) -> None:
    with Simulator(name) as azure:
        ran = check(azure, tmp_path)
    root = ran.root
    assert (root["check"], root["subject"] or "") == (of, subject)
    told = json.dumps([root, ran.result(f"{of}:{subject}" if subject else of)])
    for word in says:
        assert word in told.replace('\\\\"', '\\"'), word
    assert all(fix["needs"] for fix in root["fixes"]) or name in {"agent-consumer-suffices", ROWS[-1][0]}


@pytest.mark.parametrize(
    ("name", "protocol", "seen"),
    [
        ("agent-invocations-only", "Invocations", "invocations/docs/openapi.json answered 200"),
        ("agent-for-other-agents", "A2A", "a2a/agentCard/v1.0 answered 200"),
        ("agent-mcp", "MCP", "protocols/mcp answered 200"),
        ("agent-follows-latest", "Responses", "openai/responses answered 400"),
    ],
)
def test_each_protocol_is_tried_without_a_real_call(name: str, protocol: str, seen: str, tmp_path: Path) -> None:
    with Simulator(name) as azure:
        ran = check(azure, tmp_path)
        posted = [one.path for one in azure.requests if one.method == "POST" and "/agents/" in one.path]
    assert ran.document["verdict"] == "pass"
    assert protocol in ran.result("protocol")["summary"]
    assert any(seen in line for line in ran.result("endpoint-accepts-caller")["evidence"])
    assert not any(path.endswith(("/invocations", "/a2a")) for path in posted)


def test_a_protocol_without_a_free_question_is_left_to_the_assignments(tmp_path: Path) -> None:
    with Simulator("agent-invocations-undescribed") as azure:
        ran = check(azure, tmp_path)
    result = ran.result("endpoint-accepts-caller")
    assert (ran.document["verdict"], result["status"], result["required"]) == ("pass", "unknown", False)
    assert "role assignments grant the call" in result["summary"]


def test_an_invocation_is_made_only_when_asked_for(tmp_path: Path) -> None:
    with Simulator("agent-invocations-only") as azure:
        check(azure, tmp_path, "--invoke", "--prompt", '{"question": "hello"}')
        calls = [one for one in azure.requests if one.method == "POST" and one.path.endswith("/protocols/invocations")]
    assert len(calls) == 1


def test_teams_reaches_the_agent_without_any_call(tmp_path: Path) -> None:
    with Simulator("agent-in-teams") as azure:
        ran = check(azure, tmp_path)
        asked = [one for one in azure.requests if "activityprotocol" in one.path.lower()]
    assert ran.result("channels")["status"] == "pass"
    assert ran.result("endpoint-accepts-caller")["status"] == "skip"
    assert [one.method for one in asked] == ["GET"]


@pytest.mark.parametrize(
    ("record", "of", "field"),
    [
        ({"versions": []}, "version", "versions"),
        ({"agent_endpoint": "none"}, "version", "agent_endpoint"),
        ({"agent_endpoint": {"version_selector": ["4"]}}, "version", "agent_endpoint.version_selector"),
        ({"agent_endpoint": {"authorization_schemes": 5}}, "authorization-policy", "authorization_schemes"),
        ({"agent_endpoint": {"protocol_configuration": ["responses"]}}, "protocol", "protocol_configuration"),
        ({"instance_identity": "8ea5efb1"}, "agent-identity", "instance_identity"),
        ({"blueprint": [5]}, "agent-identity", "blueprint"),
        ({"state": {"is": "enabled"}}, "application", "state"),
    ],
)
def test_what_is_not_as_documented_is_unknown_with_its_field(
    record: dict[str, object], of: str, field: str, tmp_path: Path
) -> None:
    scenario = load_scenario("new-model-agent")
    agents = {name: replace(one, record=record) for name, one in scenario.agents.items()}
    with Simulator(replace(scenario, agents=agents)) as azure:
        ran = check(azure, tmp_path)
    result = ran.result(of)
    assert result["status"] == "unknown"
    assert field in json.dumps([result["summary"], result["evidence"]])
    assert not any(one["status"] == "error" for one in ran.document["results"])


def test_a_version_that_the_address_names_need_not_be_the_one_that_is_served(tmp_path: Path) -> None:
    with Simulator("agent-follows-latest") as azure:
        url = f"{azure.state.places.endpoint}/agents/helpdesk-agent/versions/2?api-version=v1"
        ran = check(azure, tmp_path, target=url)
    result = ran.result("version")
    assert (ran.document["verdict"], result["status"]) == ("pass", "pass")
    assert "Version 3" in result["summary"]
    assert any("names version 2" in line for line in result["evidence"])
