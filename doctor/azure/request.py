"""The one builder of requests: addresses with every part quoted, and everything that is decided before sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from doctor import __version__
from doctor.azure.bounds import BODY_BYTES, TOKEN_BYTES, Allowance, Bounds
from doctor.azure.clouds import plane_of
from doctor.azure.connect_to import METADATA_ADDRESS
from doctor.azure.guard import HTTPS_PORT, audience_to_send, checked_url, secrets_may_go
from doctor.azure.route import Route, route_to
from doctor.azure.wire import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.clouds import Cloud
    from doctor.azure.connect_to import Rule

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 15.0
"""The whole duration of one request, connecting included; a quarter of the default time of a run."""
METADATA_SECONDS = 2.0
"""The metadata endpoint is on the machine's own network card: it answers at once or never."""

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def url_of(base: str, path: str, api_version: str, query: Mapping[str, str] | None = None) -> str:
    """An address below `base`, with every part of path and query quoted (a name such as `$filter` stays)."""
    asked = urlencode({"api-version": api_version, **(query or {})}, safe="$", quote_via=quote)
    return f"{base.rstrip('/')}/{quote(path.strip('/'), safe='/')}?{asked}"


@dataclass(frozen=True, slots=True)
class Way:
    """What holds for every request of a run."""

    cloud: Cloud
    rules: tuple[Rule, ...]
    environ: Mapping[str, str]
    allowed_hosts: tuple[str, ...]

    def route(self, scheme: str, host: str, port: int) -> Route:
        """Where a connection really goes."""
        return route_to(scheme, host, port, self.rules, self.environ)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a request is to be treated; see `Transport.send`."""

    plane: str = ""
    audience: str = ""
    retry: bool | None = None
    timeout: float | None = None
    connect_timeout: float | None = None
    stream_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One request with everything that is decided about it. Times are seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    plane: str
    audience: str
    route: Route
    again: bool
    """Asking twice is harmless."""
    connect: float
    whole: float
    """From the first byte out to the last byte in."""
    bounds: Bounds

    @property
    def local(self) -> bool:
        """It asks the machine's own metadata endpoint."""
        return self.route.host == METADATA_ADDRESS

    def request(self, left: float) -> Request:
        """What goes over the wire when so much time is left."""
        whole = min(self.whole, left)
        return Request(
            method=self.method,
            url=self.url,
            host=self.route.host,
            port=self.route.port,
            headers=self.headers,
            body=self.body,
            audience=self.audience,
            connect=min(self.connect, whole),
            read=whole,
            bounds=self.bounds,
        )


def build(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    way: Way,
    wanted: Wanted,
    allowance: Allowance,
) -> Job:
    """Decide everything about a request.

    Raises:
        NoAnswer: the address is not plain, or a token or secret may not go there.
    """
    parts = checked_url(url)
    route = way.route(parts.scheme, parts.hostname or "", parts.port or (HTTPS_PORT if parts.scheme == "https" else 80))
    sent = {"User-Agent": f"agentdoctor/{__version__}", **headers}
    audience = audience_to_send(url, sent, wanted.audience, way.cloud, allowed=way.allowed_hosts, environ=way.environ)
    secrets_may_go(url, body, way.cloud, way.allowed_hosts)
    local = route.host == METADATA_ADDRESS
    plane = wanted.plane or plane_of(way.cloud, route.host)
    safe = method.upper() in _SAFE_METHODS if wanted.retry is None else wanted.retry
    return Job(
        method=method.upper(),
        url=url,
        headers=sent,
        body=body,
        plane=plane,
        audience=audience,
        route=route,
        again=safe and not local,
        connect=METADATA_SECONDS if local else wanted.connect_timeout or CONNECT_SECONDS,
        whole=METADATA_SECONDS if local else wanted.timeout or REQUEST_SECONDS,
        bounds=Bounds(TOKEN_BYTES if plane in {"entra", "imds"} else BODY_BYTES, allowance, wanted.stream_limit),
    )
