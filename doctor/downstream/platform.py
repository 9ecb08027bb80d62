"""What Foundry itself uses on the agent's behalf: the resources of the standard agent setup, the store of secrets.

Source: Microsoft Learn, "Standard agent setup" and "Capability hosts" (the project's managed identity calls), "Set up a
Key Vault connection" (the account's managed identity calls). Shapes: capabilityHosts of api-version 2025-06-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.capability import CAPABILITY_HOSTS
from doctor.downstream.dependency import CAPABILITY_HOST, Caller, Dependency, Who
from doctor.model.fact import Known
from doctor.model.identity import IdentityRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.downstream.lookup import Lookup
    from doctor.downstream.named import Connections
    from doctor.model.foundry import Json

_ROLES = (
    ("threadStorageConnections", "cosmos_nosql", ("standard_setup.cosmos_data",), ("dbs/enterprise_memory",)),
    ("storageConnections", "storage_blob", ("standard_setup.storage_account",), ()),
    ("vectorStoreConnections", "ai_search", ("standard_setup.search_data", "standard_setup.search_control"), ()),
)


def standard_setup(lookup: Lookup, project_id: str) -> tuple[Dependency, ...]:
    """The customer's own Cosmos DB, Storage and AI Search, when the project keeps its agents' state there.

    Every agent of the project hangs on them, also when no tool names one. Hosts that could not be read are told by the
    check of the capability hosts.
    """
    hosts = lookup.list(f"{project_id}/capabilityHosts", CAPABILITY_HOSTS) if project_id else None
    if not isinstance(hosts, Known):
        return ()
    return tuple(one for host in hosts.value for one in _of_host(host))


def _of_host(host: Json) -> Iterable[Dependency]:
    caller = Caller(Who.IDENTITY, IdentityRole.PROJECT_MANAGED_IDENTITY)
    for name, kind, scenarios, children in _ROLES:
        for reference in properties.texts(properties.dig(host, f"properties.{name}")):
            yield Dependency(CAPABILITY_HOST, caller, kind, reference=reference, scenarios=scenarios, children=children)


def secret_store(found: Iterable[Dependency], named: Connections) -> tuple[Dependency, ...]:
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
        for one in named.of_category("AzureKeyVault")
    )
