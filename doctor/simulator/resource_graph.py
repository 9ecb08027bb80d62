"""Azure Resource Graph: `POST /providers/Microsoft.ResourceGraph/resources`, for what the caller may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator import errors, kql
from doctor.simulator.arm_authorization import Authorization
from doctor.simulator.roles import built_in
from doctor.simulator.wire import Json, Refused, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.arm_caller import ArmCaller
    from doctor.simulator.world import World

_TRACKED_CHILDREN = {"microsoft.cognitiveservices/accounts/projects"}
"""Child types seen in the table `resources`; applications and connections are not in it."""
_COLUMNS = ("kind", "location", "managedBy", "sku", "plan", "tags", "identity", "zones", "extendedLocation")


class ResourceGraph:
    """The query service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._authorization = Authorization(world)

    def handle(self, request: Request, caller: ArmCaller) -> Reply:
        """Answer one query."""
        if request.method != "POST":
            raise errors.method_not_allowed(request.method)
        if not self._world.scenario.arm.resource_graph:
            action = "Microsoft.ResourceGraph/resources/read"
            raise errors.authorization_failed(caller.client, caller.object_id, action, "/")
        try:
            body = request.json()
            query, options = str(body["query"]), dict(body.get("options") or {})
            asked = body.get("subscriptions") or [self._world.places.subscription_id]
        except (ValueError, LookupError, TypeError) as error:
            raise errors.bad_request("BadRequest", "The request body is not valid.") from error
        mine = self._world.places.subscription_id in {str(one).lower() for one in asked}
        try:
            rows = kql.run(query, self._tables(caller) if mine else {name: [] for name in _TABLES})
        except kql.QueryError as error:
            raise _invalid(str(error)) from error
        return _answer(rows, options)

    def _tables(self, caller: ArmCaller) -> dict[str, kql.Rows]:
        return {
            "resources": self._resources(caller),
            "resourcecontainers": self._containers(caller),
            "authorizationresources": self._authorization_rows(caller),
        }

    def _row(self, record: Json) -> Json:
        parts = record["id"].split("/")
        row: Json = {name: record.get(name) for name in _COLUMNS}
        return {
            **row,
            "id": record["id"],
            "name": record["name"],
            "type": record["type"].lower(),
            "tenantId": self._world.places.tenant,
            "subscriptionId": self._world.places.subscription_id,
            "resourceGroup": parts[4].lower() if len(parts) > 4 and parts[3].lower() == "resourcegroups" else "",
            "properties": record["properties"],
        }

    def _resources(self, caller: ArmCaller) -> kql.Rows:
        return [
            self._row(one)
            for one in self._world.resources.values()
            if ("location" in one and (one["type"].count("/") == 1 or one["type"].lower() in _TRACKED_CHILDREN))
            and caller.can(f"{one['type']}/read", one["id"])
        ]

    def _containers(self, caller: ArmCaller) -> kql.Rows:
        places = self._world.places
        if not caller.can("Microsoft.Resources/subscriptions/read", places.subscription):
            return []
        group = self._world.scenario.azure.management_group
        chain = [
            {"name": group, "displayName": group},
            {"name": places.tenant, "displayName": "Tenant Root Group"},
        ]
        record: Json = {
            "id": places.subscription,
            "name": self._world.scenario.azure.subscription,
            "type": "microsoft.resources/subscriptions",
            "properties": {"managementGroupAncestorsChain": chain, "state": "Enabled"},
        }
        return [self._row(record)]

    def _authorization_rows(self, caller: ArmCaller) -> kql.Rows:
        world = self._world
        with world.lock:
            held = list(world.assignments.values())
        rows = [
            self._row(self._authorization.assignment_json(one))
            for one in held
            if caller.can("Microsoft.Authorization/roleAssignments/read", one.scope)
        ]
        if caller.can("Microsoft.Authorization/roleDefinitions/read", world.places.subscription):
            rows += [self._row(role) for role in (*world.custom_roles.values(), *built_in().values())]
        return rows


_TABLES = ("resources", "resourcecontainers", "authorizationresources")


def _answer(rows: kql.Rows, options: Json) -> Reply:
    top = min(int(options.get("$top") or 1000), 1000)
    token = str(options.get("$skipToken") or "")
    start = int(token) if token.isdigit() else int(options.get("$skip") or 0)
    part = rows[start : start + top]
    data: object = part
    if str(options.get("resultFormat") or "objectArray").lower() == "table":
        names = list(part[0]) if part else []
        columns = [{"name": name, "type": "object"} for name in names]
        data = {"columns": columns, "rows": [[row.get(name) for name in names] for row in part]}
    body: Json = {
        "totalRecords": len(rows),
        "count": len(part),
        "data": data,
        "facets": [],
        "resultTruncated": "false",
    }
    if start + top < len(rows):
        body["$skipToken"] = str(start + top)
    quota = {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
    return json_reply(200, body, quota)


def _invalid(why: str) -> Refused:
    details = [
        {
            "code": "InvalidQuery",
            "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and "
            "fix the error before retrying.",
        },
        {"code": "ParserFailure", "message": why},
    ]
    body: Json = {"error": {"code": "BadRequest", "message": "The query cannot be answered.", "details": details}}
    return Refused(json_reply(400, body))
