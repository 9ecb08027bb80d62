"""Where a connection really goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.azure.connect_to import rule_for
from doctor.azure.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.azure.connect_to import Rule


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection to a host really goes."""

    host: str
    port: int
    to_host: str
    to_port: int
    rule: Rule | None = None
    proxy: str = ""
    """URL of the proxy, with its credentials: show it only through `proxies.shown`."""

    @property
    def name(self) -> str:
        """The host, and where a rule sends it."""
        moved = f" (sent to {self.to_host}:{self.to_port} by --connect-to)" if self.rule else ""
        return f"{self.host}{moved}"


def route_to(scheme: str, host: str, port: int, rules: Iterable[Rule], environ: Mapping[str, str]) -> Route:
    """The way to a host: by the first rule that matches, else through the proxy of the environment, else directly.

    A host that a rule sends elsewhere is reached directly: the rule says where it is reachable from here.
    """
    host = host.lower().strip("[]")
    if rule := rule_for(rules, host, port):
        return Route(host, port, rule.to_host or host, rule.to_port or port, rule)
    return Route(host, port, host, port, proxy=proxy_for(scheme, host, environ))
