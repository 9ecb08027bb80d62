"""Reading JSON from a server that may leave out, mistype or re-case anything.

What decorates a record is read tolerantly (missing or mistyped becomes empty); what decides about access is read
strictly (`Garbage`), because a grant or denial that was overlooked would turn into a false verdict.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from doctor.model.untrusted import REDACTED, clean

Json = Mapping[str, Any]

_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(?:([Zz])|([+-]\d{2}):?(\d{2}))?"
)
_SECRET_KEY = re.compile(
    r"(?i)(?:password|passwd|pwd|secret|(?<!skip)token|(?:api|access|account|primary|secondary|subscription|shared)[-_]?key"
    r"|connection[-_]?string|authorization|sas|credentials?|assertion|cookie)$|^keys?$"
)
_DEEPEST = 60


class Garbage(ValueError):  # noqa: N818 - what the server sent is garbage
    """An answer that is not of the shape that Azure documents; the message says where and what was there instead."""


def mapping(value: object, what: str) -> Json:
    """The value as a JSON object.

    Raises:
        Garbage: it is something else.
    """
    if isinstance(value, Mapping):
        return value
    raise Garbage(f"{what} should be a JSON object, but is {shown(value)}.")


def field(source: object, *names: str) -> Any:
    """The first of these fields that is there and not null, whatever its letter case; None when there is none."""
    if not isinstance(source, Mapping):
        return None
    for name in names:
        if (value := source.get(name)) is not None:
            return value
    wanted = {name.lower() for name in names}
    for key, value in source.items():
        if value is not None and isinstance(key, str) and key.lower() in wanted:
            return value
    return None


def has(source: object, name: str) -> bool:
    """Whether the field is there, be it null; any letter case."""
    return isinstance(source, Mapping) and any(isinstance(key, str) and key.lower() == name.lower() for key in source)


def part(source: object, *names: str) -> Json:
    """A field that is a JSON object; empty when it is missing or something else."""
    value = field(source, *names)
    return value if isinstance(value, Mapping) else {}


def text(source: object, *names: str) -> str:
    """A field as text; numbers are written out, anything else is ""."""
    value = field(source, *names)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def guid(source: object, *names: str) -> str:
    """A field that is an object id: lower case."""
    return text(source, *names).strip().lower()


def truth(source: object, *names: str) -> bool | None:
    """A field that is true or false (also as text); None when it says neither."""
    value = field(source, *names)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def number(source: object, *names: str) -> float | None:
    """A finite number, also as text; None when it is none."""
    value = field(source, *names)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def objects(source: object, *names: str) -> tuple[Json, ...]:
    """The JSON objects in a list field; whatever else stands in it is left out."""
    value = field(source, *names)
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def strings(source: object, *names: str) -> tuple[str, ...]:
    """The strings in a list field; whatever else stands in it is left out."""
    value = field(source, *names)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def string_map(source: object, *names: str) -> dict[str, str]:
    """A free map as text to text; values that are neither text, number nor truth are left out."""
    return {
        str(key): value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in part(source, *names).items()
        if isinstance(value, (str, int, float))
    }


def date(value: object) -> datetime | None:
    """An ISO 8601 date of any precision, with time zone (UTC when it names none); None when it is no date."""
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zulu, zone, zone_minutes = found.groups()
    offset = "+00:00" if zulu or not zone else f"{zone}:{zone_minutes}"
    micros = f"{fraction or ''}000000"[:6]
    try:
        return datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}.{micros}{offset}"
        ).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def shown(value: object) -> str:
    """A short, clean picture of an unexpected value for a message."""
    if value is None:
        return "missing"
    words = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    if isinstance(value, Mapping):
        return "a JSON object"
    if isinstance(value, str):
        return f"the text {clean(value[:80])!r}"
    return words.get(type(value), "something else")


def without_secrets(value: Any, depth: int = 0) -> Any:
    """The same JSON with the values of headers and of secret-looking fields replaced."""
    if depth > _DEEPEST:
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _kept(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item, depth + 1) for item in value]
    return value


def _kept(key: str, value: Any, depth: int) -> Any:
    if isinstance(value, Mapping) and (key.lower().endswith("headers") or key.lower() in {"credentials", "keys"}):
        return {str(name): REDACTED for name in value}
    if isinstance(value, str) and value and _SECRET_KEY.search(key):
        return REDACTED
    return without_secrets(value, depth)
