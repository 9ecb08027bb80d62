"""What Foundry itself uses on the agent's behalf: the resources of the standard agent setup, the store of secrets.

Source: Microsoft Learn, "Standard agent setup" and "Capability hosts" (the project's managed identity calls), "Set up a
Key Vault connection" (the account's managed identity calls). Shapes: capabilityHosts of api-version 2025-06-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.dependency import Caller, Dependency, Gap, Who
from doctor.model.cause import Cause
from doctor.model.fact import Known
from doctor.model.identity import IdentityRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.downstream.lookup import Lookup
    from doctor.model.foundry import Connection, Json

CAPABILITY_HOSTS = "2025-06-01"
_STORING_TOOLS = frozenset({"file_search", "code_interpreter"})
_ROLES = (
    ("threadStorageConnections", "cosmos_nosql", ("standard_setup.cosmos_data",), ("dbs/enterprise_memory",)),
    ("storageConnections", "storage_blob", ("standard_setup.storage_account",), ()),
    ("vectorStoreConnections", "ai_search", ("standard_setup.search_data", "standard_setup.search_control"), ()),
)


@dataclass(frozen=True, slots=True)
class Platform:
    """What the platform uses, and what could not be read about it."""

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()


def standard_setup(
    found: Iterable[Dependency], connections: Sequence[Connection], lookup: Lookup, project_id: str
) -> Platform:
    """The customer's own Cosmos DB, Storage and AI Search, when the project keeps its agents' state there.

    Asked for only when it may matter: a tool stores something, or a Cosmos DB connection is used by no tool.
    """
    found = tuple(found)
    stores = any(one.tool in _STORING_TOOLS for one in found)
    used = {one.connection.id for one in found if one.connection}
    idle = any(one.category.lower() == "cosmosdb" and one.id not in used for one in connections)
    if not project_id or not (stores or idle):
        return Platform()
    hosts = lookup.list(f"{project_id}/capabilityHosts", CAPABILITY_HOSTS)
    if isinstance(hosts, Known):
        return Platform(tuple(one for host in hosts.value for one in _of_host(host)))
    if hosts.problem.cause is Cause.RESOURCE_NOT_FOUND:
        return Platform()
    if stores:
        return Platform(unread=(Gap("capability hosts", hosts.problem),))
    return Platform(notes=(f"The project's capability hosts could not be read: {hosts.problem.summary}",))


def _of_host(host: Json) -> Iterable[Dependency]:
    caller = Caller(Who.IDENTITY, IdentityRole.PROJECT_MANAGED_IDENTITY)
    for name, kind, scenarios, children in _ROLES:
        for reference in properties.texts(properties.dig(host, f"properties.{name}")):
            yield Dependency(
                "capability host", caller, kind, reference=reference, scenarios=scenarios, children=children
            )


def secret_store(found: Iterable[Dependency], connections: Iterable[Connection]) -> tuple[Dependency, ...]:
    """The customer's own Key Vault, which keeps the keys of every other connection."""
    if not any(one.caller.who is Who.KEY and one.connection for one in found):
        return ()
    caller = Caller(Who.IDENTITY, IdentityRole.ACCOUNT_MANAGED_IDENTITY)
    return tuple(
        Dependency(
            "secret store",
            caller,
            "key_vault",
            reference=one.name,
            connection=one,
            target=one.target,
            scenarios=("connection_store",),
        )
        for one in connections
        if one.category.lower() == "azurekeyvault"
    )
