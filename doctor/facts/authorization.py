"""The lists of Microsoft.Authorization as facts, each read once, at the widest scope that we may list.

One list at the subscription answers for every resource in it. Who holds Reader on a resource group only may still list
there, and the list of a narrower scope shows what is inherited from above it as well.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from doctor.azure import read_authorization
from doctor.facts import reads
from doctor.facts.question import EstateQuestion
from doctor.model.authorization import DenyAssignment, EligibleAssignment, Permission, RoleAssignment, RoleDefinition
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.resource_id import ResourceId
from doctor.reading import Asked

if TYPE_CHECKING:
    from doctor.azure.pages import Pages
    from doctor.facts.estate import Estate
    from doctor.model.foundry import Json

T = TypeVar("T")

_AUTHORIZATION = "Microsoft.Authorization"
_FORBIDDEN = {Cause.CANNOT_READ, Cause.RESOURCE_NOT_FOUND}


@dataclass(frozen=True, slots=True)
class ListAt(EstateQuestion[Fact[tuple[T, ...]]], Generic[T]):
    """A list of Microsoft.Authorization at one scope: what holds at, above and below it."""

    at: ResourceId

    @property
    @abstractmethod
    def asked(self) -> Asked:
        """What is asked for."""

    @abstractmethod
    def pages(self, estate: Estate) -> Pages:
        """Read the list."""

    @abstractmethod
    def read(self, item: Json) -> T:
        """One of its items."""

    def answer(self, estate: Estate) -> Fact[tuple[T, ...]]:
        """One list, all its pages."""
        if no := reads.signed_out(estate):
            return no
        return reads.every(self.pages(estate), self.asked, self.read)


@dataclass(frozen=True, slots=True)
class AssignmentsAt(ListAt[RoleAssignment]):
    """The role assignments of a principal and of its groups."""

    principal: str

    @property
    def asked(self) -> Asked:
        """The principal's assignments."""
        return Asked(f"the role assignments of {self.principal}", f"{_AUTHORIZATION}/roleAssignments/read")

    def pages(self, estate: Estate) -> Pages:
        """Assigned to the principal, also through its groups."""
        return estate.clients.authorization.role_assignments(str(self.at), assigned_to=self.principal)

    def read(self, item: Json) -> RoleAssignment:
        """One assignment."""
        return read_authorization.role_assignment(item)


@dataclass(frozen=True, slots=True)
class DefinitionsAt(ListAt[RoleDefinition]):
    """The role definitions that Azure has now, built-in and custom."""

    @property
    def asked(self) -> Asked:
        """All definitions."""
        return Asked("the role definitions", f"{_AUTHORIZATION}/roleDefinitions/read")

    def pages(self, estate: Estate) -> Pages:
        """Those that may be assigned there."""
        return estate.clients.authorization.role_definitions(str(self.at))

    def read(self, item: Json) -> RoleDefinition:
        """One definition."""
        return read_authorization.role_definition(item)


@dataclass(frozen=True, slots=True)
class DenialsAt(ListAt[DenyAssignment]):
    """The deny assignments."""

    @property
    def asked(self) -> Asked:
        """All deny assignments."""
        return Asked("the deny assignments", f"{_AUTHORIZATION}/denyAssignments/read")

    def pages(self, estate: Estate) -> Pages:
        """Everybody's."""
        return estate.clients.authorization.deny_assignments(str(self.at))

    def read(self, item: Json) -> DenyAssignment:
        """One deny assignment."""
        return read_authorization.deny_assignment(item)


@dataclass(frozen=True, slots=True)
class EligibleAt(ListAt[EligibleAssignment]):
    """The roles that a principal may activate; everybody's where it is ""."""

    principal: str = ""

    @property
    def asked(self) -> Asked:
        """Privileged Identity Management's list."""
        return Asked("the eligible assignments", f"{_AUTHORIZATION}/roleEligibilityScheduleInstances/read")

    def pages(self, estate: Estate) -> Pages:
        """Of the principal and its groups, or of everybody at, above and below the scope."""
        authorization = estate.clients.authorization
        if self.principal:
            return authorization.eligible(str(self.at), assigned_to=self.principal)
        return authorization.eligible(str(self.at), below=True)

    def read(self, item: Json) -> EligibleAssignment:
        """One eligible assignment."""
        return read_authorization.eligible_assignment(item)


@dataclass(frozen=True, slots=True)
class ActiveAt(ListAt[RoleAssignment]):
    """The assignments of a principal that are active now, with their ends."""

    principal: str

    @property
    def asked(self) -> Asked:
        """Their schedules."""
        return Asked("the active assignments' schedules", f"{_AUTHORIZATION}/roleAssignmentScheduleInstances/read")

    def pages(self, estate: Estate) -> Pages:
        """Of the principal and its groups."""
        return estate.clients.authorization.active_instances(str(self.at), assigned_to=self.principal)

    def read(self, item: Json) -> RoleAssignment:
        """One schedule instance, under the id of its assignment."""
        return read_authorization.active_assignment(item)


@dataclass(frozen=True, slots=True)
class Widest(EstateQuestion[Fact[tuple[T, ...]]], Generic[T]):
    """A list at the widest scope that we may list: the subscription, the resource group or the resource itself."""

    wanted: ListAt[T]
    """The list at the resource that the question is about."""

    def answer(self, estate: Estate) -> Fact[tuple[T, ...]]:
        """The first answer that is not a refusal, else the first refusal."""
        refusals: list[Unread] = []
        for at in ladder(self.wanted.at):
            question = replace(self.wanted, at=at)
            fact = _refused_before(estate, question) or estate.ask(question)
            if isinstance(fact, Known) or fact.problem.cause not in _FORBIDDEN:
                return fact
            refusals.append(fact)
        if not refusals:
            summary = f"{self.wanted.asked.what} cannot be listed at {self.wanted.at}, which is in no subscription"
            return Unread(Problem(Cause.NOT_CHECKABLE, summary))
        return refusals[0]


def _refused_before(estate: Estate, question: ListAt[T]) -> Unread | None:
    """The refusal of the same list for another principal: who may not list there may not for anybody."""
    for other, fact in estate.answered(type(question)):
        if other.at == question.at and isinstance(fact, Unread) and fact.problem.cause in _FORBIDDEN:
            return fact
    return None


def ladder(scope: ResourceId) -> tuple[ResourceId, ...]:
    """The subscription, the resource group and the resource of a scope, the widest first."""
    if not scope.subscription:
        return ()
    steps = {min(size, len(scope.key)) for size in (2, 4, len(scope.key))}
    return tuple(ResourceId(scope.key[:size], scope.shown[:size]) for size in sorted(steps))


@dataclass(frozen=True, slots=True)
class EverybodysAssignments(EstateQuestion[Fact[tuple[RoleAssignment, ...]]]):
    """The role assignments of everybody at a scope and above it; group members are not looked up."""

    scope: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[RoleAssignment, ...]]:
        """One list."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked("the role assignments", f"{_AUTHORIZATION}/roleAssignments/read")
        pages = estate.clients.authorization.role_assignments(str(self.scope), at_scope=True)
        return reads.every(pages, asked, read_authorization.role_assignment)


@dataclass(frozen=True, slots=True)
class EverybodysEligible(EstateQuestion[Fact[tuple[EligibleAssignment, ...]]]):
    """The eligible assignments of everybody at a scope and above it."""

    scope: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[EligibleAssignment, ...]]:
        """One list."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked("the eligible assignments", f"{_AUTHORIZATION}/roleEligibilityScheduleInstances/read")
        pages = estate.clients.authorization.eligible(str(self.scope))
        return reads.every(pages, asked, read_authorization.eligible_assignment)


@dataclass(frozen=True, slots=True)
class OwnPermissions(EstateQuestion[Fact[tuple[Permission, ...]]]):
    """What Azure says the caller may do at a scope: a witness of its own."""

    scope: ResourceId

    def answer(self, estate: Estate) -> Fact[tuple[Permission, ...]]:
        """One list."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked("the caller's own permissions", f"{_AUTHORIZATION}/permissions/read")
        rows = reads.every(estate.clients.authorization.permissions(str(self.scope)), asked, dict)
        return Known(read_authorization.permissions(rows.value)) if isinstance(rows, Known) else rows


@dataclass(frozen=True, slots=True)
class DefinitionOf(EstateQuestion[Fact[RoleDefinition]]):
    """One role definition that the list does not hold: a custom role of elsewhere."""

    guid: str
    subscription: str

    def answer(self, estate: Estate) -> Fact[RoleDefinition]:
        """One GET."""
        if no := reads.signed_out(estate):
            return no
        asked = Asked(f"role definition {self.guid}", f"{_AUTHORIZATION}/roleDefinitions/read")
        path = f"/subscriptions/{self.subscription}/providers/{_AUTHORIZATION}/roleDefinitions/{self.guid}"
        return reads.one(estate.clients.arm.get(path, "2022-04-01"), asked, read_authorization.role_definition)
