"""One answer to several questions at once: what a use of a resource needs, all together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from doctor.model.access import Access, Decision, Question
from doctor.model.cause import Cause
from doctor.rbac.decide import decide
from doctor.rbac.near_misses import PRECEDENCE
from doctor.rbac.reasons import act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.rbac.facts import AccessFacts, Needs

_T = TypeVar("_T")
_BEST_FIRST = (Access.GRANTED, Access.CONDITIONAL, Access.UNKNOWN, Access.NOT_GRANTED)
_DECIDING_FIRST = (Access.NOT_GRANTED, Access.UNKNOWN, Access.CONDITIONAL, Access.GRANTED)


def decide_each(principal_id: str, needs: Needs, scope: str, facts: AccessFacts) -> tuple[Decision, ...]:
    """One decision for each group of alternatives: the best of the alternatives.

    Raises:
        ValueError: the needs are empty, or one of their groups is.
    """
    if not needs.all_of or not all(needs.all_of):
        raise ValueError("needs without an action cannot be decided")
    return tuple(
        min(
            (decide(Question(principal_id, action, scope), facts) for action in group),
            key=lambda one: (_BEST_FIRST.index(one.access), _precedence(one)),
        )
        for group in needs.all_of
    )


def decide_all(principal_id: str, needs: Needs, scope: str, facts: AccessFacts) -> Decision:
    """Whether the principal has everything that is needed, as one decision.

    One "no" decides; else something unknown; else something conditional. The question of the result is the one that
    decided; its grants are those of every part that has any, its near misses those of every part that lacks something.

    Raises:
        ValueError: the needs are empty, or one of their groups is.
    """
    parts = decide_each(principal_id, needs, scope, facts)
    first = min(parts, key=lambda one: (_DECIDING_FIRST.index(one.access), _precedence(one)))
    missing = [one for one in parts if one.access is first.access and one.access is not Access.GRANTED]
    reason = first.reason
    if len(missing) > 1:
        others = ", ".join(act(one.question.action) for one in missing if one is not first)
        reason += f" (the same goes for {others})"
    return replace(
        first,
        reason=reason,
        grants=_once(grant for one in parts for grant in one.grants),
        near_misses=tuple(
            sorted(
                _once(miss for one in (first, *missing) for miss in one.near_misses),
                key=lambda miss: PRECEDENCE.index(miss.cause),
            )
        ),
        unread=_once(gap for one in parts for gap in one.unread),
        unread_cause=next((one.unread_cause for one in parts if one.unread), first.unread_cause),
        parts=parts if len(parts) > 1 else (),
    )


def _precedence(decision: Decision) -> int:
    if decision.cause is None:
        return len(PRECEDENCE)
    # Why something could not be read has many causes, which rank alike.
    return PRECEDENCE.index(decision.cause if decision.cause in PRECEDENCE else Cause.CANNOT_READ)


def _once(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
