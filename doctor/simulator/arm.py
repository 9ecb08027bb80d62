"""Azure Resource Manager: the token first, then the api-version, then the caller's permission, then the resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.simulator import access, errors
from doctor.simulator.arm_authorization import Authorization
from doctor.simulator.arm_caller import ArmCaller, identify
from doctor.simulator.arm_lists import cut, offset_of, page, shown
from doctor.simulator.resource_graph import ResourceGraph
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.tokens import Mint
    from doctor.simulator.world import World

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview|-alpha|-beta|-privatepreview)?")
_EQUALS = re.compile(r"(resourceType|name) eq '([^']*)'")
_AUTHORIZATION = re.compile(r"(?i)^(?P<scope>.*?)/providers/Microsoft\.Authorization(?P<rest>/.*)$")
_OLDEST, _NEWEST = "2014-01-01", "2026-12-31"
"""No api-version that is asked for here is of an earlier or later day."""
_SUBSCRIPTIONS_PER_PAGE = 1000
# rest_shapes.json: the api-versions of Microsoft.CognitiveServices that know applications.
APPLICATION_VERSIONS = (
    "2025-10-01-preview",
    "2025-12-01",
    "2026-01-15-preview",
    "2026-03-01",
    "2026-03-15-preview",
    "2026-05-01",
    "2026-05-15-preview",
    "2026-07-01",
    "2026-09-15-preview",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A path below a resource group or subscription, taken apart."""

    group: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The full resource type."""
        return "/".join((self.namespace, *self.types))

    @property
    def is_list(self) -> bool:
        """The path ends with a type, not with a name."""
        return len(self.types) > len(self.names)


class Arm:
    """The management host."""

    def __init__(self, world: World, mint: Mint) -> None:
        self._world = world
        self._mint = mint
        self._authorization = Authorization(world)
        self._graph = ResourceGraph(world)

    def handle(self, request: Request) -> Reply:
        """Answer one request to the management host."""
        caller = identify(self._world, self._mint, request)
        version = request.query.get("api-version", "")
        if not version:
            raise errors.api_version_missing()
        if not _VERSION.fullmatch(version) or not _OLDEST <= version[:10] <= _NEWEST:
            raise errors.api_version_invalid(version)
        path = request.path.rstrip("/")
        if path.lower() == "/providers/microsoft.resourcegraph/resources":
            return self._graph.handle(request, caller)
        self._subscription_exists(path)
        found = _AUTHORIZATION.match(path)
        if found:
            return self._authorization.handle(request, caller, found.group("scope") or "/", found.group("rest"))
        if request.method == "POST":
            return self._action(request, caller, path)
        if request.method != "GET":
            raise errors.not_simulated(request.method, path)
        return self._get(request, caller, path)

    def _subscription_exists(self, path: str) -> None:
        parts = path.strip("/").split("/")
        inside = parts[0].lower() == "subscriptions" and len(parts) > 1
        if inside and parts[1].lower() not in self._world.subscriptions.names:
            raise errors.subscription_not_found(parts[1])

    def _get(self, request: Request, caller: ArmCaller, path: str) -> Reply:
        parts = path.strip("/").split("/")
        match [part.lower() for part in parts]:
            case ["tenants"]:
                reply = self._tenants(caller)
            case ["subscriptions"]:
                reply = self._subscriptions(request, caller)
            case ["subscriptions", one]:
                self._need_somewhere(caller, "Microsoft.Resources/subscriptions/read", one)
                reply = json_reply(200, self._subscription(one))
            case ["subscriptions", one, "resourcegroups", *name] if len(name) < 2:
                reply = self._groups(caller, one, "".join(parts[3:]))
            case ["subscriptions", one, "providers", *name] if len(name) < 2:
                reply = self._provider(caller, one, "".join(parts[3:]) or "Microsoft.CognitiveServices")
            case ["subscriptions", one, "resources"] | ["subscriptions", one, "resourcegroups", _, "resources"]:
                reply = self._resources(request, caller, one, parts[3] if len(parts) > 3 else "")
            case ["subscriptions", *_]:
                reply = self._resource(request, caller, path, parts)
            case _:
                raise errors.not_simulated("GET", path)
        return reply

    def _tenants(self, caller: ArmCaller) -> Reply:
        tenant: Json = {"id": f"/tenants/{caller.tenant}", "tenantId": caller.tenant, "tenantCategory": "Home"}
        return json_reply(200, {"value": [tenant]})

    def _subscriptions(self, request: Request, caller: ArmCaller) -> Reply:
        found = [self._subscription(one) for one in self._world.subscriptions.names if self._any_access(caller, one)]
        return json_reply(200, cut(self._world, request, found, offset_of(request), _SUBSCRIPTIONS_PER_PAGE))

    def _subscription(self, one: str) -> Json:
        return {
            "id": f"/subscriptions/{one}",
            "subscriptionId": one,
            "tenantId": self._world.places.tenant,
            "displayName": self._world.subscriptions.names[one],
            "state": "Enabled",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014"},
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
        }

    def _any_access(self, caller: ArmCaller, subscription: str) -> bool:
        """Whether the caller has any role at the subscription, below it or above it."""
        if not caller.at_home:
            return False
        path = f"/subscriptions/{subscription}"
        who = self._world.directory.with_groups(caller.object_id)
        return any(
            access.covers(path, one.scope) or any(access.covers(one.scope, above) for above in self._world.chain(path))
            for one in self._world.assignments_of(who)
        )

    def _need_somewhere(self, caller: ArmCaller, action: str, subscription: str) -> None:
        # A role on anything inside a subscription lets its holder see the subscription itself.
        if not self._any_access(caller, subscription):
            caller.need(action, f"/subscriptions/{subscription}")

    def _groups(self, caller: ArmCaller, subscription: str, name: str) -> Reply:
        known = self.group_names(subscription)
        base = f"/subscriptions/{subscription}/resourceGroups"
        action = "Microsoft.Resources/subscriptions/resourceGroups/read"
        if not name:
            self._need_somewhere(caller, action, subscription)
            shown = [self._group(subscription, one) for one in known if caller.can(action, f"{base}/{one}")]
            return json_reply(200, {"value": shown})
        caller.need(action, f"{base}/{name}")
        for one in known:
            if one.lower() == name.lower():
                return json_reply(200, self._group(subscription, one))
        raise errors.group_not_found(name)

    def group_names(self, subscription: str) -> list[str]:
        """The resource groups of a subscription."""
        places = self._world.places
        own = [self._world.scenario.azure.resource_group] if subscription == places.subscription_id else []
        names = [*self._world.groups_with_resources(subscription), *own]
        return list({name.lower(): name for name in names}.values())

    def _group(self, subscription: str, name: str) -> Json:
        return {
            "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
            "name": name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": self._world.scenario.azure.location,
            "properties": {"provisioningState": "Succeeded"},
        }

    def _provider(self, caller: ArmCaller, subscription: str, namespace: str) -> Reply:
        self._need_somewhere(caller, "Microsoft.Resources/subscriptions/providers/read", subscription)
        path = f"/subscriptions/{subscription}/providers/{namespace}"
        missing = namespace.lower() in {one.lower() for one in self._world.scenario.arm.unregistered}
        state = "NotRegistered" if missing else "Registered"
        body: Json = {"id": path, "namespace": namespace, "registrationState": state, "resourceTypes": []}
        return json_reply(200, body)

    def _resources(self, request: Request, caller: ArmCaller, subscription: str, group: str) -> Reply:
        """The tracked resources (those with a location) that the caller may read, perhaps of one type and name."""
        self._need_somewhere(caller, "Microsoft.Resources/subscriptions/resources/read", subscription)
        pairs: list[tuple[str, str]] = re.findall(_EQUALS, request.query.get("$filter", ""))
        wanted = {key: value.lower() for key, value in pairs}
        prefix = f"/subscriptions/{subscription}/"
        found = [
            {key: value for key, value in one.items() if key != "properties"}
            for key, one in self._world.resources.items()
            if "location" in one
            and key.startswith(prefix)
            and (not group or one["id"].split("/")[4].lower() == group.lower())
            and wanted.get("resourceType") in {None, one["type"].lower()}
            and wanted.get("name") in {None, one["name"].lower()}
            and caller.can(f"{one['type']}/read", one["id"])
        ]
        return json_reply(200, {"value": found})

    def _resource(self, request: Request, caller: ArmCaller, path: str, parts: list[str]) -> Reply:
        place = _place(path, parts)
        version = request.query["api-version"]
        if place.is_list and not place.group:
            self._need_somewhere(caller, f"{place.kind}/read", parts[1].lower())
        else:
            caller.need(f"{place.kind}/read", _scope_of(place, path))
        if place.group and place.group.lower() not in {name.lower() for name in self.group_names(parts[1].lower())}:
            raise errors.group_not_found(place.group)
        if "applications" in map(str.lower, place.types) and version not in APPLICATION_VERSIONS:
            raise errors.type_unknown_there(place.kind, version, APPLICATION_VERSIONS)
        if place.is_list:
            return self._list(request, caller, place, path)
        found = self._world.resources.get(path.lower())
        if found is None:
            self._need_parent(place, path)
            raise _not_found(place, path)
        return json_reply(200, shown(self._world, found, version))

    def _need_parent(self, place: Place, path: str) -> None:
        if len(place.names) > 1:
            parent = path.rsplit("/", 2)[0]
            if parent.lower() not in self._world.resources:
                above = Place(place.group, place.namespace, place.types[:-1], place.names[:-1])
                self._need_parent(above, parent)
                raise _not_found(above, parent)

    def _list(self, request: Request, caller: ArmCaller, place: Place, path: str) -> Reply:
        parent = path.lower().rsplit("/", 1)[0]
        if len(place.types) > 1 and parent not in self._world.resources:
            raise _not_found(Place(place.group, place.namespace, place.types[:-1], place.names), path.rsplit("/", 1)[0])
        if place.group:
            among = self._world.collection(path.lower())
        else:
            prefix = f"/subscriptions/{path.split('/')[2].lower()}/"
            among = [one for key, one in self._world.resources.items() if _among(key, one, prefix, place.kind)]
        version = request.query["api-version"]
        found = [shown(self._world, one, version) for one in among if caller.can(f"{place.kind}/read", one["id"])]
        return page(self._world, request, place.types[-1].lower(), found)

    def _action(self, request: Request, caller: ArmCaller, path: str) -> Reply:
        """The one harmless POST of an application; keys and secrets are never served."""
        parent, _, action = path.rpartition("/")
        found = self._world.resources.get(parent.lower())
        if found is None or action.lower() != "listagents":
            raise errors.not_simulated(request.method, path)
        caller.need(f"{found['type']}/listAgents/action", parent)
        agents = found["properties"].get("agents", [])
        value = [
            {
                "name": one["agentName"],
                "type": f"{found['type']}/agents",
                "id": f"{found['id']}/agents/{one['agentId']}",
                "properties": one,
            }
            for one in agents
        ]
        return json_reply(200, {"value": value, "nextLink": None})


def _among(key: str, one: Json, prefix: str, kind: str) -> bool:
    return key.startswith(prefix) and one["type"].lower() == kind.lower()


def _place(path: str, parts: list[str]) -> Place:
    lower = [part.lower() for part in parts]
    if "providers" not in lower[2:]:
        raise errors.not_simulated("GET", path)
    at = lower.index("providers", 2)
    group = parts[3] if at == 4 else ""
    namespace, rest = parts[at + 1], parts[at + 2 :]
    return Place(group, namespace, tuple(rest[::2]), tuple(rest[1::2]))


def _scope_of(place: Place, path: str) -> str:
    """A list is read at its parent, which of a top-level type is the resource group."""
    if not place.is_list:
        return path
    return path.rsplit("/", 1)[0] if place.names else path.rsplit("/", 3)[0]


def _not_found(place: Place, path: str) -> Exception:
    tail = path.split("/providers/", 1)[-1].split("/", 1)[-1]
    return errors.resource_not_found(place.namespace, tail, place.group)
