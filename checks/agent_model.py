"""Which publishing model the target uses.

## What it verifies
Whether the address is that of an Agent Application (the former publishing model) or of a new-model agent's own
endpoint. Both work; they differ in address, data action, scope of role assignments and identity, so the other checks
depend on it.

## When it does not pass
It always passes where the target names either: it is worth knowing, not a fault.

## What to do
Nothing now. Before migrating, `agentdoctor plan` lists the grants that the agent's new identity will need: neither
role assignments nor identity carry over.

## Sources
Microsoft's migration guide from Agent Applications, July 2026. An end-of-support date is not set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, passed, skipped
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Name the model."""
    match facts.target.kind:
        case Kind.APPLICATION:
            yield passed(
                "An Agent Application, the former publishing model. Its successor, the agent's own endpoint, has"
                " another address, identity and data action; nothing carries over by itself."
            )
        case Kind.AGENT:
            yield passed("A new-model agent with an endpoint and an identity of its own.")
        case Kind.PROJECT | Kind.UNKNOWN:
            yield skipped("The address is neither an application's nor an agent's.", because_of=("application",))


check = Check(
    id="agent-model",
    title="How is the agent published?",
    group=Group.APPLICATION,
    rank=60,
    run=run,
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/migrate-agent-applications",
)
