"""Can the caller reach the target at all? Network rules look like missing permissions, and are none.

Sources: Microsoft Learn, "Trusted Azure services" of Storage, AI Search and Key Vault: the exception admits managed
identities of listed resource types. An agent identity is no identity of a resource; that the exception leaves it out is
inferred, so it is never the reason of a fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import origin, properties, switches
from doctor.downstream.origin import Reach
from doctor.model.cause import Cause
from doctor.model.change import RunAz
from doctor.model.fact import Known, Problem
from doctor.model.loose import shown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.kind import Network
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.origin import Origin
    from doctor.downstream.target import Target
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json
    from doctor.model.identity import IdentityRole

_CLOSED = ("disabled", "securedbyperimeter")
_Answer = tuple[Reach, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Way:
    """What the network rules of a target mean for a caller."""

    reach: Reach
    reason: str = ""
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    problem: Problem | None = None
    """The rules could not be read."""


def way(target: Target, lookup: Lookup, role: IdentityRole | None, account_id: str) -> Way:
    """What the target's network rules mean for a call of an agent of the account.

    `role` is None for a call with a key or as an end user.
    """
    network, resource = target.kind.network, target.resource or {}
    if network is None:
        return Way(Reach.OPEN)
    rules: Json = resource
    if network.rules_at:
        fact = lookup.read(f"{target.resource_id}/{network.rules_at}", target.kind.api_version)
        if not isinstance(fact, Known):
            return Way(Reach.UNKNOWN, "the network rules could not be read", problem=fact.problem)
        rules = fact.value
    if doubt := _not_understood(network, resource, rules):
        return Way(Reach.UNKNOWN, doubt, problem=Problem(Cause.UNRECOGNISED, doubt))
    public = properties.text(resource, network.public).lower()
    if not public and network.closed_by_endpoint and _endpoints(resource, network)[0]:
        public = "disabled"
    denied = properties.text(rules, network.default_action).lower() == "deny" if network.default_action else False
    listed = _rules(rules, network)
    if public not in _CLOSED and not denied and not (network.closed_by_rules and listed):
        return Way(Reach.OPEN)
    approved, waiting = _endpoints(resource, network)
    listing = _Rules(network, public, listed, _trusts(rules, network), approved, waiting)
    reach, reason, seen = _restricted(listing, role, origin.of(account_id, lookup))
    evidence = (
        f"public network access: {clean(public) or 'not said'}; network rules: {len(listed)}",
        *(f"private endpoint {_name(one)} is approved" for one in approved),
        *(_line(one) for one in waiting),
        *seen,
    )
    fixes = tuple(fix for one in waiting for fix in _approval(one))
    return Way(reach, reason, evidence, (*fixes, *switches.command(network.open_command, target.resource_id)))


def _not_understood(network: Network, resource: Json, rules: Json) -> str:
    """A field that decides and is of no shape that is known; what is left out has its service's documented default."""
    public = properties.dig(resource, network.public) if network.public else None
    if public is not None and (not isinstance(public, str) or public.lower() not in {"", "enabled", *_CLOSED}):
        return f"{network.public} should be Enabled or Disabled, but is {shown(public)}"
    action = properties.dig(rules, network.default_action) if network.default_action else None
    if action is not None and (not isinstance(action, str) or action.lower() not in {"allow", "deny"}):
        return f"{network.default_action} should be Allow or Deny, but is {shown(action)}"
    paths = (network.ip_rules, network.subnet_rules, network.resource_rules, network.private_endpoints)
    for path in filter(None, paths):
        holder = resource if path == network.private_endpoints else rules
        value = properties.dig(holder, path)
        if value is not None and not isinstance(value, list):
            return f"{path} should be a list, but is {shown(value)}"
    if network.default_action and action is None and _rules(rules, network):
        return f"{network.default_action} is not shown, though there are rules"
    return ""


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
    approved: tuple[Json, ...]
    waiting: tuple[Json, ...]


def _restricted(
    rules: _Rules, role: IdentityRole | None, start: Origin | Problem
) -> tuple[Reach, str, tuple[str, ...]]:
    """What rules that are not open mean for a call, why, and what was seen of where it comes from."""
    off = rules.public == "disabled"
    state = "it has public access switched off" if off else "it admits listed networks only"
    covered = role in rules.network.bypass_covers
    if rules.trusts and covered and not off:
        return Reach.TRUSTED, f"{state}, and it lets trusted Azure services in", ()
    if rules.trusts and role is not None and (not off or (covered and rules.network.bypass_when_disabled)):
        why = "and that its exception for trusted Azure services holds here is not documented"
        return Reach.UNKNOWN, f"{state}, {why}", ()
    if rules.public == "securedbyperimeter":
        return Reach.UNKNOWN, f"{state}, by a security perimeter whose rules are not read here", ()
    if isinstance(start, Problem):
        return Reach.UNKNOWN, f"{state}, and from which network the agent calls could not be read: {start.summary}", ()
    listed = () if off else rules.listed
    reach, why = start.reaches(rules.approved, listed, knows_endpoints=bool(rules.network.private_endpoints))
    if reach is Reach.CLOSED and rules.waiting:
        why = "and its private endpoint is not approved"
    return reach, f"{state}, {why}", (start.line,)


def _trusts(rules: Json, network: Network) -> bool:
    value = properties.dig(rules, network.bypass) if network.bypass else None
    if isinstance(value, str):
        return "azureservices" in {one.strip().lower() for one in value.split(",")}
    return value is True


def _endpoints(resource: Json, network: Network) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    """The private endpoint connections that are approved, and those that are not."""
    found = properties.items(resource, network.private_endpoints) if network.private_endpoints else ()
    waiting = tuple(one for one in found if _status(one).lower() != "approved")
    return tuple(one for one in found if one not in waiting), waiting


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
    change = RunAz(("network", "private-endpoint-connection", "approve", "--id", endpoint_id))
    needs = "write permission on the target's privateEndpointConnections"
    return (changes.fix(change, f"Approve private endpoint {_name(endpoint)}", needs=needs),)
