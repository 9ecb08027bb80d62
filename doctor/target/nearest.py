"""The right form of a text that is no target, made of what it holds; what it does not hold stands in capitals."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from doctor.model.resource_id import GUID, is_guid
from doctor.target.forms import BARE, CLASSIC, HOST_LABEL, NAME

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 4000
_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb<>[]{}|"
_WRAPPING = _QUOTES + "()*_,;:!?. \t\r\n"
_INSIDE = re.compile(
    rf"(?:https?|wss?)://[^\s(){re.escape(_QUOTES)}]+|/subscriptions/[^\s{re.escape(_QUOTES)}]+", re.IGNORECASE
)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/+(?:[^/@\s]*@)?", re.IGNORECASE)
_HOST = re.compile(r"(?P<label>[\w-]+)\.(?P<zone>[\w-]+(?:\.[\w-]+)+)", re.ASCII)
_ACCOUNT_ZONE = re.compile(r"(?:openai|cognitiveservices|services?\.ai|services?|ai)\.azure\.", re.IGNORECASE)
_HUB = re.compile(rf"[\w.-]+;{GUID};[^;/]+;(?P<project>{NAME})")
"""The connection string of a hub-based project: `HOST;SUBSCRIPTION;GROUP;PROJECT`."""
_KEYS = ("subscriptions", "resourceGroups", "accounts", "projects", "agents", "applications")
_NO_NAME = {"api", "providers", "protocols", "endpoint", "openai", "responses", "deployments", "workspaces"}


@dataclass(slots=True)
class _Parts:
    """What could be made out; "" is not given."""

    address: bool = False
    """The text looks like a URL."""
    account: str = ""
    project: str = ""
    folder: str = "agents"
    name: str = ""
    subscription: str = ""
    group: str = ""
    tail: str = ""


def nearest(given: str, suffix: str, reads: Callable[[str], bool]) -> str:
    """The nearest right form.

    Args:
        given: the text that is no target.
        suffix: host suffix of Foundry endpoints in the cloud that is asked; "" where none is documented.
        reads: whether a text is a target.
    """
    text = given[:_LONGEST]
    for candidate in _candidates(text):
        if candidate != given and reads(candidate):
            return candidate
    return right_form(text, suffix)


def right_form(text: str, suffix: str) -> str:
    """The right form made of the parts that stand in the text."""
    parts = _parts(text)
    account, project, name = parts.account or "ACCOUNT", parts.project or "PROJECT", parts.name or "NAME"
    if parts.subscription:
        return (
            f"/subscriptions/{parts.subscription}/resourceGroups/{parts.group or 'GROUP'}/providers"
            f"/Microsoft.CognitiveServices/accounts/{account}/projects/{project}/{parts.folder}/{name}"
        )
    known = parts.account or parts.project or parts.name
    if suffix and (parts.address or not known):
        route = parts.tail or "protocols/openai/responses"
        below = f"endpoint/{route}" if parts.folder == "agents" else route
        return f"https://{account}.{suffix}/api/projects/{project}/{parts.folder}/{name}/{below}"
    return f"{account}/{project}/{name}"


def misspelt_folder(path: str) -> bool:
    """Whether a path begins with what is meant to be `agents` or `applications`, and is not."""
    first, _, name = path.partition("/")
    return bool(name) and _key(first) in {"agents", "applications"} and first.lower() not in {"agents", "applications"}


def _candidates(text: str) -> tuple[str, ...]:
    """Targets that may stand in the text: without what a paste put around it, and what looks like an address."""
    bare = text.strip(_WRAPPING)
    found = [bare, *(one.rstrip(_WRAPPING) for one in _INSIDE.findall(text))]
    if (host := _HOST.match(bare)) and _ACCOUNT_ZONE.match(host["zone"]):
        found.append(f"https://{bare}")
    if "/" in bare and "://" not in bare:
        found.append(bare.strip("/"))
    more = [re.sub(r"^(?:http|ws)(?=://)", lambda m: m[0] + "s", one, flags=re.IGNORECASE) for one in found]
    return tuple(dict.fromkeys(one for one in (*found, *more) if one))


def _parts(text: str) -> _Parts:
    parts = _Parts()
    body = unquote(text.strip(_WRAPPING))
    if hub := _HUB.fullmatch(body):
        parts.project = hub["project"]
        return parts
    plain = _SCHEME.sub("", body)
    parts.address = plain != body
    plain = re.split(r"[?#]", plain, maxsplit=1)[0]
    if host := _HOST.match(plain):
        of_account = _ACCOUNT_ZONE.match(host["zone"]) and host["label"].lower() not in {"ai", "services", "portal"}
        parts.address = parts.address or bool(of_account)
        if parts.address:
            parts.account = host["label"] if of_account and HOST_LABEL.fullmatch(host["label"]) else ""
            plain = plain[host.end() :].lstrip(":0123456789")
    _fill(parts, [one.strip(_WRAPPING) for one in re.split(r"[/\\]", plain)])
    return parts


def _fill(parts: _Parts, segments: list[str]) -> None:
    """Take each value from behind its key, however the key is spelt; what is left are the names, in their order."""
    loose: list[str] = []
    index = 0
    while index < len(segments):
        key = _key(segments[index])
        value = segments[index + 1].split(":")[0] if index + 1 < len(segments) else ""
        if key and BARE.fullmatch(value) and not _key(value):
            _put(parts, key, value)
            index += 2
            continue
        if segments[index].lower() == "protocols" and parts.name:
            parts.tail = "/".join(segments[index:])
            break
        word = segments[index].split(":")[0]
        if not key and word.lower() not in _NO_NAME and BARE.fullmatch(word) and not CLASSIC.fullmatch(word):
            loose.append(word)
        index += 1
    _fill_loose(parts, loose)


def _fill_loose(parts: _Parts, loose: list[str]) -> None:
    if parts.subscription or parts.address or not 0 < len(loose) <= 4:
        return
    if parts.project or parts.name:
        parts.account = parts.account or (loose[0] if parts.project else "")
        return
    for field, value in zip(("name", "project", "account"), reversed(loose), strict=False):
        setattr(parts, field, value)


def _put(parts: _Parts, key: str, value: str) -> None:
    match key:
        case "subscriptions":
            parts.subscription = value if is_guid(value) else ""
        case "resourceGroups":
            parts.group = value
        case "accounts":
            parts.account = value
        case "projects":
            parts.project = value
        case _:
            parts.folder, parts.name = key, value


def _key(segment: str) -> str:
    """The key that a segment is meant to be, be it misspelt (`agent`, `aplications`) or in another letter case."""
    lowered = {key.lower(): key for key in _KEYS}
    close = difflib.get_close_matches(segment[:60].lower(), lowered, n=1, cutoff=0.8)
    return lowered[close[0]] if close else ""
