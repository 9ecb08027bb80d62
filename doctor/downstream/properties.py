"""Reading properties of raw resources: dotted paths in any letter case, and the comparisons of the knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from doctor.downstream.kind import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.downstream.kind import Test


def dig(document: Any, path: str) -> Any:
    """The value at a dotted path, names in any letter case; None when any part of the way is missing."""
    value = document
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        wanted = name.lower()
        value = next((found for key, found in value.items() if str(key).lower() == wanted), None)
    return value


def text(document: Any, path: str) -> str:
    """The text at a path, "" when there is none."""
    value = dig(document, path)
    return value if isinstance(value, str) else ""


def items(document: Any, path: str) -> tuple[Any, ...]:
    """The list at a path, () when there is none; a lone object counts as a list of one."""
    value = dig(document, path) if path else document
    if isinstance(value, Mapping):
        return (value,)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return tuple(value)
    return ()


def texts(value: Any) -> tuple[str, ...]:
    """The texts in a list, or a lone text as a list of one."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return tuple(one for one in value if isinstance(one, str))
    return ()


def find(document: Any, path: str) -> tuple[Any, ...]:
    """Every value at a path in which `[]` stands for each member of a list: `spec.servers[].url`."""
    head, lists, rest = path.partition("[].")
    if not lists:
        value = dig(document, head)
        return () if value is None else (value,)
    return tuple(found for one in items(document, head) for found in find(one, rest))


def walk(document: Any, names: frozenset[str], depth: int = 12) -> Iterator[tuple[str, Any]]:
    """Every value under one of these (lower-case) names, wherever it stands in the document."""
    if depth < 0:
        return
    if isinstance(document, Mapping):
        for key, value in document.items():
            if str(key).lower() in names:
                yield str(key).lower(), value
            yield from walk(value, names, depth - 1)
    elif isinstance(document, Sequence) and not isinstance(document, (str, bytes)):
        for value in document:
            yield from walk(value, names, depth - 1)


def holds(test: Test, resource: Any) -> bool:
    """Whether the comparison comes out true for the resource; text compares in any letter case."""
    value = dig(resource, test.property)
    if test.operator is Operator.ABSENT:
        return value is None or value in ("", {})
    if test.operator is Operator.NOT_EMPTY:
        return bool(value)
    if test.operator is Operator.HOLDS:
        return isinstance(value, Mapping) and dig(value, str(test.value)) is not None
    if test.operator is Operator.ONE_OF:
        wanted = test.value if isinstance(test.value, tuple) else (str(test.value),)
        return isinstance(value, str) and value.lower() in {one.lower() for one in wanted}
    return _equal(value, test.value) is (test.operator is Operator.IS)


def _equal(value: Any, wanted: object) -> bool:
    if isinstance(wanted, bool):
        return value is wanted or (isinstance(value, str) and value.lower() == str(wanted).lower())
    return isinstance(value, str) and isinstance(wanted, str) and value.lower() == wanted.lower()
