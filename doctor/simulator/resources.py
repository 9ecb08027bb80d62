"""The resources of a scenario as Resource Manager serves them: `{id, name, type, properties, …}`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.simulator.names import guid
from doctor.simulator.native_children import native_children
from doctor.simulator.places import FOUNDRY
from doctor.simulator.scenario_foundry import ModelDeployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.simulator.identities import Directory
    from doctor.simulator.places import Places
    from doctor.simulator.scenario_foundry import Application, Child, Connection, Deployment
    from doctor.simulator.scenario_model import Resource, Scenario
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
        models = {**dict.fromkeys(scenario.models, ModelDeployment()), **scenario.model_deployments}
        made += [_model(places, name, one) for name, one in models.items()]
        made += _children(places.account, FOUNDRY, scenario.account.children)
        made += [_connection(places, key, one) for key, one in scenario.connections.items() if one.of_account]
    if scenario.account.exists and scenario.project.exists:
        made.append(_project(scenario, places, directory))
        made += _children(places.project, f"{FOUNDRY}/projects", scenario.project.children)
        made += [_connection(places, key, one) for key, one in scenario.connections.items() if not one.of_account]
        for application, names in applications_of(scenario):
            made.append(_application(scenario, places, directory, application, names))
            made += [
                _deployment(f"{places.project}/applications/{application.name}", key, each)
                for key, each in scenario.deployments.items()
                if each.exists
            ]
    for key, one in scenario.resources.items():
        made.append(_resource(scenario, places, directory, key, one))
        made += _children(places.scope(key), one.type, {**native_children(one.type, places.scope(key)), **one.children})
    return made


def _record(resource_id: str, type_: str, properties: Json, /, **more: object) -> Json:
    record: Json = {"id": resource_id, "name": resource_id.rsplit("/", 1)[-1], "type": type_}
    return {**record, **more, "properties": properties}


def _identities(
    places: Places, directory: Directory, system: str, assigned: tuple[str, ...], *, has_system: bool
) -> Json:
    """`identity` of a resource, to merge into its record; nothing when it has none."""
    kinds = ["SystemAssigned"] * has_system + ["UserAssigned"] * bool(assigned)
    if not kinds:
        return {}
    identity: Json = {"type": ", ".join(kinds)}
    if has_system:
        identity.update(principalId=directory.id(system), tenantId=places.tenant)
    if assigned:
        # The service writes this id with a lower-case segment (recorded).
        group = places.group.replace("/resourceGroups/", "/resourcegroups/")
        base = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        identity["userAssignedIdentities"] = {
            f"{base}/{name}": {"principalId": directory.id(name), "clientId": directory.client_id(name)}
            for name in assigned
        }
    return {"identity": identity}


def _account(scenario: Scenario, places: Places, directory: Directory) -> Json:
    account = scenario.account
    properties: Json = {
        "provisioningState": "Succeeded",
        "customSubDomainName": places.subdomain,
        "endpoint": f"https://{places.subdomain}.cognitiveservices.azure.com/",
        "endpoints": {"AI Foundry API": f"https://{places.foundry_host}/"},
        "publicNetworkAccess": "Enabled",
        "allowProjectManagement": True,
        "defaultProject": scenario.project.name,
        "associatedProjects": [scenario.project.name],
        "privateEndpointConnections": [],
        **account.properties,
    }
    more: Json = {"location": scenario.azure.location, "kind": "AIServices", "sku": {"name": "S0"}, "tags": {}}
    assigned = account.user_identities
    more.update(_identities(places, directory, "account-identity", assigned, has_system=account.identity))
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
    assigned = project.user_identities
    more.update(_identities(places, directory, "project-identity", assigned, has_system=project.identity))
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


def applications_of(scenario: Scenario) -> list[tuple[Application, tuple[str, str]]]:
    """The applications that exist, each with the names of its agent identity and of its blueprint."""
    own = [(scenario.application, ("application-agent", "blueprint"))]
    more = [
        (replace(one, name=name), (f"application:{name}", f"application-blueprint:{name}"))
        for name, one in scenario.applications.items()
    ]
    return [(one, names) for one, names in (*own, *more) if one.exists]


def _application(
    scenario: Scenario, places: Places, directory: Directory, one: Application, names: tuple[str, str]
) -> Json:
    properties: Json = {
        "displayName": one.name,
        "baseUrl": f"{places.endpoint}/applications/{one.name}",
        "agents": [{"agentId": f"{name}:1", "agentName": name} for name in one.agents],
        "authorizationPolicy": {one.policy_spelling: one.policy},
        "trafficRoutingPolicy": {"protocol": "FixedRatio", "rules": _rules(scenario, one)},
        "provisioningState": one.provisioning_state,
        "isEnabled": one.enabled,
    }
    if one.agent_identity:
        properties["agentIdentityBlueprint"] = _agent_identity(
            places, directory, names[1], "AgentBlueprint", one.blueprint
        )
        properties["defaultInstanceIdentity"] = _agent_identity(
            places, directory, names[0], "AgentInstance", one.agent_identity
        )
    shown = {**({} if one.bare else properties), **one.properties}
    return _record(
        f"{places.project}/applications/{one.name}", f"{FOUNDRY}/projects/applications", shown, systemData=_SYSTEM_DATA
    )


def _rules(scenario: Scenario, application: Application) -> list[Json]:
    shares = {key: one.traffic for key, one in scenario.deployments.items() if one.exists and one.traffic}
    if application.blank_rule and list(shares.values()) == [100]:
        said = "Default rule routing all traffic to the first deployment"
        return [{"ruleId": "default", "description": said, "deploymentId": "", "trafficPercentage": 100}]
    return [
        {"ruleId": f"to-{key}", "deploymentId": _deployment_id(key), "trafficPercentage": share}
        for key, share in shares.items()
    ]


def _deployment_id(key: str) -> str:
    return guid("deployment", key)


def _deployment(application_id: str, key: str, one: Deployment) -> Json:
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
    return _record(f"{application_id}/agentDeployments/{key}", kind, properties, systemData=_SYSTEM_DATA)


def _model(places: Places, name: str, one: ModelDeployment) -> Json:
    properties: Json = {
        "provisioningState": one.provisioning_state,
        "model": {"format": one.format, "name": one.model or name, "version": one.version},
        "capabilities": {"responses": "true", "chatCompletion": "true"},
        **one.properties,
    }
    more: Json = {"sku": {"name": one.sku, "capacity": 10}}
    return _record(f"{places.account}/deployments/{name}", f"{FOUNDRY}/deployments", properties, **more)


def _connection(places: Places, key: str, one: Connection) -> Json:
    """A connection, with what Azure returns unasked (recorded in 2026)."""
    metadata: Json = dict(one.metadata)
    if one.resource:
        metadata["ResourceId"] = places.scope(one.resource)
    properties: Json = {
        "authType": one.auth_type,
        "group": "AzureAI",
        "category": one.category,
        "expiryTime": None,
        "target": one.target,
        "useWorkspaceManagedIdentity": False,
        "isSharedToAll": one.shared,
        "sharedUserList": [],
        "peRequirement": "NotRequired",
        "peStatus": "NotApplicable",
        "error": None,
        "isDefault": False,
        "metadata": metadata,
    }
    if one.auth_type == "ManagedIdentity":
        properties["credentials"] = None
    if one.audience:
        properties["audience"] = one.audience
    parent = places.account if one.of_account else places.project
    kind = f"{FOUNDRY}/connections" if one.of_account else f"{FOUNDRY}/projects/connections"
    return _record(f"{parent}/connections/{key}", kind, {**properties, **one.properties}, tags=None)


def _resource(scenario: Scenario, places: Places, directory: Directory, key: str, one: Resource) -> Json:
    more: Json = {"location": one.location or scenario.azure.location, "tags": {}}
    if one.kind:
        more["kind"] = one.kind
    if one.sku:
        more["sku"] = {"name": one.sku}
    more.update(_identities(places, directory, f"identity:{key}", one.user_identities, has_system=one.identity))
    return _record(places.scope(key), one.type, dict(one.properties), **more)


def _children(parent: str, parent_type: str, children: Mapping[str, Child]) -> list[Json]:
    """Child resources, such as `config/authsettingsV2` of a site."""
    return [
        _record(f"{parent}/{path}", f"{parent_type}/{'/'.join(path.split('/')[::2])}", dict(child.properties))
        for path, child in children.items()
    ]
