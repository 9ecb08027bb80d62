"""Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either letter case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.azure.connect_to import is_local

if TYPE_CHECKING:
    from collections.abc import Mapping


def proxy_for(scheme: str, host: str, environ: Mapping[str, str]) -> str:
    """The proxy's URL for a request, with its credentials, or "" for a direct connection.

    Loopback and the metadata address are always reached directly. As in curl, the lower-case variable wins.
    """
    if is_local(host) or _bypassed(host, environ):
        return ""
    for name in (f"{scheme}_proxy", "all_proxy"):
        # HTTP_PROXY in capitals can be set by a request to a CGI script, so it does not count there.
        upper = "" if name == "http_proxy" and "REQUEST_METHOD" in environ else environ.get(name.upper(), "")
        if value := (environ.get(name) or upper).strip():
            return value if "://" in value else f"http://{value}"
    return ""


def shown(proxy: str) -> str:
    """The proxy without its credentials: `http://proxy.example:3128`."""
    try:
        parts = urlsplit(proxy)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a proxy address that is no URL"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def _bypassed(host: str, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names the host or a domain above it; entries may carry `.`, `*.` or a port."""
    name = host.lower()
    for entry in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().split(","):
        domain = entry.strip().removeprefix("*.").lstrip(".").partition(":")[0]
        if entry.strip() == "*" or (domain and (name == domain or name.endswith(f".{domain}"))):
            return True
    return False
