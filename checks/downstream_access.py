"""The agent's tools reach what they call.

## What it verifies
The tools of the agent version that gets the traffic are read, with the connections they use. For each downstream
resource: which identity calls it, what that takes there, whether that identity has it, and whether a switch or
network rule of the target makes a correct role useless. One result for each tool or connection.

## When it does not pass
- the identity that calls lacks the role, has it elsewhere, or another identity has it (`no-assignment`,
  `role-lacks-action`, `wrong-scope`, `wrong-principal`, `lost-on-publish`)
- the target ignores roles as it is configured (`rbac-not-honoured`) or keeps its own list (`native-role-missing`)
- a key is used where local authentication is disabled (`key-auth-refused`), or network rules stand in the way
  (`network-denied`)
- the connection is missing, in error, or points to nothing (`connection-missing`, `connection-broken`,
  `downstream-not-found`)
- its audience is another service's, or its target lies in another cloud than the agent (`wrong-audience`)
- a knowledge base's search service calls its model and sources as itself: that second hop is judged as far as Azure
  shows it, and never passes unseen
- something was not understood (`unrecognised`): a tool of an unknown type, a field of another type than documented, a
  toolbox or workflow that hides its parts. It is never taken for an agent without tools
- only the target itself could tell (`not-checkable`): users inside a database, a server of one's own. It is shown with
  how to settle it, and decides the verdict. What an end user may do, or a key carries, does not decide it; that the
  target exists, runs and can be reached does

## What to do
Run the command shown for the resource. Roles take up to ten minutes there.

## Sources
The knowledge about each kind of resource lies in the package, one file per kind, with source and confidence. Where
the confidence is below high the result says so, and is no bare failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, passed, unknown, unread
from doctor.facts import access, serving
from doctor.model.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Assess every dependency; list what is not used and what could not be read."""
    facts.begin(access.Beginnings())
    inventory = facts.ask(serving.ToolInventory())
    for gap in inventory.unread:
        subject = gap.subject or "connections"
        yield unread(gap.problem, f"Tools may be missing here ({subject})").about(subject)
    findings = serving.assessments(facts)
    yield from findings
    for connection in inventory.unused:
        yield unknown(
            Cause.NOT_CHECKABLE,
            "No tool of the routed agent uses this connection, so it is not judged.",
            required=False,
        ).about(connection.name)
    if not findings and not inventory.unread:
        yield passed("The agent's tools call nothing that needs an identity.", evidence=inventory.notes)


check = Check(
    id="downstream-access",
    title="Do the agent's tools reach what they call?",
    group=Group.AGENT,
    rank=20,
    run=run,
    needs=("application",),
    explained_by={
        Cause.LOST_ON_PUBLISH: ("lost-on-publish",),
        Cause.AGENT_IDENTITY_NOT_READY: ("agent-identity",),
        Cause.PRINCIPAL_NOT_FOUND: ("agent-identity",),
    },
    link="https://learn.microsoft.com/azure/foundry/agents/concepts/agent-identity",
)
