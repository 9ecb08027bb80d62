"""Rules of `--connect-to HOST1:PORT1:HOST2:PORT2`, with curl's meaning.

A request for HOST1:PORT1 connects to HOST2:PORT2 instead; the TLS name and the Host header stay. An empty HOST1 or
PORT1 matches any, an empty HOST2 or PORT2 leaves that part as it was. IPv6 addresses stand in brackets. The first rule
that matches wins. Loopback and the link-local metadata address are never redirected: managed identity endpoints live
there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

METADATA_ADDRESS = "169.254.169.254"

_HOST = r"(\[[^\[\]]*\]|[^:\[\]]*)"
_RULE = re.compile(rf"{_HOST}:([^:]*):{_HOST}:([^:]*)")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_MAX_PORT = 65535


class BadConnectTo(ValueError):  # noqa: N818 - the name says what is bad
    """A rule that cannot be read; the message says what is wrong with it and shows the form."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; "" and None mean any (on the left) or unchanged (on the right)."""

    host: str
    port: int | None
    to_host: str
    to_port: int | None

    def matches(self, host: str, port: int) -> bool:
        """Whether the rule is about this host (any letter case) and port."""
        return (not self.host or self.host == host.lower()) and (self.port is None or self.port == port)

    def __str__(self) -> str:
        left, right = _bracketed(self.host), _bracketed(self.to_host)
        return f"{left}:{self.port or ''}:{right}:{self.to_port or ''}"


def parse(text: str) -> Rule:
    """Read one rule.

    Raises:
        BadConnectTo: it is not of the form HOST1:PORT1:HOST2:PORT2.
    """
    found = _RULE.fullmatch(text.strip())
    if not found:
        raise BadConnectTo(
            f"--connect-to {text!r} is not of the form HOST1:PORT1:HOST2:PORT2 (IPv6 addresses in brackets), "
            "for example management.azure.com:443:127.0.0.1:8443."
        )
    host, port, to_host, to_port = found.groups()
    return Rule(_host(host, text), _port(port, text), _host(to_host, text), _port(to_port, text))


def is_local(host: str) -> bool:
    """Whether the host is loopback or the metadata address, which no rule and no proxy applies to."""
    name = host.lower().strip("[]").rstrip(".")
    if name in {"localhost", METADATA_ADDRESS} or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def rule_for(rules: Iterable[Rule], host: str, port: int) -> Rule | None:
    """The first rule that applies to a host and port, or None."""
    if is_local(host):
        return None
    return next((rule for rule in rules if rule.matches(host, port)), None)


def _host(text: str, whole: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise BadConnectTo(f"--connect-to {whole!r}: {text} is not an IPv6 address.") from None
    if text and not _NAME.fullmatch(text):
        raise BadConnectTo(f"--connect-to {whole!r}: {text!r} is not a host name or address.")
    return text.lower()


def _port(text: str, whole: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= _MAX_PORT):
        raise BadConnectTo(f"--connect-to {whole!r}: {text!r} is not a port (1 to {_MAX_PORT}).")
    return int(text)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
