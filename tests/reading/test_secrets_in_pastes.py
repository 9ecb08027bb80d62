"""Nothing secret that was in a paste comes out again, wherever in it the secret was and whatever the format."""

from __future__ import annotations

import time

import pytest

from doctor.cli.explain_views import VIEWS
from doctor.model.untrusted import redact
from doctor.reading import explain

PLAIN = "hunter2zorp9"
HEX = "1fa644d35db41d94e5efaf89fc43c5fa"
LONG = "aCcTlN99mhWp708DwGw5HqXDgLVXZx3scB8fnvGNx6jvr7SIftRutlZfOjUStEkUdfMI7zcpVMw0qDPAjd6O"
PLACES = [
    ("zorp api-key {}", HEX),
    ("using the key {} zorp", LONG),
    ("export AZURE_AI_KEY={} zorp", HEX),
    ("ARM_CLIENT_SECRET: {}", PLAIN),
    ("az login --service-principal -u x -p {} --tenant t", PLAIN),
    ("az login --service-principal -u x --password {} --tenant t", PLAIN),
    ("sqlcmd -S x -U sa -P {} zorp", PLAIN),
    ("curl -u admin:{} https://x zorp", PLAIN),
    ("curl --user admin:{} https://x zorp", PLAIN),
    ("agent --client-secret {} zorp", PLAIN),
    ("Server=tcp:x;User ID=sa;Pwd={{{}!@# $x}};Encrypt=True zorp", PLAIN),
    ("https%3A%2F%2Fx.blob.core.windows.net%2Fc%3Fsv%3D2022%26sig%3D{}%26se%3D2026", PLAIN),
    ("client_secret%3D{}%26grant_type%3Dclient_credentials", PLAIN),
    ("document.cookie = 'a={}; b=2' zorp", PLAIN),
    ('{{"cookies":[{{"name":"a","value":"{}"}}]}} zorp', PLAIN),
    ('{{"name":"session","value":"{}","domain":".x"}} zorp', PLAIN),
    ('{{"name":"AZURE_CLIENT_SECRET","value":"{}"}} zorp', PLAIN),
    ("- name: API_KEY\n  value: {}\n", PLAIN),
    ('<add key="ClientSecret" value="{}" /> zorp', PLAIN),
    ("<password>{}</password>", PLAIN),
    ("the password is {}", PLAIN),
    ("DOCKER_REGISTRY_SERVER_PASSWORD {}", PLAIN),
    ("requests.get(u, auth=('user', '{}')) zorp", PLAIN),
    ("https://x#access_token={}&id_token=y", PLAIN),
    ("aws_secret_access_key={}", PLAIN),
    ("AKIA{} zorp", "GLA2JTCGDEFSSS1O"),
    ("AIza{} zorp", "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"),
    ("glpat-{} zorp", "ABCDEFabcdef12345678"),
    ("EwBYA8l6BAAU{}", "abcDEF123456789012345678901234567890"),
    ("xoxb-123456789012-{} zorp", "AbCdEfGhIjKlMnOpQrStUvWx"),
    ("https://hooks.slack.com/services/{} zorp", "T00000000/B00000000/XXXXyyyyZZZZ1234"),
    ("MIIEpAIBAAKCAQEA75zorpzorpabcd0123456789\n{}\n-----END PRIVATE KEY-----", "QWErty0123zz"),
    ("To sign in, open https://microsoft.com/devicelogin and enter the code {} to authenticate.", "ABCD1234E"),
    ("\x1b[31mpassword\x1b[0m=\x1b[1m{}\x1b[0m", PLAIN),
    ("pass\u200bword={}", PLAIN),
]
HOSTILE = [
    "login a ",
    "sig%3D",
    '"cookies":[',
    "pwd={",
    "--a-b-c-key ",
    "password\n\n\n",
    "A_KEY=",
    "key a1",
    "auth=('a'",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(("place", "secret"), PLACES, ids=[place[:24] for place, _ in PLACES])
def test_a_secret_is_never_echoed(place: str, secret: str, encoding: str) -> None:
    data = place.format(secret).encode(encoding)
    explanation = explain(data)
    for view in VIEWS.values():
        assert secret not in view(explanation, data)


@pytest.mark.parametrize("piece", HOSTILE)
def test_redaction_is_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        start = time.process_time()
        redact(text)
        return time.process_time() - start

    assert seconds(400_000) < 12 * max(seconds(100_000), 0.01)


@pytest.mark.parametrize(
    "text",
    [
        "The provided client secret keys for app '6c5e0000-1111-2222-3333-444455556666' are expired.",
        "access token is missing, invalid, audience is incorrect",
        "the session key is not valid; the primary key 2024-10-21 was not found",
        "login failed for user -p",
        "the api key was disabled; api-version 2025-11-15-preview",
        "no key was found for kv-litware-prod",
        "Hosted agent session 01HXABCDEFGHJKMNPQRSTVWXYZ did not become ready",
        "connection string is empty",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_the_query_of_a_tool_is_not_shown() -> None:
    text = b"Error from MCP server url=https://func.contoso.com/mcp?code=Zm9vYmFyYmF6cXV4 401 Unauthorized, tool 'x'"
    shown = "\n".join(f"{fix.title} {fix.command} {fix.note}" for one in explain(text).diagnoses for fix in one.fixes)
    assert "https://func.contoso.com/mcp" in shown
    assert "Zm9v" not in shown
