"""The knowledge about kinds of downstream resource, read from the TOML files in `kinds/`.

Somebody else's kinds come in without Python: a folder of such files, or a package of data that names itself in the
entry-point group `agentdoctor.kinds`. The files' shape is `kinds/kind.schema.json`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

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
from doctor.model.data_file import DataError, Table
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
    try:
        return _file(Table(document, origin))
    except DataError as error:
        raise KnowledgeError(str(error)) from error


def _file(document: Table) -> tuple[Kind, ...]:
    dated = document.text("dated")
    shared = tuple(_switch(one) for one in document.tables("switch"))
    network = _network(document.table("network"))
    kinds = tuple(_kind(one) for one in document.tables("kind"))
    document.end()
    return tuple(
        replace(one, dated=dated, switches=(*shared, *one.switches), network=one.network or network) for one in kinds
    )


def _kind(raw: Table) -> Kind:
    kind_id, title = raw.text("id"), raw.text("title")
    confidence = raw.choice("confidence", Confidence)
    found = Kind(
        id=kind_id,
        title=title,
        confidence=confidence,
        store=raw.choice("store", Store),
        categories=raw.texts("categories"),
        arm_types=raw.texts("arm_types"),
        resource_kinds=raw.texts("resource_kinds"),
        api_version=raw.text("api_version", ""),
        audiences=raw.texts("audiences"),
        audience_confidence=raw.choice("audience_confidence", Confidence, confidence).value,
        own_host_audience=raw.flag("own_host_audience"),
        identity_possible=raw.flag("identity_possible"),
        child=raw.text("child", ""),
        second_hop=raw.texts("second_hop"),
        hosts=tuple(_host(one) for one in raw.tables("host")),
        path_keys=tuple(_path_key(one) for one in raw.tables("path_key")),
        scenarios=tuple(_scenario(one, confidence) for one in raw.tables("scenario")),
        switches=tuple(_switch(one) for one in raw.tables("switch")),
        network=_network(raw.table("network")),
        verify=raw.text("verify", ""),
        notes=raw.texts("notes"),
        sources=raw.texts("sources", None),
        origin=raw.file,
    )
    raw.end()
    return found


def _host(raw: Table) -> Host:
    audiences = raw.texts("audiences") if raw.has("audiences") else None
    suffix, properties = raw.text("suffix").lower(), raw.texts("properties")
    found = Host(suffix, properties, raw.text("path", ""), raw.flag("shared"), raw.text("cloud", ""), audiences)
    raw.end()
    return found


def _path_key(raw: Table) -> PathKey:
    found = PathKey(raw.text("path"), raw.text("key"), raw.text("header"), raw.text("query"), raw.text("unless"))
    raw.end()
    return found


def _scenario(raw: Table, confidence: Confidence) -> Scenario:
    role, when, policy = raw.table("role"), raw.table("when"), raw.table("policy")
    found = Scenario(
        id=raw.text("id"),
        title=raw.text("title"),
        judge=raw.choice("judge", Judge, Judge.ASKED),
        needs=_needs(raw),
        role_guid=role.text("guid").lower() if role else "",
        role_name=role.text("name") if role else "",
        native=_native(raw.table("native")),
        policy={store: policy.texts(store) for store in policy.names()} if policy else {},
        when=_test(when) if when else None,
        path=raw.text("path", ""),
        confidence=raw.choice("confidence", Confidence, confidence).value,
        note=raw.text("note", ""),
    )
    for one in (raw, role):
        if one is not None:
            one.end()
    return found


def _native(raw: Table | None) -> NativeRole | None:
    if raw is None:
        return None
    found = NativeRole(raw.text("role"), raw.text("name"), raw.texts("actions", None))
    raw.end()
    return found


def _needs(raw: Table) -> tuple[tuple[Action, ...], ...]:
    groups = raw.value("needs", [])
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise raw.wrong("needs should be a list of lists of actions")
    return tuple(tuple(_action(one, raw) for one in group) for group in groups)


def _action(text: object, raw: Table) -> Action:
    plane, _, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    if plane not in {"data", "action"} or not name:
        raise raw.wrong(f"{text!r} in needs is neither data:… nor action:…")
    return Action(name, data=plane == "data")


def _switch(raw: Table) -> Switch:
    fix = raw.table("fix")
    found = Switch(
        when=tuple(_test(one) for one in raw.tables("when")),
        unless=tuple(_test(one) for one in raw.tables("unless")),
        concerns=raw.choice("concerns", Concerns),
        effect=raw.choice("effect", Effect, Effect.REFUSES),
        cause=raw.choice("cause", Cause) if raw.has("cause") else None,
        says=raw.text("says"),
        confidence=raw.choice("confidence", Confidence),
        fix=_command(fix) if fix else None,
        decisive=raw.flag("decisive"),
    )
    raw.end()
    if not found.when:
        raise raw.wrong("when is empty")
    return found


def _test(raw: Table) -> Test:
    operators = [operator for operator in Operator if raw.has(operator.value)]
    if len(operators) != 1:
        raise raw.wrong(f"needs exactly one of {', '.join(one.value for one in Operator)}")
    value = raw.value(operators[0].value)
    found = Test(raw.text("property"), operators[0], tuple(value) if isinstance(value, list) else value)
    raw.end()
    return found


def _command(raw: Table) -> Command:
    found = Command(raw.text("title"), raw.text("command"), raw.text("undo", ""), raw.text("needs", ""))
    raw.end()
    return found


def _network(raw: Table | None) -> Network | None:
    if raw is None:
        return None
    opened = raw.table("open")
    found = Network(
        public=raw.text("public", ""),
        default_action=raw.text("default_action", ""),
        ip_rules=raw.text("ip_rules", ""),
        subnet_rules=raw.text("subnet_rules", ""),
        resource_rules=raw.text("resource_rules", ""),
        bypass=raw.text("bypass", ""),
        bypass_covers=tuple(_role(one, raw) for one in raw.texts("bypass_covers")),
        bypass_when_disabled=raw.flag("bypass_when_disabled"),
        private_endpoints=raw.text("private_endpoints", ""),
        closed_by_rules=raw.flag("closed_by_rules"),
        closed_by_endpoint=raw.flag("closed_by_endpoint"),
        rules_at=raw.text("rules_at", ""),
        open_command=_command(opened) if opened else None,
    )
    raw.end()
    return found


def _role(word: str, raw: Table) -> IdentityRole:
    found = {one.value: one for one in IdentityRole}
    if word not in found:
        raise raw.wrong(f"bypass_covers names {word!r}, which is no identity")
    return found[word]
