"""The project's capability host is ready.

## What it verifies
A project of the standard agent setup keeps its agents' threads, files and vectors in the customer's own resources, by a
capability host of the project and one of the account. Both are in state Succeeded. A project without one uses
Microsoft's own storage.

## When it does not pass
- a capability host is being created, failed, canceled or being deleted: agents of the project do not run
  (`platform-not-ready`). A warning while it is being updated
- its state is no known word, or could not be read

## What to do
Wait while it is being created; after about 15 minutes it is stuck. A capability host cannot be changed: delete it and
create it again, after the project's managed identity has its roles. `downstream-access` says which it lacks.

## Sources
Microsoft Learn, "Capability hosts" and "Standard agent setup"; capabilityHosts of api-version 2025-06-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, unread
from doctor.facts import serving
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """The state of the capability hosts."""
    found = facts.ask(serving.CapabilityHosts())
    yield unread(found.problem) if isinstance(found, Unread) else found.value


check = Check(
    id="capability-host",
    title="The project's capability host is ready",
    group=Group.AGENT,
    rank=13,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/concepts/capability-hosts",
)
