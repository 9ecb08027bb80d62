"""A whole tenant out of `[fleet]`: subscriptions, accounts, projects, agents and applications by the thousand.

What is wrong follows from an agent's number, so that a reader of a fleet knows what is to be found (`expected`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.simulator.scenario_agents import Agent, AgentVersion
from doctor.simulator.scenario_foundry import Account, Application, Connection, Deployment, Project, Site
from doctor.simulator.scenario_model import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.simulator.scenario_model import Fleet, Scenario

_STORAGE = {
    "provisioningState": "Succeeded",
    "allowSharedKeyAccess": False,
    "publicNetworkAccess": "Enabled",
    "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
}
DISABLED, FAILED, OUTDATED, UNTOOLED = 20, 25, 50, 10
"""Every so-manieth agent is disabled, has a failed version, an outdated container, or lacks its role on the storage."""
_MODEL = "gpt-4.1"


def grown(scenario: Scenario) -> Scenario:
    """The scenario with the projects that its `[fleet]` speaks of."""
    fleet = scenario.fleet
    if not fleet.projects:
        return scenario
    stores = {
        storage_of(name): Resource(
            type="Microsoft.Storage/storageAccounts", subscription=name, resource_group="rg-0", properties=_STORAGE
        )
        for name in subscriptions(fleet)
    }
    return replace(
        scenario,
        projects={**scenario.projects, **dict(_sites(fleet))},
        resources={**scenario.resources, **stores},
    )


def subscriptions(fleet: Fleet) -> list[str]:
    """Names of the subscriptions that hold agents."""
    return [f"fleet-{number:03}" for number in range(fleet.subscriptions)] if fleet.projects else []


def subscription_of(fleet: Fleet, project: int) -> str:
    """The name of the subscription that a project lies in."""
    return f"fleet-{project % fleet.subscriptions:03}"


def empty_subscriptions(fleet: Fleet) -> Iterator[str]:
    """Names of the subscriptions that are visible and hold no agent."""
    return (f"empty-{number:04}" for number in range(fleet.empty_subscriptions if fleet.projects else 0))


def storage_of(subscription: str) -> str:
    """The name of a subscription's storage account."""
    return f"st{subscription.replace('-', '')}"


def expected(fleet: Fleet) -> dict[str, int]:
    """What is wrong in the fleet → with how many agents."""
    agents = [number for number in range(fleet.subjects) if not _is_application(fleet, number)]
    kinds = [_fault(fleet, number) for number in agents]
    return {kind: kinds.count(kind) for kind in ("disabled", "failed", "outdated", "untooled", "")}


def may_read(fleet: Fleet, number: int) -> bool:
    """Whether an agent's identity holds its role on the storage account."""
    return _fault(fleet, number) != "untooled"


def _sites(fleet: Fleet) -> Iterator[tuple[str, Site]]:
    for number in range(fleet.projects):
        subscription = subscription_of(fleet, number)
        account = f"ai-{subscription}"
        subjects = range(number, fleet.subjects, fleet.projects)
        agents = {agent_name(one): _agent(_fault(fleet, one)) for one in subjects if not _is_application(fleet, one)}
        served = [one for one in subjects if _is_application(fleet, one)]
        storage = f"https://{storage_of(subscription)}.blob.core.windows.net/"
        yield (
            f"fleet-{number:04}",
            Site(
                account=Account(name=account),
                project=Project(name=f"project-{number:04}"),
                application=Application(exists=False),
                applications={f"app-{one:05}": Application(name=f"app-{one:05}", agents=()) for one in served},
                deployments={"production": Deployment(agent=next(iter(agents), ""))},
                agents=agents,
                connections={
                    "reports": Connection(
                        target=storage, audience="https://storage.azure.com", resource=storage_of(subscription)
                    )
                },
                models=(_MODEL,),
                subscription=subscription,
                resource_group="rg-0",
            ),
        )


def agent_name(number: int) -> str:
    """The name of an agent."""
    return f"agent-{number:05}"


def _is_application(fleet: Fleet, number: int) -> bool:
    every = fleet.applications_every
    return bool(every) and _rank(fleet, number) % every == every - 1


def _rank(fleet: Fleet, number: int) -> int:
    """A number by which what is wrong is spread evenly over the projects."""
    return number // fleet.projects + number % fleet.projects


def _fault(fleet: Fleet, number: int) -> str:
    for every, kind in ((OUTDATED, "outdated"), (FAILED, "failed"), (DISABLED, "disabled"), (UNTOOLED, "untooled")):
        if _rank(fleet, number) % every == 0:
            return kind
    return ""


_TOOL = {"type": "mcp", "server_label": "reports", "project_connection_id": "reports", "require_approval": "never"}


def _agent(fault: str) -> Agent:
    plain = Agent(new_model=True, model=_MODEL, tools=(_TOOL,))
    match fault:
        case "disabled":
            return replace(plain, state="disabled", configuration_state="disabled")
        case "failed":
            error = {"code": "ImageError", "message": "Failed to pull container image."}
            return replace(plain, kind="hosted", versions={"1": AgentVersion(status="failed", error=error)})
        case "outdated":
            return replace(
                plain, kind="hosted", definition={"protocol_versions": [{"protocol": "responses", "version": "1.0.0"}]}
            )
        case _:
            return plain
