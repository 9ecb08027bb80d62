"""Everything known about access when a question is asked, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.untrusted import clean
from doctor.rbac.definitions import bundled_definitions, role_label, role_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from doctor.model.access import Action
    from doctor.model.authorization import DenyAssignment, EligibleAssignment, RoleAssignment, RoleDefinition
    from doctor.model.identity import Identity, IdentityRole


class Gap(str, Enum):
    """A kind of fact that could not be read."""

    ASSIGNMENTS = "role assignments"
    DENIALS = "deny assignments"
    ELIGIBLE = "eligible assignments"
    DEFINITIONS = "role definitions"
    GROUPS = "group memberships"
    """Not read at all: the assignments were listed without `assignedTo`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a use of a resource takes: of each group of alternatives one action."""

    all_of: tuple[tuple[Action, ...], ...]

    @classmethod
    def of(cls, *actions: Action) -> Needs:
        """Every one of these actions."""
        return cls(tuple((action,) for action in actions))

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action that is named, once."""
        return tuple(dict.fromkeys(action for group in self.all_of for action in group))


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """The facts of a run that answer access questions. Object ids and role GUIDs compare in any letter case."""

    assignments: tuple[RoleAssignment, ...]
    """Of all principals read so far."""
    definitions: Mapping[str, RoleDefinition]
    """Role definitions read from Azure, by lower-case GUID; the bundled ones fill the gaps."""
    now: datetime
    """Time of the question, with time zone."""
    denials: tuple[DenyAssignment, ...] = ()
    eligible: tuple[EligibleAssignment, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Principal to the groups that it is in, nested ones included, as `assignedTo` answers show them."""
    identities: tuple[Identity, ...] = ()
    """The run's ledger."""
    ancestors: tuple[str, ...] = ()
    """Scopes of the management groups above the subscription, nearest first; empty when not read."""
    unread: frozenset[str] = frozenset()
    """Kinds of fact (`Gap`) that could not be read for anybody."""
    unread_principals: frozenset[str] = frozenset()
    """Principals whose role assignments could not be read."""
    causes: Mapping[str, Cause] = field(default_factory=dict)
    """Why something could not be read, by the value of its `Gap` or the principal in lower case."""

    def why_unread(self, principal_id: str, gaps: Iterable[str]) -> Cause:
        """Why the first of these gaps is there; a permission that we lack where nothing else is known."""
        for gap in gaps:
            if (cause := self.causes.get(gap)) is not None:
                return cause
        return self.causes.get(principal_id.lower(), Cause.CANNOT_READ)

    def role(self, guid: str) -> RoleDefinition | None:
        """The role definition: as read from Azure, else as bundled, else None."""
        key = guid.lower()
        return self.definitions.get(key) or bundled_definitions().get(key)

    def roles(self) -> Iterator[RoleDefinition]:
        """Every known role definition once, the ones read from Azure first."""
        yield from self.definitions.values()
        known = {guid.lower() for guid in self.definitions}
        yield from (role for guid, role in bundled_definitions().items() if guid not in known)

    def role_name(self, guid: str) -> str:
        """The role's present name."""
        role = self.definitions.get(guid.lower())
        return role_name(guid, role.name if role else "")

    def with_former_name(self, text: str, guid: str) -> str:
        """The text with the role's former name added where the role is named first."""
        role = self.definitions.get(guid.lower())
        name = role.name if role else ""
        return text.replace(role_name(guid, name), role_label(guid, name), 1) if guid else text

    def groups_of(self, principal_id: str) -> frozenset[str]:
        """The groups that the principal is in, directly or through other groups, lower case."""
        known = {one.lower(): members for one, members in self.groups.items()}
        found: set[str] = set()
        waiting = [principal_id.lower()]
        while waiting:
            fresh = {group.lower() for group in known.get(waiting.pop(), frozenset())} - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    def knows_assignments_of(self, principal_id: str) -> bool:
        """Whether the principal's role assignments were read."""
        hidden = {one.lower() for one in self.unread_principals}
        return Gap.ASSIGNMENTS not in self.unread and principal_id.lower() not in hidden

    def identity(self, principal_id: str) -> Identity | None:
        """The ledger's entry for the principal."""
        wanted = principal_id.lower()
        return next((one for one in self.identities if one.object_id.lower() == wanted), None)

    def plays(self, principal_id: str, part: IdentityRole) -> bool:
        """Whether the ledger knows the principal in this part; one identity may play several."""
        wanted = principal_id.lower()
        return any(one.object_id.lower() == wanted and one.role is part for one in self.identities)

    def who(self, principal_id: str) -> str:
        """The principal in words: its part in the run where it has one, and its name or object id."""
        known = self.identity(principal_id)
        if known is None:
            return f"principal {clean(principal_id)}"
        return f"{known.role.label} ({clean(known.name) or known.object_id})"
