"""The agent's tools work in its network.

## What it verifies
Where the account is reached through private endpoints only, some kinds of tools do not work, whatever is granted. The
tools of the agent version that gets the traffic are compared with the documented list.

## When it does not pass
- a tool that the documentation lists as not supported with private link is used, and public network access of the
  account is disabled (`network-denied`). The source is of medium confidence, so this is unknown and does not decide
  the verdict

## What to do
Try the tool. If it fails, use another one that the documentation lists as supported: MCP, Azure AI Search, OpenAPI,
Azure Functions, A2A, code interpreter, function calling, Bing grounding, web search, SharePoint, Foundry IQ.

## Sources
configure-private-link.md of Microsoft's Foundry documentation; its present place was not verified again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, passed, skipped, unknown, unread
from doctor.downstream import works_privately
from doctor.facts import serving
from doctor.facts.records import TheAccount
from doctor.model.cause import Cause
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Compare the tools with the documented list, where the account is private."""
    account = facts.ask(TheAccount())
    if isinstance(account, Unread):
        yield unread(account.problem, "Whether the account is private cannot be told", required=False)
        return
    access = account.value.public_network_access.lower()
    if access not in {"", "enabled", "disabled", "securedbyperimeter"}:
        summary = (
            f"properties.publicNetworkAccess of the account is {account.value.public_network_access!r}, no known word."
        )
        yield unknown(Cause.UNRECOGNISED, summary, required=False)
        return
    if access not in {"disabled", "securedbyperimeter"}:
        yield passed("The account is not limited to private endpoints, so no kind of tool is excluded.")
        return
    inventory = facts.ask(serving.ToolInventory())
    used = [one for one in inventory.dependencies if one.used]
    excluded = sorted({f"{one.subject} ({one.tool})" for one in used if not works_privately(one.tool, one.kind)})
    if excluded:
        yield unknown(
            Cause.NETWORK_DENIED,
            f"Documented as not working with private link, and the account is private: {', '.join(excluded)}.",
            required=False,
            evidence=("confidence medium: one page of the documentation",),
        )
    elif inventory.unread:
        problem = inventory.unread[0].problem
        yield unread(problem, "Not all tools could be read, so some may not work with private link", required=False)
    elif not used:
        yield skipped("The agent uses no tool, so none can fail for the private network.")
    else:
        yield passed("No tool is used that is documented as not working with private link.")


check = Check(
    id="private-tools",
    title="Do the agent's tools work in its network?",
    group=Group.AGENT,
    rank=30,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/how-to/configure-private-link",
)
