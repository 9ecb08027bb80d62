from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest
import trustme

from doctor.azure.errors import NoAnswer
from doctor.model.cause import Cause
from tests.azure.servers import MakeTransport, Say, Serve

if TYPE_CHECKING:
    from collections.abc import Iterator

ARM = "https://management.azure.com/subscriptions?api-version=2022-12-01"


class Tunnel:
    """A proxy that takes every CONNECT to one port of loopback."""

    def __init__(self) -> None:
        self.to_port = 0
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.asked.append(head.decode())
            with socket.create_connection(("127.0.0.1", self.to_port)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(1)

    def close(self) -> None:
        self._socket.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def tunnel() -> Iterator[Tunnel]:
    proxy = Tunnel()
    yield proxy
    proxy.close()


def test_a_proxy_with_a_login_is_used(serve: Serve, make_transport: MakeTransport, tunnel: Tunnel) -> None:
    server = serve(lambda _got: Say(body={"ok": True}))
    tunnel.to_port = server.port
    transport = make_transport(environ={"HTTPS_PROXY": f"http://user:pass-word@127.0.0.1:{tunnel.port}"})
    assert transport.send("GET", ARM).json() == {"ok": True}
    assert tunnel.asked[0].startswith("CONNECT management.azure.com:443 ")
    assert "proxy-authorization: basic" in tunnel.asked[0].lower()
    assert server.names == ["management.azure.com"]
    assert "pass-word" not in repr(transport.exchanges())


def test_a_proxy_that_inspects_tls_is_named(serve: Serve, make_transport: MakeTransport, tunnel: Tunnel) -> None:
    issuer = trustme.CA(organization_name="Netskope")
    server = serve(lambda _got: Say(), issuer=issuer)
    tunnel.to_port = server.port
    transport = make_transport(environ={"HTTPS_PROXY": f"http://127.0.0.1:{tunnel.port}"})
    with pytest.raises(NoAnswer) as caught:
        transport.send("GET", ARM)
    assert caught.value.problem.cause is Cause.TLS_UNTRUSTED
    assert "Netskope" in caught.value.problem.summary
    assert any("through the proxy http://127.0.0.1" in line for line in caught.value.problem.evidence)
    assert server.seen == []
