"""Whether the Azure that is asked is a simulated one: everything goes to this machine, and its authority is trusted."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.facts.options import Options

AUTHORITY = b"agentdoctor simulator"
"""The organization in the certificate of every simulator's authority."""
_LOOPBACK = (":127.0.0.1:", ":localhost:", ":[::1]:")
_END = "-----END CERTIFICATE-----"


def is_simulated(options: Options) -> bool:
    """Whether a rule leads every host to this machine, and the CA file holds a simulator's authority."""
    everything = any(rule.startswith("::") and any(here in rule for here in _LOOPBACK) for rule in options.connect_to)
    if not everything or options.ca_file is None or not options.ca_file.is_file():
        return False
    text = options.ca_file.read_text(encoding="ascii", errors="replace")
    return any(AUTHORITY in _der(block + _END) for block in text.split(_END) if "-----BEGIN CERTIFICATE-----" in block)


def _der(block: str) -> bytes:
    try:
        return ssl.PEM_cert_to_DER_cert(block[block.index("-----BEGIN CERTIFICATE-----") :])
    except ValueError:  # what is no certificate is refused by those who trust it
        return b""
