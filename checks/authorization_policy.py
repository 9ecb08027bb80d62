"""The authorization policy admits callers by role.

## What it verifies
The application's authorization policy is Default, so that whoever holds the data action may call it.

## When it does not pass
- the policy is Channels (`channel-only`): only Azure Bot Service gets in (Teams, Microsoft 365 Copilot), whatever
  roles the caller has
- the policy is absent, or one that is not documented: then this is unknown, and the endpoint's own answer settles it

## What to do
To call the application directly, publish it with the Default policy. To keep it for Teams only, call it through its
bot.

## Sources
`authorizationPolicy`: the specification's discriminator is `type` (Default, Channels, OrganizationScope, Custom);
payloads in the field carry `authorizationScheme`. Both are read, in any letter case.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from checks.application import MANAGERS, arm_url
from doctor.check import Check, Finding, Group, failed, passed, unknown, unread
from doctor.facts import witness
from doctor.facts.records import TheAgent, TheApplication
from doctor.model.cause import Cause
from doctor.model.fact import Unread
from doctor.model.fix import Fix
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.fact import Fact
    from doctor.model.foundry import Agent, Application

_BY_ROLE = {"entra", "azurerbac"}
"""Schemes of new-model agents that admit callers by role (AzureRbac is the later name of Entra)."""
_NOT_BY_ROLE = {"botservice", "botservicerbac", "botservicetenant", "agentblueprint"}
"""Schemes that admit Azure Bot Service, or another agent's blueprint (configure-agent.md, April 2026 and later)."""


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the policy's scheme."""
    if facts.target.kind is Kind.AGENT:
        yield of_agent(facts.ask(TheAgent()), settled=witness.accepts(facts))
        return
    fact = facts.ask(TheApplication())
    if isinstance(fact, Unread):
        yield unread(fact.problem, settled=witness.accepts(facts))
    else:
        yield _judge(facts, fact.value)


def _judge(facts: Facts, application: Application) -> Finding:
    scheme = application.authorization_scheme
    if scheme.lower() == "default":
        return passed("The policy is Default: callers are admitted by role.")
    if scheme.lower() == "channels":
        url = shlex.quote(arm_url(facts, application.id))
        return failed(
            Cause.CHANNEL_ONLY,
            f"Application {application.name} admits channels only (Azure Bot Service); no role lets a caller in.",
            evidence=(f"authorization policy {scheme}",),
            fixes=(
                Fix(
                    "Give the application the Default policy",
                    f"az rest --method get --url {url} | jq '.properties.authorizationPolicy = {{type: \"Default\"}}'"
                    f" > application.json && az rest --method put --url {url} --body @application.json",
                    f"az rest --method get --url {url} | jq '.properties.authorizationPolicy = {{type: \"Channels\"}}'"
                    f" > application.json && az rest --method put --url {url} --body @application.json",
                    needs=MANAGERS,
                    note="Teams and Microsoft 365 Copilot lose access to it: only one policy holds at a time.",
                ),
            ),
        )
    said = f"The policy is {scheme!r}, whose effect on callers is not documented" if scheme else "No policy is shown"
    return unknown(
        Cause.UNRECOGNISED,
        f"{said}; only the endpoint's own answer tells whom it admits.",
        required=not witness.accepts(facts),
    )


def of_agent(fact: Fact[Agent], *, settled: bool) -> Finding:
    """Judge a new-model agent's authorization schemes; `settled` when the endpoint has accepted the caller."""
    if isinstance(fact, Unread):
        return unread(fact.problem, settled=settled)
    schemes = fact.value.authorization_schemes
    shown = ", ".join(schemes) or "the default"
    if not schemes or any(scheme.lower() in _BY_ROLE for scheme in schemes):
        return passed(f"Callers are admitted by role (authorization schemes: {shown}).")
    if all(scheme.lower() in _NOT_BY_ROLE for scheme in schemes):
        return failed(
            Cause.CHANNEL_ONLY,
            f"Agent {fact.value.name} admits {shown} only; no role lets a caller in.",
            fixes=(Fix("Add the scheme AzureRbac (formerly Entra) to the agent endpoint's authorization schemes"),),
        )
    summary = f"Whom the authorization schemes {shown} admit is not documented; only the endpoint's own answer tells."
    return unknown(Cause.UNRECOGNISED, summary, required=not settled)


check = Check(
    id="authorization-policy",
    title="Are callers admitted by role?",
    group=Group.APPLICATION,
    rank=40,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
