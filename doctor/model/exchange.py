"""One request and its answer, as the transport saw them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: any HTTP status, the body whole (up to the transport's limit)."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    """Header names in lower case."""
    body: bytes
    elapsed_ms: int
    truncated: bool = False
    """The body ended early: the connection broke, or the transport's limit was reached."""

    @property
    def text(self) -> str:
        """The body as text; broken UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        """The id by which Microsoft's support finds this request, or ""."""
        for name in ("x-ms-request-id", "x-request-id", "apim-request-id", "x-ms-client-request-id"):
            if value := self.headers.get(name):
                return value
        return ""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: the body is not JSON, or nested deeper than any real answer is.
        """
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("the JSON is nested too deeply") from error


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the run's log of requests; holds nothing secret."""

    number: int
    method: str
    url: str
    """Scheme, host, path and query; secret query values are replaced."""
    host: str
    plane: str
    """entra, arm, foundry, imds or other."""
    started_ms: int
    """Since the start of the run."""
    duration_ms: int
    status: int | None = None
    """None when no answer came."""
    request_id: str = ""
    error: str = ""
    attempt: int = 1
    audience: str = ""
    """Audience of the token that was sent, where one was."""
