"""The lists of Microsoft.Authorization as facts, each read once, at the widest scope that we may list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from doctor.azure import read_authorization
from doctor.facts.refusals import Asked
from doctor.facts.widest_scope import WidestScope, ladder
from doctor.model.fact import Fact, Known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from doctor.azure.pages import Pages
    from doctor.facts.arm_reads import ArmReads
    from doctor.facts.wiring import Wiring
    from doctor.model.authorization import (
        DenyAssignment,
        EligibleAssignment,
        Permission,
        RoleAssignment,
        RoleDefinition,
    )
    from doctor.model.foundry import Json

T = TypeVar("T")

_AUTHORIZATION = "Microsoft.Authorization"


class AccessLists:
    """Who has which role where, what the roles hold, and what is denied or may be activated."""

    def __init__(self, wiring: Wiring, reads: ArmReads) -> None:
        self._authorization = wiring.authorization
        self._memo = wiring.memo
        self._reads = reads
        self._widest = WidestScope(wiring.memo)

    def assignments(self, principal_id: str, scope: str) -> Fact[tuple[RoleAssignment, ...]]:
        """The role assignments of a principal and of its groups, at, above and below the widest scope we may list."""
        return self._widely(
            f"the role assignments of {principal_id}",
            ("roleAssignments", principal_id),
            scope,
            lambda at: self._authorization.role_assignments(at, assigned_to=principal_id),
            read_authorization.role_assignment,
        )

    def definitions(self, scope: str) -> Fact[tuple[RoleDefinition, ...]]:
        """The role definitions that Azure has now, built-in and custom."""
        return self._widely(
            "the role definitions",
            ("roleDefinitions", ""),
            scope,
            self._authorization.role_definitions,
            read_authorization.role_definition,
        )

    def denials(self, scope: str) -> Fact[tuple[DenyAssignment, ...]]:
        """The deny assignments at, above and below the widest scope we may list."""
        return self._widely(
            "the deny assignments",
            ("denyAssignments", ""),
            scope,
            self._authorization.deny_assignments,
            read_authorization.deny_assignment,
        )

    def eligible(self, principal_id: str, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """The roles that the principal may activate."""
        return self._widely(
            "the eligible assignments",
            ("roleEligibilityScheduleInstances", principal_id),
            scope,
            lambda at: self._authorization.eligible(at, assigned_to=principal_id),
            read_authorization.eligible_assignment,
        )

    def eligible_of_all(self, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """The roles that anybody may activate at, above and below the widest scope we may list."""
        return self._widely(
            "the eligible assignments",
            ("roleEligibilityScheduleInstances", ""),
            scope,
            lambda at: self._authorization.eligible(at, below=True),
            read_authorization.eligible_assignment,
        )

    def ends(self, principal_id: str, scope: str) -> Mapping[str, datetime]:
        """When the principal's active assignments end, by the id of the assignment, as far as it can be read."""
        fact = self._widely(
            "the active assignments' schedules",
            ("roleAssignmentScheduleInstances", principal_id),
            scope,
            lambda at: self._authorization.active_instances(at, assigned_to=principal_id),
            read_authorization.active_assignment,
        )
        active = fact.value if isinstance(fact, Known) else ()
        return {one.id.lower(): one.ends_on for one in active if one.ends_on is not None}

    def _widely(
        self,
        what: str,
        whose: tuple[str, str],
        scope: str,
        ask: Callable[[str], Pages],
        read: Callable[[Json], T],
    ) -> Fact[tuple[T, ...]]:
        """A list at the widest scope that we may list; `whose` is its type and the principal's id, or ""."""
        kind, principal_id = whose
        asked = Asked(what, f"{_AUTHORIZATION}/{kind}/read")
        return self._widest.read(kind, principal_id, scope, lambda at: self._reads.all(partial(ask, at), asked, read))

    def all_assignments(self, scope: str) -> Fact[tuple[RoleAssignment, ...]]:
        """The role assignments of everybody at a scope and above it."""
        asked = Asked("the role assignments", f"{_AUTHORIZATION}/roleAssignments/read")
        ask = partial(self._authorization.role_assignments, scope, at_scope=True)
        return self._memo.once(
            ("assignments-at", scope.lower()),
            lambda: self._reads.all(ask, asked, read_authorization.role_assignment),
        )

    def all_eligible(self, scope: str) -> Fact[tuple[EligibleAssignment, ...]]:
        """The eligible assignments of everybody at a scope and above it."""
        asked = Asked("the eligible assignments", f"{_AUTHORIZATION}/roleEligibilityScheduleInstances/read")
        ask = partial(self._authorization.eligible, scope)
        return self._memo.once(
            ("eligible-at", scope.lower()), lambda: self._reads.all(ask, asked, read_authorization.eligible_assignment)
        )

    def own_permissions(self, scope: str) -> Fact[tuple[Permission, ...]]:
        """What Azure says the caller may do at a scope: a witness of its own."""
        asked = Asked("the caller's own permissions", f"{_AUTHORIZATION}/permissions/read")
        return self._memo.once(("permissions", scope.lower()), lambda: self._own_permissions(scope, asked))

    def _own_permissions(self, scope: str, asked: Asked) -> Fact[tuple[Permission, ...]]:
        fact = self._reads.all(lambda: self._authorization.permissions(scope), asked, lambda row: row)
        return Known(read_authorization.permissions(fact.value)) if isinstance(fact, Known) else fact

    def definition(self, guid: str, scope: str) -> Fact[RoleDefinition]:
        """One role definition that a list does not hold."""
        asked = Asked(f"role definition {guid}", f"{_AUTHORIZATION}/roleDefinitions/read")
        path = f"{ladder(scope)[0]}/providers/{_AUTHORIZATION}/roleDefinitions/{guid}"
        return self._memo.once(
            ("definition", guid), lambda: self._reads.one(path, "2022-04-01", asked, read_authorization.role_definition)
        )
