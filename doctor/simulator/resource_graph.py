"""Azure Resource Graph: `POST /providers/Microsoft.ResourceGraph/resources`, for what the caller may read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from doctor.simulator import errors, kql
from doctor.simulator.arm_authorization import Authorization
from doctor.simulator.graph_pages import Cursors, Page, Quota
from doctor.simulator.roles import built_in
from doctor.simulator.wire import Json, Refused, Reply, Request, json_reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.simulator.arm_caller import ArmCaller
    from doctor.simulator.world import World

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_OF_PRINCIPALS = re.compile(r"(?i)principalId\)?\s*(?:in~?\s*\([^)]*\)|(?:=~|==)\s*['\"][^'\"]*)")
Can = Callable[[str, str], bool]
"""(action, scope) → whether the caller holds it."""
_TRACKED_CHILDREN = {"microsoft.cognitiveservices/accounts/projects"}
"""Child types seen in the table `resources`; applications and connections are not in it."""
_COLUMNS = {"kind", "location", "managedBy", "sku", "plan", "tags", "identity", "zones", "extendedLocation"}
_BLANK: Json = dict.fromkeys(sorted(_COLUMNS))


class ResourceGraph:
    """The query service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._authorization = Authorization(world)
        self._cursors = Cursors()
        self._quota = Quota(world.scenario.arm.graph_quota)

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
            where = self._asked(body)
        except (ValueError, LookupError, TypeError) as error:
            raise errors.bad_request("BadRequest", "The request body is not valid.") from error
        wait = self._quota.take(caller.object_id)
        try:
            page = self._cursors.page(query, options, lambda: self._tables(caller, where, query))
        except kql.QueryError as error:
            raise _invalid(str(error)) from error
        return _answer(page, options, wait)

    def _asked(self, body: Json) -> frozenset[str]:
        """The subscriptions that a query is about: those it names, those of its management groups, else all."""
        names = self._world.subscriptions.names
        wanted = {str(one).lower() for one in body.get("subscriptions") or []}
        groups = {str(one).lower() for one in body.get("managementGroups") or []}
        if not wanted and not groups:
            return frozenset(names)
        above = {one: {name.lower() for name in self._world.subscriptions.ancestors(one)} for one in names}
        return frozenset(one for one in names if one in wanted or above[one] & groups)

    def _tables(self, caller: ArmCaller, where: frozenset[str], query: str) -> kql.Tables:
        may: dict[tuple[str, str], bool] = {}

        def can(action: str, scope: str) -> bool:
            if (action, scope) not in may:
                may[action, scope] = caller.can(action, scope)
            return may[action, scope]

        return {
            "resources": lambda: self._resources(can, where),
            "resourcecontainers": lambda: self._containers(can, where),
            "authorizationresources": lambda: self._authorization_rows(can, where, _principals(query)),
        }

    def _row(self, record: Json) -> Json:
        parts = record["id"].split("/")
        return {
            **_BLANK,
            **{name: record[name] for name in _COLUMNS & record.keys()},
            "id": record["id"],
            "name": record["name"],
            "type": record["type"].lower(),
            "tenantId": self._world.places.tenant,
            "subscriptionId": _subscription(record["id"]),
            "resourceGroup": parts[4].lower() if len(parts) > 4 and parts[3].lower() == "resourcegroups" else "",
            "properties": record["properties"],
        }

    def _resources(self, can: Can, where: frozenset[str]) -> Iterator[Json]:
        for one in list(self._world.resources.values()):
            tracked = one["type"].count("/") == 1 or one["type"].lower() in _TRACKED_CHILDREN
            wanted = tracked and "location" in one and _subscription(one["id"]) in where
            if wanted and can(f"{one['type']}/read", one["id"]):
                yield self._row(one)

    def _containers(self, can: Can, where: frozenset[str]) -> Iterator[Json]:
        subscriptions = self._world.subscriptions
        for one, name in subscriptions.names.items():
            if one not in where or not can("Microsoft.Resources/subscriptions/read", f"/subscriptions/{one}"):
                continue
            chain = [{"name": group, "displayName": group} for group in subscriptions.ancestors(one)]
            chain.append({"name": self._world.places.tenant, "displayName": "Tenant Root Group"})
            record: Json = {
                "id": f"/subscriptions/{one}",
                "name": name,
                "type": "microsoft.resources/subscriptions",
                "properties": {"managementGroupAncestorsChain": chain, "state": "Enabled"},
            }
            yield self._row(record)

    def _authorization_rows(self, can: Can, where: frozenset[str], only: frozenset[str]) -> Iterator[Json]:
        world = self._world
        for one in world.assignments_of(only) if only else world.every_assignment():
            inside = _subscription(one.scope)
            if (not inside or inside in where) and can("Microsoft.Authorization/roleAssignments/read", one.scope):
                yield self._row(self._authorization.assignment_json(one))
        if can("Microsoft.Authorization/roleDefinitions/read", world.places.subscription):
            for role in (*world.custom_roles.values(), *built_in().values()):
                yield self._row(role)


def _principals(query: str) -> frozenset[str]:
    """The principals that a query names, when nothing else would satisfy it: an index, no filter."""
    named = _OF_PRINCIPALS.search(query)
    alone = named and not re.search(r"(?i)\bor\b|\bnot\b|!", query)
    return frozenset(one.lower() for one in re.findall(_GUID, named[0])) if named and alone else frozenset()


def _subscription(scope: str) -> str:
    parts = scope.lower().split("/")
    return parts[2] if parts[1:2] == ["subscriptions"] and len(parts) > 2 else ""


def _answer(page: Page, options: Json, quota: dict[str, str]) -> Reply:
    data: object = page.rows
    if str(options.get("resultFormat") or "objectArray").lower() == "table":
        names = list(page.rows[0]) if page.rows else []
        columns = [{"name": name, "type": "object"} for name in names]
        data = {"columns": columns, "rows": [[row.get(name) for name in names] for row in page.rows]}
    body: Json = {
        "totalRecords": page.total,
        "count": len(page.rows),
        "data": data,
        "facets": [],
        "resultTruncated": "false",
    }
    if page.token:
        body["$skipToken"] = page.token
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
