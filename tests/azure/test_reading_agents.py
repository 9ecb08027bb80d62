"""Records of agents: every spelling that Azure has shown is read, and what is odd is entered under its field."""

from __future__ import annotations

from typing import Any

import pytest

from doctor.azure import read_agents
from doctor.model.foundry import Protocol, TrafficRule

RULES = "agent_endpoint.version_selector.version_selection_rules"
OID = "8ea5efb1-8d19-49bf-aad3-27406c468b31"
RECORD: dict[str, Any] = {
    "object": "agent",
    "id": "desk",
    "name": "desk",
    "state": "disabled",
    "configuration_state": "enabled",
    "state_source": "agent_blueprint",
    "versions": {
        "latest": {
            "object": "agent.version",
            "id": "desk:4",
            "version": "4",
            "status": "failed",
            "error": {"code": "ImageError", "message": "Failed to pull container image"},
            "definition": {
                "kind": "hosted",
                "container_protocol_versions": [],
                "protocol_versions": [{"protocol": "responses", "version": "2.0.0"}],
            },
        }
    },
    "agent_endpoint": {
        "version_selector": {
            "version_selection_rules": [
                {"type": "FixedRatio", "agent_version": "@latest", "traffic_percentage": 90},
                {"type": "FixedRatio", "agent_version": "3", "traffic_percentage": 10},
            ]
        },
        "protocol_configuration": {"responses": {}, "activity": {"enable_m365_public_endpoint": True}},
        "protocols": ["a2a"],
        "authorization_schemes": [{"type": "Entra", "isolation_key_source": {"kind": "Entra"}}, "BotServiceRbac"],
        "publish_approval_status": "pending",
    },
    "instance_identity": {"principal_id": OID.upper(), "client_id": OID, "status": "active"},
    "blueprint": {"principal_id": OID, "client_id": OID, "status": "disabled"},
    "agent_card": {"version": "1.0", "description": "Helps.", "skills": []},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The record with one field set to something else."""

    def within(inner: Any, keys: list[str]) -> Any:
        head, *rest = keys
        return {**inner, head: within(inner[head], rest) if rest else value}

    whole: dict[str, Any] = within(RECORD, path.split("."))
    return whole


def test_a_whole_record() -> None:
    found = read_agents.agent(RECORD)
    assert (found.state, found.configuration_state, found.state_source) == ("disabled", "enabled", "agent_blueprint")
    assert found.version_rules == (TrafficRule("@latest", 90.0), TrafficRule("3", 10.0))
    assert found.protocols == ("responses", "activity")
    assert found.protocol_settings["activity"] == {"enable_m365_public_endpoint": True}
    assert found.authorization_schemes == ("Entra", "BotServiceRbac")
    assert found.instance is not None
    assert (found.instance.principal_id, found.instance.provisioning_state) == (OID, "active")
    assert found.blueprint is not None
    assert found.blueprint.provisioning_state == "disabled"
    assert (found.approval, found.card, found.odd) == ("pending", RECORD["agent_card"], {})
    latest = found.latest
    assert latest is not None
    assert (latest.status, latest.error_code, latest.hosted) == ("failed", "ImageError", True)
    assert latest.declared == (Protocol("responses", "2.0.0"),)
    assert latest.odd == {}


def test_older_shapes() -> None:
    older = read_agents.agent(
        {
            "name": "desk",
            "versions": {
                "latest": {
                    "version": "1",
                    "definition": {"kind": "hosted", "container_protocol_versions": ["responses"]},
                }
            },
            "agent_endpoint": {"protocols": ["Responses", {"protocol": "A2A"}]},
        }
    )
    assert older.protocols == ("Responses", "A2A")
    assert (older.shows_identity, older.shows_endpoint, older.version_rules) == (False, True, ())
    assert older.latest is not None
    assert older.latest.declared == (Protocol("responses"),)
    assert older.odd == {}


def test_null_is_another_thing_than_not_shown() -> None:
    legacy = read_agents.agent({"name": "desk", "instance_identity": None, "agent_endpoint": None})
    assert (legacy.instance, legacy.shows_identity, legacy.shows_endpoint, legacy.protocols) == (
        None,
        True,
        False,
        None,
    )


def test_an_error_that_is_a_mere_text_and_a_draft() -> None:
    version = read_agents.agent_version(
        {"version": "draft-17", "status": "failed", "error": "no luck", "definition": {"kind": "prompt"}}
    )
    assert (version.error_code, version.error_message, version.draft, version.declared) == ("", "no luck", True, None)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("state", True, "state"),
        ("state_source", {}, "state_source"),
        ("versions", [], "versions"),
        ("versions.latest", "4", "versions.latest"),
        ("agent_endpoint", "none", "agent_endpoint"),
        ("agent_endpoint.version_selector", ["4"], "agent_endpoint.version_selector"),
        ("agent_endpoint.version_selector", {"rules": []}, "agent_endpoint.version_selector"),
        (RULES, "4",
         RULES),
        (RULES, [{"traffic_percentage": 100}],
         f"{RULES}[0]"),
        (RULES, [{"agent_version": "1", "traffic_percentage": "all"}],
         f"{RULES}[0].traffic_percentage"),
        (RULES, [{"agent_version": "1", "type": "Sticky"}],
         f"{RULES}[0].type"),
        ("agent_endpoint.protocol_configuration", ["responses"], "agent_endpoint.protocol_configuration"),
        ("agent_endpoint.authorization_schemes", "Entra", "agent_endpoint.authorization_schemes"),
        ("agent_endpoint.authorization_schemes", [{"type": "Entra"}, 5], "agent_endpoint.authorization_schemes[1]"),
        ("agent_endpoint.publish_approval_status", 3, "agent_endpoint.publish_approval_status"),
        ("instance_identity", "x", "instance_identity"),
        ("blueprint", [], "blueprint"),
        ("agent_card", "card", "agent_card"),
    ],
)  # fmt: skip
def test_what_is_odd_is_entered_under_its_field(path: str, value: Any, field: str) -> None:
    assert list(read_agents.agent(changed(path, value)).odd) == [field]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"version": "1"}, "definition"),
        ({"version": "1", "definition": [], "status": "active"}, "definition"),
        ({"version": "1", "definition": {"kind": "prompt"}, "status": 1}, "status"),
        ({"version": "1", "definition": {"kind": "prompt", "tools": {}}}, "definition.tools"),
        ({"version": "1", "definition": {"kind": "prompt", "tools": ["mcp"]}}, "definition.tools[0]"),
        ({"version": "1", "definition": {"kind": 3}}, "definition.kind"),
        ({"version": "1", "definition": {"kind": "hosted", "protocol_versions": "2"}}, "definition.protocol_versions"),
        (
            {"version": "1", "definition": {"kind": "hosted", "protocol_versions": [{}]}},
            "definition.protocol_versions[0]",
        ),
    ],
)
def test_what_is_odd_about_a_version(record: dict[str, Any], field: str) -> None:
    assert list(read_agents.agent_version(record).odd) == [field]
