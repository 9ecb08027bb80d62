"""What a condition does to one action: nothing, refuse it always, or something that cannot be known here.

Three-valued logic: an attribute of a call that has not been made is unknown, and so is everything that hangs on it.
Only a condition that comes out true whatever the unknowns are leaves an action unrestricted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.rbac.actions import matches, overlaps
from doctor.rbac.conditions.lexer import ConditionError
from doctor.rbac.conditions.operators import compare
from doctor.rbac.conditions.parser import (
    ActionMatches,
    Chain,
    Compare,
    Exists,
    Literals,
    Node,
    Not,
    Operand,
    SubOperationMatches,
    parse,
)
from doctor.rbac.conditions.words import UNREADABLE, in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

CURRENT_VERSION = "2.0"
"""The only version that Azure accepts today; what an older text means is not documented well enough to decide it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a condition on one action."""

    met: bool | None
    """True: it does not restrict the action. False: it is never met. None: it depends."""
    depends_on: str = ""
    """What an undecided condition depends on, in words."""


UNRESTRICTED = Effect(met=True)
NEVER = Effect(met=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of the call that a condition judges."""

    action: str
    attributes: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Known values by source and attribute name, both lower case."""


def effect(condition: str, version: str, call: Call) -> Effect:
    """What the condition does to the call; a text that cannot be read is undecided, never met."""
    if not condition.strip():
        return UNRESTRICTED
    try:
        tree = parse(condition.strip())
    except ConditionError:
        return Effect(None, UNREADABLE)
    if version.strip() not in {"", CURRENT_VERSION}:
        return Effect(None, in_words(_leaves(tree, call)) + f" (condition version {version.strip()[:10]})")
    truth = _truth(tree, call)
    return Effect(truth, in_words(_leaves(tree, call)) if truth is None else "")


def both(left: Effect, right: Effect) -> Effect:
    """The effect of two conditions that must both be met."""
    if left.met is False or right.met is False:
        return NEVER
    if left.met and right.met:
        return UNRESTRICTED
    return Effect(None, "; and ".join(one.depends_on for one in (left, right) if one.met is None))


def _truth(node: Node, call: Call) -> bool | None:
    match node:
        case ActionMatches(patterns):
            return _any_pattern(patterns, call.action)
        case SubOperationMatches():
            return None
        case Exists(attribute):
            return True if _known(attribute, call) else None
        case Compare():
            return _compare(node, call)
        case Not(inner):
            return _negate(_truth(inner, call))
        case Chain(operands, ands):
            return _chain([_truth(operand, call) for operand in operands], ands)


def _any_pattern(patterns: tuple[str, ...], action: str) -> bool | None:
    if any(matches(pattern, action) for pattern in patterns):
        return True
    return None if any(overlaps(pattern, action) for pattern in patterns) else False


def _negate(truth: bool | None) -> bool | None:  # noqa: FBT001 - three-valued, and the function's whole matter
    return None if truth is None else not truth


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _chain(values: list[bool | None], ands: tuple[bool, ...]) -> bool | None:
    if all(ands):
        return _all(values)
    if not any(ands):
        return _any(values)
    # Both connectives without parentheses: decided only when both ways to bind agree; from left to right lies between.
    readings = {_grouped(values, ands, tight=True), _grouped(values, ands, tight=False)}
    return readings.pop() if len(readings) == 1 else None


def _grouped(values: list[bool | None], ands: tuple[bool, ...], *, tight: bool) -> bool | None:
    """AND binds tighter than OR (tight) or the other way round."""
    groups = [[values[0]]]
    for value, is_and in zip(values[1:], ands, strict=True):
        if is_and is tight:
            groups[-1].append(value)
        else:
            groups.append([value])
    return _any([_all(group) for group in groups]) if tight else _all([_any(group) for group in groups])


def _known(operand: Operand, call: Call) -> tuple[str, ...] | None:
    if isinstance(operand, Literals):
        return operand.values
    return call.attributes.get((operand.source, operand.name.lower()))


def _compare(node: Compare, call: Call) -> bool | None:
    if isinstance(node.left, Literals) and isinstance(node.right, Literals):
        # No real condition compares two constants: whatever this text is, it must not turn into a yes.
        return None
    left, right = _known(node.left, call), _known(node.right, call)
    if left is None or right is None:
        return None
    return compare(left, node.quantifier, node.operator, right)


def _leaves(node: Node, call: Call) -> list[Node]:
    """The parts that leave the outcome open, in order."""
    match node:
        case Not(inner):
            return _leaves(inner, call)
        case Chain(operands, _):
            return [leaf for operand in operands for leaf in _leaves(operand, call)]
        case _:
            return [node] if _truth(node, call) is None else []
