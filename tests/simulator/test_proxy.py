from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from doctor.simulator import Simulator
from doctor.simulator.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

import pytest


@pytest.fixture
def running() -> Iterator[tuple[Simulator, Proxy]]:
    with Simulator() as azure, Proxy(azure.port) as proxy:
        yield azure, proxy


def _open(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=10)


def test_a_tunnel_leads_to_the_simulator_whatever_host_is_asked_for(running: tuple[Simulator, Proxy]) -> None:
    azure, proxy = running
    with _open(proxy) as plain:
        plain.sendall(b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: graph.microsoft.com:443\r\n\r\n")
        assert plain.recv(200).startswith(b"HTTP/1.1 200 ")
        context = ssl.create_default_context(cafile=str(azure.ca_file))
        with context.wrap_socket(plain, server_hostname="graph.microsoft.com") as secure:
            secure.sendall(b"GET /v1.0/me HTTP/1.1\r\nHost: graph.microsoft.com\r\nConnection: close\r\n\r\n")
            assert secure.recv(200).startswith(b"HTTP/1.1 401 ")
    assert azure.requests[-1].host == "graph.microsoft.com"


def test_nothing_but_a_tunnel_is_offered(running: tuple[Simulator, Proxy]) -> None:
    with _open(running[1]) as plain:
        plain.sendall(b"GET http://management.azure.com/ HTTP/1.1\r\nHost: management.azure.com\r\n\r\n")
        assert plain.recv(200).startswith(b"HTTP/1.1 405 ")
    with _open(running[1]) as plain:
        plain.sendall(b"nonsense")
