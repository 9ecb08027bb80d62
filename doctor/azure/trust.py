"""Which certificates are trusted: the system's, and those of `--ca-file` and of the usual environment variables.

requests reads REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, OpenSSL reads SSL_CERT_FILE and SSL_CERT_DIR; who set any of them
for one tool expects every tool to work. All of them only ever add trust here.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_STORES = {"win32", "darwin"}
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class BadTrust(ValueError):  # noqa: N818 - the name says what is bad
    """The file of `--ca-file` cannot be used; the message says why."""


def build_context(ca_file: str | None, environ: Mapping[str, str]) -> tuple[ssl.SSLContext, tuple[str, ...]]:
    """One TLS context for the run, and notes on variables that name nothing readable.

    Raises:
        BadTrust: `ca_file` cannot be read or holds no certificate.
    """
    context = _system_context()
    if ca_file:
        try:
            _add(context, ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadTrust(
                f"--ca-file {ca_file}: {_why(error)}. It must be a PEM file with at least one certificate."
            ) from error
    notes = []
    for variable in VARIABLES:
        if not (path := environ.get(variable, "").strip()):
            continue
        try:
            _add(context, path)
        except (OSError, ssl.SSLError) as error:
            notes.append(f"{variable} names {path}, which was not used: {_why(error)}.")
    return context, tuple(notes)


def _system_context() -> ssl.SSLContext:
    """What the system trusts; OpenSSL does not see a company's authority in the store of Windows or macOS."""
    if sys.platform in _OWN_STORES:
        import truststore  # noqa: PLC0415 - only where it is used

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not context.get_ca_certs() and not paths.cafile and not paths.capath:
        _add_bundled(context)
    return context


def _add(context: ssl.SSLContext, path: str) -> None:
    if Path(path).is_dir():
        context.load_verify_locations(capath=path)
    else:
        context.load_verify_locations(cafile=path)


def _add_bundled(context: ssl.SSLContext) -> None:
    """A Python without a system store gets Mozilla's list, which comes with httpx."""
    import certifi  # noqa: PLC0415 - only where the system has no store

    context.load_verify_locations(cafile=certifi.where())


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "it holds no certificate in PEM form"
    return (error.strerror or str(error)).lower()
