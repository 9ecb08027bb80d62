"""Settings of a credential that cannot work, each told in a sentence of its own before anything is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CERTIFICATE = "AZURE_CLIENT_CERTIFICATE_PATH"
_MOST_BYTES = 1_000_000


def certificate_problem(environ: Mapping[str, str]) -> str:
    """What is wrong with the certificate file that the environment names; "" when nothing is, or none is used."""
    path = environ.get(_CERTIFICATE, "")
    if (
        not path
        or environ.get("AZURE_CLIENT_SECRET")
        or not (environ.get("AZURE_CLIENT_ID") and environ.get("AZURE_TENANT_ID"))
    ):
        return ""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError as error:
        return f"{_CERTIFICATE} names {path}, which cannot be read: {(error.strerror or str(error)).lower()}."
    why = _unusable(content, environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD", ""))
    return f"{_CERTIFICATE} names {path}, which cannot be used: {why}." if why else ""


def _unusable(content: bytes, password: str) -> str:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12  # noqa: PLC0415 - it is slow

    given = password.encode() or None
    is_pem = b"-----BEGIN" in content
    if is_pem and b"PRIVATE KEY-----" not in content:
        return "it holds no private key"
    if is_pem and b"-----BEGIN CERTIFICATE-----" not in content:
        return "it holds no certificate"
    if not content.strip():
        return "it is empty"
    try:
        if is_pem:
            load_pem_private_key(content, given)
        else:
            pkcs12.load_key_and_certificates(content, given)
    except (ValueError, TypeError) as error:
        said = str(error).lower()
        if "password" in said or "decrypt" in said:
            state = "is not the right one" if password else "is not set"
            return f"it wants a password, and AZURE_CLIENT_CERTIFICATE_PASSWORD {state}"
        return "its private key cannot be read" if is_pem else "it is neither PEM nor PKCS #12"
    return ""
