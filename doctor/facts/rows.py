"""The rows of Resource Graph that a run asked for, found again by id or by host name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.downstream.lookup import HostName
    from doctor.model.foundry import Json


class Rows:
    """Not thread-safe; its owner holds a lock."""

    def __init__(self) -> None:
        self._by_id: dict[str, Json] = {}
        self._hosts: dict[str, HostName] = {}

    @staticmethod
    def query(resource_ids: Sequence[str], hosts: Sequence[HostName]) -> str:
        """One KQL query for all of them; "" when there is nothing to ask."""
        clauses = []
        if resource_ids:
            clauses.append(f"id in~ ({_quoted(resource_ids)})")
        named = [host.label for host in hosts if not host.properties]
        if named:
            clauses.append(f"name in~ ({_quoted(named)})")
        for path in sorted({path for host in hosts for path in host.properties}):
            values = [value for host in hosts if path in host.properties for value in _forms(host)]
            clauses.append(f"{path} in~ ({_quoted(values)})")
        if not clauses:
            return ""
        columns = (
            "id, name, type, kind, location, resourceGroup, subscriptionId, tenantId, sku, identity, tags, properties"
        )
        return f"resources | where {' or '.join(clauses)} | project {columns}"

    def add(self, rows: Iterable[Json]) -> None:
        """Remember rows."""
        self._by_id |= {str(row.get("id", "")).lower(): row for row in rows}

    def expect(self, hosts: Iterable[HostName]) -> None:
        """Remember how the owners of these hosts are recognised."""
        self._hosts |= {host.host: host for host in hosts}

    def by_id(self, resource_id: str) -> Json | None:
        """The row of a resource."""
        return self._by_id.get(resource_id.lower())

    def by_host(self, host: str) -> str:
        """The id of the one resource that owns a host; "" when none, or more than one, does."""
        wanted = self._hosts.get(host.lower())
        if wanted is None:
            return ""
        owners = [row for row in self._by_id.values() if _owns(row, wanted)]
        return str(owners[0].get("id", "")) if len(owners) == 1 else ""

    def by_label(self, host: str, listed: Iterable[Json]) -> str:
        """The id of the one listed resource whose name is the host's first label."""
        wanted = self._hosts.get(host.lower())
        if wanted is None:
            return ""
        types = {one.lower() for one in wanted.arm_types}
        owners = {
            str(row.get("id", ""))
            for row in listed
            if str(row.get("type", "")).lower() in types and str(row.get("name", "")).lower() == wanted.label
        }
        return owners.pop() if len(owners) == 1 else ""


def _owns(row: Json, host: HostName) -> bool:
    if str(row.get("type", "")).lower() not in {one.lower() for one in host.arm_types}:
        return False
    if not host.properties:
        return str(row.get("name", "")).lower() == host.label
    return any(_host_in(_at(row, path)) in {host.host, host.label} for path in host.properties)


def _host_in(value: object) -> str:
    """The host that a property holds: bare, as a first label, or within a URL."""
    text = str(value or "").lower()
    return (urlsplit(text).hostname or "") if "://" in text else text.rstrip("/")


def _at(row: Json, path: str) -> object:
    value: object = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _forms(host: HostName) -> tuple[str, ...]:
    return (host.label, host.host, f"https://{host.host}", f"https://{host.host}/")


def _quoted(values: Iterable[str]) -> str:
    escaped = (value.replace("\\", "\\\\").replace("'", "\\'") for value in dict.fromkeys(values))
    return ", ".join(f"'{value}'" for value in escaped)
