"""Loading a scenario: a TOML file, strictly read, perhaps upon another one as its base."""

from __future__ import annotations

import difflib
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from doctor.simulator.scenario_model import Scenario

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent / "scenarios"
_T = TypeVar("_T")

_MOST_CHARACTERS = 1_000_000


class ScenarioError(Exception):
    """A scenario cannot be used. The message is one plain sentence that names the place."""


def scenario_names() -> tuple[str, ...]:
    """The bundled scenarios, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A scenario by its bundled name or from a file.

    Raises:
        ScenarioError: there is none of that name, the file cannot be read, or something in it is not allowed.
    """
    path = _find(str(name_or_path))
    scenario = _read(Scenario, _with_base(path, ()), "")
    if not scenario.expect.verdict:
        raise ScenarioError(f"The scenario {path.stem} does not say what it expects: it needs [expect] verdict.")
    return replace(scenario, name=path.stem)


def catalogue() -> str:
    """The bundled scenarios, a line each: name, what it comes to, title."""
    rows = [(name, load_scenario(name)) for name in scenario_names()]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {one.expect.verdict:7}  {one.title}" for name, one in rows)


def _find(given: str) -> Path:
    bundled = _FOLDER / f"{given}.toml"
    if "/" not in given and bundled.is_file():
        return bundled
    path = Path(given)
    if path.suffix == ".toml":
        return path
    close = difflib.get_close_matches(given, scenario_names(), n=1)
    hint = f" Did you mean {close[0]}?" if close else " `agentdoctor demo --list` names them all."
    raise ScenarioError(f"There is no scenario named {given!r}.{hint}")


def _with_base(path: Path, above: tuple[str, ...]) -> dict[str, Any]:
    if path.stem in above:
        raise ScenarioError(f"The scenario {path.stem} is its own base.")
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MOST_CHARACTERS)
        own: dict[str, Any] = tomllib.loads(text)
    except OSError as error:
        raise ScenarioError(f"The scenario file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScenarioError(f"The scenario file {path} is not valid TOML: {error}.") from error
    if "base" not in own:
        return own
    merged = _with_base(_beside(path, str(own["base"])), (*above, path.stem))
    # A scenario says itself what it is about and what is to be found; only the world comes from the base.
    for key in ("title", "story", "expect", "without"):
        merged.pop(key, None)
    for dotted in own.get("without", ()):
        _remove(merged, str(dotted), path.stem)
    return _merge(merged, own)


def _beside(path: Path, base: str) -> Path:
    sibling = path.parent / f"{base}.toml"
    return sibling if sibling.is_file() else _find(base)


def _remove(tables: dict[str, Any], dotted: str, scenario: str) -> None:
    inner: Any = tables
    *parents, last = dotted.split(".")
    for key in parents:
        inner = inner.get(key) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or last not in inner:
        raise ScenarioError(f"The scenario {scenario} is without {dotted!r}, but its base has no such table.")
    del inner[last]


def _merge(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _read(cls: type[_T], table: Mapping[str, Any], where: str) -> _T:
    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]  # only records are passed
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else f" It may hold: {', '.join(known)}."
            raise ScenarioError(f"{_place(where)} has the unknown key {key!r}.{hint}")
    for name, field in known.items():
        if field.default is MISSING and field.default_factory is MISSING and name not in table:
            raise ScenarioError(f"{_place(where)} lacks {name!r}.")
    hints = typing.get_type_hints(cls)
    return cls(**{key: _value(hints[key], value, f"{where}.{key}".lstrip(".")) for key, value in table.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType or origin is typing.Union:
        return _value(next(part for part in arguments if part is not type(None)), value, where)
    if is_dataclass(hint):
        return _read(typing.cast("type[Any]", hint), _table(value, where), where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ScenarioError(f"{where} must be a list.")
        return tuple(_value(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is not None:
        inner = arguments[1]
        return {key: _value(inner, item, f"{where}.{key}") for key, item in _table(value, where).items()}
    return _scalar(hint, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is Any:
        return value
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        words = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}
        raise ScenarioError(f"{where} must be {words.get(hint, str(hint))}, not {value!r}.")
    return value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ScenarioError(f"{where} must be a table.")
    return value


def _place(where: str) -> str:
    return f"The table [{where}]" if where else "The scenario"
