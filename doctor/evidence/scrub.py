"""Secrets out of an exchange, as it is recorded: nothing secret is ever part of a record.

A token is reduced to what its claims say; headers, fields, form values and query parameters that carry a secret by
their name lose their value; and every text goes through the same cleaner as all that is told.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from doctor.model.loose import without_secrets
from doctor.model.untrusted import REDACTED, redact

if TYPE_CHECKING:
    from doctor.evidence.exchanges import Recorded

CLAIMS = (
    "aud", "tid", "oid", "appid", "azp", "idtyp", "iss", "exp", "iat", "nbf", "scp", "roles", "upn",
    "preferred_username", "unique_name", "name", "app_displayname", "groups", "hasgroups", "sub", "xms_mirid", "ver",
)  # fmt: skip
"""What is kept of a token: who, for whom, from when to when."""
_KEPT_FORM = frozenset({"grant_type", "client_id", "scope", "resource", "requested_token_use", "claims"})
_KEPT_HEADERS = frozenset(
    {
        "accept", "content-type", "content-length", "date", "retry-after", "server", "www-authenticate", "via",
        "x-ms-request-id", "x-request-id", "apim-request-id", "x-ms-correlation-request-id", "x-ms-client-request-id",
        "x-ms-error-code", "x-ms-routing-request-id", "x-ms-failure-cause", "x-ms-user-quota-remaining",
        "x-ms-user-quota-resets-after", "x-ms-ratelimit-remaining-subscription-reads", "x-adc-response-details",
        "x-ms-keyvault-network-info", "user-agent", "foundry-features", "x-ms-region",
    }
)  # fmt: skip
"""Headers that say something about an answer. Whatever else a server sends is not evidence, and may be secret."""
_LONGEST_KEY = 40
_ACTION = re.compile(r"[A-Z][A-Za-z]{1,40}\.[A-Za-z.]{1,60}(?:/[A-Za-z*.]{1,60}){1,12}")
"""The name of an action, of which the role definitions alone hold twenty thousand."""
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\.(eyJ[A-Za-z0-9_-]{5,})\.[A-Za-z0-9_-]*")


def scrubbed(one: Recorded) -> Recorded:
    """The exchange without anything secret."""
    return replace(
        one,
        url=_text(one.url),
        request_headers=_headers(one.request_headers),
        request_body=_body(one.request_body, one.request_headers),
        headers=_headers(one.headers),
        body=_body(one.body, one.headers),
        detail=_text(one.detail),
    )


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: _text(value) for name, value in headers.items() if name.lower() in _KEPT_HEADERS}


def _body(text: str, headers: Mapping[str, str]) -> str:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "").lower()
    if "x-www-form-urlencoded" in kind:
        pairs = parse_qsl(text, keep_blank_values=True)
        return urlencode([(name, value if name.lower() in _KEPT_FORM else REDACTED) for name, value in pairs])
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _text(text)
    return json.dumps(cleaned(without_secrets(_reduced(document))), ensure_ascii=False)


def _reduced(value: Any) -> Any:
    """The document with every token replaced by its claims, before fields that name a secret lose their value."""
    if isinstance(value, str):
        found = _JWT.fullmatch(value)
        return {"claims": _claims(found[1])} if found else value
    if isinstance(value, Mapping):
        return {key: _reduced(held) for key, held in value.items()}
    return [_reduced(one) for one in value] if isinstance(value, list) else value


def cleaned(value: Any) -> Any:
    """A JSON document without anything secret in its texts."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_key(str(key)): cleaned(held) for key, held in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list) else value


def _key(key: str) -> str:
    return key if key.isidentifier() and len(key) <= _LONGEST_KEY else _text(key)


def _text(text: str) -> str:
    if _ACTION.fullmatch(text):
        return text
    return redact(_JWT.sub(lambda found: f"[token {json.dumps(_claims(found[1]))}]", text))


def _claims(part: str) -> dict[str, Any]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return {name: claims[name] for name in CLAIMS if name in claims} if isinstance(claims, Mapping) else {}
