from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from doctor.azure import connect_to
from doctor.azure.clouds import PUBLIC
from doctor.azure.deadline import Deadline
from doctor.azure.transport import Transport
from tests.azure.servers import Handler, Server, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = (
    "management.azure.com",
    "login.microsoftonline.com",
    "acct.services.ai.azure.com",
    "other.services.ai.azure.com",
    "evil.example",
)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA(organization_name="agentdoctor tests")


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def serve(ca: trustme.CA) -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def start(handler: Handler, *names: str, tls: bool = True, issuer: trustme.CA | None = None) -> Server:
            return stack.enter_context(serving(handler, (issuer or ca) if tls else None, *(names or NAMES)))

        yield start


@pytest.fixture
def make_transport(ca_file: Path) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def make(to: Server | int | None = None, *rules: str, seconds: float = 20, **options: Any) -> Transport:
        port = to.port if isinstance(to, Server) else to
        every = (*rules, f":443:127.0.0.1:{port}") if port else rules
        options.setdefault("ca_file", str(ca_file))
        options.setdefault("environ", {})
        options.setdefault("deadline", Deadline(seconds))
        options.setdefault("cloud", PUBLIC)
        transport = Transport(connect_to=[connect_to.parse(rule) for rule in every], **options)
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()
