"""The configuration: `agentdoctor.toml`, or `[tool.agentdoctor]` in pyproject.toml. Read strictly, told plainly.

What stands at the top are options of `check`, under the names of the command line; a table named after a command holds
options of that command; `[[waivers]]` are what somebody has decided to live with.
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from doctor.model.cause import Cause
from doctor.model.untrusted import clean
from doctor.waivers import Waiver

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "agentdoctor.toml"
_MOST_BYTES = 1_000_000
PROJECT_FILE = "pyproject.toml"
_WAIVER_KEYS = ("check", "subject", "cause", "reason", "until")


class BadConfig(Exception):  # noqa: N818 - it reads as the sentence it is
    """The configuration cannot be used; the message names the file, the place and what is wrong."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says."""

    path: Path | None = None
    """The file; None when there is none."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Options of `check`, as TOML gave them."""
    commands: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Command → its own options."""
    waivers: tuple[Waiver, ...] = ()


def find(start: Path) -> Path | None:
    """The nearest configuration file, from a folder upwards; None when there is none.

    Raises:
        BadConfig: a file on the way cannot be read.
    """
    for folder in (start, *start.parents):
        if (own := folder / FILE).is_file():
            return own
        project = folder / PROJECT_FILE
        if project.is_file() and _has_table(project):
            return project
    return None


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        BadConfig: it cannot be read, or says something that is not known.
    """
    document: Mapping[str, Any] = _toml(path, _text(path))
    if path.name == PROJECT_FILE:
        tool = document.get("tool")
        document = (tool.get("agentdoctor") if isinstance(tool, dict) else None) or {}
        if not isinstance(document, dict):
            raise BadConfig(f"{path}: tool.agentdoctor must be a table.")
    options = {key: value for key, value in document.items() if key != "waivers" and not isinstance(value, dict)}
    commands = {key: value for key, value in document.items() if isinstance(value, dict)}
    return Config(path, options, commands, _waivers(path, document.get("waivers", [])))


def unknown(path: Path | None, what: str, name: str, known: Iterable[str]) -> BadConfig:
    """The error for a name that is not known, with the nearest one that is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
    return BadConfig(f"{path}: there is no {what} {name!r}. {hint}")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise BadConfig(f"{path} is larger than any configuration.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path} is not UTF-8.") from error


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise BadConfig(f"{path} is nested too deeply.") from error
    return document


def _has_table(path: Path) -> bool:
    text = _text(path)
    if "agentdoctor" not in text:
        return False
    tool = _toml(path, text).get("tool")
    return isinstance(tool, dict) and "agentdoctor" in tool


def _waivers(path: Path, listed: object) -> tuple[Waiver, ...]:
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise BadConfig(f"{path}: waivers must be written as [[waivers]] tables.")
    return tuple(_waiver(path, f"waiver {number}", entry) for number, entry in enumerate(listed, 1))


def _waiver(path: Path, where: str, entry: Mapping[str, object]) -> Waiver:
    for key in entry:
        if key not in _WAIVER_KEYS:
            raise unknown(path, f"key in {where}", key, _WAIVER_KEYS)
    words: dict[str, str] = {}
    for key in ("check", "subject", "cause", "reason"):
        value = entry.get(key)
        if value is None and key in {"subject", "cause"}:
            continue
        if not isinstance(value, str) or (not value.strip() and key != "subject"):
            raise BadConfig(f"{path}: {where} needs a {key}, as a string.")
        words[key] = clean(value).strip()
    return Waiver(
        check=words["check"],
        reason=words["reason"],
        subject=words.get("subject"),
        cause=_cause(path, where, words["cause"]) if "cause" in words else None,
        until=_until(path, where, entry.get("until")),
    )


def _cause(path: Path, where: str, name: str) -> Cause:
    named = {cause.value: cause for cause in Cause}
    if name not in named:
        raise unknown(path, f"cause (in {where})", name, named)
    return named[name]


def _until(path: Path, where: str, value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value.astimezone(timezone.utc) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadConfig(f"{path}: {where}: until must be a date, for example 2026-12-31.") from None
