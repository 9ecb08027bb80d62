"""Small TLS servers on loopback that answer as a test tells them to."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import trustme

    from doctor.azure.transport import Transport


@dataclass
class Got:
    """A request as the server saw it."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass
class Say:
    """An answer; `hold` seconds before it, and perhaps broken off or never ended."""

    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    hold: float = 0.0
    cut: bool = False
    """Promise more bytes than are sent, then close."""
    drop: bool = False
    """Close without an answer."""
    drip: float = 0.0
    """Keep the body open, with one byte each so many seconds."""

    def payload(self) -> bytes:
        if isinstance(self.body, (dict, list)):
            return json.dumps(self.body).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


Handler = Callable[[Got], Say]
Serve = Callable[..., "Server"]
MakeTransport = Callable[..., "Transport"]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: Handler, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.answer, self.context = handler, context
        self.seen: list[Got] = []
        self.names: list[str | None] = []
        self.handshakes = 0
        self.stopping = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is None:
            _Talk(request, client_address, self)
            return
        self.handshakes += 1
        with contextlib.suppress(OSError):
            tls = self.context.wrap_socket(request, server_side=True)
            try:
                _Talk(tls, client_address, self)
            finally:
                tls.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many tests are about."""


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        got = Got(
            self.command,
            self.headers.get("Host", ""),
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            id(self.connection),
        )
        self.server.seen.append(got)
        say = self.server.answer(got)
        if say.hold:
            self.server.stopping.wait(say.hold)
        if say.drop:
            self.close_connection = True
            return
        self._say(say)

    def _say(self, say: Say) -> None:
        body = say.payload()
        self.send_response(say.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body) + (100 if say.cut else 0))}
        if say.drip:
            headers.pop("Content-Length")
            headers["Connection"] = "close"
        for name, value in {**headers, **say.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = self.close_connection or say.cut or bool(say.drip)
        while say.drip and not self.server.stopping.wait(say.drip):
            self.wfile.write(b".")
            self.wfile.flush()

    do_GET = do_POST = do_HEAD = do_CONNECT = _any  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Tests are silent."""


@contextlib.contextmanager
def serving(handler: Handler, ca: trustme.CA | None, *names: str) -> Iterator[Server]:
    context = None
    if ca is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*names).configure_cert(context)
    server = Server(handler, context)
    if context is not None:
        context.sni_callback = lambda _sock, name, _ctx: server.names.append(name)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def jwt(**claims: Any) -> str:
    """An unsigned token with these claims."""
    import base64  # noqa: PLC0415

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    base = {"aud": "https://management.azure.com", "exp": int(time.time()) + 3600}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({**base, **claims})}.c2lnbmF0dXJl"
