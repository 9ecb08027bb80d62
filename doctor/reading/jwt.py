"""The claims of an access token that was pasted. The token itself is never kept and never shown."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from doctor.model.untrusted import clean

_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,4000}\.([A-Za-z0-9_-]{8,16000})(?:\.[A-Za-z0-9_-]{0,8000})?")
_BARE = re.compile(
    r"\s{0,200}(?:authorization\s{0,4}[:=])?\s{0,200}(?:bearer\s{1,4})?[\"'`]?eyJ[A-Za-z0-9_-]{5,4000}\.[A-Za-z0-9_.-]{8,24000}"
    r"[\"'`,;.]{0,3}\s{0,200}",
    re.IGNORECASE,
)
_MOST = 20
_FOUNDRY = ("https://ai.azure.com", "https://ai.azure.us")
_FOUNDRY_APP = "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says about itself; every text is fit to be shown."""

    audience: str = ""
    tenant: str = ""
    object_id: str = ""
    client_id: str = ""
    user: str = ""
    kind: str = ""
    """`user`, `application` or ""."""
    expires_at: datetime | None = None
    valid_from: datetime | None = None
    scopes: str = ""

    @property
    def ids(self) -> frozenset[str]:
        """Every id of its holder, in lower case."""
        return frozenset(value.lower() for value in (self.object_id, self.client_id, self.user) if value)

    def is_for_foundry(self) -> bool:
        """Whether its audience is the one that an application's endpoint wants."""
        audience = self.audience.rstrip("/")
        return audience in _FOUNDRY or audience == _FOUNDRY_APP

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


def is_bare(text: str) -> bool:
    """Whether the text is a token and nothing else."""
    return len(text) < 40_000 and _BARE.fullmatch(text) is not None


def claims_in(text: str) -> tuple[Claims, ...]:
    """The claims of each token in the text that can be read."""
    found: list[Claims] = []
    for match in _TOKEN.finditer(text):
        if (claims := _claims(match.group(1))) is not None and claims not in found:
            found.append(claims)
        if len(found) >= _MOST:
            break
    return tuple(found)


def _claims(payload: str) -> Claims | None:
    try:
        read = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or not ({"aud", "iss", "exp", "oid", "tid"} & set(read)):
        return None
    kind = {"app": "application", "user": "user"}.get(str(read.get("idtyp", "")), "")
    if not kind:
        kind = "user" if read.get("scp") or read.get("upn") else ""
    if not kind and read.get("oid") and read.get("oid") == read.get("sub"):
        kind = "application"  # only in a token of an application itself is the subject the object id
    audience = read.get("aud", "")
    return Claims(
        audience=_text(audience[0] if isinstance(audience, list) and audience else audience),
        tenant=_text(read.get("tid")),
        object_id=_text(read.get("oid")),
        client_id=_text(read.get("appid") or read.get("azp")),
        user=_text(read.get("upn") or read.get("preferred_username") or read.get("unique_name")),
        kind=kind,
        expires_at=_time(read.get("exp")),
        valid_from=_time(read.get("nbf")),
        scopes=_text(read.get("scp")),
    )


def _text(value: Any) -> str:
    return clean(value[:200]) if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, tz=timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None


def without_tokens(text: str) -> str:
    """The text without what looks like a token."""
    return _TOKEN.sub(" ", text) if "eyJ" in text else text
