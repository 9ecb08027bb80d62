"""An access token that never shows itself, and what its claims say.

Claims: access token reference of the Microsoft identity platform (`oid`, `tid`, `appid` in version 1 and `azp` in
version 2, `idtyp`, `xms_mirid` for managed identities). They are read without verifying the signature: only the
resource may do that, and a lie here can only mislead whoever told it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from doctor.azure.clouds import audience_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_JWT = re.compile(r"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")

USER = "user"
SERVICE_PRINCIPAL = "service principal"
MANAGED_IDENTITY = "managed identity"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says about itself. Times are seconds since 1970, UTC."""

    audience: str
    tenant_id: str = ""
    object_id: str = ""
    app_id: str = ""
    upn: str = ""
    name: str = ""
    idtyp: str = ""
    kind: str = UNKNOWN
    """`user`, `service principal`, `managed identity` or `unknown`."""
    issuer: str = ""
    issued_at: int | None = None
    not_before: int | None = None
    expires_at: int | None = None
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_complete: bool = False
    """The token lists all groups; most tokens for Azure list none."""
    managed_identity_resource: str = ""
    """ARM id of the resource or user-assigned identity behind a managed identity."""

    @property
    def who(self) -> str:
        """The best name for a person: user principal name, display name, application id, object id."""
        return self.upn or self.name or self.app_id or self.object_id


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. Its value is only in `value`; repr, str and the claims do not have it."""

    value: str = field(repr=False)
    scope: str
    expires_on: int
    """Seconds since 1970, as the credential said."""
    credential: str = ""
    """Which credential gave it, in words: "Azure CLI"."""
    claims: Claims | None = None
    """None when the token is opaque (no JWT)."""
    story: tuple[str, ...] = ()
    """How the chain of credentials got here, one line for each one tried."""

    @property
    def audience(self) -> str:
        """The audience that the token itself names; of an opaque one, the one that was asked for."""
        return self.claims.audience if self.claims else audience_of(self.scope)

    def __str__(self) -> str:
        return f"a token for {self.audience}"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("A token is not written anywhere.")


def claims_of(value: str) -> Claims | None:
    """The claims of a token, or None when it is no JWT that can be read."""
    found = _JWT.fullmatch(value)
    if not found:
        return None
    body = found.group(1)
    try:
        payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    return _claims(payload)


def _claims(payload: Mapping[str, Any]) -> Claims:
    def text(*names: str) -> str:
        return next((value for name in names if isinstance(value := payload.get(name), str) and value), "")

    def several(name: str) -> tuple[str, ...]:
        value = payload.get(name)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

    audience = payload.get("aud")
    first = next((one for one in audience if isinstance(one, str)), "") if isinstance(audience, list) else audience
    groups = several("groups")
    return Claims(
        audience=audience_of(first) if isinstance(first, str) else "",
        tenant_id=text("tid").lower(),
        object_id=text("oid").lower(),
        app_id=text("appid", "azp").lower(),
        upn=text("upn", "preferred_username", "unique_name", "email"),
        name=text("name", "app_displayname"),
        idtyp=text("idtyp"),
        kind=_kind(payload),
        issuer=text("iss"),
        issued_at=_seconds(payload.get("iat")),
        not_before=_seconds(payload.get("nbf")),
        expires_at=_seconds(payload.get("exp")),
        scopes=tuple(text("scp").split()),
        roles=several("roles"),
        groups=tuple(one.lower() for one in groups),
        # With too many groups Entra sends a pointer (`_claim_names`) or `hasgroups` instead of the list.
        groups_complete=bool(groups) and "hasgroups" not in payload and "_claim_names" not in payload,
        managed_identity_resource=text("xms_mirid"),
    )


def _kind(payload: Mapping[str, Any]) -> str:
    if isinstance(payload.get("xms_mirid"), str):
        return MANAGED_IDENTITY
    kind = str(payload.get("idtyp", "")).lower()
    if kind == "user" or (not kind and any(payload.get(name) for name in ("scp", "upn", "unique_name"))):
        return USER
    # An application's own token has no user in it: its subject is the application's object.
    if kind == "app" or (payload.get("oid") and payload.get("oid") == payload.get("sub")):
        return SERVICE_PRINCIPAL
    return UNKNOWN


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
