"""Who calls Resource Manager: the token is judged before anything is looked up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.simulator import errors

if TYPE_CHECKING:
    from doctor.simulator.tokens import Mint
    from doctor.simulator.wire import Request
    from doctor.simulator.world import World

_AUDIENCES = {
    "management.azure.com": ("https://management.core.windows.net", "https://management.azure.com"),
    "management.usgovcloudapi.net": (
        "https://management.core.usgovcloudapi.net",
        "https://management.usgovcloudapi.net",
    ),
}


@dataclass(frozen=True, slots=True)
class ArmCaller:
    """The principal of a token, and what it may do."""

    world: World
    object_id: str
    client: str
    """How Resource Manager names it in a refusal: user principal name or application id."""
    tenant: str

    @property
    def at_home(self) -> bool:
        """The token is of the tenant that the subscription trusts."""
        return self.tenant == self.world.places.tenant

    def can(self, action: str, scope: str) -> bool:
        """Whether the caller holds a control-plane action."""
        return self.at_home and self.world.may(self.object_id, action, scope)

    def need(self, action: str, scope: str) -> None:
        """Go on only if the caller holds a control-plane action.

        Raises:
            Refused: 403 AuthorizationFailed.
        """
        if not self.can(action, scope):
            raise errors.authorization_failed(self.client, self.object_id, action, scope)


def identify(world: World, mint: Mint, request: Request) -> ArmCaller:
    """The caller of a request.

    Raises:
        Refused: 401; with WWW-Authenticate naming the subscription's tenant.
    """
    places = world.places
    login, tenant = places.login_host.replace("login.microsoftonline.com", "login.windows.net"), places.tenant
    if not request.headers.get("authorization"):
        raise errors.missing_token(login, tenant)
    claims = mint.claims(request.bearer)
    if claims is None:
        raise errors.invalid_token(login, tenant)
    allowed = _AUDIENCES[places.arm_host]
    if claims["aud"].rstrip("/") not in allowed:
        raise errors.wrong_audience(login, tenant, claims["aud"], ",".join(allowed))
    if claims["exp"] < time.time():
        raise errors.expired_token(login, tenant)
    concerns_subscription = request.path.lower().startswith("/subscriptions/")
    if concerns_subscription and claims["tid"] != tenant:
        raise errors.wrong_tenant(login, tenant, claims["tid"])
    return ArmCaller(world, claims["oid"], claims.get("upn") or claims["appid"], claims["tid"])
