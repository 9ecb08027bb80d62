"""The Foundry resources' JSON of ARM as records: everything may be missing, enums are kept as they came.

Shapes: Microsoft.CognitiveServices accounts, projects, applications, agentDeployments and connections (official
examples and Azure/bicep-types-az; `authorizationScheme`, `audience` and `agentIdentity` as public repositories and docs
show them). Credentials are never read, but for the ids of the identity that a connection uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doctor.model import loose
from doctor.model.foundry import (
    Account,
    AgentIdentity,
    AgentRef,
    Application,
    Connection,
    Deployment,
    Json,
    ManagedIdentity,
    PrivateEndpoint,
    Project,
    Protocol,
    TrafficRule,
)


def application(item: object) -> Application:
    """An Agent Application (`…/projects/{project}/applications/{name}`).

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An application")
    properties = loose.part(whole, "properties")
    return Application(
        id=loose.text(whole, "id"),
        name=_name(whole),
        base_url=loose.text(properties, "baseUrl"),
        is_enabled=loose.truth(properties, "isEnabled"),
        provisioning_state=loose.text(properties, "provisioningState"),
        agents=_agent_refs(properties),
        blueprint=identity(loose.field(properties, "agentIdentityBlueprint")),
        # Shown as null, or without any id, is another thing than not shown at all.
        instance=identity(loose.field(properties, "defaultInstanceIdentity"))
        or (AgentIdentity() if loose.has(properties, "defaultInstanceIdentity") else None),
        authorization_scheme=_authorization_scheme(loose.field(properties, "authorizationPolicy")),
        routing=_routing(loose.field(properties, "trafficRoutingPolicy")),
    )


def deployment(item: object) -> Deployment:
    """An agent deployment of an application.

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An agent deployment")
    properties = loose.part(whole, "properties")
    return Deployment(
        id=loose.text(whole, "id"),
        name=_name(whole),
        deployment_id=loose.text(properties, "deploymentId"),
        state=loose.text(properties, "state"),
        provisioning_state=loose.text(properties, "provisioningState"),
        deployment_type=loose.text(properties, "deploymentType"),
        protocols=_protocols(loose.field(properties, "protocols")),
        agents=_agent_refs(properties),
    )


def account(item: object) -> Account:
    """A Foundry account.

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "An account")
    properties = loose.part(whole, "properties")
    acls = loose.part(properties, "networkAcls")
    return Account(
        id=loose.text(whole, "id"),
        name=_name(whole),
        kind=loose.text(whole, "kind"),
        location=loose.text(whole, "location"),
        identity=managed_identity(loose.field(whole, "identity")),
        public_network_access=loose.text(properties, "publicNetworkAccess"),
        acl_default_action=loose.text(acls, "defaultAction"),
        ip_rules=tuple(filter(None, (loose.text(rule, "value") for rule in loose.objects(acls, "ipRules")))),
        subnet_rules=tuple(
            filter(None, (loose.text(rule, "id") for rule in loose.objects(acls, "virtualNetworkRules")))
        ),
        private_endpoints=tuple(map(_private_endpoint, loose.objects(properties, "privateEndpointConnections"))),
        disable_local_auth=loose.truth(properties, "disableLocalAuth"),
        custom_subdomain=loose.text(properties, "customSubDomainName"),
        endpoints=loose.string_map(properties, "endpoints"),
        raw=loose.without_secrets(whole),
    )


def project(item: object) -> Project:
    """A Foundry project.

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "A project")
    properties = loose.part(whole, "properties")
    return Project(
        id=loose.text(whole, "id"),
        name=_name(whole),
        location=loose.text(whole, "location"),
        provisioning_state=loose.text(properties, "provisioningState"),
        identity=managed_identity(loose.field(whole, "identity")),
        agent_identity_id=_project_agent(properties),
        internal_id=loose.text(properties, "internalId").replace("-", "").lower(),
        endpoints=loose.string_map(properties, "endpoints"),
        raw=loose.without_secrets(whole),
    )


def connection(item: object) -> Connection:
    """A connection of a project or account, from ARM or from the data plane (which flattens the properties).

    Raises:
        Garbage: the item is not a JSON object.
    """
    whole = loose.mapping(item, "A connection")
    properties = loose.part(whole, "properties") or whole
    credentials = loose.part(properties, "credentials")
    return Connection(
        id=loose.text(whole, "id"),
        name=_name(whole),
        auth_type=loose.text(properties, "authType") or loose.text(credentials, "type"),
        # On the data plane `type` is the category; in ARM it is the resource type.
        category=loose.text(properties, "category") or ("" if properties is not whole else loose.text(whole, "type")),
        target=loose.text(properties, "target"),
        audience=loose.text(properties, "audience"),
        metadata=loose.string_map(loose.without_secrets(properties), "metadata"),
        client_id=loose.guid(credentials, "clientId"),
        credential_resource_id=loose.text(credentials, "resourceId"),
        error=_error(loose.field(properties, "error")),
        overall_status=loose.text(properties, "overallStatus"),
        shared_to_all=loose.truth(properties, "isSharedToAll"),
        shared_with=loose.strings(properties, "sharedUserList"),
        malformed=_malformed(properties),
        key_names=tuple(str(name) for name in loose.part(credentials, "keys")),
    )


def _malformed(properties: Json) -> tuple[str, ...]:
    """Fields of a connection that decide and are of another type than text (or an object, for the last two)."""
    texts = ("authType", "category", "target", "audience", "overallStatus")
    objects = ("metadata", "credentials")
    return tuple(
        f"{name} should be {'text' if name in texts else 'a JSON object'}, but is {loose.shown(value)}"
        for name in (*texts, *objects)
        if (value := loose.field(properties, name)) is not None
        and not isinstance(value, str if name in texts else Mapping)
    )


def identity(value: object) -> AgentIdentity | None:
    """An agent identity or blueprint as ARM (camelCase) or the data plane (snake_case) names it, or None."""
    found = AgentIdentity(
        principal_id=loose.guid(value, "principalId", "principal_id"),
        client_id=loose.guid(value, "clientId", "client_id"),
        tenant_id=loose.guid(value, "tenantId", "tenant_id"),
        kind=loose.text(value, "kind"),
        provisioning_state=loose.text(value, "provisioningState", "provisioning_state", "status"),
    )
    return found if found != AgentIdentity() else None


def managed_identity(value: object) -> ManagedIdentity:
    """The `identity` of an ARM resource."""
    assigned = loose.part(value, "userAssignedIdentities")
    return ManagedIdentity(
        type=loose.text(value, "type"),
        principal_id=loose.guid(value, "principalId"),
        tenant_id=loose.guid(value, "tenantId"),
        user_assigned={str(resource): loose.guid(entry, "principalId") for resource, entry in assigned.items()},
    )


def _name(whole: Json) -> str:
    """The last segment of a name: ARM writes nested names as `account/project/application` at times."""
    return (loose.text(whole, "name") or loose.text(whole, "id")).rstrip("/").rpartition("/")[2]


def _agent_refs(properties: Json) -> tuple[AgentRef, ...]:
    return tuple(
        AgentRef(
            name=loose.text(agent, "agentName", "name"),
            version=loose.text(agent, "agentVersion", "version"),
            id=loose.text(agent, "agentId", "id"),
        )
        for agent in loose.objects(properties, "agents")
    )


def _authorization_scheme(policy: object) -> str:
    if isinstance(policy, str):
        return policy
    return loose.text(policy, "type") or loose.text(policy, "authorizationScheme")


def _routing(policy: object) -> tuple[TrafficRule, ...] | None:
    if not isinstance(loose.field(policy, "rules"), list):
        return None
    return tuple(
        TrafficRule(
            deployment_id=loose.text(rule, "deploymentId"),
            percentage=loose.number(rule, "trafficPercentage"),
        )
        for rule in loose.objects(policy, "rules")
    )


def _protocols(value: Any) -> tuple[Protocol, ...] | None:
    if not isinstance(value, list):
        return None
    found = (
        Protocol(one) if isinstance(one, str) else Protocol(loose.text(one, "protocol"), loose.text(one, "version"))
        for one in value
    )
    return tuple(protocol for protocol in found if protocol.name)


def _private_endpoint(item: Json) -> PrivateEndpoint:
    properties = loose.part(item, "properties")
    return PrivateEndpoint(
        name=_name(item),
        status=loose.text(loose.part(properties, "privateLinkServiceConnectionState"), "status"),
        group_ids=loose.strings(properties, "groupIds"),
    )


def _project_agent(properties: Json) -> str:
    """The shared agent identity, in the forms that the docs and portals show: an id, or an object that holds one."""
    value = loose.field(properties, "agentIdentityId", "agentIdentity")
    if isinstance(value, str):
        return value.strip().lower()
    return loose.guid(value, "principalId", "principal_id", "objectId", "agentIdentityId", "id")


def _error(value: object) -> str:
    return value if isinstance(value, str) else loose.text(value, "message") or loose.text(value, "code")
