"""A token goes only to the right Azure host for its audience: decided before anything is sent."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from doctor.azure.ci_tokens import is_own_service
from doctor.azure.clouds import audience_of, may_receive, plane_of
from doctor.azure.errors import NoAnswer
from doctor.azure.token import claims_of
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.azure.clouds import Cloud

HTTPS_PORT = 443
NOTHING_SET: Mapping[str, str] = MappingProxyType({})

_SECRET_FORM = re.compile(rb"(?:^|&)(?:client_secret|client_assertion|assertion|refresh_token)=")
_HARMLESS_URL = re.compile(r"[!-\[\]^-~]+")  # printable ASCII without space and backslash


def checked_url(url: str) -> SplitResult:
    """The parts of an address that everybody reads in the same way.

    Raises:
        NoAnswer: it is no absolute http(s) URL, or holds user information, spaces, controls or backslashes.
    """
    try:
        parts = urlsplit(url)
        plain = parts.port != 0 and parts.scheme in {"https", "http"} and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or not parts.hostname or not _HARMLESS_URL.fullmatch(url):
        raise NoAnswer(
            Problem(
                Cause.WRONG_ENDPOINT,
                f"Nothing was sent: {clean(url[:200])} is not a plain http(s) address.",
                fixes=(Fix(title="Check the address."),),
            )
        )
    return parts


def audience_to_send(
    url: str,
    headers: Mapping[str, str],
    stated: str,
    cloud: Cloud,
    *,
    allowed: Iterable[str] = (),
    environ: Mapping[str, str] = NOTHING_SET,
) -> str:
    """The audience of the token in these headers ("" without one), which the host of the URL may see.

    A JWT is judged by the audience that it names itself, an opaque token by the one that the caller states. The key of
    a CI system (of `environ`) goes to its own token service.

    Raises:
        NoAnswer: the host may not see the token; `allowed` are the hosts of `--allow-host`.
    """
    value = next((v for name, v in headers.items() if name.lower() == "authorization"), "")
    if not value:
        return ""
    token = value.partition(" ")[2].strip()
    if is_own_service(url, token, environ):
        return ""
    claims = claims_of(token)
    audience = claims.audience if claims else audience_of(stated)
    parts = checked_url(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https":
        raise NoAnswer(_not_allowed(host, audience, reason="the address is not https"))
    extra = {name.lower() for name in allowed}
    if not may_receive(cloud, audience, host, extra):
        if plane_of(cloud, host) in {"arm", "foundry", "entra"}:
            raise NoAnswer(_wrong_audience(host, audience))
        raise NoAnswer(_not_allowed(host, audience))
    if (parts.port or HTTPS_PORT) != HTTPS_PORT and host not in extra:
        raise NoAnswer(_not_allowed(host, audience, reason=f"port {parts.port} of {host} is not where Azure answers"))
    return audience


def secrets_may_go(url: str, body: bytes | None, cloud: Cloud, allowed: Iterable[str] = ()) -> None:
    """Let a client secret, an assertion or a refresh token go to Entra only, whoever gave the address.

    Raises:
        NoAnswer: the body holds one, and the host is not Entra's.
    """
    if not body or not _SECRET_FORM.search(body):
        return
    parts = checked_url(url)
    host = (parts.hostname or "").lower()
    own = parts.scheme == "https" and plane_of(cloud, host) == "entra"
    if not own and host not in {name.lower() for name in allowed}:
        raise NoAnswer(
            Problem(
                Cause.WRONG_ENDPOINT,
                f"Nothing was sent: a request with a client secret or an assertion goes to Entra only, not to "
                f"{clean(host)}.",
                fixes=(Fix(title="Check the cloud and AZURE_AUTHORITY_HOST."),),
            )
        )


def _wrong_audience(host: str, audience: str) -> Problem:
    return Problem(
        Cause.WRONG_AUDIENCE,
        f"The token was not sent: {clean(host)} does not take {_named(audience)}.",
        fixes=(Fix(title="Get a token for the audience that this host takes."),),
    )


def _not_allowed(host: str, audience: str, reason: str = "") -> Problem:
    host = clean(host)
    return Problem(
        Cause.WRONG_ENDPOINT,
        f"The token was not sent: {clean(reason) or f'{host} is not an Azure host for {_named(audience)}'}.",
        fixes=(
            Fix(
                title=f"Check the address. If {host} is yours and may see the token, run again with `--allow-host`.",
                note="Whoever gets the token can act as you until it expires.",
            ),
        ),
    )


def _named(audience: str) -> str:
    return f"a token for {clean(audience)}" if audience else "a token of unknown audience"
