"""A CONNECT proxy on loopback: az, the SDKs and openai attach to the simulated Azure by HTTPS_PROXY and a CA file.

It dials nothing but the simulator, whatever host it is asked for.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_HEAD_LIMIT = 16_384
_BLOCK = 65_536


class Proxy:
    """Runs while a `with` block does, and brings every tunnel to one port of this machine."""

    def __init__(self, target_port: int, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Tunnel)
        self._server.target_port = target_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The value of HTTPS_PROXY."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    target_port = 0


class _Tunnel(socketserver.BaseRequestHandler):
    """One tunnel."""

    request: socket.socket
    server: _Server

    def handle(self) -> None:
        """Read the CONNECT, then carry bytes both ways until one side has had enough."""
        with contextlib.suppress(OSError):
            self.request.settimeout(30)
            method = self._head().split(b" ", 1)[0]
            if method != b"CONNECT":
                self.request.sendall(
                    b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                return
            with socket.create_connection(("127.0.0.1", self.server.target_port), timeout=30) as inside:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                for one in (self.request, inside):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    one.settimeout(None)
                back = threading.Thread(target=_carry, args=(inside, self.request), daemon=True)
                back.start()
                _carry(self.request, inside)
                back.join()

    def _head(self) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
            # A client speaks TLS only after our answer, so nothing comes behind the head.
            part = self.request.recv(_BLOCK)
            if not part:
                break
            head += part
        return head


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
