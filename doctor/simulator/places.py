"""Where everything of a scenario is: ARM ids and host names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.simulator.names import HOSTS, guid
from doctor.simulator.scenario_model import Fleet

if TYPE_CHECKING:
    from doctor.simulator.scenario_foundry import Site
    from doctor.simulator.scenario_model import Resource, Scenario

FOUNDRY = "Microsoft.CognitiveServices/accounts"


class Places:
    """The ARM ids of a scenario's scopes."""

    def __init__(self, scenario: Scenario, main: Places | None = None) -> None:
        """Read the scenario; `main` are the places of the main project, for a project beside it."""
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
        self.subdomain = scenario.account.subdomain or scenario.account.name
        self.foundry_host = f"{self.subdomain}.{suffix}"
        self.account_hosts = (
            self.foundry_host,
            *(f"{self.subdomain}.{kind}.{suffix.partition('ai.')[2]}" for kind in ("cognitiveservices", "openai")),
        )
        """All hosts of the account; the first is Foundry's."""
        self.endpoint = f"https://{self.foundry_host}/api/projects/{scenario.project.name}"
        own = {key: self._of(key, one, azure.resource_group) for key, one in scenario.resources.items()}
        self.resources: dict[str, str] = main.resources if main else own
        self.others = {key: Places(beside(scenario, one), self) for key, one in scenario.projects.items()}

    def _of(self, key: str, resource: Resource, group: str) -> str:
        subscription = f"/subscriptions/{guid('subscription', resource.subscription)}"
        above = subscription if resource.subscription else self.subscription
        namespace = f"{above}/resourceGroups/{resource.resource_group or group}/providers"
        return f"{namespace}/{resource.type}/{resource.name or key}"

    def scope(self, name: str) -> str:
        """The id of a scope: a word, a resource's name, either with a relative path behind it, or an id.

        `KEY:` before a word means the project of `[projects.KEY]`; `agent:NAME` is the scope of an agent.

        Raises:
            LookupError: there is no such scope.
        """
        if name == "root":
            return "/"
        if name.startswith("/"):
            return name
        before, colon, after = name.partition(":")
        if colon and before in self.others:
            return self.others[before].scope(after)
        if colon and before == "agent":
            return f"{self.project}/agents/{after}"
        first, slash, rest = name.partition("/")
        words = {
            "management-group": self.management_group,
            "subscription": self.subscription,
            "group": self.group,
            "account": self.account,
            "project": self.project,
            "application": self.application,
        }
        return f"{words[first] if first in words else self.resources[first]}{slash}{rest}"


def beside(scenario: Scenario, other: Site) -> Scenario:
    """The scenario as seen from another project of it: its tables are that project's."""
    azure = replace(
        scenario.azure,
        subscription=other.subscription or scenario.azure.subscription,
        resource_group=other.resource_group or scenario.azure.resource_group,
    )
    return replace(
        scenario,
        azure=azure,
        account=other.account,
        project=other.project,
        application=other.application,
        applications=other.applications,
        deployments=other.deployments,
        agents=other.agents,
        connections=other.connections,
        models=other.models,
        model_deployments=other.model_deployments,
        projects={},
        fleet=Fleet(),
        resources={},
        served={},
    )
