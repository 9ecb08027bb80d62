"""Which of an application's deployments get its traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.model.foundry import Application, Deployment


def routed(application: Application, deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments that get traffic: all of them when the application carries no routing policy.

    A rule names a deployment by `deploymentId`, which is its GUID; by name or resource id in some payloads. A rule
    without a percentage counts.
    """
    if application.routing is None:
        return tuple(deployments)
    wanted = {
        rule.deployment_id.rsplit("/", 1)[-1].lower()
        for rule in application.routing
        if rule.percentage is None or rule.percentage > 0
    }
    return tuple(one for one in deployments if wanted & {one.deployment_id.lower(), one.name.lower()})
