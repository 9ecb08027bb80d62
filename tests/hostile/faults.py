"""Everything that can come instead of an answer, or as one."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from doctor.azure.wire import Fault as Kind
from doctor.azure.wire import WireFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.wire import Reply, Request

TRANSPORT = {
    Kind.DNS: {"name-not-resolved"},
    Kind.REFUSED: {"unreachable"},
    Kind.CONNECT_TIMEOUT: {"unreachable", "timed-out"},
    Kind.UNTRUSTED: {"tls-untrusted"},
    Kind.TLS: {"not-azure"},
    Kind.PROXY: {"proxy-failed"},
    Kind.TIMEOUT: {"timed-out"},
    Kind.DROPPED: {"unreachable"},
    Kind.NOT_HTTP: {"not-azure"},
    Kind.TOO_MUCH: {"not-azure"},
}
PLANTED = "sv=2024-11-04&ss=b&sig=Zm9vYmFy%2Fq83Kd0Pz1sT6uVwXyZ%3D"
"""A signature of somebody else, as an answer may hold one."""


@dataclass(frozen=True)
class Fault:
    """What happens to one request."""

    name: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: Kind | None = None
    echo: bool = False
    """The answer repeats the request's secrets in many forms."""
    truncated: bool = False
    causes: frozenset[str] = frozenset()
    """Causes that the first root cause may have; any when empty."""
    says_nothing: bool = True
    """It is no answer of Azure's, so nothing may be proved broken by it."""

    def happen(self, request: Request, reply: Reply) -> None:
        """Fill the reply, or raise."""
        if self.kind is not None:
            raise WireFault(self.kind, f"a fault of the test: {self.name}")
        reply.headers = {"content-type": "application/json", **self.headers}
        reply.truncated = self.truncated
        reply.chunks.append(_echo(request) if self.echo else self.body)
        reply.status = self.status


def _echo(request: Request) -> bytes:
    sent = next((v for name, v in request.headers.items() if name.lower() == "authorization"), "none")
    form = (request.body or b"").decode()
    secrets = [sent.partition(" ")[2] or sent, form]
    forms = [
        *secrets,
        *(base64.b64encode(one.encode()).decode() for one in secrets),
        *(one.encode().hex() for one in secrets),
        *("".join(f"%{ord(char):02X}" for char in one) for one in secrets),
        "\n".join(secrets[0][at : at + 20] for at in range(0, len(secrets[0]), 20)),
        f"https://store.blob.core.windows.net/c?{PLANTED}",
    ]
    return json.dumps({"error": {"code": "Forbidden", "message": " ; ".join(forms)}}).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _error(code: str, message: str = "no") -> bytes:
    return _json({"error": {"code": code, "message": message}})


PAGE = b"<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>"
ESCAPES = (
    "\x1b]8;;http://evil.example\x07x\x1b[2J ::error::x ##vso[task.setvariable variable=a]b "
    "<script>alert(1)</script> ![](http://evil.example/x.png) =cmd|' /C calc'!A0"
)

FAULTS = (
    *(Fault(f"wire: {kind.value}", kind=kind, causes=frozenset(causes)) for kind, causes in TRANSPORT.items()),
    Fault("503", 503, _error("ServiceUnavailable"), {"retry-after": "0"}, causes=frozenset({"service-failed"})),
    Fault("500", 500, _error("InternalServerError"), causes=frozenset({"service-failed"})),
    Fault("500 of nobody", 500, b""),
    Fault("429", 429, _error("TooManyRequests"), {"retry-after": "0"}, causes=frozenset({"throttled"})),
    Fault("429 for ever", 429, _error("TooManyRequests"), {"retry-after": "86400"}, causes=frozenset({"throttled"})),
    Fault("a page", 200, PAGE, {"content-type": "text/html"}, causes=frozenset({"not-azure"})),
    Fault("a page that refuses", 403, PAGE, {"content-type": "text/html"}),
    Fault("a page that does not know", 404, PAGE, {"content-type": "text/html"}),
    Fault("a page that wants a login", 401, PAGE, {"content-type": "text/html"}),
    Fault("a redirect", 302, b"", {"location": "https://evil.example/"}),
    Fault("nothing", 200, b""),
    Fault("null", 200, b"null"),
    Fault("a list", 200, b"[]"),
    Fault("an object", 200, b"{}"),
    Fault("a number", 200, b"17"),
    Fault("a text", 200, b'"ok"'),
    Fault("broken JSON", 200, b'{"value": [{"id": "x"'),
    Fault("an answer that broke off", 200, b'{"value": []', truncated=True),
    Fault("wrong types", 200, _json({"value": 7, "data": "x", "id": [], "properties": [], "access_token": 5})),
    Fault("lists of the wrong things", 200, _json({"value": [None, 1, "x", []], "data": [[], 3], "error": [1]})),
    Fault("a page elsewhere", 200, _json({"value": [], "nextLink": "https://evil.example/?x=1"})),
    Fault("hostile names", 200, _json({"value": [{"id": ESCAPES, "name": ESCAPES, "properties": {"x": ESCAPES}}]})),
    Fault("hostile refusal", 403, _error(ESCAPES, ESCAPES), says_nothing=False),
    Fault("not UTF-8", 200, b"\xff\xfe\x00\x01\x80"),
    Fault("an echo", 403, echo=True, says_nothing=False),
    Fault("an echo that failed", 500, echo=True),
    Fault("204", 204, b""),
    Fault("418", 418, b"I am a teapot", {"content-type": "text/plain"}),
)
