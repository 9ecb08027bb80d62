"""Teams and Microsoft 365 reach the agent through its Azure Bot.

## What it verifies
Where an agent offers the Activity protocol: it has an identity of its own; a bot signs in with that identity
(`msaAppId` is the client id of the agent's instance) and sends to this agent's address; the bot's Teams channel is on;
one of the agent's authorization schemes admits channels; the publication is approved; and with public access off, the
Activity route is opened for Microsoft 365. Of an application whose policy is Channels: its bot in the same way.

## When it does not pass
- no bot carries the agent's identity, or it sends elsewhere, or its Teams channel is off, or no scheme admits
  channels, or the publication waits for approval or was rejected (`bot-mismatch`)
- the bots' resource provider is not registered (`provider-not-registered`)
- public access is off, and the Activity route is not opened for Microsoft 365 (`network-denied`)
- bots, channel or account could not be read: then this is unknown

## What to do
Follow the command shown. Publishing takes Foundry User on the project (agents/write), and
Microsoft.BotService/botServices/write and …/channels/write on the resource group, as Azure Bot Service Contributor Role
has. Since September 2026 applications are refused for new publishing; what is published works and can be updated.

## Sources
publish-copilot.md, publish-copilot-virtual-network.md and troubleshoot-publish-copilot.md of Microsoft's documentation,
2026. Guests cannot use channels.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from checks.agents import changes as agent_changes
from doctor import changes
from doctor.check import Check, Finding, Group, failed, passed, sentence, skipped, unknown, unread
from doctor.facts.bots import BOT_VERSION, PROVIDER, BotProvider, Bots, TeamsChannel
from doctor.facts.endpoint import FindEndpoint
from doctor.facts.place import FindPlace
from doctor.facts.protocols import AskedProtocols
from doctor.facts.records import TheAccount, TheAgent, TheApplication
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.change import RegisterProvider, RunAz, SetProperty
from doctor.model.fact import Known, Unread
from doctor.model.protocol import AgentProtocol
from doctor.model.resource_id import ResourceId
from doctor.model.wording import capital
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.bots import Bot
    from doctor.facts.subject import Facts
    from doctor.model.foundry import Agent

_CHANNELS = {"botservice", "botservicerbac", "botservicetenant"}
_APPROVED = {"", "approved", "no_approval_needed"}
_APPROVE = "Approve the agent in the Microsoft 365 admin center"
_ASK = "Ask the Microsoft 365 administrator why it was rejected, and publish the agent again"
_PUBLISH = "Publish the agent to Teams and Microsoft 365"
_PUBLISHERS = (
    "Foundry User on the project, and Azure Bot Service Contributor Role on the resource group"
    " (Microsoft.BotService/botServices/write and channels/write)"
)


def run(facts: Facts) -> Iterator[Finding]:
    """Follow the way of a message from Teams to the agent."""
    if facts.target.kind is not Kind.AGENT:
        yield _of_application(facts)
        return
    fact = facts.ask(TheAgent())
    if isinstance(fact, Unread):
        yield unread(fact.problem, required=facts.target.protocol is AgentProtocol.ACTIVITY)
    elif AgentProtocol.ACTIVITY not in facts.ask(AskedProtocols()):
        yield skipped("The Activity protocol, which channels speak, is not asked about.")
    elif facts.target.protocol is None and AgentProtocol.ACTIVITY not in _offered(fact.value):
        yield skipped("The agent does not offer the Activity protocol, which channels speak.")
    else:
        yield _of_agent(facts, fact.value)


def _of_agent(facts: Facts, agent: Agent) -> Finding:
    return _record(facts, agent) or _network(facts, agent) or _bot(facts, agent)


def _record(facts: Facts, agent: Agent) -> Finding | None:
    """What the agent's own record says against channels."""
    if agent.instance is None and agent.shows_identity:
        return failed(
            Cause.BOT_MISMATCH,
            f"Agent {agent.name} has no identity of its own; such an agent can no longer be published to Teams.",
            fixes=(agent_changes.person("Create a new agent of the same definition", needs=agent_changes.WRITERS),),
        )
    schemes = {one.lower().replace("_", "") for one in agent.authorization_schemes}
    if schemes and not schemes & _CHANNELS and facts.target.protocol is not AgentProtocol.ACTIVITY:
        return failed(
            Cause.BOT_MISMATCH,
            f"No authorization scheme of agent {agent.name} admits channels.",
            evidence=(f"authorization schemes: {', '.join(agent.authorization_schemes)}",),
            fixes=(agent_changes.admit(facts, agent, "BotServiceRbac"),),
        )
    return _approval(agent)


def _approval(agent: Agent) -> Finding | None:
    """What stands between the agent and its users in Microsoft 365."""
    word, name = agent.approval.lower(), f"agent {agent.name}"
    told = f"publish_approval_status {agent.approval}"
    steps = {
        "pending": (f"The publication of {name} waits for approval.", _APPROVE),
        "rejected": (f"The publication of {name} was rejected.", _ASK),
        "not_published": (f"{capital(name)} is not published to Teams and Microsoft 365.", _PUBLISH),
    }
    if word in steps:
        return _unpublished(steps[word][0], told, steps[word][1])
    if word in _APPROVED:
        return None
    return unknown(Cause.UNRECOGNISED, f"Whether {name} is published cannot be told: {told} is not known.")


def _unpublished(summary: str, evidence: str, title: str) -> Finding:
    needs = _PUBLISHERS if title == _PUBLISH else "a Microsoft 365 administrator (AI Administrator)"
    return failed(Cause.BOT_MISMATCH, summary, evidence=(evidence,), fixes=(agent_changes.person(title, needs=needs),))


def _network(facts: Facts, agent: Agent) -> Finding | None:
    """Whether Microsoft 365 gets in where public access is off."""
    account = facts.ask(TheAccount())
    settings = next((value for key, value in agent.protocol_settings.items() if key.lower() == "activity"), {})
    opened = loose.truth(settings, "enable_m365_public_endpoint")
    if isinstance(account, Unread):
        return None if opened else unread(account.problem, "Whether Microsoft 365 gets in cannot be told")
    if account.value.public_network_access.lower() != "disabled" or opened:
        return None
    return failed(
        Cause.NETWORK_DENIED,
        f"Public access to account {account.value.name} is off, and the Activity route is not open for Microsoft 365.",
        evidence=("agent_endpoint.protocol_configuration.activity.enable_m365_public_endpoint is not true",),
        fixes=(agent_changes.offer(facts, agent, "activity", {"enable_m365_public_endpoint": True}),),
    )


def _bot(facts: Facts, agent: Agent) -> Finding:
    client = agent.instance.client_id.lower() if agent.instance else ""
    endpoint = facts.ask(FindEndpoint())
    base = endpoint.value.base if isinstance(endpoint, Known) else ""
    wanted = f"{base}/protocols/activityProtocol?api-version={AgentProtocol.ACTIVITY.api_version}"
    return _carried(facts, f"agent {agent.name}", client, wanted)


def _carried(facts: Facts, what: str, client: str, wanted: str) -> Finding:
    """Whether a bot carries the client id to the wanted address, through Teams."""
    bots = facts.ask(Bots())
    if isinstance(bots, Unread):
        return unread(bots.problem, f"Whether a bot carries {what} cannot be told")
    carrying = [one for one in bots.value if client and one.app_id == client]
    right = [one for one in carrying if _same(one.endpoint, wanted)]
    if right:
        return _channel(facts, what, right[0])
    if carrying:
        return _sends_elsewhere(what, carrying[0], wanted)
    others = [one for one in bots.value if _same(one.endpoint, wanted)]
    if others:
        one = others[0]
        return failed(
            Cause.BOT_MISMATCH,
            f"Bot {one.name} sends to {what}, but signs in as {one.app_id or 'nobody'}, not as its identity {client}.",
            evidence=(f"bot {one.id}", f"msaAppId {one.app_id or 'not given'}", f"client id of {what}: {client}"),
            fixes=(
                agent_changes.person(
                    f"Make a bot whose msaAppId is {client} and whose endpoint is {wanted}, and delete {one.name}",
                    needs=_PUBLISHERS,
                ),
            ),
        )
    return _no_bot(facts, what, client)


def _sends_elsewhere(what: str, bot: Bot, wanted: str) -> Finding:
    change = SetProperty(
        bot.id, "properties.endpoint", json.dumps(wanted), BOT_VERSION, json.dumps(bot.endpoint) if bot.endpoint else ""
    )
    return failed(
        Cause.BOT_MISMATCH,
        f"Bot {bot.name} carries the identity of {what}, but sends to another address.",
        evidence=(f"bot {bot.id}", f"sends to {bot.endpoint or 'nowhere'}", f"should send to {wanted}"),
        fixes=(changes.fix(change, f"Let bot {bot.name} send to {what}", needs=_PUBLISHERS),),
    )


def _no_bot(facts: Facts, what: str, client: str) -> Finding:
    provider, place = facts.ask(BotProvider()), facts.ask(FindPlace())
    subscription = place.value.subscription if isinstance(place, Known) else ""
    if isinstance(provider, Known) and provider.value.lower() in {"notregistered", "unregistered"}:
        return failed(
            Cause.PROVIDER_NOT_REGISTERED,
            f"The resource provider {PROVIDER} is not registered, so there can be no bot for {what}.",
            evidence=(f"registration state {provider.value}",),
            fixes=(changes.fix(RegisterProvider(PROVIDER, subscription), f"Register {PROVIDER}"),),
        )
    return failed(
        Cause.BOT_MISMATCH,
        sentence(f"No bot that this credential sees carries {what} (msaAppId {client or 'not known'})"),
        fixes=(agent_changes.person(_PUBLISH, needs=_PUBLISHERS),),
    )


def _channel(facts: Facts, what: str, bot: Bot) -> Finding:
    evidence = (f"bot {bot.id}", f"sends to {bot.endpoint}")
    on = facts.ask(TeamsChannel(bot.id))
    if isinstance(on, Unread):
        return unread(on.problem, f"Whether the Teams channel of bot {bot.name} is on cannot be told")
    if on.value is None:
        return unknown(Cause.UNRECOGNISED, f"The Teams channel of bot {bot.name} does not say whether it is on.")
    if on.value:
        return passed(f"Bot {bot.name} carries {what} into Teams.", evidence=evidence)
    group = ResourceId.read(bot.id).resource_group
    words = ("bot", "msteams", "create", "--name", bot.name, "--resource-group", group)
    back = ("bot", "msteams", "delete", "--name", bot.name, "--resource-group", group)
    return failed(
        Cause.BOT_MISMATCH,
        f"The Teams channel of bot {bot.name} is off.",
        evidence=evidence,
        fixes=(changes.fix(RunAz(words, back), f"Turn the Teams channel of bot {bot.name} on", needs=_PUBLISHERS),),
    )


def _of_application(facts: Facts) -> Finding:
    fact = facts.ask(TheApplication())
    if isinstance(fact, Unread):
        return unread(fact.problem, required=False)
    application = fact.value
    if application.authorization_scheme.lower() != "channels":
        return skipped("The application's policy does not admit channels.")
    client = application.instance.client_id.lower() if application.instance else ""
    bots = facts.ask(Bots())
    if isinstance(bots, Unread):
        return unread(bots.problem, "Whether a bot carries the application cannot be told", required=False)
    carrying = [one for one in bots.value if client and one.app_id == client]
    if not carrying:
        return unknown(
            Cause.BOT_MISMATCH,
            f"No bot that this credential sees carries application {application.name}. Since September 2026 an"
            " application can no longer be published anew; an agent at its own endpoint can.",
            required=False,
        )
    bot = carrying[0]
    if f"/applications/{application.name}/".lower() not in f"{unquote(urlsplit(bot.endpoint).path)}/".lower():
        return failed(
            Cause.BOT_MISMATCH,
            f"Bot {bot.name} carries the identity of application {application.name}, but sends to another address.",
            evidence=(f"bot {bot.id}", f"sends to {bot.endpoint or 'nowhere'}"),
        )
    return _channel(facts, f"application {application.name}", bot)


def _offered(agent: Agent) -> set[AgentProtocol | None]:
    return {AgentProtocol.named(word) for word in agent.protocols or ()}


def _same(one: str, other: str) -> bool:
    """Whether two addresses lead to the same route: Azure writes `activityProtocol` in more than one letter case."""
    first, second = urlsplit(one.strip().lower()), urlsplit(other.lower())
    return (first.hostname, unquote(first.path).rstrip("/")) == (second.hostname, unquote(second.path).rstrip("/"))


check = Check(
    id="channels",
    title="Do Teams and Microsoft 365 reach the agent?",
    group=Group.APPLICATION,
    rank=45,
    run=run,
    needs=("application", "protocol"),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/publish-copilot",
)
