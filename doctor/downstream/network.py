"""Can the caller reach the target at all? Network rules look like missing permissions, and are none.

Sources: Microsoft Learn, "Trusted Azure services" of Storage, AI Search and Key Vault: the exception admits managed
identities of listed resource types. An agent identity is no identity of a resource; that the exception leaves it out is
inferred, so it is never the reason of a fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from doctor.downstream import properties, shell, switches
from doctor.model.fact import Known, Problem
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.kind import Kind, Network
    from doctor.downstream.lookup import Lookup
    from doctor.model.foundry import Json
    from doctor.model.identity import IdentityRole


class Reach(Enum):
    """Whether the network rules let a caller through."""

    OPEN = "open"
    TRUSTED = "through the exception for trusted Azure services"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Way:
    """What the network rules of a target mean for a caller."""

    reach: Reach
    reason: str = ""
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    problem: Problem | None = None
    """The rules could not be read."""


def way(kind: Kind, resource: Json, resource_id: str, lookup: Lookup, role: IdentityRole | None) -> Way:
    """What the target's network rules mean for an identity; `role` is None for a call with a key."""
    network = kind.network
    if network is None:
        return Way(Reach.OPEN)
    rules: Json = resource
    if network.rules_at:
        fact = lookup.read(f"{resource_id}/{network.rules_at}", kind.api_version)
        if not isinstance(fact, Known):
            return Way(Reach.UNKNOWN, "The network rules could not be read", problem=fact.problem)
        rules = fact.value
    public = properties.text(resource, network.public).lower()
    if not public and network.closed_by_endpoint and _endpoints(resource, network)[0]:
        public = "disabled"
    denied = properties.text(rules, network.default_action).lower() == "deny" if network.default_action else False
    listed = _rules(rules, network)
    if public not in {"disabled", "securedbyperimeter"} and not denied and not (network.closed_by_rules and listed):
        return Way(Reach.OPEN)
    approved, waiting = _endpoints(resource, network)
    listing = _Rules(network, public, listed, _trusts(rules, network), approved, tuple(_line(one) for one in waiting))
    reach, reason = _restricted(listing, role)
    evidence = (
        f"public network access: {clean(public) or 'not said'}; network rules: {len(listed)}",
        *(f"private endpoint {one} is approved" for one in approved),
        *listing.waiting,
    )
    fixes = tuple(fix for one in waiting for fix in _approval(one))
    return Way(reach, reason, evidence, (*fixes, *switches.command(network.open_command, resource_id)))


def _rules(rules: Json, network: Network) -> tuple[object, ...]:
    paths = (network.ip_rules, network.subnet_rules, network.resource_rules)
    return tuple(one for path in paths if path for one in properties.items(rules, path))


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of a target that is not open to everybody."""

    network: Network
    public: str
    listed: tuple[object, ...]
    trusts: bool
    approved: tuple[str, ...]
    waiting: tuple[str, ...]


def _restricted(rules: _Rules, role: IdentityRole | None) -> tuple[Reach, str]:
    """What rules that are not open mean for a caller, and why."""
    off = rules.public == "disabled"
    state = "it has public access switched off" if off else "it admits listed networks only"
    covered = role in rules.network.bypass_covers
    doubtful = rules.trusts and role is not None and (not off or (covered and rules.network.bypass_when_disabled))
    unseen = "cannot be seen from here"
    cases = (
        (rules.trusts and covered and not off, Reach.TRUSTED, "and it lets trusted Azure services in"),
        (doubtful, Reach.UNKNOWN, "and that its exception for trusted Azure services holds here is not documented"),
        (rules.public == "securedbyperimeter", Reach.UNKNOWN, "by a security perimeter whose rules are not read here"),
        (rules.approved, Reach.UNKNOWN, f"and whether Foundry reaches it over a private endpoint {unseen}"),
        (rules.listed and not off, Reach.UNKNOWN, f"and whether Foundry calls from one of them {unseen}"),
        (not rules.network.private_endpoints, Reach.UNKNOWN, "and its private endpoints were not read"),
        (rules.waiting, Reach.CLOSED, "and its private endpoint is not approved"),
        (True, Reach.CLOSED, "and no private endpoint leads to it"),
    )
    reach, why = next((reach, why) for holds, reach, why in cases if holds)
    return reach, f"{state}, {why}"


def _trusts(rules: Json, network: Network) -> bool:
    value = properties.dig(rules, network.bypass) if network.bypass else None
    if isinstance(value, str):
        return "azureservices" in {one.strip().lower() for one in value.split(",")}
    return value is True


def _endpoints(resource: Json, network: Network) -> tuple[tuple[str, ...], tuple[Json, ...]]:
    """Names of the approved private endpoints, and the connections that are not approved."""
    found = properties.items(resource, network.private_endpoints) if network.private_endpoints else ()
    waiting = tuple(one for one in found if _status(one).lower() != "approved")
    return tuple(_name(one) for one in found if one not in waiting), waiting


def _status(endpoint: Json) -> str:
    path = "privateLinkServiceConnectionState.status"
    return properties.text(endpoint, f"properties.{path}") or properties.text(endpoint, path)


def _name(endpoint: Json) -> str:
    return clean(properties.text(endpoint, "name") or properties.text(endpoint, "id").rsplit("/", 1)[-1])


def _line(endpoint: Json) -> str:
    return f"private endpoint {_name(endpoint)} is {clean(_status(endpoint)) or 'in an unknown state'}"


def _approval(endpoint: Json) -> tuple[Fix, ...]:
    endpoint_id = properties.text(endpoint, "id")
    if _status(endpoint).lower() != "pending" or not endpoint_id:
        return ()
    command = f"az network private-endpoint-connection approve --id {shell.word(endpoint_id)}"
    needs = "write permission on the target's privateEndpointConnections"
    return (Fix(title=f"Approve private endpoint {_name(endpoint)}", command=command, needs=needs),)
