"""Which connection a definition names, and whether the agent's project has it.

A name is the project's own connection, else one of the account's that is shared with the project. A whole ARM id is
that connection and no other of the same name. Source: connections of api-version 2025-06-01; `isSharedToAll: false` is
what Azure shows unasked and means "not for other projects"; how `sharedUserList` writes a project is not documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem, Unread
from doctor.model.resource_id import ResourceId
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.fact import Fact
    from doctor.model.foundry import Connection

_FOUNDRY = "microsoft.cognitiveservices/accounts"


@dataclass(frozen=True, slots=True)
class Connections:
    """The connections of a project and of its account, as far as they could be read."""

    of_project: Fact[tuple[Connection, ...]]
    of_account: Callable[[], Fact[tuple[Connection, ...]]]
    """Asked for when a name is not among the project's, or where the account's may matter."""
    project: ResourceId | None = None
    """None when the project itself is not known."""

    @property
    def own(self) -> tuple[Connection, ...]:
        """The project's list: its own, and the account's that Azure shows among them and the project has."""
        listed = self.of_project.value if isinstance(self.of_project, Known) else ()
        return tuple(one for one in listed if self._withheld(one) is None)

    def of_category(self, category: str) -> tuple[Connection, ...]:
        """Every connection of a category, the account's included whether they are shared or not."""
        return tuple(one for one in self._all() if one.category.lower() == category.lower())

    def _all(self) -> tuple[Connection, ...]:
        """Both lists, each connection once, the project's first."""
        both = [one for fact in (self.of_project, self.of_account()) if isinstance(fact, Known) for one in fact.value]
        found = {one.id.rstrip("/").lower() or one.name.lower(): one for one in reversed(both)}
        return tuple(reversed(found.values()))

    def find(self, reference: str) -> Connection | Problem:
        """The connection that a name or an ARM id stands for, or why there is none that the project may use."""
        wanted = ResourceId.of(reference)
        named = [one for one in self.own if _is(one, reference, wanted)]
        named = named or [one for one in self._all() if _is(one, reference, wanted)]
        # A project's own connection comes first, and one that is not shared hides none that is.
        named.sort(key=lambda one: (_of_account(one), self._withheld(one) is not None))
        if not named:
            return self._missing(reference, wanted)
        return self._withheld(named[0]) or named[0]

    def _withheld(self, connection: Connection) -> Problem | None:
        """Why the project may not use the account's connection; None when it may, or when it is the project's own."""
        if not _of_account(connection) or connection.shared_to_all or self._is_listed(connection):
            return None
        what = f"{clean(connection.name)} is a connection of the account"
        where = (f"connection {clean(connection.id)}", f"isSharedToAll {str(connection.shared_to_all).lower()}")
        if connection.shared_with:
            summary = f"{what}, shared with a list of projects that does not plainly name this one"
            return Problem(Cause.NOT_CHECKABLE, summary, where)
        if connection.shared_to_all is None:
            return Problem(Cause.NOT_CHECKABLE, f"{what}, which does not say whether it is shared", where)
        return Problem(Cause.CONNECTION_MISSING, f"{what} that is not shared with this project", where)

    def _is_listed(self, connection: Connection) -> bool:
        if self.project is None:
            return False
        own = {str(self.project).lower(), self.project.name.lower()}
        return any(one.strip().rstrip("/").lower() in own for one in connection.shared_with)

    def _missing(self, reference: str, wanted: ResourceId | None) -> Problem:
        if wanted is not None and (stranger := self._stranger(wanted)) is not None:
            return stranger
        asked = [self.of_project, self.of_account()]
        if wanted is not None:
            asked = [self.of_project if "projects" in wanted.key else self.of_account()]
        unread = [one.problem for one in asked if isinstance(one, Unread)]
        if unread:
            return unread[0]
        name = clean(wanted.name if wanted else reference)
        return Problem(Cause.CONNECTION_MISSING, f"There is no connection named {name} in the project or its account")

    def _stranger(self, wanted: ResourceId) -> Problem | None:
        """An id that lies in no list that was read: of another project or account, or of no Foundry resource."""
        parent = wanted.parent
        if parent is None or self.project is None or parent in {self.project, self.project.up_to("accounts")}:
            return None
        shown = (f"named by the id {clean(str(wanted))}",)
        if parent.type.lower() in {_FOUNDRY, f"{_FOUNDRY}/projects"}:
            owner = "project" if "projects" in parent.key else "account"
            summary = (
                f"The id is of a connection of another {owner}, {clean(parent.name)}, which this project does not have"
            )
            return Problem(Cause.CONNECTION_MISSING, summary, shown)
        return Problem(Cause.NOT_CHECKABLE, "The id is not of a Foundry connection, so it cannot be looked up", shown)


def _is(connection: Connection, reference: str, wanted: ResourceId | None) -> bool:
    if wanted is None:
        return connection.name.lower() == reference.strip().lower()
    return ResourceId.of(connection.id) == wanted


def _of_account(connection: Connection) -> bool:
    found = ResourceId.of(connection.id)
    return found is not None and found.parent is not None and found.parent.type.lower() == _FOUNDRY
