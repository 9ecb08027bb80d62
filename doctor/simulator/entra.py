"""Microsoft Entra ID: instance discovery, the OpenID configuration, and the token endpoint with its AADSTS errors.

Texts of the AADSTS errors: Microsoft's published list of error codes; what follows the first sentence is simulated.
"""

from __future__ import annotations

import hmac
import re
import secrets
import sys
import uuid
from datetime import datetime, timezone
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from doctor.simulator.names import guid
from doctor.simulator.wire import Json, Refused, Reply, Request, json_reply

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from doctor.simulator.tokens import Mint
    from doctor.simulator.world import World

_RESOURCE = re.compile(
    r"https://([a-z0-9-]+\.)*(azure\.(com|us|net)|microsoft\.(com|us)|windows\.net|usgovcloudapi\.net)/?"
)


class Entra:
    """The login host."""

    def __init__(self, world: World, mint: Mint) -> None:
        self._world = world
        self._mint = mint
        caller = world.scenario.caller
        self.home_tenant = guid("tenant", caller.tenant) if caller.tenant else world.places.tenant
        self.client_id = guid("client", caller.name)
        self.secret = secrets.token_urlsafe(30)

    def handle(self, request: Request) -> Reply:
        """Answer one request to the login host."""
        path = request.path.strip("/").lower()
        if path == "common/discovery/instance":
            return self._discovery(request.host)
        tenant, _, rest = path.partition("/")
        if rest == "v2.0/.well-known/openid-configuration":
            return self._configuration(request.host, tenant)
        if rest == "discovery/v2.0/keys":
            return json_reply(200, {"keys": []})
        if rest == "oauth2/v2.0/token":
            if request.method != "POST":
                raise self._refusal("900561", tenant, "", "", "The endpoint only accepts POST requests.")
            return self._token(request, tenant)
        return Reply(404, b"", {"content-type": "text/html"})

    def _discovery(self, host: str) -> Reply:
        public = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
        government = ["login.microsoftonline.us", "login.usgovcloudapi.net"]
        metadata = [
            {"preferred_network": names[0], "preferred_cache": names[1], "aliases": names}
            for names in (public, government)
        ]
        body: Json = {
            "tenant_discovery_endpoint": f"https://{host}/common/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": metadata,
        }
        return json_reply(200, body)

    def _configuration(self, host: str, tenant: str) -> Reply:
        if tenant not in {self._world.places.tenant, self.home_tenant, "common", "organizations"}:
            raise self._refusal("90002", tenant, "", "")
        base = f"https://{host}/{tenant}"
        body: Json = {
            "issuer": f"{base}/v2.0",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": host.removeprefix("login."),
        }
        return json_reply(200, body)

    def _token(self, request: Request, tenant: str) -> Reply:
        form = {key: values[0] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        client, scope = form.get("client_id", ""), form.get("scope", "")
        resource = scope.split()[0].removesuffix("/.default") if scope else ""
        places, wanted = self._world.places, self._world.scenario.entra
        if tenant not in {places.tenant, self.home_tenant}:
            raise self._refusal("90002", tenant, client, resource)
        # A client of another tenant has no service principal in the resource's.
        if client.lower() != self.client_id or tenant != self.home_tenant:
            raise self._refusal("700016", tenant, client, resource)
        if not self._proved(form):
            raise self._refusal("7000215", tenant, client, resource)
        if not _RESOURCE.fullmatch(resource) and resource.removeprefix("api://") not in self._blueprints():
            raise self._refusal("500011", tenant, client, resource)
        if wanted.refuse and wanted.refuse_for in scope:
            raise self._refusal(wanted.refuse, tenant, client, resource)
        token = self._mint.make(tenant, client, resource)
        lifetime = wanted.token_minutes * 60
        body: Json = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}
        return json_reply(200, body, {"cache-control": "no-store, no-cache", "pragma": "no-cache"})

    def _blueprints(self) -> set[str]:
        """Client ids of the agents' blueprints: a token may be asked for each of them."""
        records = (one.record.get("blueprint") for site in self._world.sites for one in site.agents.values())
        return {str(one.get("client_id")) for one in records if isinstance(one, dict)}

    def _proved(self, form: dict[str, str]) -> bool:
        if form.get("client_assertion"):
            return form.get("client_assertion_type", "").endswith("jwt-bearer")
        return hmac.compare_digest(form.get("client_secret", "").encode(), self.secret.encode())

    def _refusal(self, number: str, tenant: str, client: str, resource: str, text: str = "") -> Refused:
        known = _errors().get(number, {})
        status = int(known.get("status", 400))
        message = str(known.get("text", text or "The sign-in was refused."))
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        said = message.format(client=client, tenant=tenant, resource=resource)
        body: Json = {
            "error": known.get("error", "invalid_request"),
            "error_description": f"AADSTS{number}: {said} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {when}",
            "error_codes": [int(number)],
            "timestamp": when,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        }
        return Refused(json_reply(status, body))


@lru_cache(maxsize=1)
def _errors() -> dict[str, Json]:
    text = resources.files("doctor.simulator").joinpath("data/entra_errors.toml").read_text(encoding="utf-8")
    known: dict[str, Json] = tomllib.loads(text)
    return known
