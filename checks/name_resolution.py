"""The endpoint's name has an address here.

## What it verifies
The host name of the endpoint resolves on this machine, and to the kind of address that the account's network settings
ask for: with public network access disabled, or with an approved private endpoint, a private one.

## When it does not pass
- DNS has no address for the name (`name-not-resolved`): a typing error, an account that is gone, or a private DNS
  zone that this network does not see
- public network access is disabled, but the name resolves to a public address here (`private-dns-missing`): every
  call from this machine will be refused

## What to do
Link the private DNS zone `privatelink.services.ai.azure.com` to this network, or run from a network that has it. A
custom DNS server must forward to 168.63.129.16.

## Sources
Zones and group id of Foundry private endpoints: Microsoft's template 10-private-network-basic, January 2026. The
zones of the sovereign clouds are not documented.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, sentence, unknown, unread
from doctor.facts.endpoint import AddressesOf, FindEndpoint, detour
from doctor.facts.place import FindPlace
from doctor.facts.records import TheAccount
from doctor.model.cause import Cause
from doctor.model.fact import Known, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts
    from doctor.model.foundry import Account


def run(facts: Facts) -> Iterator[Finding]:
    """Resolve the endpoint's host and compare with the account's network settings."""
    endpoint = facts.ask(FindEndpoint())
    if isinstance(endpoint, Unread):
        yield unread(endpoint.problem)
        return
    host = endpoint.value.host
    if detour(facts):
        yield passed(f"{host} is not looked up: {detour(facts)}.")
        return
    addresses = facts.ask(AddressesOf(host))
    if isinstance(addresses, Unread):
        problem = addresses.problem
        guess = ("the host is made of the account's name: the account could not be read",)
        evidence = (*problem.evidence, *(guess if endpoint.value.guessed else ()))
        if endpoint.value.guessed and isinstance(facts.ask(FindPlace()), Unread):
            yield unknown(problem.cause, sentence(problem.summary), evidence=evidence, because_of=("application",))
            return
        yield failed(problem.cause, sentence(problem.summary), evidence=evidence, fixes=problem.fixes)
        return
    public = [one for one in addresses.value if not ipaddress.ip_address(one.split("%")[0]).is_private]
    account = facts.ask(TheAccount())
    seen = f"{host} is {', '.join(addresses.value)}"
    if isinstance(account, Known) and _is_private(account.value) and public:
        yield _zone_missing(facts, seen, account.value)
        return
    kind = "a public" if public else "a private"
    yield passed(f"{host} resolves to {kind} address.", evidence=(seen,))


def _is_private(account: Account) -> bool:
    return account.public_network_access.lower() == "disabled"


def _zone_missing(facts: Facts, seen: str, account: Account) -> Finding:
    approved = [one.name for one in account.private_endpoints if one.status.lower() == "approved"]
    zones = facts.cloud.privatelink_zones
    return failed(
        Cause.PRIVATE_DNS_MISSING,
        f"Account {account.name} admits private endpoints only, but its name resolves to a public address here.",
        evidence=(
            seen,
            f"approved private endpoints: {', '.join(approved) or 'none'}",
            f"private DNS zone: {zones[0] if zones else 'not documented for this cloud'}",
        ),
    )


check = Check(
    id="name-resolution",
    title="Does the endpoint's name resolve?",
    group=Group.NETWORK,
    rank=10,
    run=run,
    link="https://learn.microsoft.com/azure/foundry/how-to/configure-private-link",
)
