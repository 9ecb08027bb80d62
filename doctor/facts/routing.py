"""Which of an application's deployments, or of an agent's versions, get its traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.model.foundry import Agent, Application, Deployment

LATEST = "@latest"
"""The moving alias that a new agent is routed by (azure-dev's endpoint_show.go, 2026): its own `versions.latest`."""
_SELECTOR = ("agent_endpoint", "versions")


@dataclass(frozen=True, slots=True)
class Share:
    """A version of an agent, and how much of the traffic goes to it."""

    version: str
    percentage: float | None = None
    """None where the record does not say."""
    follows: bool = False
    """It is served because it is the latest, not because a rule names it."""


def shares(agent: Agent) -> Fact[tuple[Share, ...]]:
    """The versions that the agent's traffic goes to, in the order of its rules; empty when no rule sends any.

    Without rules the latest version is served (configure-agent.md of Microsoft's documentation, 2026).
    """
    odd = [
        f"{field}: {why}"
        for field, why in agent.odd.items()
        if field in _SELECTOR or field.startswith(("agent_endpoint.version_selector", "versions."))
    ]
    if odd:
        return _not_told(agent, f"its record is not as documented: {odd[0]}", tuple(odd))
    rules = [one for one in agent.version_rules if one.percentage is None or one.percentage > 0]
    if agent.version_rules and not rules:
        return Known(())
    found: dict[str, Share] = {}
    for name, percentage in [(one.deployment_id, one.percentage) for one in rules] or [(LATEST, 100.0)]:
        follows = name.lower() == LATEST
        if name.startswith("@") and not follows:
            return _not_told(agent, f"its rules name {name}, an alias that is not known")
        if follows and agent.latest is None:
            return _not_told(agent, "it follows its latest version and does not say which that is")
        version = agent.latest.version if follows and agent.latest is not None else name
        before = found.get(version)
        both = None if percentage is None or (before and before.percentage is None) else percentage
        total = both + (before.percentage or 0) if before and both is not None else both
        found[version] = Share(version, total, follows or bool(before and before.follows))
    return Known(tuple(found.values()))


def _not_told(agent: Agent, why: str, evidence: tuple[str, ...] = ()) -> Unread:
    return Unread(Problem(Cause.UNRECOGNISED, f"which version agent {agent.name} serves is not known: {why}", evidence))


def routed(application: Application, deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments that get traffic: all of them when the application carries no routing policy.

    A rule names a deployment by `deploymentId`, which is its GUID; by name or resource id in some payloads. A rule
    without a percentage counts. A rule that names none sends its share to "the first deployment" (recorded in June
    2026): that is the only one, or any of them.
    """
    if names_none(application):
        return tuple(deployments)
    wanted = {
        rule.deployment_id.rsplit("/", 1)[-1].lower()
        for rule in application.routing or ()
        if rule.percentage is None or rule.percentage > 0
    }
    return tuple(one for one in deployments if wanted & {one.deployment_id.lower(), one.name.lower()})


def names_none(application: Application) -> bool:
    """Whether the application does not say which deployment gets traffic: no policy, or a rule with a blank id."""
    rules = application.routing
    return rules is None or any(not one.deployment_id and one.percentage != 0 for one in rules)
