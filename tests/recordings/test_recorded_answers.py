"""Real Azure's answers, recorded by public projects, through the readers they belong to: nothing lost, nothing misread.

The recordings lie beside the project and are no part of it; without them these tests are skipped.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from doctor.azure import read_agents, read_authorization, read_foundry
from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.model.resource_id import ResourceId
from doctor.reading.answers import classify_answer
from doctor.reading.evidence import Context, Plane
from tests.beside import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLANES = {"arm": Plane.ARM, "foundry": Plane.ENDPOINT, "azureml": Plane.ENDPOINT, "other": Plane.NETWORK}


@lru_cache(maxsize=1)
def _recorded() -> list[dict[str, Any]]:
    with RECORDINGS.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


pytestmark = pytest.mark.skipif(not RECORDINGS.is_file(), reason="no recordings of real Azure lie beside the project")


def _ending(pattern: str, *, status: int = 200) -> list[dict[str, Any]]:
    """The recorded exchanges whose path ends in the pattern."""
    found = [
        one
        for one in _recorded()
        if one["status"] == status and re.search(f"(?i){pattern}$", urlsplit(one["url"]).path)
    ]
    assert found, f"none of the recordings is about {pattern}"
    return found


def _items(pattern: str) -> Iterator[dict[str, Any]]:
    """The items of the recorded lists, and the single ones."""
    for one in _ending(pattern):
        body = one["body"]
        if isinstance(body, dict):
            yield from body["value"] if isinstance(body.get("value"), list) else [body]


def test_accounts_are_read_whole() -> None:
    for item in _items("Microsoft.CognitiveServices/accounts(/[^/]+)?"):
        properties, read = item["properties"], read_foundry.account(item)
        assert (read.id, read.name, read.kind) == (item["id"], item["name"], item["kind"])
        assert read.custom_subdomain == properties.get("customSubDomainName", "")
        assert read.public_network_access == properties.get("publicNetworkAccess", "")
        assert read.disable_local_auth == properties.get("disableLocalAuth")
        assert read.acl_default_action == (properties.get("networkAcls") or {}).get("defaultAction", "")
        assert dict(read.endpoints) == properties.get("endpoints", {})
        assert read.identity.principal_id == (item.get("identity") or {}).get("principalId", "")


def test_projects_are_read_whole() -> None:
    for item in _items("/accounts/[^/]+/projects(/[^/]+)?"):
        properties, read = item["properties"], read_foundry.project(item)
        assert item["name"].endswith(f"/{read.name}")
        assert read.internal_id == properties.get("internalId", "")
        assert read.identity.principal_id == item["identity"]["principalId"]
        assert dict(read.endpoints) == properties["endpoints"]


def test_applications_are_read_whole() -> None:
    for item in _items("/applications"):
        properties, read = item["properties"], read_foundry.application(item)
        assert (read.provisioning_state, read.is_enabled) == ("Succeeded", True)
        for mine, theirs in ((read.blueprint, "agentIdentityBlueprint"), (read.instance, "defaultInstanceIdentity")):
            assert mine is not None
            assert mine.principal_id == properties[theirs]["principalId"]
            assert mine.provisioning_state == "Creating"
        assert read.authorization_scheme == properties["authorizationPolicy"]["authorizationScheme"]
        assert [(rule.deployment_id, rule.percentage) for rule in read.routing or ()] == [("", 100)]
        assert [one.name for one in read.agents] == [one["agentName"] for one in properties["agents"]]


def test_connections_are_read_whole() -> None:
    for item in _items("/connections(/[^/]+)?"):
        read, whole = read_foundry.connection(item), item.get("properties", item)
        assert (read.name, read.target) == (item["name"], whole["target"])
        assert read.auth_type == whole.get("authType", (whole.get("credentials") or {}).get("type"))
        assert read.category == whole.get("category", item["type"])
        assert set(read.metadata) == set(whole["metadata"])
        assert read.error == ""


@pytest.mark.parametrize(
    ("kind", "reader"),
    [
        ("roleAssignments", read_authorization.role_assignment),
        ("roleAssignmentScheduleInstances", read_authorization.active_assignment),
    ],
)
def test_assignments_are_read_whole(kind: str, reader: Callable[[object], Any]) -> None:
    for item in _items(f"Microsoft.Authorization/{kind}(/[^/]+)?"):
        properties, read = item["properties"], reader(item)
        assert read.principal_id == properties["principalId"].lower()
        assert read.role_guid == properties["roleDefinitionId"].rsplit("/", 1)[-1].lower()
        assert read.scope == "/" + properties["scope"].strip("/")
        assert read.condition == (properties.get("condition") or "")
        assert (read.created_on is None) is (not properties.get("createdOn"))
        assert (read.ends_on is None) is (not properties.get("endDateTime"))


def test_a_privileged_assignment_says_its_scope_even_by_its_id_alone() -> None:
    for item in _items("Microsoft.Authorization/roleAssignmentScheduleInstances"):
        properties = {key: value for key, value in item["properties"].items() if key != "scope"}
        read = read_authorization.active_assignment({**item, "properties": properties})
        assert read.scope == item["properties"]["scope"]


def test_definitions_and_denials_are_read_whole() -> None:
    for item in _items("Microsoft.Authorization/roleDefinitions(/[^/]+)?"):
        role, properties = read_authorization.role_definition(item), item["properties"]
        assert (role.name, role.guid) == (properties["roleName"], item["name"].lower())
        assert role.built_in is (properties["type"] == "BuiltInRole")
        assert [one.actions for one in role.permissions] == [tuple(e["actions"]) for e in properties["permissions"]]
    for item in _items("Microsoft.Authorization/denyAssignments/[^/]+"):
        denial, properties = read_authorization.deny_assignment(item), item["properties"]
        assert denial.system_protected is properties["isSystemProtected"]
        assert [one.id for one in denial.principals] == [one["id"] for one in properties["principals"]]
        assert [one.id for one in denial.exclude_principals] == [one["id"] for one in properties["excludePrincipals"]]


def _agent_bodies() -> Iterator[dict[str, Any]]:
    for item in _items("/agents/[^/]+(/versions(/[^/]+)?)?"):
        yield from item["data"] if isinstance(item.get("data"), list) else [item]


def test_agents_and_versions_are_read_whole() -> None:
    seen = set()
    for item in _agent_bodies():
        seen.add(item["object"])
        if item["object"] == "agent":
            agent = read_agents.agent(item)
            assert agent.latest is not None
            # No identity, no state and no endpoint are shown: none of them is known, and nothing is odd about that.
            assert (agent.name, agent.state, agent.instance, agent.protocols) == (item["name"], "", None, None)
        if item["object"] in {"agent", "agent.version"}:
            _compare_version(item["versions"]["latest"] if item["object"] == "agent" else item)
    assert {"agent", "agent.version"} <= seen


def _compare_version(item: dict[str, Any]) -> None:
    version, definition = read_agents.agent_version(item), item["definition"]
    assert (version.name, version.version) == (item["name"], item["version"])
    assert (version.kind, version.model) == (definition["kind"], definition.get("model", ""))
    assert len(version.tools) == len(definition.get("tools", []))
    assert version.status == item.get("status", "")
    shown = item.get("instance_identity", {}).get("principal_id", "")
    assert (version.instance.principal_id if version.instance else "") == shown


def test_every_resource_id_is_read_and_written_again() -> None:
    ids = {text for one in _recorded() if one["service"] == "arm" for text in _ids(one["body"])}
    assert any("/resourcegroups/" in text for text in ids)
    for text in ids:
        read = ResourceId.of(text)
        assert read is not None, text
        assert str(read) == text.rstrip("/")
        group = re.search(r"(?i)/resourcegroups/([^/]+)", text)
        assert read.resource_group == (group[1] if group else "")


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and value["id"].lower().startswith("/subscriptions/"):
            yield value["id"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _ids(one)


_GONE = {Cause.RESOURCE_NOT_FOUND, Cause.DOWNSTREAM_NOT_FOUND, Cause.PRINCIPAL_NOT_FOUND}
_EXPECTED = {
    400: {Cause.REQUEST_INVALID, Cause.PRINCIPAL_NOT_FOUND},
    401: {Cause.TOKEN_MISSING},
    403: {Cause.PERMISSION_DENIED},
    404: _GONE,
    409: {Cause.REQUEST_INVALID},
    412: {Cause.REQUEST_INVALID},
    504: {Cause.SERVICE_FAILED, Cause.TIMED_OUT, Cause.UNREACHABLE},
    530: {Cause.SERVICE_FAILED, Cause.NOT_AZURE},
}
"""Status → the causes that an expert takes from the recorded refusals with it."""
_BY_CODE = {
    "InvalidResourceType": {Cause.UNSUPPORTED_API_VERSION, Cause.RESOURCE_NOT_FOUND},
    "ResourceTypeNotSupported": {Cause.REQUEST_INVALID, Cause.UNSUPPORTED_API_VERSION},
}


def _refused() -> list[Any]:
    if not RECORDINGS.is_file():
        return []
    return [pytest.param(one, id=one["id"]) for one in _recorded() if one["status"] >= 400 and one["body"]]


@pytest.mark.parametrize("one", _refused())
def test_a_recorded_refusal_is_recognised(one: dict[str, Any]) -> None:
    body = one["body"] if isinstance(one["body"], str) else json.dumps(one["body"])
    answer = Answer(one["method"], one["url"], one["status"], one["headers"], body.encode(), 1)
    context = Context(plane=_PLANES.get(one["service"], Plane.DOWNSTREAM))
    first = classify_answer(answer, context)[0]
    expected = next((causes for code, causes in _BY_CODE.items() if code in body), _EXPECTED[one["status"]])
    if first.cause not in expected:
        wanted = " or ".join(sorted(cause.value for cause in expected))
        pytest.xfail(f"read as {first.cause.value} ({first.signature}), an expert says {wanted}: {body[:120]}")
