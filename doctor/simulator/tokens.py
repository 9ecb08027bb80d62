"""Access tokens: shaped like Entra's, signed with a key that lives as long as the simulator and proves nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.simulator.wire import Json
    from doctor.simulator.world import World


class Mint:
    """Makes access tokens and recognises its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = os.urandom(32)
        self._session = str(uuid.uuid4())

    def make(self, tenant: str, client_id: str, audience: str) -> str:
        """A token for an audience; a `user` caller's has a user's claims."""
        caller, now = self._world.scenario.caller, int(time.time())
        claims: Json = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now - 5,
            "nbf": now - 5,
            "exp": now + self._world.scenario.entra.token_minutes * 60,
            "aio": base64.b64encode(os.urandom(24)).decode(),
            "appid": client_id,
            "appidacr": "1",
            "idp": f"https://sts.windows.net/{tenant}/",
            "oid": self._world.directory.id("caller"),
            "sub": self._world.directory.id("caller"),
            "tid": tenant,
            "uti": base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("="),
            "ver": "1.0",
            "xms_idrel": "1 24" if caller.kind == "user" else "7 24",
        }
        if caller.kind == "user":
            claims.update(
                idtyp="user", upn=caller.name, unique_name=caller.name, name=caller.name, scp="user_impersonation"
            )
        else:
            claims.update(idtyp="app", app_displayname=caller.name)
        head = {"typ": "JWT", "alg": "RS256", "x5t": "c2ltdWxhdGVk", "kid": "c2ltdWxhdGVk"}
        signed = f"{_pack(head)}.{_pack(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def claims(self, token: str) -> Json | None:
        """The claims of a token made here; None for any other text."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        payload = signed.partition(".")[2]
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims

    def _signature(self, signed: str) -> str:
        # As long as an RS256 signature, so that nothing learns to tell the two apart by length.
        digest = b"".join(hmac.digest(self._key, f"{part}{signed}".encode(), hashlib.sha256) for part in range(8))
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _pack(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).decode().rstrip("=")
