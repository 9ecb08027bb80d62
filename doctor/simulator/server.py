"""The listener: HTTP/1.1 with keep-alive over TLS on loopback, one thread per connection, one server for every host."""

from __future__ import annotations

import contextlib
import email.utils
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from doctor.simulator.wire import Reply, Request

if TYPE_CHECKING:
    import ssl

Answer = Callable[[Request, str], tuple[Reply, int]]
"""(request, raw query string) → (reply, seconds that the Date header is off)."""

_LARGEST_BODY = 5_000_000
_DRIP = 64


class Listener(ThreadingHTTPServer):
    """Accepts connections; the TLS handshake is done in the connection's own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, answer: Answer) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self._context = context
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Speak TLS, then HTTP; a client that gives up or distrusts the certificate is no event."""
        with contextlib.suppress(OSError):
            request.settimeout(30)
            secure = self._context.wrap_socket(request, server_side=True)
            with self._changed:
                self._open.add(secure)
            try:
                super().finish_request(secure, client_address)
            finally:
                secure.close()
                with self._changed:
                    self._open.discard(secure)
                    self._changed.notify_all()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection before its thread starts, so that closing waits for it."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the plain socket that a connection came with."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a bug in a handler be seen: print its traceback, as the base class does."""
        super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop accepting, cut every connection, and wait until their threads have let go."""
        self.shutdown()
        self.server_close()
        with self._changed:
            for one in tuple(self._open):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=3)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "agentdoctor-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: Listener
    _known: ClassVar[frozenset[str]] = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

    def __getattr__(self, name: str) -> Callable[[], None]:
        """`do_GET` and its sisters are all the same: the method is a part of the request."""
        if name.startswith("do_") and name[3:] in self._known:
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing on stderr; the simulator keeps its own log."""

    def _exchange(self) -> None:
        body = self._body()
        if body is None:
            return
        url = urlsplit(self.path)
        request = Request(
            method=self.command,
            host=self.headers.get("Host", "").partition(":")[0].lower(),
            path=unquote(url.path),
            query={key.lower(): value for key, value in parse_qsl(url.query, keep_blank_values=True)},
            headers={key.lower(): value for key, value in self.headers.items()},
            body=body,
        )
        reply, skew = self.server.answer(request, url.query)
        self._send(reply, skew)

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self.send_error(413)
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _send(self, reply: Reply, skew: int) -> None:
        if reply.wire_fault != "drip" and reply.delay_s:
            time.sleep(reply.delay_s)
        if reply.wire_fault == "reset":
            self._reset()
            return
        # Not send_response(): its Date cannot be set.
        self.send_response_only(reply.status)
        self.send_header("Date", email.utils.formatdate(time.time() + skew, usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunks is not None:
            self._send_chunks(reply)
            return
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.wire_fault == "truncate":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif reply.wire_fault == "drip":
            self._drip(reply)
        elif self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _send_chunks(self, reply: Reply) -> None:
        """Send until it is all sent or the client has had enough."""
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            for chunk in filter(None, reply.chunks() if reply.chunks else ()):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                if reply.wire_fault == "drip":
                    self.wfile.flush()
                    time.sleep(reply.delay_s)
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()

    def _drip(self, reply: Reply) -> None:
        for start in range(0, len(reply.body), _DRIP):
            self.wfile.write(reply.body[start : start + _DRIP])
            self.wfile.flush()
            time.sleep(reply.delay_s)

    def _reset(self) -> None:
        # A linger time of zero makes the kernel send RST instead of FIN.
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
