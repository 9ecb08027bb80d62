"""A certificate authority and a certificate for the Azure host names, made at every start and kept nowhere else."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import trustme

from doctor.simulator.names import GRAPH_HOSTS, HOSTS

if TYPE_CHECKING:
    from pathlib import Path


def certificate_names(extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The host names that the simulator answers for, wildcards included."""
    names: list[str] = []
    for login, arm, suffix, _ in HOSTS.values():
        names += [login, arm, suffix, f"*.{suffix}"]
    return tuple(dict.fromkeys((*names, *GRAPH_HOSTS.values(), *extra)))


def make_context(ca_file: Path, extra: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A server's TLS context; the authority's certificate is written to `ca_file` (PEM), its key nowhere."""
    authority = trustme.CA(organization_name="agentdoctor simulator", key_type=trustme.KeyType.ECDSA)
    certificate = authority.issue_cert(*certificate_names(extra), key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate.configure_cert(context)
    return context
