"""The Azure resources that connections lead to, asked of Resource Graph all at once and found again by host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.facts.question import EstateQuestion
from doctor.facts.resources import GraphQuery
from doctor.model import loose
from doctor.model.fact import Fact
from doctor.model.foundry import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.downstream.lookup import HostName
    from doctor.facts.estate import Estate
    from doctor.model.resource_id import ResourceId

_READ = "Microsoft.Resources/subscriptions/resources/read"


@dataclass(frozen=True, slots=True)
class Targets(EstateQuestion[Fact[tuple[Json, ...]]]):
    """The resources of these ids and hosts, as Resource Graph shows them all at once."""

    ids: tuple[ResourceId, ...]
    hosts: tuple[HostName, ...]

    def answer(self, estate: Estate) -> Fact[tuple[Json, ...]]:
        """One query."""
        return estate.ask(GraphQuery(targets_query(self.ids, self.hosts), "the downstream resources", _READ))


def targets_query(ids: Sequence[ResourceId], hosts: Sequence[HostName]) -> str:
    """One KQL query for all of them."""
    clauses = [f"id in~ ({_quoted(map(str, ids))})"] if ids else []
    if named := [host.label for host in hosts if not host.properties]:
        clauses.append(f"name in~ ({_quoted(named)})")
    for path in sorted({path for host in hosts for path in host.properties}):
        values = [value for host in hosts if path in host.properties for value in _forms(host)]
        clauses.append(f"{path} in~ ({_quoted(values)})")
    columns = "id, name, type, kind, location, resourceGroup, subscriptionId, tenantId, sku, identity, tags, properties"
    return f"resources | where {' or '.join(clauses)} | project {columns}"


def _quoted(values: Iterable[str]) -> str:
    escaped = (value.replace("\\", "\\\\").replace("'", "\\'") for value in dict.fromkeys(values))
    return ", ".join(f"'{value}'" for value in escaped)


def _forms(host: HostName) -> tuple[str, ...]:
    return (host.label, host.host, f"https://{host.host}", f"https://{host.host}/")


def owns(row: Json, host: HostName) -> bool:
    """Whether the resource answers at the host."""
    if not host.properties:
        return labelled(row, host)
    return _of_type(row, host) and any(_host_in(_at(row, path)) in {host.host, host.label} for path in host.properties)


def labelled(row: Json, host: HostName) -> bool:
    """Whether the resource's name is the host's first label."""
    return _of_type(row, host) and loose.text(row, "name").lower() == host.label


def _of_type(row: Json, host: HostName) -> bool:
    return loose.text(row, "type").lower() in {one.lower() for one in host.arm_types}


def _host_in(value: object) -> str:
    """The host that a property holds: bare, as a first label, or within a URL."""
    text = str(value or "").lower()
    return (urlsplit(text).hostname or "") if "://" in text else text.rstrip("/")


def _at(row: Json, path: str) -> object:
    value: object = row
    for name in path.split("."):
        value = loose.field(value, name)
    return value
