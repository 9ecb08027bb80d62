"""Where everything of a scenario is: ARM ids and host names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.simulator.names import HOSTS, guid

if TYPE_CHECKING:
    from doctor.simulator.scenario_model import Resource, Scenario

FOUNDRY = "Microsoft.CognitiveServices/accounts"


class Places:
    """The ARM ids of a scenario's scopes."""

    def __init__(self, scenario: Scenario) -> None:
        azure = scenario.azure
        self.tenant = guid("tenant", azure.tenant)
        self.subscription_id = guid("subscription", azure.subscription)
        self.subscription = f"/subscriptions/{self.subscription_id}"
        self.management_group = f"/providers/Microsoft.Management/managementGroups/{azure.management_group}"
        self.group = f"{self.subscription}/resourceGroups/{azure.resource_group}"
        self.account = f"{self.group}/providers/{FOUNDRY}/{scenario.account.name}"
        self.project = f"{self.account}/projects/{scenario.project.name}"
        self.application = f"{self.project}/applications/{scenario.application.name}"
        self.login_host, self.arm_host, suffix, self.audience = HOSTS[azure.cloud]
        self.foundry_host = f"{scenario.account.name}.{suffix}"
        self.endpoint = f"https://{self.foundry_host}/api/projects/{scenario.project.name}"
        self._resources = {key: self._of(key, one, azure.resource_group) for key, one in scenario.resources.items()}

    def _of(self, key: str, resource: Resource, group: str) -> str:
        namespace = f"{self.subscription}/resourceGroups/{resource.resource_group or group}/providers"
        return f"{namespace}/{resource.type}/{resource.name or key}"

    def scope(self, name: str) -> str:
        """The id of a scope: a word, a resource's name, either with a relative path behind it, or an id.

        Raises:
            LookupError: there is no such scope.
        """
        if name == "root":
            return "/"
        if name.startswith("/"):
            return name
        first, slash, rest = name.partition("/")
        words = {
            "management-group": self.management_group,
            "subscription": self.subscription,
            "group": self.group,
            "account": self.account,
            "project": self.project,
            "application": self.application,
        }
        return f"{words[first] if first in words else self._resources[first]}{slash}{rest}"
