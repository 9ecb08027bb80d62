"""The Foundry data plane: the endpoint that is to be called, and what a project says about its agents.

URLs: agent-applications.md and the migration page of MicrosoftDocs/azure-ai-docs (2026). An application's Responses
route takes api-version 2025-11-15-preview, a new-model agent's takes v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from doctor.azure.clouds import PUBLIC
from doctor.azure.request import REQUEST_SECONDS, url_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.clouds import Cloud
    from doctor.azure.token import Token
    from doctor.azure.transport import Transport
    from doctor.model.exchange import Answer

APPLICATION_API = "2025-11-15-preview"
AGENT_API = "v1"
PROBE_BYTES = 64_000
EMPTY = b"{}"
"""A body that the service must refuse, after it has looked at who asks: the free probe."""


def project_endpoint(account: str, project: str, cloud: Cloud = PUBLIC) -> str:
    """`https://{account}.services.ai.azure.com/api/projects/{project}`.

    Raises:
        ValueError: Foundry endpoints are not documented for this cloud.
    """
    if cloud.ai_suffix is None:
        raise ValueError(f"Foundry endpoints are not documented for {cloud.title}; give an endpoint URL.")
    return f"https://{quote(account, safe='')}.{cloud.ai_suffix}/api/projects/{quote(project, safe='')}"


class Foundry:
    """The Foundry endpoint, asked with or without a token. Any HTTP status is an answer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def probe(
        self,
        url: str,
        token: Token | None = None,
        body: bytes = EMPTY,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = REQUEST_SECONDS,
        limit: int = PROBE_BYTES,
    ) -> Answer:
        """POST a body to the endpoint; of a stream, only what comes in this time and size is read (`truncated`).

        Only the empty body is asked again after a 429 or a dropped connection: anything else may cost money.

        Raises:
            NoAnswer: no answer came, or the token was not allowed to go there.
        """
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        return self._transport.send(
            "POST",
            url,
            sent,
            body,
            plane="foundry",
            token=token,
            retry=body == EMPTY,
            timeout=timeout,
            stream_limit=limit,
        )

    def get(
        self,
        endpoint: str,
        path: str,
        token: Token | None = None,
        api_version: str = AGENT_API,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET a path below a project endpoint: `get("https://…/api/projects/p", "agents/my-agent", token)`.

        Raises:
            NoAnswer: no answer came, or the token was not allowed to go there.
        """
        url = url_of(endpoint, path, api_version, query)
        return self._transport.send(
            "GET", url, {"Accept": "application/json", **(headers or {})}, plane="foundry", token=token
        )
