"""The knowledge about kinds of downstream resource, read from the TOML files in `kinds/`.

Somebody else's kinds come in without Python: a folder of such files, or a package of data that names itself in the
entry-point group `agentdoctor.kinds`. The files' shape is `kinds/kind.schema.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from doctor.downstream import toml
from doctor.downstream.kind import (
    Command,
    Concerns,
    Effect,
    Host,
    Judge,
    Kind,
    NativeRole,
    Network,
    Operator,
    PathKey,
    Scenario,
    Store,
    Switch,
    Test,
)
from doctor.model.access import Action
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.identity import IdentityRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.abc import Traversable
    from importlib.metadata import EntryPoint
    from pathlib import Path

ENTRY_POINTS = "agentdoctor.kinds"


class KnowledgeError(ValueError):
    """A file of kinds cannot be used; the message names the file, the kind and what is wrong."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All kinds, by id."""

    kinds: Mapping[str, Kind]

    def get(self, kind_id: str) -> Kind | None:
        """The kind of that id."""
        return self.kinds.get(kind_id)

    def of_category(self, category: str) -> tuple[Kind, ...]:
        """Kinds that a connection of this category may be, in the order of the files."""
        wanted = category.lower()
        return tuple(kind for kind in self.kinds.values() if wanted in {name.lower() for name in kind.categories})

    def of_type(self, arm_type: str) -> tuple[Kind, ...]:
        """Kinds whose resources are of this ARM type."""
        wanted = arm_type.lower()
        return tuple(kind for kind in self.kinds.values() if wanted in {name.lower() for name in kind.arm_types})

    def of_host(self, host: str, path: str = "") -> tuple[tuple[Kind, Host], ...]:
        """Kinds that own hosts like this one, the longest suffix and the most particular path first."""
        name = host.lower().rstrip(".")
        found = [
            (kind, entry)
            for kind in self.kinds.values()
            for entry in kind.hosts
            if (name.endswith(entry.suffix) or name == entry.suffix.lstrip(".")) and entry.path.lower() in path.lower()
        ]
        return tuple(sorted(found, key=lambda pair: (-len(pair[1].suffix), -len(pair[1].path))))

    def of_audience(self, audience: str) -> tuple[Kind, ...]:
        """Kinds that accept tokens for this audience."""
        wanted = audience.lower().rstrip("/")
        return tuple(k for k in self.kinds.values() if wanted in {one.lower().rstrip("/") for one in k.all_audiences})


@lru_cache(maxsize=8)
def load(*folders: Path) -> Knowledge:
    """The bundled kinds, those of installed packages, and those in the folders.

    Raises:
        KnowledgeError: a file is not TOML, misses what it must say, or repeats the id of another kind; or a package
            that names itself in the entry-point group is not there.
    """
    kinds: dict[str, Kind] = {}
    for origin, text in _texts(folders):
        for kind in parse(text, origin):
            if kind.id in kinds:
                raise KnowledgeError(f"{origin}: kind {kind.id} is already described in {kinds[kind.id].origin}")
            kinds[kind.id] = kind
    return Knowledge(kinds)


def _texts(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    roots = [resources.files("doctor.downstream") / "kinds"]
    roots += [_installed(entry) for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda e: e.name)]
    roots += list(folders)
    for root in roots:
        for file in sorted(root.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".toml"):
                yield str(file), file.read_text(encoding="utf-8")


def _installed(entry: EntryPoint) -> Traversable:
    """The files of an installed package of kinds."""
    try:
        return resources.files(entry.value)
    except (ImportError, TypeError) as error:
        owner = entry.dist.name if entry.dist else "an installed package"
        raise KnowledgeError(
            f"{owner} says that its kinds are in {entry.value} ({ENTRY_POINTS}), which cannot be read: {error}"
        ) from error


def parse(text: str, origin: str) -> tuple[Kind, ...]:
    """The kinds of one file.

    Raises:
        KnowledgeError: the file is not TOML or misses what it must say.
    """
    try:
        document = toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise KnowledgeError(f"{origin}: not TOML: {error}") from error
    return tuple(_kind(raw, document, origin) for raw in document.get("kind", ()))


def _kind(raw: Mapping[str, Any], document: Mapping[str, Any], origin: str) -> Kind:
    try:
        return Kind(
            id=raw["id"],
            title=raw["title"],
            confidence=Confidence(raw["confidence"]),
            store=Store(raw["store"]),
            categories=tuple(raw.get("categories", ())),
            arm_types=tuple(raw.get("arm_types", ())),
            resource_kinds=tuple(raw.get("resource_kinds", ())),
            api_version=raw.get("api_version", ""),
            audiences=tuple(raw.get("audiences", ())),
            audience_confidence=raw.get("audience_confidence", raw["confidence"]),
            own_host_audience=raw.get("own_host_audience", False),
            identity_possible=raw.get("identity_possible", False),
            child=raw.get("child", ""),
            hosts=tuple(_host(one) for one in raw.get("host", ())),
            path_keys=tuple(PathKey(**one) for one in raw.get("path_key", ())),
            scenarios=tuple(_scenario(one, raw) for one in raw.get("scenario", ())),
            switches=tuple(_switch(one) for one in (*document.get("switch", ()), *raw.get("switch", ()))),
            network=_network(raw.get("network", document.get("network"))),
            verify=raw.get("verify", ""),
            notes=tuple(raw.get("notes", ())),
            sources=tuple(raw["sources"]),
            dated=document["dated"],
            origin=origin,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise KnowledgeError(f"{origin}: kind {raw.get('id', '?')}: {error!r}") from error


def _host(raw: Mapping[str, Any]) -> Host:
    audiences = tuple(raw["audiences"]) if "audiences" in raw else None
    return Host(
        raw["suffix"].lower(),
        tuple(raw.get("properties", ())),
        raw.get("path", ""),
        raw.get("shared", False),
        raw.get("cloud", ""),
        audiences,
    )


def _scenario(raw: Mapping[str, Any], kind: Mapping[str, Any]) -> Scenario:
    native = raw.get("native")
    role = raw.get("role", {})
    return Scenario(
        id=raw["id"],
        title=raw["title"],
        judge=Judge(raw.get("judge", "asked")),
        needs=tuple(tuple(_action(one) for one in group) for group in raw.get("needs", ())),
        role_guid=role.get("guid", "").lower(),
        role_name=role.get("name", ""),
        native=NativeRole(native["role"], native["name"], tuple(native["actions"])) if native else None,
        policy={store: tuple(names) for store, names in raw.get("policy", {}).items()},
        when=_test(raw["when"]) if "when" in raw else None,
        path=raw.get("path", ""),
        confidence=Confidence(raw.get("confidence", kind["confidence"])).value,
        note=raw.get("note", ""),
    )


def _action(text: str) -> Action:
    plane, _, name = text.partition(":")
    if plane not in {"data", "action"} or not name:
        raise ValueError(f"{text!r} is neither data:… nor action:…")
    return Action(name, data=plane == "data")


def _switch(raw: Mapping[str, Any]) -> Switch:
    cause = raw.get("cause")
    return Switch(
        when=tuple(_test(one) for one in raw["when"]),
        unless=tuple(_test(one) for one in raw.get("unless", ())),
        concerns=Concerns(raw["concerns"]),
        effect=Effect(raw.get("effect", "refuses")),
        cause=_cause(cause) if cause else None,
        says=raw["says"],
        confidence=Confidence(raw["confidence"]),
        fix=_command(raw["fix"]) if "fix" in raw else None,
        decisive=raw.get("decisive", False),
    )


def _cause(slug: str) -> Cause:
    found = {cause.value: cause for cause in Cause}
    if slug not in found:
        raise ValueError(f"{slug} is no cause")
    return found[slug]


def _test(raw: Mapping[str, Any]) -> Test:
    operators = [operator for operator in Operator if operator.value in raw]
    if len(operators) != 1:
        raise ValueError(f"a test of {raw.get('property')} needs exactly one operator")
    value = raw[operators[0].value]
    return Test(raw["property"], operators[0], tuple(value) if isinstance(value, list) else value)


def _command(raw: Mapping[str, Any]) -> Command:
    return Command(raw["title"], raw["command"], raw.get("undo", ""), raw.get("needs", ""))


def _network(raw: Mapping[str, Any] | None) -> Network | None:
    if raw is None:
        return None
    paths = {name: value for name, value in raw.items() if name not in {"open", "bypass_covers"}}
    return Network(
        **paths,
        bypass_covers=tuple(IdentityRole(one) for one in raw.get("bypass_covers", ())),
        open_command=_command(raw["open"]) if "open" in raw else None,
    )
