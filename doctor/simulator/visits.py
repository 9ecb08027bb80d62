"""One request to a project's endpoint, let in as far as its token goes: who asks, and where."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.simulator import foundry_errors

if TYPE_CHECKING:
    from doctor.simulator.sites import Site
    from doctor.simulator.tokens import Mint
    from doctor.simulator.wire import Json, Request
    from doctor.simulator.world import World

_ACTION = "Microsoft.CognitiveServices/accounts/AIServices/"
INVOKE = f"{_ACTION}applications/invoke/action"
INTERACT = f"{_ACTION}endpoints/interact/action"
IMPERSONATE = f"{_ACTION}agents/endpoints/UserIdentityImpersonation/action"
READ, WRITE, DELETE = (f"{_ACTION}agents/{verb}" for verb in ("read", "write", "delete"))
SESSIONS_READ, SESSIONS_WRITE = f"{_ACTION}sessions/read", f"{_ACTION}sessions/write"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose token is one of ours, to a project that exists."""

    world: World
    site: Site
    request: Request
    principal: str
    """Object id of the caller."""
    audience: str
    """Of the token."""

    def need(self, action: str, scope: str, operation: str, *, dialect: str = "") -> None:
        """Refuse a caller who lacks the data action at the scope, in the endpoint's dialect or another one."""
        wanted = self.site.scenario.endpoint
        if wanted.refuses_everybody or not self.world.may(self.principal, action, scope, data=True):
            raise foundry_errors.permission_denied(self.principal, action, operation, dialect or wanted.refusal)

    def need_foundry_token(self) -> None:
        """Refuse a token that is for something else than Foundry."""
        wanted = foundry_audience(self.site)
        if self.audience != wanted:
            raise foundry_errors.token_refused(wanted)


def foundry_audience(site: Site) -> str:
    """The audience that the endpoint insists on."""
    return site.scenario.endpoint.audience or site.places.audience


def claims_of(request: Request, mint: Mint, site: Site) -> Json:
    """The token's claims, once it is known to be ours, in time, and of the account's tenant."""
    claims = mint.claims(request.bearer)
    if claims is None or claims["exp"] < time.time():
        raise foundry_errors.token_refused(foundry_audience(site))
    if claims["tid"] != site.places.tenant:
        raise foundry_errors.tenant_refused(claims["tid"])
    return claims
