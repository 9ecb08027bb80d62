"""Microsoft.Authorization: role assignments, definitions, deny assignments, own permissions, PIM instances."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.simulator import access, errors
from doctor.simulator.arm_lists import Shaped, cut, noisy, offset_of
from doctor.simulator.roles import built_in, role_guid
from doctor.simulator.wire import Json, Reply, Request, json_reply
from doctor.simulator.world import World, privileged, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doctor.simulator.arm_caller import ArmCaller
    from doctor.simulator.assignment import Assignment

_NAMESPACE = "Microsoft.Authorization"
_CLAUSE = re.compile(
    r"(?i)(?P<word>atScope|asTarget|atScopeAndBelow)\(\)|assignedTo\('(?P<assigned>[^']*)'\)"
    r"|(?P<field>principalId|type|roleName|denyAssignmentName|gdprExportPrincipalId) eq '(?P<value>[^']*)'"
)


class Filter:
    """A `$filter`, taken apart."""

    def __init__(self, text: str) -> None:
        self.words: set[str] = set()
        self.equal: dict[str, str] = {}
        self.assigned_to = ""
        for clause in filter(None, (part.strip() for part in re.split(r"(?i)\band\b", text))):
            match = _CLAUSE.fullmatch(clause)
            if match is None:
                raise errors.bad_request("BadRequestFormat", f"The filter '{text}' is not supported.")
            if match["word"]:
                self.words.add(match["word"].lower())
            elif match["field"]:
                self.equal[match["field"].lower()] = match["value"].lower()
            else:
                self.assigned_to = match["assigned"].lower()
        if "atscope" in self.words and "principalid" in self.equal:
            # The service documents no such combination; its own text is not known, so this one is simulated.
            raise errors.bad_request("BadRequestFormat", "atScope() cannot be combined with principalId.")


class Authorization:
    """The authorization provider, at any scope."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lists: dict[str, Callable[[ArmCaller, str, Filter], Sequence[Json]]] = {
            "roleassignments": self._role_assignments,
            "roledefinitions": self._role_definitions,
            "denyassignments": self._deny_assignments,
            "roleeligibilityscheduleinstances": self._eligible,
            "roleassignmentscheduleinstances": self._active,
        }

    def handle(self, request: Request, caller: ArmCaller, scope: str, rest: str) -> Reply:
        """Answer a request for `{scope}/providers/Microsoft.Authorization{rest}`."""
        kind, _, name = rest.strip("/").partition("/")
        if kind.lower() == "permissions":
            return json_reply(200, {"value": self._permissions(caller, scope)})
        if kind.lower() not in self._lists:
            raise errors.type_unknown_there(f"{_NAMESPACE}/{kind}", request.query["api-version"], ())
        if kind.lower() == "roleassignments" and request.method in {"PUT", "DELETE"}:
            return self._write(request, caller, scope, name)
        if request.method != "GET":
            raise errors.not_simulated(request.method, request.path)
        if kind.lower() == "roledefinitions" and name:
            return self._role_definition(caller, scope, name)
        wanted = Filter(request.query.get("$filter", ""))
        # asTarget() answers for the caller alone and needs no permission.
        if "astarget" not in wanted.words:
            caller.need(f"{_NAMESPACE}/{kind}/read", scope)
        found = self._lists[kind.lower()](caller, scope, wanted)
        if name:
            found = [one for one in found if one["name"].lower() == name.lower()]
            if not found:
                raise errors.arm_error(404, "RoleAssignmentNotFound", f"The {kind} '{name}' is not found.")
            return json_reply(200, found[0])
        size = self._world.scenario.arm.assignments_page_size if kind.lower() == "roleassignments" else len(found) + 1
        return json_reply(200, cut(self._world, request, found, offset_of(request), size))

    def _in_reach(self, scope: str, asked: str, wanted: Filter) -> bool:
        above = any(access.covers(scope, one) for one in self._world.chain(asked))
        return above or ("atscope" not in wanted.words and access.covers(asked, scope))

    def _who(self, caller: ArmCaller, wanted: Filter) -> frozenset[str] | None:
        """Whose assignments are wanted; None is everybody's."""
        if "principalid" in wanted.equal:
            return frozenset({wanted.equal["principalid"]})
        asked = caller.object_id if "astarget" in wanted.words else wanted.assigned_to
        if not asked:
            return None
        # assignedTo() takes users and service principals; of a group it knows nothing.
        is_group = self._world.directory.type_of(asked) == "Group"
        return frozenset() if is_group else self._world.directory.with_groups(asked)

    def _chosen(self, caller: ArmCaller, scope: str, wanted: Filter) -> list[Assignment]:
        who = self._who(caller, wanted)
        every = self._world.every_assignment(scope) if who is None else self._world.assignments_of(who)
        return [one for one in every if self._in_reach(one.scope, scope, wanted)]

    def _definition_id(self, one: Assignment) -> str:
        parts = one.scope.split("/")
        inside = parts[1:2] == ["subscriptions"]
        above = "/".join(parts[:3]) if inside else self._world.places.subscription
        return f"{above}/providers/{_NAMESPACE}/roleDefinitions/{one.role}"

    def _role_assignments(self, caller: ArmCaller, scope: str, wanted: Filter) -> Sequence[Json]:
        return Shaped(self._chosen(caller, scope, wanted), self.assignment_json)

    def assignment_json(self, one: Assignment) -> Json:
        """A role assignment in the shape of api-version 2022-04-01."""
        noise = self._world.scenario.arm.case_noise
        properties: Json = {
            "roleDefinitionId": self._definition_id(one),
            "principalId": one.principal,
            "principalType": one.principal_type or "ServicePrincipal",
            "scope": noisy(one.scope) if noise else one.scope,
            "condition": one.condition or None,
            "conditionVersion": "2.0" if one.condition else None,
            "createdOn": stamp(one.created),
            "updatedOn": stamp(one.created),
            "createdBy": None,
            "updatedBy": None,
            "delegatedManagedIdentityResourceId": None,
            "description": None,
        }
        kind = f"{_NAMESPACE}/roleAssignments"
        return {"properties": properties, "id": one.id, "type": kind, "name": one.id.rsplit("/", 1)[-1]}

    def _active(self, caller: ArmCaller, scope: str, wanted: Filter) -> Sequence[Json]:
        return Shaped(self._chosen(caller, scope, wanted), self._instance)

    def _instance(self, one: Assignment) -> Json:
        name = one.id.rsplit("/", 1)[-1]
        properties: Json = {
            "scope": one.scope,
            "roleDefinitionId": self._definition_id(one),
            "principalId": one.principal,
            "principalType": one.principal_type or "ServicePrincipal",
            "originRoleAssignmentId": one.id,
            "status": "Provisioned",
            "startDateTime": stamp(one.created),
            **({"endDateTime": stamp(one.ends)} if one.ends else {}),
            "assignmentType": "Activated" if one.ends else "Assigned",
            "memberType": "Direct",
            "createdOn": stamp(one.created),
        }
        kind = f"{_NAMESPACE}/roleAssignmentScheduleInstances"
        path = f"{privileged(one.scope)}/providers/{kind}/{name}"
        return {"properties": properties, "id": path, "type": kind, "name": name}

    def _eligible(self, caller: ArmCaller, scope: str, wanted: Filter) -> list[Json]:
        who = self._who(caller, wanted)
        return [
            one
            for one in self._world.eligible
            if (who is None or one["properties"]["principalId"] in who)
            and self._in_reach(one["properties"]["scope"], scope, wanted)
        ]

    def _deny_assignments(self, caller: ArmCaller, scope: str, wanted: Filter) -> list[Json]:
        who = self._who(caller, wanted)
        name = wanted.equal.get("denyassignmentname")
        return [
            one
            for one in self._world.denied
            if self._in_reach(one["properties"]["scope"], scope, wanted)
            and (name is None or one["properties"]["denyAssignmentName"].lower() == name)
            and (who is None or who & {each["id"] for each in one["properties"]["principals"]})
        ]

    def _role_definitions(self, caller: ArmCaller, scope: str, wanted: Filter) -> list[Json]:
        del caller
        custom = [
            role
            for role in self._world.custom_roles.values()
            if any(self._in_reach(one, scope, wanted) for one in role["properties"]["assignableScopes"])
        ]
        found = [self._at(scope, role) for role in (*custom, *built_in().values())]
        kind, name = wanted.equal.get("type"), wanted.equal.get("rolename")
        return [
            one
            for one in found
            if (kind is None or one["properties"]["type"].lower() == kind)
            and (name is None or one["properties"]["roleName"].lower() == name)
        ]

    def _role_definition(self, caller: ArmCaller, scope: str, name: str) -> Reply:
        # Everybody who can sign in may read a built-in definition at the root; simulated, no source says otherwise.
        if scope != "/" or name.lower() in self._world.custom_roles:
            caller.need(f"{_NAMESPACE}/roleDefinitions/read", scope)
        role = self._world.role(name)
        if role is None:
            message = f"The specified role definition with ID '{name}' does not exist."
            raise errors.arm_error(404, "RoleDefinitionDoesNotExist", message)
        return json_reply(200, self._at(scope, role))

    def _at(self, scope: str, role: Json) -> Json:
        parts = scope.split("/")
        prefix = "/".join(parts[:3]) if parts[1:2] == ["subscriptions"] else ""
        return {**role, "id": f"{prefix}/providers/{_NAMESPACE}/roleDefinitions/{role['name']}"}

    def _permissions(self, caller: ArmCaller, scope: str) -> list[Json]:
        who = self._world.directory.with_groups(caller.object_id)
        held = [one for one in self._world.assignments_of(who) if one.in_force]
        reached = [one for one in held if any(access.covers(one.scope, above) for above in self._world.chain(scope))]
        found: list[Json] = []
        for one in reached:
            role = self._world.role(one.role)
            found += role["properties"]["permissions"] if role else []
        return found

    def _write(self, request: Request, caller: ArmCaller, scope: str, name: str) -> Reply:
        """Create or delete a role assignment, so that a fix can be tried out."""
        action = "write" if request.method == "PUT" else "delete"
        caller.need(f"{_NAMESPACE}/roleAssignments/{action}", scope)
        path = f"{scope.rstrip('/')}/providers/{_NAMESPACE}/roleAssignments/{name}"
        with self._world.lock:
            old = next((one for one in self._world.assignments.values() if one.id.lower() == path.lower()), None)
            if request.method == "DELETE":
                if old is None:
                    return Reply(204)
                self._world.unassign(old.id)
                return json_reply(200, self.assignment_json(old))
            try:
                properties = request.json()["properties"]
                role = role_guid(str(properties["roleDefinitionId"]).rsplit("/", 1)[-1], self._world.custom_roles)
                principal = str(properties["principalId"]).lower()
            except (ValueError, LookupError, TypeError) as error:
                raise errors.bad_request("InvalidRequestContent", "The request content was invalid.") from error
            self._refuse_assignment(principal, role, scope)
            made = self._world.assign(principal, role, scope)
            created = next(one for one in self._world.assignments.values() if one.id == made)
            return json_reply(201, self.assignment_json(created))

    def _refuse_assignment(self, principal: str, role: str, scope: str) -> None:
        """Azure knows one assignment per principal, role and scope, and none for a principal it does not know."""
        places = self._world.places
        if not self._world.directory.type_of(principal):
            message = f"Principal {principal.replace('-', '')} does not exist in the directory {places.tenant}."
            raise errors.bad_request("PrincipalNotFound", message)
        held = self._world.assignments_of(frozenset({principal}))
        if any((one.role, one.scope.lower()) == (role, scope.lower()) for one in held):
            raise errors.arm_error(409, "RoleAssignmentExists", "The role assignment already exists.")
