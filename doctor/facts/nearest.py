"""What is there instead of a target that is not: the names beside it, and the nearest of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.accounts import Accounts, id_of
from doctor.facts.place import FindPlace
from doctor.facts.question import Question
from doctor.facts.records import Siblings, TheAccount, TheProject
from doctor.facts.resources import ACCOUNTS_VERSION, ResourceList
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from doctor.facts.subject import Facts

_CLOSE = 0.6


@dataclass(frozen=True, slots=True)
class Beside:
    """The names on the level on which the target's own name is not found."""

    level: str
    """ "agent or application", "project" or "account"."""
    wanted: str
    names: tuple[str, ...]
    target: str = ""
    """The target with the nearest name in it, in a form that the command line takes; "" where none is near."""

    @property
    def closest(self) -> str:
        """The nearest name; "" where none is near."""
        return _closest(self.wanted, self.names)


@dataclass(frozen=True, slots=True)
class NamesBeside(Question[Fact[Beside]]):
    """The names of what is there, where the target is not."""

    def answer(self, facts: Facts) -> Fact[Beside]:
        """Accounts, projects of the account, or applications of the project: on the highest level that is missing."""
        place = facts.ask(FindPlace())
        if isinstance(place, Unread):
            return _accounts(facts)
        if _is_missing(facts.ask(TheAccount())):
            return _accounts(facts)
        at = ResourceId.read(place.value.account_id)
        if _is_missing(facts.ask(TheProject())):
            rows = facts.ask(ResourceList(at.child("projects"), ACCOUNTS_VERSION))
            if isinstance(rows, Unread):
                return rows
            names = tuple(sorted(one.name for row in rows.value if (one := id_of(row)) is not None))
            return Known(_beside(facts, "project", place.value.project, names, at))
        siblings = facts.ask(Siblings())
        if isinstance(siblings, Unread):
            return siblings
        return Known(_beside(facts, "agent or application", place.value.name, siblings.value, at))


def _accounts(facts: Facts) -> Fact[Beside]:
    seen = facts.ask(Accounts())
    if seen.unread and not seen.rows:
        return Unread(seen.unread[0])
    shown = "customSubDomainName" if facts.target.is_url else ""
    names = {
        loose.text(loose.part(row, "properties"), shown) if shown else one.name
        for row in seen.rows
        if (one := id_of(row)) is not None
    }
    return Known(_beside(facts, "account", facts.target.account, tuple(sorted(names - {""})), None))


def _beside(facts: Facts, level: str, wanted: str, names: tuple[str, ...], account: ResourceId | None) -> Beside:
    near = _closest(wanted, names)
    target = facts.target
    if not near:
        return Beside(level, wanted, names)
    if account is None:
        whole = target.given.replace(wanted, near, 1) if target.is_url else f"{near}/{target.project}/{target.name}"
        return Beside(level, wanted, names, whole)
    project, name = (near, target.name) if level == "project" else (target.project, near)
    return Beside(level, wanted, names, f"{account.name}/{project}/{name}")


def _is_missing(fact: Fact[object]) -> bool:
    return isinstance(fact, Unread) and fact.problem.cause is Cause.RESOURCE_NOT_FOUND


def _closest(wanted: str, names: tuple[str, ...]) -> str:
    known = {one.lower(): one for one in names}
    return next((known[one] for one in difflib.get_close_matches(wanted.lower(), known, 1, _CLOSE)), "")
