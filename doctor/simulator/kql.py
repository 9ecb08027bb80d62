"""The part of the Kusto Query Language that a client of Resource Graph may reasonably send, interpreted plainly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from doctor.simulator.wire import Json

Rows = Iterable[Json]
Tables = dict[str, Callable[[], Rows]]
"""Name → what makes the rows; they are made as they are wanted."""
Value = Callable[[Json], Any]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>@?'(?:[^'\\]|\\.)*'|@?"(?:[^"\\]|\\.)*")|(?P<number>\d+)"""
    r"""|(?P<word>!?in~|!?(?:in|contains|has|startswith|endswith)\b|[A-Za-z_][\w-]*)"""
    r"""|(?P<mark>=~|!~|==|!=|<=|>=|[<>|=,.()\[\]]))"""
)


class QueryError(Exception):
    """The query is not one that can be answered."""


def run(query: str, tables: Tables) -> Iterator[Json]:
    """The rows that a query makes of the tables, one after the other.

    Raises:
        QueryError: it is malformed or uses what is not understood here.
    """
    return _Query(query).run(tables)


def _same(left: Any, right: Any) -> bool:
    return bool(_text(left).lower() == _text(right).lower())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _within(left: Any, right: Any) -> bool:
    return _text(right).lower() in _text(left).lower()


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: _text(a) == _text(b),
    "!=": lambda a, b: _text(a) != _text(b),
    "=~": _same,
    "!~": lambda a, b: not _same(a, b),
    "contains": _within,
    "!contains": lambda a, b: not _within(a, b),
    "has": _within,
    "!has": lambda a, b: not _within(a, b),
    "startswith": lambda a, b: _text(a).lower().startswith(_text(b).lower()),
    "!startswith": lambda a, b: not _text(a).lower().startswith(_text(b).lower()),
    "endswith": lambda a, b: _text(a).lower().endswith(_text(b).lower()),
    "!endswith": lambda a, b: not _text(a).lower().endswith(_text(b).lower()),
    "<": lambda a, b: a is not None and _text(a) < _text(b),
    "<=": lambda a, b: a is not None and _text(a) <= _text(b),
    ">": lambda a, b: a is not None and _text(a) > _text(b),
    ">=": lambda a, b: a is not None and _text(a) >= _text(b),
}
_MEMBER = {"in": True, "in~": True, "!in": False, "!in~": False}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "tostring": _text,
    "tolower": lambda a: _text(a).lower(),
    "toupper": lambda a: _text(a).upper(),
    "tobool": lambda a: _text(a) == "true",
    "isempty": lambda a: _text(a) == "",
    "isnotempty": lambda a: _text(a) != "",
    "isnull": lambda a: a is None,
    "isnotnull": lambda a: a is not None,
    "not": lambda a: not a,
    "strcat": lambda *parts: "".join(map(_text, parts)),
    "split": lambda a, by: _text(a).split(_text(by)),
    "coalesce": lambda *parts: next((part for part in parts if part not in (None, "")), None),
}


class _Query:
    """A recursive-descent reader of one query."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._operators: dict[str, Callable[[], Callable[[Rows], Rows]]] = {
            "where": self._where,
            "project": lambda: self._columns(keep=False),
            "extend": lambda: self._columns(keep=True),
            "project-away": self._away,
            "limit": self._limit,
            "take": self._limit,
            "order": self._order,
            "sort": self._order,
            "distinct": self._distinct,
            "count": lambda: lambda rows: [{"Count": sum(1 for _ in rows)}],
        }

    def run(self, tables: Tables) -> Iterator[Json]:
        table = self._word().lower()
        if table not in tables:
            raise QueryError(f"The table {table!r} is not known.")
        steps: list[Callable[[Rows], Rows]] = []
        while self._peek():
            self._take("|")
            name = self._word().lower()
            if name not in self._operators:
                raise QueryError(f"The operator {name!r} is not supported.")
            steps.append(self._operators[name]())
        rows: Rows = tables[table]()
        for step in steps:
            rows = step(rows)
        return iter(rows)

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise QueryError("The query ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, mark: str) -> None:
        kind, text = self._next()
        if text != mark or kind == "string":
            raise QueryError(f"{mark!r} was expected, not {text!r}.")

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise QueryError(f"A name was expected, not {text!r}.")
        return text

    def _where(self) -> Callable[[Rows], Rows]:
        test = self._either()
        return lambda rows: (row for row in rows if test(row))

    def _columns(self, *, keep: bool) -> Callable[[Rows], Rows]:
        made: list[tuple[str, Value]] = [self._column()]
        while self._peek() == ",":
            self._take(",")
            made.append(self._column())

        def work(rows: Rows) -> Rows:
            return ({**(row if keep else {}), **{name: value(row) for name, value in made}} for row in rows)

        return work

    def _column(self) -> tuple[str, Value]:
        start = self._at
        name = self._word()
        if self._peek() == "=":
            self._take("=")
            return name, self._either()
        self._at = start
        value = self._operand()
        # properties.a.b becomes the column properties_a_b, as the service names it.
        spelled = [text for kind, text in self._tokens[start : self._at] if kind == "word"]
        return "_".join(spelled), value

    def _away(self) -> Callable[[Rows], Rows]:
        names = set(self._names())
        return lambda rows: ({key: value for key, value in row.items() if key not in names} for row in rows)

    def _distinct(self) -> Callable[[Rows], Rows]:
        names = self._names()

        def work(rows: Rows) -> Rows:
            seen = {tuple(_text(row.get(name)) for name in names): row for row in rows}
            return [{name: row.get(name) for name in names} for row in seen.values()]

        return work

    def _names(self) -> list[str]:
        names = [self._word()]
        while self._peek() == ",":
            self._take(",")
            names.append(self._word())
        return names

    def _limit(self) -> Callable[[Rows], Rows]:
        kind, text = self._next()
        if kind != "number":
            raise QueryError(f"A number was expected, not {text!r}.")
        return lambda rows: islice(rows, int(text))

    def _order(self) -> Callable[[Rows], Rows]:
        if self._word().lower() != "by":
            raise QueryError("'by' was expected.")
        value = self._operand()
        down = True  # Kusto sorts downwards unless told otherwise.
        if self._peek().lower() in {"asc", "desc"}:
            down = self._word().lower() == "desc"
        return lambda rows: sorted(rows, key=lambda row: _text(value(row)), reverse=down)

    def _either(self) -> Value:
        left = self._both()
        while self._peek().lower() == "or":
            self._word()
            left = _joined(left, self._both(), any)
        return left

    def _both(self) -> Value:
        left = self._comparison()
        while self._peek().lower() == "and":
            self._word()
            left = _joined(left, self._comparison(), all)
        return left

    def _comparison(self) -> Value:
        left = self._operand()
        sign = self._peek().lower()
        if sign in _MEMBER:
            self._next()
            values = self._arguments()
            same = _same if sign.endswith("~") else _COMPARE["=="]
            return lambda row: any(same(left(row), value(row)) for value in values) is _MEMBER[sign]
        if sign in _COMPARE:
            self._next()
            right = self._operand()
            return lambda row: _COMPARE[sign](left(row), right(row))
        return left

    def _operand(self) -> Value:
        kind, text = self._next()
        if kind in {"string", "number"}:
            return lambda _row: text
        if text == "(":
            inner = self._either()
            self._take(")")
            return inner
        if kind != "word":
            raise QueryError(f"A value was expected, not {text!r}.")
        if self._peek() == "(":
            return self._call(text)
        return self._path(text)

    def _call(self, name: str) -> Value:
        if name.lower() not in _FUNCTIONS:
            raise QueryError(f"The function {name!r} is not supported.")
        function, arguments = _FUNCTIONS[name.lower()], self._arguments()
        return self._path(lambda row: function(*(argument(row) for argument in arguments)))

    def _arguments(self) -> list[Value]:
        self._take("(")
        found: list[Value] = []
        while self._peek() != ")" or not found:
            if found:
                self._take(",")
            found.append(self._either())
        self._take(")")
        return found

    def _path(self, start: str | Value) -> Value:
        value: Value = start if callable(start) else _reader(start)
        while self._peek() in {".", "["}:
            if self._next()[1] == ".":
                value = _step(value, self._word())
            else:
                value = _step(value, self._next()[1])
                self._take("]")
        return value


def _reader(column: str) -> Value:
    if column.lower() in {"true", "false"}:
        return lambda _row: column.lower() == "true"
    return lambda row: row.get(column)


def _step(value: Value, key: str) -> Value:
    def step(row: Json) -> Any:
        inner = value(row)
        if isinstance(inner, list):
            return inner[int(key)] if key.isdigit() and int(key) < len(inner) else None
        return inner.get(key) if isinstance(inner, dict) else None

    return step


def _joined(left: Value, right: Value, how: Callable[[tuple[Any, ...]], bool]) -> Value:
    return lambda row: how((left(row), right(row)))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QueryError(f"The query cannot be read at {text[at : at + 20]!r}.")
        kind = str(match.lastgroup)
        raw = match[kind]
        if kind == "string":
            verbatim = raw.startswith("@")
            inner = raw[2:-1] if verbatim else raw[1:-1]
            raw = inner if verbatim else re.sub(r"\\(.)", r"\1", inner)
        found.append((kind, raw))
        at = match.end()
    return found
