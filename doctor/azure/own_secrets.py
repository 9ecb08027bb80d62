"""What a run must not show again: the secrets that it is given, sends or is handed, registered at the boundary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from doctor.model.secrets import PART, VAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VARIABLES = (
    "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_PASSWORD", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN", "SYSTEM_ACCESSTOKEN", "IDENTITY_HEADER", "MSI_SECRET", "GITHUB_TOKEN",
)  # fmt: skip
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_HEADERS = {"authorization", "proxy-authorization", "x-identity-header", "secret", "cookie", "api-key"}
_FIELDS = {
    "access_token", "refresh_token", "id_token", "client_secret", "client_assertion", "assertion", "password",
    "device_code", "code_verifier", "oidctoken",
}  # fmt: skip


def of_environment(environ: Mapping[str, str]) -> None:
    """Register what the usual variables hold."""
    for name in _VARIABLES:
        VAULT.keep(environ.get(name, ""))
    for name in _PROXIES:
        for proxy in (environ.get(name, ""), environ.get(name.lower(), "")):
            login = proxy.rpartition("@")[0].rpartition("//")[2]
            VAULT.keep(unquote(login.partition(":")[2]))


def of_request(url: str, headers: Mapping[str, str], body: bytes | None) -> None:
    """Register what is about to be sent."""
    for name, value in headers.items():
        secret = value.partition(" ")[2] if " " in value else value
        # Where a recording is played, a word stands in the place of a token.
        if name.lower() in _HEADERS and len(secret) >= PART:
            VAULT.keep(secret)
    if body and b"=" in body[:200] and body[:1] not in {b"{", b"["}:
        form = parse_qsl(body.decode("utf-8", "replace"))
        _fields(form)
        if ("grant_type", "authorization_code") in form:
            VAULT.keep(dict(form).get("code", ""))
    _fields(parse_qsl(urlsplit(url).query))


def of_cookies(cookies: Iterable[str]) -> None:
    """Register the values of `Set-Cookie` headers."""
    for cookie in cookies:
        VAULT.keep(cookie.partition(";")[0].partition("=")[2].strip())


def of_answer(body: bytes) -> None:
    """Register the tokens in an answer of Entra, a metadata endpoint or a CI system's token service."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return  # no such answer holds a token
    if isinstance(answer, dict):
        _fields((str(name), value) for name, value in answer.items())
        value = answer.get("value")  # GitHub's token service calls it so, and others call other things so
        if isinstance(value, str) and value.startswith("eyJ"):
            VAULT.keep(value)


def _fields(pairs: Iterable[tuple[str, object]]) -> None:
    for name, value in pairs:
        if name.lower() in _FIELDS and isinstance(value, str):
            VAULT.keep(value)
