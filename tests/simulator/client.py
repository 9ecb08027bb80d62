"""A client of the simulator that shares nothing with the product: http.client over TLS, with the real host names."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.simulator import Simulator

ARM = "https://management.azure.com"
ARM_SCOPE = "https://management.azure.com/.default"
AI_SCOPE = "https://ai.azure.com/.default"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


class _Connection(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, timeout=10, context=context)
        self._port = port
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class Client:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._tls = ssl.create_default_context(cafile=str(simulator.ca_file))

    def open(self, host: str) -> _Connection:
        return _Connection(host, self.simulator.port, self._tls)

    def send(
        self, method: str, url: str, *, token: str = "", body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        parts = urlsplit(url)
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        connection = self.open(str(parts.hostname))
        try:
            path = quote(parts.path, safe="/()',$:@")
            connection.request(method, f"{path}?{parts.query}", body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def sign_in(self, scope: str, **changes: str) -> Answer:
        environ = self.simulator.environ
        form = {
            "client_id": environ["AZURE_CLIENT_ID"],
            "client_secret": environ["AZURE_CLIENT_SECRET"],
            "grant_type": "client_credentials",
            "scope": scope,
            **changes,
        }
        tenant = form.pop("tenant", environ["AZURE_TENANT_ID"])
        host = self.simulator.state.places.login_host
        return self.send(
            "POST",
            f"https://{host}/{tenant}/oauth2/v2.0/token",
            body=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    def token(self, scope: str) -> str:
        return str(self.sign_in(scope).json["access_token"])

    def arm(
        self, path: str, version: str = "2025-12-01", *, method: str = "GET", body: Any = None, **query: str
    ) -> Answer:
        asked = urlencode({"api-version": version, **{f"${key}": value for key, value in query.items()}})
        host = self.simulator.state.places.arm_host
        scope = f"https://{host}/.default"
        return self.send(method, f"https://{host}{path}?{asked}", token=self.token(scope), body=body)

    def authorization(self, scope: str, kind: str, wanted: str = "", version: str = "2022-04-01") -> Answer:
        query = {"filter": wanted} if wanted else {}
        return self.arm(f"{scope.rstrip('/')}/providers/Microsoft.Authorization/{kind}", version, **query)

    def graph(self, query: str, **options: Any) -> Answer:
        body = {"query": query, "options": options}
        return self.arm("/providers/Microsoft.ResourceGraph/resources", "2022-10-01", method="POST", body=body)

    def call(self, body: Any, *, url: str = "", scope: str = AI_SCOPE, method: str = "POST") -> Answer:
        return self.send(method, url or self.simulator.target, token=self.token(scope), body=body)

    def project(self, path: str, version: str = "v1", *, headers: Mapping[str, str] | None = None) -> Answer:
        url = f"{self.simulator.state.places.endpoint}/{path}?api-version={version}"
        return self.send("GET", url, token=self.token(AI_SCOPE), headers=headers)


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded
