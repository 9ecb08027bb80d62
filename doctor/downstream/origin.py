"""From which network the agent's calls come: not from the one in which this program runs.

An account without network injection calls from Foundry's own network, to which nobody's private endpoint or address
list leads. One with injection calls from the subnet that its `networkInjections` name, or from a network that Microsoft
manages. Source: Microsoft.CognitiveServices/accounts of api-version 2025-06-01, `properties.networkInjections`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from doctor.downstream import properties
from doctor.model.fact import Known, Problem
from doctor.model.resource_id import ResourceId
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.downstream.lookup import Lookup
    from doctor.model.foundry import Json

_ACCOUNTS = "2025-06-01"
_ENDPOINTS = "2023-09-01"
_NEAR = "leads to it from the agent's network cannot be seen from here"
_EVERYBODY = ("0.0.0.0/0", "0.0.0.0")  # noqa: S104 - rules that are read, not an address to bind to
_NARROW = 24
"""A list of ranges at least this narrow names machines, not a cloud."""


class Reach(Enum):
    """Whether the network rules let a caller through."""

    OPEN = "open"
    TRUSTED = "through the exception for trusted Azure services"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the calls of an account's agents come from."""

    account: str
    lookup: Lookup
    subnet: ResourceId | None = None
    """The subnet that the agents are injected into."""
    managed: bool = False
    """A network that Microsoft manages, or an injection that was not understood."""

    @property
    def line(self) -> str:
        """What was seen, in words."""
        if self.subnet is not None:
            return f"the agent calls from subnet {clean(str(self.subnet))}"
        where = "a network that was not understood" if self.managed else "Foundry's own network"
        return f"the agent calls from {where} (networkInjections of its account)"

    def reaches(self, endpoints: Sequence[Json], rules: Sequence[Any], *, knows_endpoints: bool) -> tuple[Reach, str]:
        """Whether approved private endpoints or listed networks let the calls in, and why."""
        inside = self.subnet is not None
        here = inside and any(self._is_near(one) for one in endpoints)
        wide = any(_is_wide(one) for one in rules)
        cases = (
            (any(self._admitted(one) for one in rules), Reach.OPEN, "and the agent's network is on its list"),
            (here, Reach.OPEN, "and a private endpoint leads to it from the agent's network"),
            (
                endpoints and (inside or self.managed),
                Reach.UNKNOWN,
                f"and whether one of its private endpoints {_NEAR}",
            ),
            (wide, Reach.UNKNOWN, "and whether the agent calls from one of them cannot be seen from here"),
            (self.managed or not knows_endpoints, Reach.UNKNOWN, f"and whether a private endpoint {_NEAR}"),
            (endpoints, Reach.CLOSED, "and the agent's calls do not come from the network of its private endpoint"),
            (rules, Reach.CLOSED, "and the network that the agent calls from is not one of them"),
            (True, Reach.CLOSED, "and no private endpoint leads to it"),
        )
        return next((reach, why) for holds, reach, why in cases if holds)

    def _admitted(self, rule: Any) -> bool:
        """A rule that names the subnet, the account as a resource instance, or everybody."""
        words = [properties.text(rule, name) for name in ("id", "resourceId", "subnet.id", "virtualNetwork.id")]
        named = [found for one in words if (found := ResourceId.of(one)) is not None]
        own = (self.subnet, ResourceId.of(self.account))
        return any(one in own for one in named) or _address(rule) in _EVERYBODY

    def _is_near(self, endpoint: Json) -> bool:
        """Whether a private endpoint lies in the virtual network of the agent's subnet."""
        found = properties.text(endpoint, "properties.privateEndpoint.id")
        fact = self.lookup.read(found, _ENDPOINTS) if found else None
        subnet = ResourceId.of(properties.text(fact.value, "properties.subnet.id")) if isinstance(fact, Known) else None
        return subnet is not None and self.subnet is not None and subnet.parent == self.subnet.parent


def of(account_id: str, lookup: Lookup) -> Origin | Problem:
    """The origin of an account's calls, or why its settings could not be read."""
    fact = lookup.resource(account_id, _ACCOUNTS, properties=("properties",))
    if not isinstance(fact, Known):
        return fact.problem
    injections = properties.dig(fact.value, "properties.networkInjections")
    if injections is None or injections == []:
        return Origin(account_id, lookup)
    agents = [one for one in properties.items(injections, "") if properties.text(one, "scenario").lower() == "agent"]
    subnets = [ResourceId.of(properties.text(one, "subnetArmId")) for one in agents if isinstance(one, Mapping)]
    named = [one for one in subnets if one is not None]
    if named and not any(properties.dig(one, "useMicrosoftManagedNetwork") is True for one in agents):
        return Origin(account_id, lookup, named[0])
    return Origin(account_id, lookup, managed=True)


def _address(rule: Any) -> str:
    """The address or range of an IP rule, in the words of the services that have them."""
    if isinstance(rule, str):
        return rule
    return next(
        (found for name in ("value", "ipAddressOrRange", "ipMask") if (found := properties.text(rule, name))), ""
    )


def _is_wide(rule: Any) -> bool:
    """Whether an IP rule may be a cloud's range, or is not understood."""
    written = _address(rule)
    if not written:
        return not any(properties.text(rule, name) for name in ("id", "resourceId", "subnet.id", "virtualNetwork.id"))
    try:
        return ip_network(written, strict=False).prefixlen < _NARROW
    except ValueError:
        return True
