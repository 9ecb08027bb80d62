"""Where the subject is: from the target's text to one place in Azure Resource Manager."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.facts.accounts import Accounts, AccountsOfHost, Seen, id_of, of_name
from doctor.facts.ambiguity import AmbiguousTarget
from doctor.facts.question import Question
from doctor.facts.resources import ACCOUNTS_VERSION, APPLICATIONS_VERSION, Resource, ResourceList, account_path
from doctor.facts.which import Served, unread
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.resource_id import ResourceId
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.facts.subject import Facts

_GONE = {Cause.APPLICATION_NOT_FOUND, Cause.RESOURCE_NOT_FOUND}


@dataclass(frozen=True, slots=True)
class Place:
    """One application (or agent) in Azure Resource Manager."""

    account_id: str
    project: str
    name: str
    kind: Kind

    @property
    def subscription(self) -> str:
        """GUID of the subscription."""
        return self._account.subscription

    @property
    def resource_group(self) -> str:
        """Name of the resource group."""
        return self._account.resource_group

    @property
    def account(self) -> str:
        """Name of the account."""
        return self._account.name

    @property
    def _account(self) -> ResourceId:
        return ResourceId.read(self.account_id)

    @property
    def project_id(self) -> str:
        """ARM id of the project."""
        return f"{self.account_id}/projects/{self.project}"

    @property
    def id(self) -> str:
        """ARM id of the application; for an agent the scope that role assignments use for it."""
        return f"{self.project_id}/{self.kind.folder}/{self.name}"


@dataclass(frozen=True, slots=True)
class FindPlace(Question[Fact[Place]]):
    """The place of the target, in as few requests as its text allows.

    Raises `AmbiguousTarget` when there are several applications of that name.
    """

    def answer(self, facts: Facts) -> Fact[Place]:
        """From the text itself, else by looking for the account, else by looking everywhere."""
        target = facts.target
        if not target.name and target.kind is Kind.PROJECT:
            return _nothing_served(facts)
        if not target.name:
            summary = f"This is not an agent's or application's address: {target.wrong_because}."
            return Unread(Problem(Cause.WRONG_ENDPOINT, summary, because_of=("application",)))
        if target.subscription and target.resource_group:
            account_id = account_path(target.subscription, target.resource_group, target.account)
            return Known(Place(account_id, target.project, target.name, target.kind))
        return _in_account(facts) if target.account else _by_bare_name(facts)


def _nothing_served(facts: Facts) -> Unread:
    """Why a project's address names nothing to look at: the project serves none, or what it serves is not known."""
    target = facts.target
    if not target.subscription:
        return _nowhere(f"account {target.account}", facts.ask(Accounts(target.account)).unread)
    account = account_path(target.subscription, target.resource_group, target.account)
    served = facts.ask(Served(ResourceId.read(account).child("projects", target.project)))
    if isinstance(served, Unread):
        return served
    summary = f"Project {target.project} serves no agent and no application."
    return Unread(Problem(Cause.APPLICATION_NOT_FOUND, summary))


def _in_account(facts: Facts) -> Fact[Place]:
    target = facts.target
    seen = facts.ask(AccountsOfHost(target.account) if target.is_url else Accounts(target.account))
    rows = seen.rows if target.is_url else of_name(seen.rows, target.account)
    places = [Place(str(one), target.project, target.name, target.kind) for one in _ids(Seen(rows))]
    if not places:
        return _nowhere(f"account {target.account}", seen.unread)
    return _only(facts, places) if len(places) > 1 else Known(places[0])


def _only(facts: Facts, places: Sequence[Place]) -> Fact[Place]:
    """The one of several accounts of a name that has the application.

    Raises:
        AmbiguousTarget: several have one.
    """
    looks = facts.ask_all(
        Resource(ResourceId.read(one.id), APPLICATIONS_VERSION, Cause.APPLICATION_NOT_FOUND) for one in places
    )
    pairs = tuple(zip(places, looks, strict=True))
    having = [place for place, fact in pairs if isinstance(fact, Known)]
    doubtful = [fact for fact in looks if isinstance(fact, Unread) and fact.problem.cause not in _GONE]
    if len(having) == 1 and not doubtful:
        return Known(having[0])
    if doubtful and len(having) < 2:
        return doubtful[0]
    raise AmbiguousTarget(facts.target.given, tuple(place.id for place in having or places))


def _by_bare_name(facts: Facts) -> Fact[Place]:
    """A name that was found is at its place already; of one that was not, what could not be read may tell."""
    name = facts.target.name
    accounts = facts.ask(Accounts())
    projects = Seen.of(facts.ask_all(ResourceList(one.child("projects"), ACCOUNTS_VERSION) for one in _ids(accounts)))
    missing = (*accounts.unread, *projects.unread, *unread(facts.estate))
    return _nowhere(f"an agent or application {name}", missing, Cause.APPLICATION_NOT_FOUND)


def _ids(seen: Seen) -> list[ResourceId]:
    """The ids of the rows, each once, in the order of their names."""
    return sorted({one for row in seen.rows if (one := id_of(row)) is not None}, key=lambda one: one.key)


def _nowhere(what: str, missing: Sequence[Problem], cause: Cause = Cause.CANNOT_READ) -> Unread:
    """Why there is no place: something could not be read, or it is nowhere that this credential sees."""
    if missing:
        return Unread(replace(missing[0], summary=f"Whether there is {what} is not known: {missing[0].summary}"))
    return Unread(
        Problem(
            cause,
            f"In no subscription that this credential can see is there {what}.",
            evidence=(
                "it may exist where this credential sees nothing: Reader on its resource group would show it",
                "looked with Resource Graph and in the list of accounts of each visible subscription",
            ),
        )
    )
