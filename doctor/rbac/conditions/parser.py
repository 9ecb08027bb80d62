"""The tree of a condition (Microsoft Learn, "Azure role assignment condition format and syntax")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from doctor.rbac.conditions.lexer import ConditionError, Kind, Token, tokens

MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Attribute:
    """`@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]`."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Literals:
    """One value, or a set of them in braces."""

    values: tuple[str, ...]


Operand = Attribute | Literals


@dataclass(frozen=True, slots=True)
class ActionMatches:
    """True when the action asked about is covered by one of the patterns."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubOperationMatches:
    """True for some sub-operations of an action; which one a call is, is not known beforehand."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether the attribute is there."""

    attribute: Attribute


@dataclass(frozen=True, slots=True)
class Compare:
    """`left quantifier:operator right`."""

    left: Operand
    quantifier: str
    """Lower case: "", foranyofanyvalues, forallofanyvalues, foranyofallvalues, forallofallvalues."""
    operator: str
    """As it was written."""
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined by AND and OR. Azure wants parentheses where both occur: without them the order is open."""

    operands: tuple[Node, ...]
    ands: tuple[bool, ...]
    """One for each gap between operands: AND is True, OR is False."""


Node = ActionMatches | SubOperationMatches | Exists | Compare | Not | Chain

_QUANTIFIERS = {"foranyofanyvalues", "forallofanyvalues", "foranyofallvalues", "forallofallvalues"}


_BARE_VALUE = re.compile(
    r"(?i)true|false|[+-]?[0-9]+(\.[0-9]+)?|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""What may stand without quotes: booleans, numbers, and GUIDs with or without hyphens."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of the condition.

    Raises:
        ConditionError: the text is not a condition that this reader knows.
    """
    reader = _Reader(tokens(text))
    tree = reader.chain(0)
    if not reader.done:
        raise ConditionError("the condition goes on after its end")
    return tree


class _Reader:
    def __init__(self, stream: tuple[Token, ...]) -> None:
        self._stream = stream
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._stream)

    def _peek(self) -> Kind | None:
        return None if self.done else self._stream[self._at].kind

    def _take(self, *kinds: Kind) -> Token:
        if self._peek() not in kinds:
            raise ConditionError(f"the condition lacks {' or '.join(kind.value for kind in kinds)}")
        self._at += 1
        return self._stream[self._at - 1]

    def chain(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ConditionError("the condition is nested too deeply")
        operands, ands = [self._factor(depth)], []
        while self._peek() in {Kind.AND, Kind.OR}:
            ands.append(self._take(Kind.AND, Kind.OR).kind is Kind.AND)
            operands.append(self._factor(depth))
        return Chain(tuple(operands), tuple(ands)) if ands else operands[0]

    def _factor(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ConditionError("the condition is nested too deeply")
        if self._peek() is Kind.NOT:
            self._take(Kind.NOT)
            return Not(self._factor(depth + 1))
        if self._peek() is Kind.OPEN:
            self._take(Kind.OPEN)
            inner = self.chain(depth + 1)
            self._take(Kind.CLOSE)
            return inner
        if self._peek() is Kind.EXISTS:
            self._take(Kind.EXISTS)
            token = self._take(Kind.ATTRIBUTE)
            return Exists(Attribute(token.source, token.text))
        return self._matcher() or self._compare()

    def _matcher(self) -> Node | None:
        name = "" if self.done else self._stream[self._at].text.lower()
        if self._peek() is not Kind.WORD or name not in {"actionmatches", "suboperationmatches"}:
            return None
        self._take(Kind.WORD)
        values = self._values()
        return ActionMatches(values) if name == "actionmatches" else SubOperationMatches(values)

    def _compare(self) -> Compare:
        left = self._operand()
        word = self._take(Kind.WORD).text
        quantifier, _, operator = word.rpartition(":")
        if quantifier and quantifier.lower() not in _QUANTIFIERS:
            raise ConditionError("the condition uses an unknown quantifier")
        return Compare(left, quantifier.lower(), operator, self._operand())

    def _operand(self) -> Operand:
        if self._peek() is Kind.ATTRIBUTE:
            token = self._take(Kind.ATTRIBUTE)
            return Attribute(token.source, token.text)
        if self._peek() is Kind.LEFT_BRACE:
            return Literals(self._values())
        return Literals((self._literal(),))

    def _literal(self) -> str:
        token = self._take(Kind.STRING, Kind.WORD)
        if token.kind is Kind.WORD and not _BARE_VALUE.fullmatch(token.text):
            raise ConditionError("the condition holds a text without quotes")
        return token.text

    def _values(self) -> tuple[str, ...]:
        self._take(Kind.LEFT_BRACE)
        values = [self._literal()]
        while self._peek() is Kind.COMMA:
            self._take(Kind.COMMA)
            values.append(self._literal())
        self._take(Kind.RIGHT_BRACE)
        return tuple(values)
