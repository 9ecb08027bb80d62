"""The comparison operators of conditions, over known values.

Source: Microsoft Learn, "Azure role assignment condition format and syntax", operators and their examples.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_GUID = re.compile(r"[0-9a-f]{32}")
_NEGATED = re.compile(r"(?i)(string|numeric|bool|guid)not")


def compare(left: tuple[str, ...], quantifier: str, operator: str, right: tuple[str, ...]) -> bool | None:
    """Whether the comparison holds; None for an operator or a value that is not known here."""
    name = _NEGATED.sub(r"\1", operator.lower())
    test = _TESTS.get(name)
    if test is None:
        return None
    outcomes = [[test(mine, theirs) for theirs in right] for mine in left]
    if not left or any(outcome is None for row in outcomes for outcome in row):
        return None
    negated = name != operator.lower()
    table = [[bool(outcome) is not negated for outcome in row] for row in outcomes]
    if not quantifier:
        # Without a quantifier only one value against one value has a documented meaning.
        return table[0][0] if len(left) == len(right) == 1 else None
    rows = [any(row) if quantifier.endswith("ofanyvalues") else all(row) for row in table]
    return any(rows) if quantifier.startswith("forany") else all(rows)


def _guid(text: str) -> str:
    """A GUID as its 32 hex digits: role definitions write them with and without hyphens."""
    return text.strip().strip("{}").replace("-", "").lower()


def _guids(left: str, right: str) -> bool | None:
    one, other = _guid(left), _guid(right)
    return one == other if _GUID.fullmatch(one) and _GUID.fullmatch(other) else None


def _booleans(left: str, right: str) -> bool | None:
    one, other = left.lower(), right.lower()
    return one == other if {one, other} <= {"true", "false"} else None


@lru_cache(maxsize=512)
def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


def _string_like(left: str, right: str) -> bool:
    # Runs of `*` are one `*`: a pattern from outside must not make the match slow.
    return _like(re.sub(r"(?<!\\)\*+", "*", right)).fullmatch(left) is not None


def _numeric(relation: Callable[[int, int], bool]) -> Callable[[str, str], bool | None]:
    def test(left: str, right: str) -> bool | None:
        if not all(re.fullmatch(r"[+-]?[0-9]{1,18}", text) for text in (left, right)):
            return None
        return relation(int(left), int(right))

    return test


def _folded(test: Callable[[str, str], bool]) -> Callable[[str, str], bool | None]:
    return lambda left, right: test(left.casefold(), right.casefold())


_TESTS: dict[str, Callable[[str, str], bool | None]] = {
    "stringequals": lambda left, right: left == right,
    "stringequalsignorecase": _folded(lambda left, right: left == right),
    "stringstartswith": lambda left, right: left.startswith(right),
    "stringstartswithignorecase": _folded(lambda left, right: left.startswith(right)),
    "stringlike": _string_like,
    "stringlikeignorecase": _folded(_string_like),
    "guidequals": _guids,
    "boolequals": _booleans,
    "numericequals": _numeric(lambda left, right: left == right),
    "numericlessthan": _numeric(lambda left, right: left < right),
    "numericlessthanequals": _numeric(lambda left, right: left <= right),
    "numericgreaterthan": _numeric(lambda left, right: left > right),
    "numericgreaterthanequals": _numeric(lambda left, right: left >= right),
}
