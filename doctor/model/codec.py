"""Records to plain JSON values and back, by the type hints of the records themselves.

A record is an object with one member per field, an enum is its value, a tuple an array, a time is ISO 8601 in UTC.
Members that a record does not have are passed over, so that a newer report can be read by an older program.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import types
from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from doctor.model.access import Access, Action, Decision, Grant, NearMiss, Question
from doctor.model.cause import Cause
from doctor.model.change import KINDS, Change
from doctor.model.exchange import Exchange
from doctor.model.fact import Problem
from doctor.model.finding import Result
from doctor.model.fix import Fix
from doctor.model.identity import Identity
from doctor.model.report import RootCause
from doctor.model.trait import Trait

T = TypeVar("T")

# The records import one another for type checkers only; their hints are resolved with these names.
_NAMES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Access, Action, Cause, Decision, Exchange, Fix, Grant, Identity),
        *(NearMiss, Problem, Question, Result, RootCause, Trait),
    )
} | {"datetime": datetime, "Change": Change}


class NotAReport(ValueError):  # noqa: N818 - reads as the sentence it is
    """The document is not a report that this version can read; the message says where and why."""


def encode(value: object) -> Any:
    """The value as plain JSON: dict, list, str, int, float, bool or None.

    Raises:
        TypeError: the value has no JSON form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        tag = {"kind": value.kind} if isinstance(value, get_args(Change)) else {}
        return tag | {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode(hint: type[T], value: object, where: str) -> T:
    """The value of this type that a JSON value stands for.

    Args:
        hint: A record, an enum, a plain type, or a tuple, mapping or optional of one.
        value: Plain JSON.
        where: Path of the value in its document, for the message of an error.

    Raises:
        NotAReport: the JSON value does not have that type.
    """
    return cast("T", _decode(hint, value, where))


def decode_record(kind: type[T], value: object, where: str, **given: object) -> T:
    """A record from a JSON object, with some fields given instead of read.

    Raises:
        NotAReport: a field is missing, or has another type, or the record refuses its values.
    """
    members = decode_object(value, where)
    hints = _hints(cast("Any", kind))
    fields = dict(given)
    for field in dataclasses.fields(cast("Any", kind)):
        if field.name in given:
            continue
        if field.name in members:
            fields[field.name] = _decode(hints[field.name], members[field.name], f"{where}.{field.name}".lstrip("."))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise NotAReport(f"{where or 'the document'} has no {field.name}")
    try:
        return kind(**fields)
    except ValueError as error:
        raise NotAReport(f"{where or 'the document'}: {error}") from error


def decode_object(value: object, where: str) -> Mapping[str, Any]:
    """A JSON object.

    Raises:
        NotAReport: the value is something else.
    """
    if not isinstance(value, Mapping):
        raise NotAReport(f"{where or 'the document'} is not a JSON object")
    return value


def _decode(hint: Any, value: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        inner = [kind for kind in get_args(hint) if kind is not type(None)]
        if value is not None and set(inner) == set(KINDS.values()):
            return _change(value, where)
        return None if value is None else _decode(inner[0], value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise NotAReport(f"{where} is not a list")
        kinds = get_args(hint)
        if kinds[-1] is not Ellipsis and len(kinds) != len(value):
            raise NotAReport(f"{where} does not hold {len(kinds)} values")
        each = itertools.repeat(kinds[0]) if kinds[-1] is Ellipsis else iter(kinds)
        return tuple(_decode(next(each), item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is Mapping:
        kind = get_args(hint)[1]
        return {key: _decode(kind, item, f"{where}.{key}") for key, item in decode_object(value, where).items()}
    if dataclasses.is_dataclass(hint):
        return decode_record(cast("type[Any]", hint), value, where)
    return _scalar(hint, value, where)


def _change(value: object, where: str) -> Any:
    """A change, by the word for its kind; None for a kind of a newer version."""
    record = KINDS.get(decode(str, decode_object(value, where).get("kind"), f"{where}.kind"))
    return decode_record(record, value, where) if record else None


def _scalar(hint: Any, value: object, where: str) -> Any:
    if issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            raise NotAReport(f"{where}: {value!r} is no {hint.__name__.lower()} that this version knows") from None
    if hint is datetime:
        return _moment(value, where)
    if isinstance(value, bool) is not (hint is bool) or not isinstance(value, (int, float) if hint is float else hint):
        raise NotAReport(f"{where} is not of type {hint.__name__}")
    return value


def _moment(value: object, where: str) -> datetime:
    try:
        # Python 3.10 does not read the Z itself.
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise NotAReport(f"{where} is not a time of the form 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise NotAReport(f"{where} is a time without a time zone")
    return moment.astimezone(timezone.utc)


@functools.cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind, localns=_NAMES)
