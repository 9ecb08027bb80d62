"""Azure resources by id, as facts: what Azure Resource Manager, its lists or Resource Graph say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from doctor.azure import read_foundry
from doctor.facts import reads
from doctor.facts.question import EstateQuestion
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.foundry import Account, Connection, Json, Project
from doctor.model.loose import Garbage
from doctor.model.resource_id import ResourceId
from doctor.reading import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.estate import Estate

ACCOUNTS_VERSION = "2025-06-01"
APPLICATIONS_VERSION = "2025-12-01"
PROVIDER = "Microsoft.CognitiveServices/accounts"
_ABSENT = {400, 404, 405, 501}
"""What Resource Graph answers where it is not to be had; waiting does not change that."""

_WORDS = {"accounts": "account", "projects": "project", "applications": "application"}
_PLURALS = {"agentdeployments": "deployments"}


def _itself(found: Json, name: str = "") -> Json:
    """The JSON, when it is that of a resource (of this name).

    Raises:
        Garbage: it shows no id (and no type with properties, as settings of a web app do), or another resource's: what
            it lacks would be taken for absent.
    """
    shown = loose.text(found, "id")
    own = unquote(shown.rstrip("/").rpartition("/")[2])
    is_other = bool(name and shown) and own.lower() != name.lower()
    is_setting = bool(loose.text(found, "type")) and isinstance(loose.field(found, "properties"), dict)
    if is_other or not (shown.startswith("/") or is_setting):
        raise Garbage(f"a resource should show its own id, but shows {loose.shown(loose.field(found, 'id'))}")
    return dict(found)


@dataclass(frozen=True, slots=True)
class Resource(EstateQuestion[Fact[Json]]):
    """One resource."""

    id: ResourceId
    api_version: str
    missing: Cause = Cause.RESOURCE_NOT_FOUND
    """The cause when it does not exist."""

    def answer(self, estate: Estate) -> Fact[Json]:
        """One GET."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked(label(self.id), read_permission(self.id), self.missing)
        answer = estate.clients.arm.get(str(self.id), self.api_version)
        return reads.one(answer, asked, lambda found: _itself(found, self.id.name))


@dataclass(frozen=True, slots=True)
class ResourceList(EstateQuestion[Fact[tuple[Json, ...]]]):
    """A list of resources, by the path that it is read from."""

    path: ResourceId
    api_version: str
    missing: Cause = Cause.RESOURCE_NOT_FOUND

    def answer(self, estate: Estate) -> Fact[tuple[Json, ...]]:
        """One list, all its pages."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked(list_label(self.path), read_permission(self.path), self.missing)
        return reads.every(estate.clients.arm.get_all(str(self.path), self.api_version), asked, _itself)


@dataclass(frozen=True, slots=True)
class GraphQuery(EstateQuestion[Fact[tuple[Json, ...]]]):
    """Rows of Resource Graph; once it has refused us, or is not there at all, it is not asked again."""

    query: str
    what: str
    """ "the downstream resources", for the sentence about why they could not be read."""
    permission: str
    subscription: str = ""
    """GUID of the one to look in; "" for everything that the caller can see."""

    def answer(self, estate: Estate) -> Fact[tuple[Json, ...]]:
        """One query, all its pages."""
        for _, fact in estate.answered(GraphQuery):
            if isinstance(fact, Unread) and (fact.problem.cause is Cause.CANNOT_READ or fact.problem.status in _ABSENT):
                return fact
        if no := reads.signed_out(estate):
            return no
        pages = estate.clients.arm.graph(self.query, (self.subscription,) if self.subscription else ())
        return reads.every(pages, Asked(f"{self.what} (Resource Graph)", self.permission), dict)


@dataclass(frozen=True, slots=True)
class AccountAt(EstateQuestion[Fact[Account]]):
    """A Foundry account."""

    id: ResourceId

    def answer(self, estate: Estate) -> Fact[Account]:
        """As a list or the query that found it has shown it whole, else read by itself."""
        rows = (
            row for row in rows_of(estate, self.id) if loose.part(row, "identity") and loose.part(row, "properties")
        )
        row = whole_row(estate, self.id, "identity") or next(rows, None)
        fact = Known(row) if row is not None else estate.ask(Resource(self.id, ACCOUNTS_VERSION))
        return reads.parsed(fact, read_foundry.account, label(self.id))


@dataclass(frozen=True, slots=True)
class ProjectAt(EstateQuestion[Fact[Project]]):
    """A Foundry project."""

    id: ResourceId

    def answer(self, estate: Estate) -> Fact[Project]:
        """As a list has shown it whole, else read by itself."""
        row = whole_row(estate, self.id, "identity")
        fact = Known(row) if row is not None else estate.ask(Resource(self.id, ACCOUNTS_VERSION))
        return reads.parsed(fact, read_foundry.project, label(self.id))


@dataclass(frozen=True, slots=True)
class ConnectionsOf(EstateQuestion[Fact[tuple[Connection, ...]]]):
    """The connections of a project, or of an account."""

    parent: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[Connection, ...]]:
        """One list."""
        path = self.parent.child("connections")
        return reads.each(estate.ask(ResourceList(path, ACCOUNTS_VERSION)), read_foundry.connection, list_label(path))


def rows_of(estate: Estate, resource_id: ResourceId | None = None) -> Iterator[Json]:
    """Whatever a list or Resource Graph showed of a resource, or of all, be it little."""
    for kind in (GraphQuery, ResourceList):
        for _, fact in estate.answered(kind):
            rows = fact.value if isinstance(fact, Known) else ()
            wanted = resource_id
            yield from (row for row in rows if wanted is None or ResourceId.of(loose.text(row, "id")) == wanted)


def whole_row(estate: Estate, resource_id: ResourceId, shown: str) -> Json | None:
    """The resource as Azure Resource Manager's own list showed it, where that shows what the resource itself does.

    Rows of lists may be lean; one that shows the field `shown`, at its top or among its properties, is taken as whole.
    """
    for _, fact in estate.answered(ResourceList):
        for row in fact.value if isinstance(fact, Known) else ():
            whole: Json = row
            properties = loose.part(whole, "properties")
            told = loose.part(whole, shown) or loose.part(properties, shown)
            if told and ResourceId.of(loose.text(whole, "id")) == resource_id:
                return whole
    return None


def label(resource_id: ResourceId) -> str:
    """What a resource is called in a sentence: "application support", "storageAccounts data"."""
    family = resource_id.shown[-2] if len(resource_id.shown) > 1 else ""
    return f"{_WORDS.get(family.lower(), family)} {resource_id.name}".strip()


def list_label(path: ResourceId) -> str:
    """What a list is called in a sentence: "the connections of shop", "the deployments of application support"."""
    what = _PLURALS.get(path.name.lower(), path.name)
    owner = ResourceId(path.key[:-1], path.shown[:-1])
    if owner.name.lower() == "microsoft.cognitiveservices":
        return f"the list of {what} of subscription {path.subscription}"
    whose = label(owner) if path.name.lower() == "agentdeployments" else owner.name
    return f"the {what} of {whose}" if len(path.key) > 2 else f"the list of {what}"


def read_permission(resource_id: ResourceId) -> str:
    """The control action that reading an ARM path takes: its provider and types, and read."""
    if "providers" not in resource_id.key:
        return "Microsoft.Resources/subscriptions/resources/read"
    last = len(resource_id.key) - 1 - resource_id.key[::-1].index("providers")
    tail = resource_id.shown[last + 1 :]
    return "/".join((tail[0], *tail[1::2], "read"))


def account_path(subscription: str, resource_group: str, account: str) -> str:
    """ARM id of an account."""
    return f"/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/{PROVIDER}/{account}"
