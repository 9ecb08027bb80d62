"""Which service refused: by its host, else by its name, and what that service wants.

The services are data (`data/services.toml`): hosts of every cloud with the audience there, the words by which texts
name the service, its store of permissions, the narrow built-in role of each operation, and advice in its own terms.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from doctor.model.cause import Cause
from doctor.reading.folding import spaced

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = Path(__file__).parent / "data" / "services.toml"
_FOUNDRY, _ARM, _GRAPH = "foundry-project", "azure-resource-manager", "microsoft-graph"
_CAUSES = {cause.value: cause for cause in Cause}
_LAST = (_FOUNDRY, _ARM, _GRAPH)
"""Their hosts stand in many texts about another service's refusal."""
_WRITES = re.compile(r"(?i)\b(?:write|upload|put|patch|delete|create|set|send|push|index documents|officer)\b")
_IS_WRITE = re.compile(r"write|upload|send|store|push|create")


class ServicesError(Exception):
    """A service of the data file is not well formed; names the file, the service and the key."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one can do at a service, and the narrowest built-in role that lets one."""

    name: str
    role: str
    role_id: str
    needs: tuple[str, ...] = ()
    """`data ACTION` or `action ACTION`, alternatives joined by ` or `."""
    words: tuple[str, ...] = ()
    """Parts of a text in lower case that are about this operation."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do at a service for some causes; in texts `{field|what stands in for it}`."""

    causes: tuple[Cause, ...]
    title: str
    command: str = ""
    undo: str = ""
    needs: str = ""
    note: str = ""
    signatures: tuple[str, ...] = ()
    """Only for these entries of the catalogue; () for all of the causes."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that an agent, a tool or a pipeline calls."""

    id: str
    title: str
    hosts: tuple[tuple[str, str], ...]
    """Host, or its end when it begins with a dot, and the audience of its tokens there ("" where it is the app's)."""
    words: tuple[str, ...]
    type: str
    """ARM resource type, or "" where it is none."""
    store: str
    """Where its permissions are kept."""
    source: str
    operations: tuple[Operation, ...] = ()
    advice: tuple[Advice, ...] = ()

    @property
    def is_foundry(self) -> bool:
        """Whether it is the Foundry data plane."""
        return self.id == _FOUNDRY

    @property
    def audience(self) -> str:
        """The audience in the public cloud; "" where it is the app's own."""
        return self.hosts[0][1]

    def audience_at(self, host: str) -> str:
        """The audience of tokens for a host of the service."""
        return next((audience for end, audience in self.hosts if _is_at(host, end)), self.audience)

    def advice_for(self, cause: Cause, signature: str = "") -> Advice | None:
        """What to do at this service for a cause, as an entry of the catalogue told it."""
        return next(
            (one for one in self.advice if cause in one.causes and (not one.signatures or signature in one.signatures)),
            None,
        )

    def role_for(self, action: str) -> tuple[str, str] | None:
        """Name and GUID of the role made for an action of the service; Foundry's own are another question."""
        if self.is_foundry or self.id == "cognitive-account":
            return None
        lowered = action.lower()
        for one in self.operations:
            if any(lowered == part.split(" ", 1)[1] for need in one.needs for part in need.lower().split(" or ")):
                return one.role, one.role_id
        return None

    def operation_in(self, text: str) -> Operation | None:
        """The operation whose words a text has, else a write where it speaks of one, else the first: a read."""
        if not self.operations:
            return None
        lowered = text.lower()
        if told := next((one for one in self.operations if any(word in lowered for word in one.words)), None):
            return told
        if _WRITES.search(text):
            return next((one for one in self.operations if _IS_WRITE.search(one.name)), self.operations[0])
        return self.operations[0]


@dataclass(frozen=True, slots=True)
class Refuser:
    """The service that refused, as far as the text tells."""

    service: Service
    host: str = ""
    """Its host; "" where only its name stands there."""

    @property
    def audience(self) -> str:
        """The audience of its tokens."""
        return self.service.audience_at(self.host) if self.host else self.service.audience


@cache
def services() -> tuple[Service, ...]:
    """All services, in the order of the file.

    Raises:
        ServicesError: the file has an unknown or missing key, or a cause that is in no list.
    """
    return tuple(_service(entry) for entry in tomllib.loads(_FILE.read_text("utf-8"))["service"])


def refuser(hosts: tuple[str, ...], squeezed_words: str, types: str = "") -> Refuser | None:
    """The service that a text is about: one of its hosts, one of its resource types, or its name; None when unknown.

    Args:
        hosts: the host names in the text, in order.
        squeezed_words: its words in lower case, each with one space before it.
        types: its text in lower case, in which resource types and actions stand as they are.
    """
    at_host = [Refuser(one, host) for host in hosts for one in services() if _has(one, host)]
    of_host = [found for found in at_host if found.service.id not in _LAST]
    if of_host:
        # two services share the hosts of namespaces: the words tell which
        alike = [one for one in of_host if one.host == of_host[0].host]
        return next((one for one in reversed(alike) if _named(one.service, squeezed_words, types)), of_host[0])
    for found in at_host:
        if found.service.id == _GRAPH:
            return found
    by_name = [one for one in services() if _named(one, squeezed_words, types)]
    for service in by_name:
        if service.id not in _LAST:
            return Refuser(service)
    if at_host:
        return at_host[0]
    return Refuser(by_name[0]) if by_name else None


def _has(service: Service, host: str) -> bool:
    return any(_is_at(host, end) for end, _ in service.hosts)


def _is_at(host: str, end: str) -> bool:
    return host.endswith(end) if end.startswith(".") else host == end


def _named(service: Service, words: str, types: str) -> bool:
    if service.type and service.type != "Microsoft.CognitiveServices/accounts" and f"{service.type.lower()}/" in types:
        return True
    return any(f" {word} " in words or f" {word}s " in words for word in service.words)


def _service(entry: dict[str, Any]) -> Service:
    name = entry.get("id", "without an id")
    _refuse_unknown(entry, Service, name)
    try:
        return Service(
            **{
                **entry,
                "hosts": tuple((end, audience) for end, audience in entry["hosts"]),
                "words": tuple(spaced(word).strip() for word in entry["words"]),
                "operations": tuple(_operation(one, name) for one in entry.get("operations", [])),
                "advice": tuple(_advice(one, name) for one in entry.get("advice", [])),
            }
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ServicesError(f"{_FILE.name}: service {name}: {error}") from error


def _operation(entry: dict[str, Any], service: str) -> Operation:
    _refuse_unknown(entry, Operation, service)
    return Operation(**{**entry, "needs": tuple(entry.get("needs", [])), "words": tuple(entry.get("words", []))})


def _advice(entry: dict[str, Any], service: str) -> Advice:
    _refuse_unknown(entry, Advice, service)
    return Advice(
        **{
            **entry,
            "causes": tuple(_CAUSES[slug] for slug in entry["causes"]),
            "signatures": tuple(entry.get("signatures", [])),
        }
    )


def _refuse_unknown(entry: dict[str, Any], kind: type[Any], service: str) -> None:
    if unknown := set(entry) - {one.name for one in fields(kind)}:
        raise ServicesError(f"{_FILE.name}: service {service}: unknown key {', '.join(sorted(unknown))}")
