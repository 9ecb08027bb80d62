"""Everybody in a scenario: object ids, kinds, groups."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from doctor.simulator.names import EVERYONE, guid, is_guid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.simulator.scenario_model import Scenario

_KINDS = {"user": "User", "service-principal": "ServicePrincipal", "agent": "ServicePrincipal", "group": "Group"}
_ALWAYS = ("application-agent", "project-agent", "blueprint", "project-identity", "account-identity")


class Directory:
    """The principals of a tenant, by the names that the scenario uses."""

    _prefix = ""

    def __init__(self, scenario: Scenario) -> None:
        kinds = dict.fromkeys(_ALWAYS, "ServicePrincipal")
        kinds["caller"] = _KINDS[scenario.caller.kind]
        kinds.update({name: _KINDS[principal.kind] for name, principal in scenario.principals.items()})
        kinds.update(dict.fromkeys(scenario.groups, "Group"))
        kinds.update(_of_agents("", scenario.agents))
        kinds.update(_of_applications("", scenario.applications))
        for key, other in scenario.projects.items():
            kinds.update({f"{key}:{name}": "ServicePrincipal" for name in _ALWAYS})
            kinds.update(_of_agents(f"{key}:", other.agents))
            kinds.update(_of_applications(f"{key}:", other.applications))
        kinds.update({f"identity:{name}": "ServicePrincipal" for name in scenario.resources})
        self._kinds = kinds
        self._ids = {name: guid("principal", name) for name in kinds}
        self._ids.update({name: one.id.lower() for name, one in scenario.principals.items() if one.id})
        self._ids["caller"] = guid("principal", scenario.caller.name)
        self._names = {value: key for key, value in self._ids.items()}
        self._caller = scenario.caller
        self._members = {
            self.id(name): frozenset(map(self.id, group.members)) for name, group in scenario.groups.items()
        }

    def id(self, name: str) -> str:
        """The object id of a principal.

        Raises:
            LookupError: nobody has that name.
        """
        if name == "everyone":
            return EVERYONE
        return name.lower() if is_guid(name) else self._ids[self._known(name)]

    def of(self, key: str) -> Directory:
        """The same directory as seen from `[projects.KEY]`: its own agents and identities come first."""
        inside = copy.copy(self)
        inside._prefix = f"{key}:"  # noqa: SLF001 - a copy of ourselves
        return inside

    def _known(self, name: str) -> str:
        own = f"{self._prefix}{name}"
        return own if own in self._ids else name

    def client_id(self, name: str) -> str:
        """The client (application) id of a service principal; an agent identity's is its object id (recorded)."""
        known = self._known(name)
        is_agent = known.rpartition("agent:")[1] or known.endswith("application-agent")
        return self._ids[known] if is_agent else guid("client", known)

    def type_of(self, object_id: str) -> str:
        """`User`, `Group` or `ServicePrincipal`; "" for a principal that is not in the directory."""
        return self._kinds.get(self._names.get(object_id, ""), "")

    def name_of(self, object_id: str) -> str:
        """The name that a principal goes by; "" for one that is not in the directory."""
        name = self._names.get(object_id, "")
        return self._caller.name if name == "caller" else name

    def client_id_of(self, object_id: str) -> str:
        """The client id of the service principal with that object id."""
        name = self._names.get(object_id, "")
        return guid("client", self._caller.name) if name == "caller" else self.client_id(name)

    def everybody(self) -> tuple[str, ...]:
        """The object ids of the whole directory."""
        return tuple(self._names)

    def members(self, group_id: str) -> tuple[str, ...]:
        """The direct members of a group."""
        return tuple(sorted(self._members.get(group_id, ())))

    def with_groups(self, object_id: str) -> frozenset[str]:
        """The principal and every group it is in, however deeply nested."""
        found = {object_id.lower()}
        while True:
            more = {group for group, members in self._members.items() if members & found} - found
            if not more:
                return frozenset(found)
            found |= more


def _of_agents(prefix: str, agents: Iterable[str]) -> dict[str, str]:
    """Names of an agent's identity and of its blueprint → kind."""
    return {f"{prefix}{kind}:{name}": "ServicePrincipal" for name in agents for kind in ("agent", "blueprint")}


def _of_applications(prefix: str, applications: Iterable[str]) -> dict[str, str]:
    kinds = ("application", "application-blueprint")
    return {f"{prefix}{kind}:{name}": "ServicePrincipal" for name in applications for kind in kinds}
