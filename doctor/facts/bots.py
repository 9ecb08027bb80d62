"""The Azure Bot that carries an agent into Teams, as facts: bots, their Teams channel, and their resource provider.

Source: Microsoft.BotService/botServices 2022-09-15 and its channels 2021-03-01; publish-copilot-virtual-network.md of
Microsoft's documentation, September 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.place import FindPlace
from doctor.facts.question import Question
from doctor.facts.resources import GraphQuery, Resource, ResourceList
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from doctor.facts.subject import Facts

BOT_VERSION = "2022-09-15"
CHANNEL_VERSION = "2021-03-01"
PROVIDER = "Microsoft.BotService"
_PROVIDERS_VERSION = "2021-04-01"
_READ = f"{PROVIDER}/botServices/read"


@dataclass(frozen=True, slots=True)
class Bot:
    """One Azure Bot."""

    id: str
    name: str
    app_id: str
    """`msaAppId`, in lower case: the client id that it signs in with."""
    endpoint: str
    """Where it sends what users write."""


@dataclass(frozen=True, slots=True)
class Bots(Question[Fact[tuple[Bot, ...]]]):
    """The bots that the caller sees."""

    def answer(self, facts: Facts) -> Fact[tuple[Bot, ...]]:
        """One query; where Resource Graph is not to be had, the list of the subject's subscription."""
        query = "resources | where type =~ 'microsoft.botservice/botservices' | project id, name, type, properties"
        rows = facts.ask(GraphQuery(query, "the list of bots", _READ))
        place = facts.ask(FindPlace())
        if isinstance(rows, Unread) and isinstance(place, Known):
            path = f"/subscriptions/{place.value.subscription}/providers/{PROVIDER}/botServices"
            rows = facts.ask(ResourceList(ResourceId.read(path), BOT_VERSION))
        return rows if isinstance(rows, Unread) else Known(tuple(map(_bot, rows.value)))


def _bot(row: loose.Json) -> Bot:
    properties = loose.part(row, "properties")
    return Bot(
        id=loose.text(row, "id"),
        name=loose.text(row, "name"),
        app_id=loose.guid(properties, "msaAppId"),
        endpoint=loose.text(properties, "endpoint").strip(),
    )


@dataclass(frozen=True, slots=True)
class TeamsChannel(Question[Fact[bool | None]]):
    """Whether a bot's Teams channel is on; None when it does not say."""

    bot: str
    """ARM id."""

    def answer(self, facts: Facts) -> Fact[bool | None]:
        """One GET."""
        fact = facts.ask(Resource(ResourceId.read(self.bot).child("channels", "MsTeamsChannel"), CHANNEL_VERSION))
        if isinstance(fact, Unread):
            return Known(False) if fact.problem.cause is Cause.RESOURCE_NOT_FOUND else fact
        inner = loose.part(loose.part(fact.value, "properties"), "properties")
        return Known(loose.truth(inner, "isEnabled"))


@dataclass(frozen=True, slots=True)
class BotProvider(Question[Fact[str]]):
    """The registration state of the bots' resource provider in the subject's subscription."""

    def answer(self, facts: Facts) -> Fact[str]:
        """One GET."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return place
        path = ResourceId.read(f"/subscriptions/{place.value.subscription}/providers/{PROVIDER}")
        fact = facts.ask(Resource(path, _PROVIDERS_VERSION))
        return fact if isinstance(fact, Unread) else Known(loose.text(fact.value, "registrationState"))
