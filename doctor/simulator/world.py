"""The state of a simulated Azure: what exists, who holds what, and who may do what. Safe to use from many threads."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from doctor.simulator import access
from doctor.simulator import fleet as fleets
from doctor.simulator.assignment import Assignment
from doctor.simulator.crowd import Crowd
from doctor.simulator.fleet import grown
from doctor.simulator.identities import Directory
from doctor.simulator.names import guid
from doctor.simulator.places import Places
from doctor.simulator.resources import build
from doctor.simulator.roles import built_in, custom_role, role_guid
from doctor.simulator.scenario import ScenarioError
from doctor.simulator.scenario_model import Deny, Eligible, Grant, Scenario
from doctor.simulator.sites import sites
from doctor.simulator.subscriptions import Subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.simulator.wire import Json

_PLACEHOLDER = re.compile(r"\$\{(principal|client|scope|guid):([^}]+)\}|\$\{(tenant|subscription|endpoint|host)\}")


class World:
    """One scenario, alive."""

    def __init__(self, scenario: Scenario) -> None:
        scenario = grown(scenario)
        self.scenario = scenario
        self.lock = threading.RLock()
        self._entries: dict[str, tuple[access.Entry, ...]] = {}
        self._collections: tuple[int, dict[str, list[Json]]] = (-1, {})
        try:
            self.places = Places(scenario)
            self.directory = Directory(scenario)
            self.custom_roles = self._custom_roles()
            self.subscriptions = Subscriptions(scenario)
            self.sites = sites(scenario, self.places, self.directory, self.expand)
            self.resources = {one["id"].lower(): one for one in self._expanded()}
            self.assignments = {key: self._granted(key, one) for key, one in scenario.grants.items()}
            self.crowd = self._crowd()
            self._refusals = [self._refusal(one) for one in scenario.deny.values()]
            self.denied = [self._deny(key, one) for key, one in scenario.deny.items()]
            self.eligible = [self._eligible(key, one) for key, one in scenario.eligible.items()]
        except LookupError as error:
            raise ScenarioError(f"The scenario {scenario.name} speaks of {error}, which it does not define.") from error

    def _custom_roles(self) -> dict[str, Json]:
        made = [custom_role(key, one, self.places.scope(one.scope)) for key, one in self.scenario.roles.items()]
        return {role["name"]: role for role in made}

    def _expanded(self) -> list[Json]:
        return [self.expand(one) for site in self.sites for one in build(site.scenario, site.places, site.directory)]

    def expand(self, value: Any) -> Any:
        """The value with `${principal:NAME}`, `${scope:NAME}`, `${tenant}` and the like filled in."""
        if isinstance(value, str):
            if value == "${null}":
                return None
            return _PLACEHOLDER.sub(self._fill, value)
        if isinstance(value, dict):
            return {key: self.expand(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.expand(item) for item in value]
        return value

    def collection(self, path: str) -> list[Json]:
        """The resources right below a path in lower case, such as `…/projects/support/connections`."""
        with self.lock:
            if self._collections[0] != len(self.resources):
                found: dict[str, list[Json]] = {}
                for key, one in self.resources.items():
                    found.setdefault(key.rpartition("/")[0], []).append(one)
                self._collections = (len(self.resources), found)
            return self._collections[1].get(path, [])

    def groups_with_resources(self, subscription: str) -> list[str]:
        """Names of the resource groups of a subscription that hold something."""
        prefix = f"/subscriptions/{subscription}/"
        return list({one["id"].split("/")[4]: 0 for key, one in self.resources.items() if key.startswith(prefix)})

    def _fill(self, match: re.Match[str]) -> str:
        kind, name, word = match.groups()
        if kind == "principal":
            return self.directory.id(name)
        if kind == "client":
            return self.directory.client_id(name)
        if kind == "scope":
            return self.places.scope(name)
        if kind == "guid":
            return guid("other", name)
        words = {
            "tenant": self.places.tenant,
            "subscription": self.places.subscription_id,
            "endpoint": self.places.endpoint,
            "host": self.places.foundry_host,
        }
        return words[word]

    def _granted(self, key: str, one: Grant) -> Assignment:
        scope, principal = self.places.scope(one.scope), self.directory.id(one.principal)
        now = datetime.now(timezone.utc)
        return Assignment(
            id=f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{guid('assignment', key)}",
            principal=principal,
            principal_type=one.principal_type or self.directory.type_of(principal),
            role=role_guid(one.role, self.custom_roles),
            scope=scope,
            created=now - timedelta(minutes=one.created_minutes_ago),
            condition=one.condition,
            ends=now + timedelta(hours=one.activated_for_hours) if one.activated_for_hours else None,
            in_force=one.in_force and one.condition_holds,
        )

    def _crowd(self) -> Crowd:
        fleet = self.scenario.fleet
        own: dict[str, list[tuple[str, str]]] = {guid("subscription", one): [] for one in fleets.subscriptions(fleet)}
        for key, site in zip((None, *self.scenario.projects), self.sites, strict=True):
            if key is None or not key.startswith("fleet-") or site.places.subscription_id not in own:
                continue
            store = self.places.scope(fleets.storage_of(site.scenario.azure.subscription))
            own[site.places.subscription_id] += [
                (site.directory.id(f"agent:{one.name}"), store)
                for one in site.agents.values()
                if fleets.may_read(fleet, int(one.name.rpartition("-")[2]))
            ]
        return Crowd(list(own), fleet.role_assignments if own else 0, own)

    def every_assignment(self, scope: str = "") -> Iterator[Assignment]:
        """All role assignments; with a scope in a subscription, only those that may concern it."""
        with self.lock:
            yield from tuple(self.assignments.values())
        parts = scope.lower().split("/")
        yield from self.crowd.inside(parts[2]) if parts[1:2] == ["subscriptions"] and len(parts) > 2 else self.crowd

    def assignments_of(self, who: frozenset[str]) -> list[Assignment]:
        """The role assignments of some principals."""
        with self.lock:
            own = [one for one in self.assignments.values() if one.principal in who]
        return own + list(self.crowd.of(who))

    def assign(self, principal: str, role: str, scope: str) -> str:
        """Assign a role now, in force at once, and return the assignment's id.

        Args:
            principal: A name of the scenario, such as `caller`, or an object id.
            role: A role's present name, GUID, or the name of a custom role of the scenario.
            scope: A word such as `application`, a resource's name, or an ARM id.
        """
        with self.lock:
            key = str(uuid.uuid4())
            grant = Grant(principal=principal, role=role, scope=scope, created_minutes_ago=0)
            self.assignments[key] = self._granted(key, grant)
            return self.assignments[key].id

    def unassign(self, assignment_id: str) -> bool:
        """Remove a role assignment; False when there is none of that id."""
        with self.lock:
            kept = {k: v for k, v in self.assignments.items() if v.id.lower() != assignment_id.lower()}
            removed = len(kept) < len(self.assignments)
            self.assignments = kept
            return removed

    def role(self, role_id: str) -> Json | None:
        """A role definition by GUID."""
        return self.custom_roles.get(role_id.lower()) or built_in().get(role_id.lower())

    def may(self, object_id: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether a principal may do one action at a scope, by the plain rules of this simulator."""
        who = self.directory.with_groups(object_id)
        held = [self._held(one) for one in self.assignments_of(who)]
        return access.may(who, action, self.chain(scope), held, self._refusals, data=data)

    def chain(self, scope: str) -> tuple[str, ...]:
        """The scope, then the management groups above its subscription, if it is in one, then the root."""
        return (scope, *self.subscriptions.groups_above(scope), "/")

    def _held(self, one: Assignment) -> access.Held:
        entries = self._entries.get(one.role)
        if entries is None:
            role = self.role(one.role)
            entries = tuple(access.Entry.of(each) for each in role["properties"]["permissions"]) if role else ()
            self._entries[one.role] = entries
        in_force = one.in_force and (one.ends is None or one.ends > datetime.now(timezone.utc))
        return access.Held(one.principal, one.scope, entries, in_force)

    def _refusal(self, one: Deny) -> access.Refusal:
        entry = access.Entry(one.actions, one.not_actions, one.data_actions, one.not_data_actions)
        return access.Refusal(
            frozenset(map(self.directory.id, one.principals)),
            frozenset(map(self.directory.id, one.exclude)),
            self.places.scope(one.scope),
            (entry,),
            one.do_not_apply_to_child_scopes,
        )

    def _deny(self, key: str, one: Deny) -> Json:
        scope, name = self.places.scope(one.scope), guid("deny", key)
        kinds = {principal: self.directory.type_of(self.directory.id(principal)) for principal in one.principals}
        properties: Json = {
            "denyAssignmentName": one.name or key,
            "description": "",
            "permissions": [
                {
                    "actions": list(one.actions),
                    "notActions": list(one.not_actions),
                    "dataActions": list(one.data_actions),
                    "notDataActions": list(one.not_data_actions),
                }
            ],
            "scope": scope,
            "doNotApplyToChildScopes": one.do_not_apply_to_child_scopes,
            "principals": [
                {"id": self.directory.id(who), "type": "SystemDefined" if who == "everyone" else kinds[who]}
                for who in one.principals
            ],
            "excludePrincipals": [
                {"id": self.directory.id(who), "type": self.directory.type_of(self.directory.id(who))}
                for who in one.exclude
            ],
            "isSystemProtected": one.system_protected,
        }
        path = f"{scope.rstrip('/')}/providers/Microsoft.Authorization/denyAssignments/{name}"
        return {"properties": properties, "id": path, "type": "Microsoft.Authorization/denyAssignments", "name": name}

    def _eligible(self, key: str, one: Eligible) -> Json:
        scope, name, principal = self.places.scope(one.scope), guid("eligible", key), self.directory.id(one.principal)
        role, now = role_guid(one.role, self.custom_roles), datetime.now(timezone.utc)
        authorization = f"{privileged(scope)}/providers/Microsoft.Authorization"
        properties: Json = {
            "scope": scope,
            "roleDefinitionId": f"{self.places.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": self.directory.type_of(principal),
            "status": "Provisioned",
            "roleEligibilityScheduleId": f"{authorization}/roleEligibilitySchedules/{guid('schedule', key)}",
            "startDateTime": stamp(now - timedelta(days=30)),
            **({"endDateTime": stamp(now + timedelta(days=one.ends_in_days))} if one.ends_in_days else {}),
            "memberType": "Direct",
            "createdOn": stamp(now - timedelta(days=30)),
        }
        kind = "Microsoft.Authorization/roleEligibilityScheduleInstances"
        return {
            "properties": properties,
            "name": name,
            "id": f"{authorization}/roleEligibilityScheduleInstances/{name}",
            "type": kind,
        }


def privileged(scope: str) -> str:
    """The scope as Privileged Identity Management writes it in ids (recorded)."""
    path = scope.rstrip("/")
    return f"/providers/Microsoft.Subscription{path}" if path.startswith("/subscriptions/") else path


@lru_cache(maxsize=64)
def stamp(when: datetime) -> str:
    """A time as Azure writes it, with seven digits and a Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
