"""The subscriptions of a simulated tenant, and the management groups above each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator import fleet as fleets
from doctor.simulator.names import guid

if TYPE_CHECKING:
    from doctor.simulator.scenario_model import Scenario

_GROUPS = "/providers/Microsoft.Management/managementGroups"


class Subscriptions:
    """Id (lower case) → name, in the order in which Resource Manager lists them."""

    def __init__(self, scenario: Scenario) -> None:
        fleet = scenario.fleet
        names = [
            scenario.azure.subscription,
            *(one.subscription for one in scenario.projects.values() if one.subscription),
            *(one.subscription for one in scenario.resources.values() if one.subscription),
            *fleets.subscriptions(fleet),
            *fleets.empty_subscriptions(fleet),
        ]
        self.names = {guid("subscription", name): name for name in names}
        self._root = scenario.azure.management_group
        self._spread = max(fleet.management_groups, 1) if fleet.projects else 0

    def ancestors(self, subscription: str) -> tuple[str, ...]:
        """Names of the management groups above a subscription, the nearest first."""
        name = self.names[subscription]
        if self._spread and name.startswith(("fleet-", "empty-")):
            return (f"fleet-group-{int(name.rpartition('-')[2]) % self._spread}", self._root)
        return (self._root,)

    def groups_above(self, scope: str) -> tuple[str, ...]:
        """Ids of the management groups above a scope; none for one that lies in no subscription of ours."""
        parts = scope.lower().split("/")
        inside = parts[1:2] == ["subscriptions"] and len(parts) > 2 and parts[2] in self.names
        return tuple(f"{_GROUPS}/{name}" for name in self.ancestors(parts[2])) if inside else ()
