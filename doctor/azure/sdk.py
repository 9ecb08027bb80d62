"""The Azure SDKs on our transport: azure-identity (MSAL included) and the management clients send through it.

The adapter speaks both of azure-core's dialects, `azure.core.rest` and the older `azure.core.pipeline.transport`. It
never closes the shared connections, never retries on its own, and lets `NoAnswer` through as it is.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from azure.core.pipeline.transport import HttpResponse, HttpTransport
from azure.core.utils import case_insensitive_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

    from typing_extensions import Self

    from doctor.azure.transport import Transport
    from doctor.model.exchange import Answer

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

# What went wrong is told in the report; what the SDKs log may hold tokens.
for _name in ("azure", "msal", "msal_extensions"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class SdkResponse(HttpResponse):
    """Our answer in the forms in which azure-core and its callers ask for it."""

    def __init__(self, request: Any, answer: Answer) -> None:
        super().__init__(request, answer)
        self.answer = answer
        self.status_code: int = answer.status
        self.headers: MutableMapping[str, str] = case_insensitive_dict(dict(answer.headers))
        self.reason = ""
        self.content_type = answer.headers.get("content-type")
        self.content = answer.body
        self.url = answer.url
        self.encoding: str | None = None
        self.is_closed = True
        self.is_stream_consumed = True

    def body(self) -> bytes:
        """The whole body."""
        return self.content

    def read(self) -> bytes:
        """The whole body."""
        return self.content

    def text(self, encoding: str | None = None) -> str:
        """The body as text; broken bytes are replaced, a byte order mark is dropped."""
        try:
            return self.content.decode(encoding or "utf-8-sig", "replace").removeprefix("\ufeff")
        except LookupError:
            return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.text())

    def stream_download(self, pipeline: Any, **kwargs: Any) -> Iterator[bytes]:
        """The body in one piece."""
        del pipeline, kwargs
        return iter((self.content,))

    def iter_bytes(self, **kwargs: Any) -> Iterator[bytes]:
        """The body in one piece."""
        del kwargs
        return iter((self.content,))

    def close(self) -> None:
        """Nothing is open."""


class SdkTransport(HttpTransport[Any, Any]):
    """azure-core's transport over ours."""

    def __init__(self, transport: Transport, *, plane: str = "", audience: str = "") -> None:
        self._transport = transport
        self._plane = plane
        self._audience = audience

    def send(self, request: Any, *, harmless: bool = False, **kwargs: Any) -> SdkResponse:
        """Send a request of either dialect; `harmless` marks a POST that only reads.

        Raises:
            NoAnswer: no answer came, or a token was not allowed to go there.
        """
        data = request.content if hasattr(request, "content") else request.data
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        answer = self._transport.send(
            request.method,
            # The SDKs leave spaces in filters, and servers in their links.
            quote(request.url, safe="%:/?#[]@!$&'()*+,;=~"),
            headers,
            _bytes(data, headers),
            plane=self._plane,
            audience=self._audience,
            retry=harmless or request.method.upper() in _SAFE_METHODS,
            timeout=kwargs.get("read_timeout"),
            connect_timeout=kwargs.get("connection_timeout"),
        )
        return SdkResponse(request, answer)

    def open(self) -> None:
        """The shared connections open themselves."""

    def close(self) -> None:
        """The shared connections outlive any client."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """See `close`."""


def _bytes(data: Any, headers: MutableMapping[str, str]) -> bytes | None:
    """The request's body; a form arrives as a dict."""
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, dict):
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return urlencode(_without_none(data)).encode()
    content = data.read() if hasattr(data, "read") else b"".join(data)
    return content.encode() if isinstance(content, str) else bytes(content)


def _without_none(form: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value is not None}
