"""The resources of a scenario as Resource Manager serves them: `{id, name, type, properties, …}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator.names import guid
from doctor.simulator.native_children import native_children
from doctor.simulator.places import FOUNDRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.simulator.identities import Directory
    from doctor.simulator.places import Places
    from doctor.simulator.scenario_model import Child, Connection, Deployment, Resource, Scenario
    from doctor.simulator.wire import Json

_STAMP = "2026-01-05T09:30:00.0000000Z"
_SYSTEM_DATA = {
    "createdAt": _STAMP,
    "createdBy": "ops@contoso.example",
    "createdByType": "User",
    "lastModifiedAt": _STAMP,
    "lastModifiedBy": "ops@contoso.example",
    "lastModifiedByType": "User",
}


def build(scenario: Scenario, places: Places, directory: Directory) -> list[Json]:
    """Every resource of the scenario, parents first."""
    made: list[Json] = []
    if scenario.account.exists:
        made.append(_account(scenario, places, directory))
        made += [_model(places, name) for name in scenario.models]
        made += _children(places.account, FOUNDRY, scenario.account.children)
        made += [_connection(places, key, one) for key, one in scenario.connections.items() if one.of_account]
    if scenario.account.exists and scenario.project.exists:
        made.append(_project(scenario, places, directory))
        made += _children(places.project, f"{FOUNDRY}/projects", scenario.project.children)
        made += [_connection(places, key, one) for key, one in scenario.connections.items() if not one.of_account]
        if scenario.application.exists:
            made.append(_application(scenario, places, directory))
            made += [_deployment(places, key, one) for key, one in scenario.deployments.items() if one.exists]
    for key, one in scenario.resources.items():
        made.append(_resource(scenario, places, directory, key, one))
        made += _children(places.scope(key), one.type, {**native_children(one.type, places.scope(key)), **one.children})
    return made


def _record(resource_id: str, type_: str, properties: Json, /, **more: object) -> Json:
    record: Json = {"id": resource_id, "name": resource_id.rsplit("/", 1)[-1], "type": type_}
    return {**record, **more, "properties": properties}


def _system_identity(places: Places, directory: Directory, name: str) -> Json:
    return {"type": "SystemAssigned", "principalId": directory.id(name), "tenantId": places.tenant}


def _account(scenario: Scenario, places: Places, directory: Directory) -> Json:
    account = scenario.account
    properties: Json = {
        "provisioningState": "Succeeded",
        "customSubDomainName": account.name,
        "endpoint": f"https://{account.name}.cognitiveservices.azure.com/",
        "endpoints": {"AI Foundry API": f"https://{places.foundry_host}/"},
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []},
        "disableLocalAuth": False,
        "allowProjectManagement": True,
        "defaultProject": scenario.project.name,
        "associatedProjects": [scenario.project.name],
        "privateEndpointConnections": [],
        **account.properties,
    }
    more: Json = {"location": scenario.azure.location, "kind": "AIServices", "sku": {"name": "S0"}, "tags": {}}
    if account.identity:
        more["identity"] = _system_identity(places, directory, "account-identity")
    return _record(places.account, FOUNDRY, properties, **more)


def _project(scenario: Scenario, places: Places, directory: Directory) -> Json:
    project = scenario.project
    properties: Json = {
        "provisioningState": "Succeeded",
        "displayName": project.name,
        "isDefault": True,
        "endpoints": {"AI Foundry API": places.endpoint},
        "internalId": guid("workspace", project.name).replace("-", ""),
    }
    if project.agent_identity:
        properties["agentIdentity"] = {"agentIdentityId": directory.id("project-agent")}
    more: Json = {"location": scenario.azure.location, "tags": {}}
    if project.identity:
        more["identity"] = _system_identity(places, directory, "project-identity")
    return _record(places.project, f"{FOUNDRY}/projects", {**properties, **project.properties}, **more)


def _agent_identity(places: Places, directory: Directory, name: str, kind: str, state: str) -> Json:
    return {
        "kind": kind,
        "type": "System",
        "clientId": directory.client_id(name),
        "principalId": directory.id(name),
        "tenantId": places.tenant,
        "provisioningState": state,
    }


def _application(scenario: Scenario, places: Places, directory: Directory) -> Json:
    one = scenario.application
    rules = [
        {"ruleId": f"to-{key}", "deploymentId": _deployment_id(key), "trafficPercentage": each.traffic}
        for key, each in scenario.deployments.items()
        if each.exists and each.traffic
    ]
    properties: Json = {
        "displayName": one.name,
        "baseUrl": f"{places.endpoint}/applications/{one.name}/protocols/openai",
        "agents": [{"agentId": f"{name}:1", "agentName": name} for name in one.agents],
        "authorizationPolicy": {one.policy_spelling: one.policy},
        "trafficRoutingPolicy": {"protocol": "FixedRatio", "rules": rules},
        "provisioningState": one.provisioning_state,
        "isEnabled": one.enabled,
    }
    if one.agent_identity:
        properties["agentIdentityBlueprint"] = _agent_identity(
            places, directory, "blueprint", "AgentBlueprint", "Succeeded"
        )
        properties["defaultInstanceIdentity"] = _agent_identity(
            places, directory, "application-agent", "AgentInstance", one.agent_identity
        )
    shown = {**({} if one.bare else properties), **one.properties}
    return _record(places.application, f"{FOUNDRY}/projects/applications", shown, systemData=_SYSTEM_DATA)


def _deployment_id(key: str) -> str:
    return guid("deployment", key)


def _deployment(places: Places, key: str, one: Deployment) -> Json:
    properties: Json = {
        "deploymentId": _deployment_id(key),
        "displayName": key,
        "deploymentType": "Managed",
        "state": one.state,
        "provisioningState": one.provisioning_state,
        "protocols": [{"protocol": name, "version": "1.0"} for name in one.protocols],
        "agents": [{"agentId": f"{one.agent}:{one.version}", "agentName": one.agent, "agentVersion": one.version}],
    }
    kind = f"{FOUNDRY}/projects/applications/agentDeployments"
    return _record(f"{places.application}/agentDeployments/{key}", kind, properties, systemData=_SYSTEM_DATA)


def _model(places: Places, name: str) -> Json:
    properties: Json = {
        "provisioningState": "Succeeded",
        "model": {"format": "OpenAI", "name": name, "version": "1"},
        "capabilities": {"responses": "true", "chatCompletion": "true"},
    }
    return _record(f"{places.account}/deployments/{name}", f"{FOUNDRY}/deployments", properties)


def _connection(places: Places, key: str, one: Connection) -> Json:
    metadata: Json = dict(one.metadata)
    if one.resource:
        metadata["ResourceId"] = places.scope(one.resource)
    properties: Json = {
        "authType": one.auth_type,
        "category": one.category,
        "target": one.target,
        "isSharedToAll": True,
        "sharedUserList": [],
        "metadata": metadata,
    }
    if one.audience:
        properties["audience"] = one.audience
    parent = places.account if one.of_account else places.project
    kind = f"{FOUNDRY}/connections" if one.of_account else f"{FOUNDRY}/projects/connections"
    return _record(f"{parent}/connections/{key}", kind, {**properties, **one.properties})


def _resource(scenario: Scenario, places: Places, directory: Directory, key: str, one: Resource) -> Json:
    more: Json = {"location": scenario.azure.location, "tags": {}}
    if one.kind:
        more["kind"] = one.kind
    if one.sku:
        more["sku"] = {"name": one.sku}
    if one.identity:
        more["identity"] = _system_identity(places, directory, f"identity:{key}")
    return _record(places.scope(key), one.type, dict(one.properties), **more)


def _children(parent: str, parent_type: str, children: Mapping[str, Child]) -> list[Json]:
    """Child resources, such as `config/authsettingsV2` of a site."""
    return [
        _record(f"{parent}/{path}", f"{parent_type}/{'/'.join(path.split('/')[::2])}", dict(child.properties))
        for path, child in children.items()
    ]
