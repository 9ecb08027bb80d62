"""What an undecided condition depends on, in words that a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.model.untrusted import clean
from doctor.rbac.conditions.parser import ActionMatches, Attribute, Compare, Exists, Literals, SubOperationMatches

if TYPE_CHECKING:
    from doctor.rbac.conditions.parser import Node, Operand

UNREADABLE = "a condition that this tool cannot read"
_SHOWN = 3
_WHOSE = {
    "resource": "the resource's",
    "request": "the request's",
    "principal": "the principal's",
    "environment": "the environment's",
}
_OPERATORS = {
    "equals": "is",
    "notequals": "is not",
    "startswith": "starts with",
    "notstartswith": "does not start with",
    "like": "matches",
    "notlike": "does not match",
    "lessthan": "is below",
    "lessthanequals": "is at most",
    "greaterthan": "is above",
    "greaterthanequals": "is at least",
    "inrange": "is within",
}


def in_words(leaves: list[Node]) -> str:
    """One phrase for the parts that leave a condition open, the first few spelled out."""
    phrases = list(dict.fromkeys(_phrase(leaf) for leaf in leaves))
    if not phrases:
        return "a condition whose parts contradict each other without parentheses"
    more = len(phrases) - _SHOWN
    return ", ".join(phrases[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _phrase(leaf: Node) -> str:
    match leaf:
        case Compare(left, _, operator, right):
            return f"whether {_operand(left)} {_operator(operator)} {_operand(right)}"
        case Exists(attribute):
            return f"whether {_operand(attribute)} is there"
        case SubOperationMatches(names):
            return f"whether the call is the sub-operation {_values(names)}"
        case ActionMatches(patterns):
            return f"whether the action is {_values(patterns)}"
        case _:
            return UNREADABLE


def _operator(name: str) -> str:
    bare = re.sub(r"(?i)^(string|numeric|bool|guid|datetime|timeofday)", "", name).lower().removesuffix("ignorecase")
    return _OPERATORS.get(bare, clean(name))


def _operand(operand: Operand) -> str:
    if isinstance(operand, Literals):
        return _values(operand.values)
    return f"{_WHOSE.get(operand.source, 'the')} {_attribute(operand)}"


def _attribute(attribute: Attribute) -> str:
    """`Microsoft.Storage/storageAccounts/blobServices/containers:name` is "containers:name" to a reader."""
    return clean(attribute.name.rpartition("/")[2])[:80]


def _values(values: tuple[str, ...]) -> str:
    shown = " or ".join(f"'{clean(value)[:80]}'" for value in values[:_SHOWN])
    more = len(values) - _SHOWN
    return shown + (f" or {more} more" if more > 0 else "")
