"""Where the application is: from the target's text to one place in Azure Resource Manager."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.memo import together
from doctor.facts.refusals import Asked
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.facts.arm_reads import ArmReads
    from doctor.facts.wiring import Wiring
    from doctor.model.foundry import Json

ACCOUNTS_VERSION = "2025-06-01"
APPLICATIONS_VERSION = "2025-12-01"
SUBSCRIPTIONS_VERSION = "2022-12-01"
_SUBSCRIPTIONS = Asked("the list of subscriptions", "Microsoft.Resources/subscriptions/read")
_READ = "Microsoft.CognitiveServices/accounts/read"
_TYPE = "microsoft.cognitiveservices/accounts"
_LEAN_ROWS = 10
"""So many accounts are read one by one, where a list shows none of their properties."""


class AmbiguousTarget(Exception):  # noqa: N818 - it names what is ambiguous
    """The target's name fits several applications."""

    def __init__(self, given: str, candidates: tuple[str, ...]) -> None:
        super().__init__(given)
        self.given = given
        self.candidates = candidates
        """Resource ids, sorted."""


@dataclass(frozen=True, slots=True)
class Place:
    """One application (or new-model agent) in Azure Resource Manager."""

    account_id: str
    project: str
    name: str
    kind: Kind

    @property
    def subscription(self) -> str:
        """GUID of the subscription."""
        return self.account_id.split("/")[2]

    @property
    def resource_group(self) -> str:
        """Name of the resource group."""
        return self.account_id.split("/")[4]

    @property
    def account(self) -> str:
        """Name of the account."""
        return self.account_id.split("/")[8]

    @property
    def project_id(self) -> str:
        """ARM id of the project."""
        return f"{self.account_id}/projects/{self.project}"

    @property
    def id(self) -> str:
        """ARM id of the application; for an agent the scope that role assignments use for it."""
        folder = "applications" if self.kind is Kind.APPLICATION else "agents"
        return f"{self.project_id}/{folder}/{self.name}"


class Places:
    """Finds the place of the target, in as few requests as its text allows."""

    def __init__(self, wiring: Wiring, reads: ArmReads) -> None:
        self._wiring = wiring
        self._arm = wiring.arm
        self._reads = reads
        self._target = wiring.target
        self._listed: dict[str, Json] = {}
        self._rows: dict[str, Json] = {}

    def find(self) -> Fact[Place]:
        """The place.

        Raises:
            AmbiguousTarget: there are several applications of that name.
        """
        return self._wiring.memo.once("place", self._find)

    def _find(self) -> Fact[Place]:
        target = self._target
        if not target.name:
            why = target.wrong_because or "it names a project, and not which of its agents"
            summary = f"This is not an agent's or application's address: {why}."
            return Unread(Problem(Cause.WRONG_ENDPOINT, summary, because_of=("application",)))
        if target.subscription and target.resource_group:
            account_id = account_path(target.subscription, target.resource_group, target.account)
            return Known(Place(account_id, target.project, target.name, target.kind))
        if target.account:
            return self._in_account()
        return self._by_bare_name()

    def _in_account(self) -> Fact[Place]:
        accounts = self._accounts()
        if isinstance(accounts, Unread):
            return accounts
        ids = self._of_that_name(accounts.value)
        places = [Place(one, self._target.project, self._target.name, self._target.kind) for one in ids]
        if len(places) > 1:
            existing = [place for place in places if self._has_application(place)]
            places = existing or places
        if len(places) > 1:
            raise AmbiguousTarget(self._target.given, tuple(place.id for place in places))
        if not places:
            return Unread(self._nowhere(f"account {self._target.account}"))
        return Known(places[0])

    def _of_that_name(self, rows: tuple[Json, ...]) -> list[str]:
        """Ids of the accounts of the target's name or custom subdomain, which not every row shows."""
        wanted = self._target.account.lower()
        found = {_id(row) for row in rows if wanted in _names(row)}
        if not found and self._target.is_url:
            listed = self._from_lists()
            more = (*rows, *(listed.value if isinstance(listed, Known) else ()))
            found = {_id(row) for row in more if wanted in _names(row)}
            lean = sorted({_id(row) for row in more if _id(row) and not row.get("properties")}, key=str.lower)
            if not found and len(lean) <= _LEAN_ROWS:
                whole = together(*(lambda one=one: self._whole(one) for one in lean))
                found = {_id(row) for row in whole if wanted in _names(row)}
        return sorted({one.lower(): one for one in found}.values(), key=str.lower)

    def _whole(self, account_id: str) -> Json:
        """The account itself, for a row that came without its properties; kept, so that it is not read again."""
        asked = Asked(f"account {_last(account_id)}", _READ)
        fact = self._reads.one(account_id, ACCOUNTS_VERSION, asked, dict)
        if isinstance(fact, Unread):
            return {}
        self._listed[account_id.lower()] = fact.value
        return fact.value

    def _has_application(self, place: Place) -> bool:
        asked = Asked(f"application {place.name}", "Microsoft.CognitiveServices/accounts/projects/applications/read")
        return isinstance(self._reads.one(place.id, APPLICATIONS_VERSION, asked, _id), Known)

    def _by_bare_name(self) -> Fact[Place]:
        accounts = self._accounts()
        if isinstance(accounts, Unread):
            return accounts
        account_ids = sorted({_id(row) for row in accounts.value}, key=str.lower)
        projects = together(
            *(lambda one=one: self._children(f"{one}/projects", ACCOUNTS_VERSION) for one in account_ids)
        )
        project_ids = [_id(row) for rows in projects for row in rows]
        self._keep((row for rows in projects for row in rows), "identity")
        lists = together(
            *(lambda one=one: self._children(f"{one}/applications", APPLICATIONS_VERSION) for one in project_ids)
        )
        self._keep((row for rows in lists for row in rows), "defaultInstanceIdentity")
        wanted = self._target.name.lower()
        ids = sorted({_id(row) for rows in lists for row in rows if _last(_id(row)) == wanted}, key=str.lower)
        if len(ids) > 1:
            raise AmbiguousTarget(self._target.given, tuple(ids))
        if not ids:
            return Unread(self._nowhere(f"an application {self._target.name}", Cause.APPLICATION_NOT_FOUND))
        account_id, _, rest = ids[0].partition("/projects/")
        project, _, name = rest.partition("/applications/")
        return Known(Place(account_id, project, name, Kind.APPLICATION))

    def _children(self, path: str, api_version: str) -> tuple[Json, ...]:
        asked = Asked(path, _READ)
        fact = self._reads.all(lambda: self._arm.get_all(path, api_version), asked, dict)
        # A project whose applications we may not list cannot offer a candidate; the others still can.
        return fact.value if isinstance(fact, Known) else ()

    def _accounts(self) -> Fact[tuple[Json, ...]]:
        """Every account that may be the target's: from Resource Graph, else subscription by subscription."""
        graph = self._from_graph()
        if isinstance(graph, Known) and graph.value:
            return graph
        listed = self._from_lists()
        return listed if isinstance(listed, Known) or isinstance(graph, Unread) else graph

    def _from_graph(self) -> Fact[tuple[Json, ...]]:
        query = "resources | where type =~ 'microsoft.cognitiveservices/accounts'"
        if self._target.account:
            name = json.dumps(self._target.account)[1:-1].replace("'", "\\'")
            query += f" | where name =~ '{name}' or properties.customSubDomainName =~ '{name}'"
        query += " | project id, name, type, tenantId, subscriptionId, resourceGroup, properties"
        subscription = self._target.subscription or self._wiring.options.subscription
        asked = Asked("the list of accounts (Resource Graph)", _READ)
        fact = self._reads.graph(query, (subscription,) if subscription else (), asked)
        if isinstance(fact, Unread):
            return fact
        return Known(tuple(row for row in fact.value if str(row.get("type", _TYPE)).lower() == _TYPE))

    def _from_lists(self) -> Fact[tuple[Json, ...]]:
        return self._wiring.memo.once("accounts-listed", self._list)

    def _list(self) -> Fact[tuple[Json, ...]]:
        subscription = self._target.subscription or self._wiring.options.subscription
        if subscription:
            ids: tuple[str, ...] = (subscription,)
        else:
            found = self._reads.all(
                lambda: self._arm.get_all("/subscriptions", SUBSCRIPTIONS_VERSION), _SUBSCRIPTIONS, dict
            )
            if isinstance(found, Unread):
                return found
            ids = tuple(str(row.get("subscriptionId", "")) for row in found.value)
        if not ids:
            return Known(())
        lists = together(*(lambda one=one: self._accounts_of(one) for one in ids))
        rows = [row for fact in lists if isinstance(fact, Known) for row in fact.value]
        unread = [fact for fact in lists if isinstance(fact, Unread)]
        return Known(tuple(rows)) if rows or not unread else unread[0]

    def _accounts_of(self, subscription: str) -> Fact[tuple[Json, ...]]:
        path = f"/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/accounts"
        asked = Asked(f"the list of accounts of subscription {subscription}", _READ)
        fact = self._reads.all(lambda: self._arm.get_all(path, ACCOUNTS_VERSION), asked, dict)
        if isinstance(fact, Known):
            self._keep(fact.value, "identity")
        return fact

    def _keep(self, rows: Iterable[Json], shown: str) -> None:
        """Remember the rows, and which are whole: those of a list may lack what the resource itself shows."""
        rows = tuple(rows)
        self._rows |= {_id(row).lower(): row for row in rows}
        self._listed |= {
            _id(row).lower(): row
            for row in rows
            if loose.part(row, "properties") and (loose.part(row, shown) or loose.part(row["properties"], shown))
        }

    def listed(self, resource_id: str) -> Json | None:
        """The account, project or application as Azure Resource Manager's own list showed it, if one was read."""
        return self._listed.get(resource_id.lower())

    def row(self, resource_id: str) -> Json | None:
        """Whatever a list showed of a resource, be it little."""
        return self._rows.get(resource_id.lower())

    def _nowhere(self, what: str, cause: Cause = Cause.CANNOT_READ) -> Problem:
        return Problem(
            cause,
            f"In no subscription that this credential can see is there {what}.",
            evidence=(
                "it may exist where this credential sees nothing: Reader on its resource group would show it",
                "looked with Resource Graph and in the list of accounts of each visible subscription",
            ),
        )


def account_path(subscription: str, resource_group: str, account: str) -> str:
    """ARM id of an account."""
    return (
        f"/subscriptions/{subscription}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.CognitiveServices/accounts/{account}"
    )


def _id(row: Json) -> str:
    return str(row.get("id", ""))


def _last(resource_id: str) -> str:
    return resource_id.rsplit("/", 1)[-1].lower()


def _names(row: Json) -> set[str]:
    """The names under which an account is addressed: its own and its custom subdomain, in lower case."""
    subdomain = loose.text(loose.part(row, "properties"), "customSubDomainName")
    return {str(row.get("name", "")).lower(), subdomain.lower()} - {""}
