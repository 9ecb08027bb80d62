"""The words of a condition: brackets, connectives, attributes, operators and literals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

MAX_LENGTH = 65_536
"""Far above what Azure stores for a condition (8 KB); a longer text is not read."""


class ConditionError(ValueError):
    """The text is no condition that this reader knows; its effect is undecided, never a pass."""


class Kind(Enum):
    """Kinds of token."""

    OPEN = "("
    CLOSE = ")"
    LEFT_BRACE = "{"
    RIGHT_BRACE = "}"
    COMMA = ","
    AND = "and"
    OR = "or"
    NOT = "not"
    EXISTS = "exists"
    ATTRIBUTE = "attribute"
    STRING = "string"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is a string's content, an attribute's name, or the word itself."""

    kind: Kind
    text: str
    source: str = ""
    """Of an attribute: resource, request, principal or environment."""


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | @(?P<source>[A-Za-z]+)\s*\[(?P<name>[^\]\[]*)\]
      | '(?P<string>(?:[^'\\]|\\.|'')*)'
      | (?P<sign>&&|\|\||[(){},!])
      | (?P<word>[A-Za-z0-9_.:+-]+)""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {
    "(": Kind.OPEN,
    ")": Kind.CLOSE,
    "{": Kind.LEFT_BRACE,
    "}": Kind.RIGHT_BRACE,
    ",": Kind.COMMA,
    "!": Kind.NOT,
    "&&": Kind.AND,
    "||": Kind.OR,
}
_WORDS = {"and": Kind.AND, "or": Kind.OR, "not": Kind.NOT, "exists": Kind.EXISTS}
_SOURCES = {"resource", "request", "principal", "environment"}


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a condition.

    Raises:
        ConditionError: the text is too long, or holds something that is no token.
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError("the condition is too long to read")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ConditionError(f"the condition cannot be read at position {at}")
        at = match.end()
        if not match["space"]:
            found.append(_token(match))
    return tuple(found)


def _token(match: re.Match[str]) -> Token:
    if match["source"]:
        source = match["source"].lower()
        if source not in _SOURCES:
            raise ConditionError("the condition uses an unknown attribute source")
        return Token(Kind.ATTRIBUTE, match["name"].strip(), source)
    if match["string"] is not None:
        return Token(Kind.STRING, match["string"])
    if match["sign"]:
        return Token(_SIGNS[match["sign"]], match["sign"])
    word = match["word"]
    return Token(_WORDS.get(word.lower(), Kind.WORD), word)
