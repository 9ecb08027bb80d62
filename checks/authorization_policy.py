"""The authorization policy admits callers by role.

## What it verifies
Of an agent's endpoint: one of its authorization schemes admits this kind of call. `Entra` (also `AzureRbac`) admits
whoever holds the data action; the schemes of Azure Bot Service admit users of channels, at the Activity address. Of an
application: its policy is Default, so that whoever holds the data action may call it.

## When it does not pass
- the agent's schemes are those of Azure Bot Service alone, and a direct call is asked about (`channel-only`)
- the only scheme for direct callers is `AgentBlueprint`: then a token for Foundry has the wrong audience
  (`wrong-audience`), whatever roles the caller holds
- the Activity address is asked about, and no scheme admits channels (`bot-mismatch`)
- a scheme is not known, or cannot be read: then this is unknown
- the policy is Channels (`channel-only`): only Azure Bot Service gets in (Teams, Microsoft 365 Copilot), whatever
  roles the caller has
- the policy is absent, or one that is not documented: then this is unknown, and the endpoint's own answer settles it

## What to do
Add the scheme with the command shown. The call replaces the whole list: what is there is kept in it, for without its
scheme Teams loses the agent.

To call the application directly, publish it with the Default policy. To keep it for Teams only, call it through its
bot.

## Sources
The agent's schemes: configure-agent-endpoint-authorization and publish-copilot.md of Microsoft's documentation, 2026.
`authorizationPolicy`: the specification's discriminator is `type` (Default, Channels, OrganizationScope, Custom);
payloads in the field carry `authorizationScheme`. Both are read, in any letter case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.agents import changes as agent_changes
from checks.application import MANAGERS
from doctor import changes
from doctor.check import Check, Finding, Group, failed, passed, unknown, unread
from doctor.facts import witness
from doctor.facts.protocols import AskedProtocols
from doctor.facts.resources import APPLICATIONS_VERSION
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.change import SetProperty
from doctor.model.fact import Unread
from doctor.model.foundry import Agent
from doctor.model.protocol import AgentProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.fix import Fix
    from doctor.model.foundry import Application

_BY_ROLE = {"entra", "azurerbac"}
"""Schemes of agents that admit callers by role (AzureRbac is the later name of Entra)."""
_CHANNELS = {"botservice", "botservicerbac", "botservicetenant"}
"""Schemes that admit users of channels, through Azure Bot Service."""
_BLUEPRINT = "agentblueprint"
"""The scheme that admits tokens for the agent's own blueprint, whatever roles their callers hold."""


def run(facts: Facts) -> Iterator[Finding]:
    """Judge the policy's scheme."""
    fact, settled = facts.ask(subject_of(facts).record), witness.accepts(facts)
    if isinstance(fact, Unread):
        yield unread(fact.problem, settled=settled)
    elif isinstance(fact.value, Agent):
        yield of_agent(facts, fact.value, settled=settled)
    else:
        yield _judge(facts, fact.value)


_POLICY = "properties.authorizationPolicy"


def _judge(facts: Facts, application: Application) -> Finding:
    scheme = application.authorization_scheme
    if scheme.lower() == "default":
        return passed("The policy is Default: callers are admitted by role.")
    if scheme.lower() == "channels":
        policy = SetProperty(
            application.id, _POLICY, '{"type":"Default"}', APPLICATIONS_VERSION, old='{"type":"Channels"}'
        )
        return failed(
            Cause.CHANNEL_ONLY,
            f"Application {application.name} admits channels only (Azure Bot Service); no role lets a caller in.",
            evidence=(f"authorization policy {scheme}",),
            fixes=(
                changes.fix(
                    policy,
                    "Give the application the Default policy",
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


def of_agent(facts: Facts, agent: Agent, *, settled: bool) -> Finding:
    """Judge an agent's authorization schemes; `settled` when the endpoint has accepted the caller."""
    schemes = {scheme.lower().replace("_", "") for scheme in agent.authorization_schemes}
    shown = ", ".join(agent.authorization_schemes)
    odd = [f"{field}: {why}" for field, why in agent.odd.items() if "authorization_schemes" in field]
    asked = facts.ask(AskedProtocols())
    if asked == (AgentProtocol.ACTIVITY,):
        return _for_channels(facts, agent, schemes, odd)
    if schemes & _BY_ROLE or (not agent.authorization_schemes and not odd):
        return passed(f"Callers are admitted by role (authorization schemes: {shown or 'the default'}).")
    strange = schemes - _CHANNELS - {_BLUEPRINT}
    if odd or strange:
        what = odd[0] if odd else f"whom the scheme {', '.join(sorted(strange))} admits is not known"
        return unknown(
            Cause.UNRECOGNISED,
            f"Whether agent {agent.name} admits callers by role cannot be told: {what}.",
            required=not settled,
            evidence=(f"authorization schemes: {shown or 'none that can be read'}", *odd),
        )
    fixes = (agent_changes.admit(facts, agent, "Entra"),)
    evidence = (f"authorization schemes: {shown}",)
    if _BLUEPRINT in schemes:
        client = agent.blueprint.client_id if agent.blueprint else ""
        return failed(
            Cause.WRONG_AUDIENCE,
            f"Agent {agent.name} admits direct callers only with a token for its own blueprint"
            f" (api://{client or 'BLUEPRINT-CLIENT-ID'}); a token for {_audience(facts)} is for another audience, and"
            " no role changes that.",
            evidence=evidence,
            fixes=(_blueprint_token(client), *fixes),
        )
    return failed(
        Cause.CHANNEL_ONLY,
        f"Agent {agent.name} admits channels only ({shown}); no role lets a direct caller in.",
        evidence=evidence,
        fixes=fixes,
    )


def _for_channels(facts: Facts, agent: Agent, schemes: set[str], odd: list[str]) -> Finding:
    """Whether the users of channels are admitted, where the address is that of the channels."""
    if schemes & _CHANNELS:
        return passed(
            f"Users of channels are admitted (authorization schemes: {', '.join(agent.authorization_schemes)})."
        )
    if odd or schemes - _BY_ROLE - {_BLUEPRINT}:
        what = odd[0] if odd else f"the schemes {', '.join(agent.authorization_schemes)} are not all known"
        return unknown(Cause.UNRECOGNISED, f"Whether agent {agent.name} admits channels cannot be told: {what}.")
    return failed(
        Cause.BOT_MISMATCH,
        f"Agent {agent.name} offers the Activity protocol, but none of its authorization schemes admits channels.",
        evidence=(f"authorization schemes: {', '.join(agent.authorization_schemes) or 'the default'}",),
        fixes=(agent_changes.admit(facts, agent, "BotServiceRbac"),),
    )


def _blueprint_token(client: str) -> Fix:
    return agent_changes.person(
        f"Get the token for api://{client or 'BLUEPRINT-CLIENT-ID'}/.default instead",
        needs="the caller, where the blueprint grants it the required scope",
    )


def _audience(facts: Facts) -> str:
    return (facts.cloud.ai_scope or "https://ai.azure.com/.default").removesuffix("/.default")


check = Check(
    id="authorization-policy",
    title="Are callers admitted by role?",
    group=Group.APPLICATION,
    rank=40,
    run=run,
    needs=("application",),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
