"""The one reader of our data files: exactly these keys, or a sentence that says which file and key is wrong.

Kinds of downstream resource, the table of callers, and whatever else is data in this package, a third party's files
included, are read through it. A key that is not known is refused, because a condition that was overlooked would turn
into a false verdict.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

_E = TypeVar("_E", bound=Enum)


class DataError(ValueError):
    """A data file cannot be used; the message names the file, the place in it and what is wrong."""


class Table:
    """One table of a file. Every key is asked for by its type; `end` refuses the keys that nobody asked for."""

    def __init__(self, raw: object, file: str, where: str = "") -> None:
        self.file, self._where = file, where
        if not isinstance(raw, Mapping):
            raise self._wrong("should be a table")
        self._raw: Mapping[str, Any] = raw
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._raw

    def names(self) -> tuple[str, ...]:
        """The keys, in the file's order."""
        return tuple(self._raw)

    def value(self, key: str, default: Any = None) -> Any:
        """Whatever stands there; the caller looks at it."""
        self._asked.add(key)
        return self._raw.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; it must be there where no default is given."""
        return str(self._typed(key, str, "text", default))

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        return bool(self._typed(key, bool, "true or false", default))

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of texts."""
        found = self._typed(key, list, "a list", None if default is None else list(default))
        if not all(isinstance(one, str) for one in found):
            raise self._wrong(f"{key} should be a list of texts")
        return tuple(found)

    def choice(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        """One of an enum's words."""
        found = self.text(key, None if default is None else str(default.value))
        words = {str(one.value): one for one in kind}
        if found not in words:
            raise self._wrong(f"{key} is {found!r}, which is none of {', '.join(words)}")
        return words[found]

    def table(self, key: str) -> Table | None:
        """A table below this one, or None."""
        return Table(self.value(key), self.file, self._below(key)) if self.has(key) else None

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables."""
        found = self._typed(key, list, "a list of tables", [])
        return tuple(Table(one, self.file, f"{self._below(key)}[{number}]") for number, one in enumerate(found))

    def end(self) -> None:
        """Refuse what nobody asked for.

        Raises:
            DataError: a key is not known; the nearest known one is offered.
        """
        for key in self._raw:
            if key not in self._asked:
                close = difflib.get_close_matches(key, self._asked, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else f"; it may hold {', '.join(sorted(self._asked))}"
                raise self._wrong(f"has the unknown key {key!r}{hint}")

    def wrong(self, what: str) -> DataError:
        """The error that says what is wrong in this table."""
        return self._wrong(what)

    def _typed(self, key: str, kind: type, words: str, default: Any) -> Any:
        found = self.value(key)
        if found is None:
            if default is None:
                raise self._wrong(f"lacks {key!r}")
            return default
        if type(found) is not kind:
            raise self._wrong(f"{key} should be {words}, not {found!r}")
        return found

    def _below(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def _wrong(self, what: str) -> DataError:
        place = f" [{self._where}]" if self._where else ""
        return DataError(f"{self.file}{place}: {what}")
