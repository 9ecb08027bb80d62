"""Which Foundry accounts there are, as far as this credential sees: by Resource Graph, else by subscription.

A list that could not be read stays beside the rows that could: what is not among the rows may be in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.question import EstateQuestion
from doctor.facts.resources import ACCOUNTS_VERSION, PROVIDER, GraphQuery, Resource, ResourceList
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.facts.estate import Estate
    from doctor.model.foundry import Json

SUBSCRIPTIONS_VERSION = "2022-12-01"
_READ = f"{PROVIDER}/read"
_LEAN_ROWS = 10
"""So many accounts are read one by one, where a list shows none of their properties."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows that could be read, and why others could not."""

    rows: tuple[Json, ...] = ()
    unread: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact[tuple[Json, ...]]]) -> Seen:
        """All rows of all lists, and the problem of each that could not be read."""
        facts = tuple(facts)
        rows = tuple(row for fact in facts if isinstance(fact, Known) for row in fact.value)
        return cls(rows, tuple(fact.problem for fact in facts if isinstance(fact, Unread)))


@dataclass(frozen=True, slots=True)
class Subscriptions(EstateQuestion[Fact[tuple[str, ...]]]):
    """GUIDs of the subscriptions that the caller sees; the one that was named, where one was."""

    def answer(self, estate: Estate) -> Fact[tuple[str, ...]]:
        """One list, unless a subscription was named."""
        if estate.subscription:
            return Known((estate.subscription,))
        path = ResourceId(("subscriptions",), ("subscriptions",))
        rows = estate.ask(ResourceList(path, SUBSCRIPTIONS_VERSION))
        if isinstance(rows, Unread):
            return rows
        return Known(tuple(filter(None, (loose.text(row, "subscriptionId") for row in rows.value))))


@dataclass(frozen=True, slots=True)
class AccountsListed(EstateQuestion[Seen]):
    """The accounts that the lists of the visible subscriptions show."""

    def answer(self, estate: Estate) -> Seen:
        """One list for each subscription."""
        found = estate.ask(Subscriptions())
        if isinstance(found, Unread):
            return Seen(unread=(found.problem,))
        paths = (ResourceId.read(f"/subscriptions/{one}/providers/{PROVIDER}") for one in found.value)
        return Seen.of(estate.ask_all(ResourceList(path, ACCOUNTS_VERSION) for path in paths))


@dataclass(frozen=True, slots=True)
class Accounts(EstateQuestion[Seen]):
    """The accounts of that name or custom subdomain, or all of them where it is ""."""

    named: str = ""

    def answer(self, estate: Estate) -> Seen:
        """One query; the lists where it brings nothing."""
        query = f"resources | where type =~ '{PROVIDER.lower()}'"
        if self.named:
            name = self.named.replace("\\", "\\\\").replace("'", "\\'")
            query += f" | where name =~ '{name}' or properties.customSubDomainName =~ '{name}'"
        query += (
            " | project id, name, type, tenantId, subscriptionId, resourceGroup, kind, location, identity, properties"
        )
        graph = estate.ask(GraphQuery(query, "the list of accounts", _READ, estate.subscription))
        if isinstance(graph, Known):
            rows = tuple(row for row in graph.value if loose.text(row, "type").lower() in {"", PROVIDER.lower()})
            if rows:
                return Seen(rows)
        return estate.ask(AccountsListed())


@dataclass(frozen=True, slots=True)
class AccountsOfHost(EstateQuestion[Seen]):
    """The accounts whose endpoint has this first label: by custom subdomain, by name only where none is shown."""

    label: str

    def answer(self, estate: Estate) -> Seen:
        """Rows that show their subdomain decide; those that show nothing are read one by one."""
        seen = estate.ask(Accounts(self.label))
        if rows := of_host(seen.rows, self.label):
            return Seen(rows, seen.unread)
        listed = estate.ask(AccountsListed())
        rows = of_host(listed.rows, self.label)
        if rows:
            return Seen(rows, listed.unread)
        lean = {one: row for row in (*seen.rows, *listed.rows) if (one := id_of(row)) and not row.get("properties")}
        if len(lean) > _LEAN_ROWS:
            summary = f"Of {len(lean)} accounts the lists do not show the address, so none can be told to have this one"
            return Seen(unread=(*seen.unread, *listed.unread, Problem(Cause.NOT_CHECKABLE, summary)))
        whole = estate.ask_all(Resource(one, ACCOUNTS_VERSION) for one in sorted(lean, key=str))
        read = tuple(fact.value for fact in whole if isinstance(fact, Known))
        unread = tuple(fact.problem for fact in whole if isinstance(fact, Unread))
        return Seen(of_host(read, self.label), (*seen.unread, *listed.unread, *unread))


def of_host(rows: Iterable[Json], label: str) -> tuple[Json, ...]:
    """The accounts that a host's first label addresses: its custom subdomain, or its name where it shows none."""
    rows = tuple(rows)
    exact = tuple(row for row in rows if _subdomain(row) == label.lower())
    if exact:
        return exact
    return tuple(row for row in rows if row.get("properties") and not _subdomain(row) and _name(row) == label.lower())


def of_name(rows: Iterable[Json], name: str) -> tuple[Json, ...]:
    """The accounts of that name; those of that custom subdomain where none is named so."""
    rows = tuple(rows)
    exact = tuple(row for row in rows if _name(row) == name.lower())
    return exact or tuple(row for row in rows if _subdomain(row) == name.lower())


def id_of(row: Json) -> ResourceId | None:
    """The row's ARM id."""
    return ResourceId.of(loose.text(row, "id"))


def _subdomain(row: Json) -> str:
    return loose.text(loose.part(row, "properties"), "customSubDomainName").lower()


def _name(row: Json) -> str:
    return loose.text(row, "name").lower() or ((one := id_of(row)) is not None and one.name.lower()) or ""
