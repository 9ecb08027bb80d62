"""The agent's model is deployed.

## What it verifies
The agent version that gets the traffic names a model. The account has a deployment of that name in state Succeeded, or
the connection in front of the name (`connection/model`), or a connection of the capability host, leads to a resource
that has it.

## When it does not pass
- no such deployment, or it is failed, disabled, paused, being made or deleted (`model-not-available`)
- the deployments could not be read, or the model is behind a gateway that alone knows it (`not-checkable`)

## What to do
Deploy a model under that name, or name one in the agent that is deployed. The project's own model needs no role
assignment for the agent.

## Sources
`GET {account}/deployments`, api-version 2025-06-01; the forms of `definition.model` in azure-ai-projects 2.10.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, sentence, unread
from doctor.facts import serving
from doctor.model.fact import Unread
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts

_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.PASS)


def run(facts: Facts) -> Iterator[Finding]:
    """The worst of what is said about the served versions."""
    models = facts.ask(serving.Models())
    if isinstance(models, Unread):
        yield unread(models.problem, "Which model the agent uses could not be read")
        return
    worst = min(models.value, key=lambda one: _WORST_FIRST.index(one.status))
    yield replace(worst, summary=sentence(worst.summary))


check = Check(
    id="model",
    title="The agent's model is deployed",
    group=Group.AGENT,
    rank=12,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/foundry-models/how-to/deploy-foundry-models",
)
