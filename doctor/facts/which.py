"""Which application or agent is meant, where the target's text leaves it open: a name, a triple, or only a project.

Applications and agents share one name space. Where both have the name, the agent's own endpoint is meant, unless the
agent is a legacy one that has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.azure.foundry import project_endpoint
from doctor.facts.accounts import Accounts, AccountsOfHost, Seen, id_of, of_name
from doctor.facts.ambiguity import AmbiguousTarget
from doctor.facts.data_plane import agent_at, agents_at
from doctor.facts.question import EstateQuestion, Question
from doctor.facts.resources import (
    ACCOUNTS_VERSION,
    APPLICATIONS_VERSION,
    AccountAt,
    Resource,
    ResourceList,
    account_path,
)
from doctor.facts.subject import Facts
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.resource_id import ResourceId
from doctor.target import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.facts.estate import Estate
    from doctor.model.foundry import Json
    from doctor.target import Target

_HOLDS = "allowProjectManagement"
_GONE = {Cause.APPLICATION_NOT_FOUND, Cause.RESOURCE_NOT_FOUND}


def settled(facts: Facts) -> Facts:
    """The facts of the one application or agent that is meant; the same facts where the text says it.

    Raises:
        AmbiguousTarget: there are several of that name, or the project serves several.
    """
    target = facts.target
    if target.wrong_because or not (target.either or target.kind is Kind.PROJECT):
        return facts
    return Facts(facts.options, facts.ask(WhichSubject()), facts.estate)


@dataclass(frozen=True, slots=True)
class Named:
    """Whether a project has an application, and an agent, of a name."""

    project: ResourceId
    name: str
    application: Fact[Json]
    agent: Fact[Json]

    @property
    def kind(self) -> Kind:
        """Which of the two is meant; of what is not there at all, the agent."""
        if isinstance(self.agent, Known):
            bare = not loose.part(self.agent.value, "agent_endpoint", "agentEndpoint")
            return Kind.APPLICATION if bare and isinstance(self.application, Known) else Kind.AGENT
        if isinstance(self.application, Known):
            return Kind.APPLICATION
        gone = self.agent.problem.cause in _GONE and self.application.problem.cause not in _GONE
        return Kind.APPLICATION if gone else Kind.AGENT

    @property
    def there(self) -> bool:
        """Whether the project has at least one of them."""
        return isinstance(self.application, Known) or isinstance(self.agent, Known)

    @property
    def id(self) -> str:
        """The id by which the one that is meant can be named."""
        return f"{self.project}/{self.kind.folder}/{self.name}"


@dataclass(frozen=True, slots=True)
class LookUp(EstateQuestion[Named]):
    """The application and the agent of a name in a project."""

    project: ResourceId
    name: str

    def answer(self, estate: Estate) -> Named:
        """One GET each, at the same time."""
        at = self.project.child("applications", self.name)
        asked = Resource(at, APPLICATIONS_VERSION, Cause.APPLICATION_NOT_FOUND)
        estate.begin(asked)
        endpoint = _endpoint(estate, self.project)
        agent: Fact[Json] = (
            endpoint if isinstance(endpoint, Unread) else estate.ask(agent_at(endpoint.value, self.name))
        )
        return Named(self.project, self.name, estate.ask(asked), agent)


@dataclass(frozen=True, slots=True)
class Served(EstateQuestion[Fact[tuple[str, ...]]]):
    """The names of the applications and agents of a project, each once."""

    project: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[str, ...]]:
        """Both lists, at the same time."""
        asked = ResourceList(self.project.child("applications"), APPLICATIONS_VERSION)
        estate.begin(asked)
        agents, applications = estate.ask(AgentNames(self.project)), estate.ask(asked)
        if isinstance(agents, Unread):
            return agents
        if isinstance(applications, Unread):
            return applications
        names = (*agents.value, *(loose.text(row, "name").rpartition("/")[2] for row in applications.value))
        return Known(tuple(sorted({name.lower(): name for name in reversed(names) if name}.values())))


@dataclass(frozen=True, slots=True)
class AgentNames(EstateQuestion[Fact[tuple[str, ...]]]):
    """The names of a project's agents, as its data plane lists them."""

    project: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[str, ...]]:
        """One list, its first page."""
        endpoint = _endpoint(estate, self.project)
        if isinstance(endpoint, Unread):
            return endpoint
        fact = estate.ask(agents_at(endpoint.value))
        if isinstance(fact, Unread):
            return fact
        rows = loose.objects(fact.value, "data", "value")
        return Known(tuple(filter(None, (loose.text(row, "name") or loose.text(row, "id") for row in rows))))


@dataclass(frozen=True, slots=True)
class WhichSubject(Question["Target"]):
    """The target with everything that its text left open filled in, as far as it was found.

    Raises `AmbiguousTarget` when there are several.
    """

    def answer(self, facts: Facts) -> Target:
        """Where its account is named there, else in every project that the caller sees."""
        target = facts.target
        likely, rest = _accounts(facts)
        if target.kind is Kind.PROJECT:
            return _only_one(facts, _projects(facts, (*likely, *rest)))
        found = facts.ask_all(LookUp(one, target.name) for one in _projects(facts, likely))
        if not any(one.there for one in found):
            found = (*found, *facts.ask_all(LookUp(one, target.name) for one in _projects(facts, rest)))
        there = [one for one in found if one.there]
        if len(there) > 1:
            raise AmbiguousTarget(target.given, tuple(one.id for one in there))
        if there or len(found) == 1:
            return _filled(target, there[0] if there else found[0])
        return target


def _accounts(facts: Facts) -> tuple[list[ResourceId], list[ResourceId]]:
    """The accounts that may be meant: those that say they hold projects, and the others."""
    target = facts.target
    if target.subscription and target.resource_group:
        account = account_path(target.subscription, target.resource_group, target.account)
        return [ResourceId.read(account)], []
    if target.is_url:
        rows = facts.ask(AccountsOfHost(target.account)).rows
    else:
        rows = facts.ask(Accounts(target.account)).rows
        rows = of_name(rows, target.account) if target.account else rows
    says = {
        one: loose.truth(loose.part(row, "properties"), "allowProjectManagement") for row in rows if (one := id_of(row))
    }
    ordered = sorted(says, key=lambda one: one.key)
    return [one for one in ordered if says[one]], [one for one in ordered if not says[one]]


def _projects(facts: Facts, accounts: Sequence[ResourceId]) -> tuple[ResourceId, ...]:
    """The projects of the accounts, or the one of that name in each."""
    if facts.target.project:
        return tuple(one.child("projects", facts.target.project) for one in accounts)
    lists = Seen.of(facts.ask_all(ResourceList(one.child("projects"), ACCOUNTS_VERSION) for one in accounts))
    return tuple(sorted({one for row in lists.rows if (one := id_of(row)) is not None}, key=lambda one: one.key))


def unread(estate: Estate) -> tuple[Problem, ...]:
    """Why a name that was looked for and not found may be there all the same."""
    looks = [found for _, found in estate.answered(LookUp)]
    both = [fact for found in looks for fact in (found.application, found.agent) if isinstance(fact, Unread)]
    return tuple(fact.problem for fact in both if fact.problem.cause not in _GONE)


def _only_one(facts: Facts, projects: tuple[ResourceId, ...]) -> Target:
    """What a project serves, when that is exactly one.

    Raises:
        AmbiguousTarget: it serves several.
    """
    target = facts.target
    if len(projects) != 1:
        if projects:
            raise AmbiguousTarget(target.given, tuple(map(str, projects)))
        return target
    project = projects[0]
    served = facts.ask(Served(project))
    if isinstance(served, Unread) or not served.value:
        return replace(_at(target, project), kind=Kind.PROJECT)
    if len(served.value) > 1:
        named = facts.ask_all(LookUp(project, name) for name in served.value[:20])
        raise AmbiguousTarget(target.given, tuple(one.id for one in named))
    return _filled(target, facts.ask(LookUp(project, served.value[0])))


def _filled(target: Target, found: Named) -> Target:
    return replace(_at(target, found.project), kind=found.kind, name=found.name, either=False)


def _at(target: Target, project: ResourceId) -> Target:
    """The target at a place; an address keeps its host, whose first label need not be the account's name."""
    account = project.up_to("accounts")
    return replace(
        target,
        account=account.name if account else target.account,
        project=project.name,
        subscription=project.subscription,
        resource_group=project.resource_group,
    )


def _endpoint(estate: Estate, project: ResourceId) -> Fact[str]:
    """URL of the project's data plane."""
    at = project.up_to("accounts")
    account = estate.ask(AccountAt(at)) if at is not None else None
    known = account.value if isinstance(account, Known) else None
    label = (known.custom_subdomain if known else "") or project.after("accounts")
    try:
        return Known(project_endpoint(label, project.name, estate.cloud))
    except ValueError as error:
        return Unread(Problem(Cause.NOT_CHECKABLE, str(error)))
