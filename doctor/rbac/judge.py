"""What each single assignment is worth for one question, before denials and before anything is concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.rbac.actions import Held
from doctor.rbac.conditions import Call, Effect, both, effect
from doctor.rbac.definitions import Holding, grants
from doctor.rbac.scopes import covers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.access import Question
    from doctor.model.authorization import EligibleAssignment, RoleAssignment
    from doctor.rbac.facts import AccessFacts


@dataclass(frozen=True, slots=True)
class Worth:
    """One assignment of a role, weighed."""

    assignment: RoleAssignment | EligibleAssignment
    covers: bool
    """Its scope is the resource's or above."""
    over: bool
    """It has ended."""
    holding: Holding | None
    """What its role says about the action; None when the role definition is not known."""
    effect: Effect
    """The conditions of the assignment and of the role's permission entry together."""

    @property
    def has_action(self) -> bool:
        """The role holds the action, and its conditions can be met."""
        return self.holding is not None and self.holding.held is Held.YES and self.effect.met is not False

    @property
    def granted(self) -> bool:
        """A yes, as far as this assignment goes."""
        return self.covers and not self.over and self.has_action and self.effect.met is True

    @property
    def conditional(self) -> bool:
        """A maybe: only a condition is open."""
        return self.covers and not self.over and self.has_action and self.effect.met is None


class Judge:
    """Weighs assignments for one question, and each role and condition only once."""

    def __init__(
        self,
        question: Question,
        facts: AccessFacts,
        attributes: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    ) -> None:
        self.question = question
        self.facts = facts
        self._call = Call(question.action.name, attributes or {})
        self._holdings: dict[str, Holding | None] = {}
        self._effects: dict[tuple[str, str], Effect] = {}
        self._covered: dict[str, bool] = {}

    def holding(self, guid: str) -> Holding | None:
        """What the role says about the action; None for an unknown role."""
        key = guid.lower()
        if key not in self._holdings:
            role = self.facts.role(key)
            self._holdings[key] = grants(role, self.question.action, self._call) if role else None
        return self._holdings[key]

    def condition(self, text: str, version: str) -> Effect:
        """What a condition does to the action."""
        key = (text, version)
        if key not in self._effects:
            self._effects[key] = effect(text, version, self._call)
        return self._effects[key]

    def reaches(self, scope: str) -> bool:
        """Whether something at the scope holds for the resource."""
        if scope not in self._covered:
            self._covered[scope] = covers(scope, self.question.scope, self.facts.ancestors)
        return self._covered[scope]

    def weigh(self, assignment: RoleAssignment | EligibleAssignment) -> Worth:
        """The worth of one assignment."""
        holding = self.holding(assignment.role_guid)
        version = getattr(assignment, "condition_version", "")
        own = self.condition(assignment.condition, version)
        ended = assignment.ends_on is not None and assignment.ends_on <= self.facts.now
        together = both(own, holding.effect) if holding and holding.held is Held.YES else own
        return Worth(assignment, self.reaches(assignment.scope), ended, holding, together)
