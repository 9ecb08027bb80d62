"""Secrets are taken out and controls are shown; ids, actions and ordinary words stay."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.model.untrusted import REDACTED, clean, redact, visible

JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSJ9.c2lnbmF0dXJlLXBhcnQ"
KEY = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyMTIzNA=="
SECRET = "abc8Q~SecretSecretSecretSecretSecret12"

SECRETS = [
    (f"Authorization: Bearer {JWT}", JWT),
    (f'curl -H "Authorization: Bearer {JWT[:90]}"', JWT[40:90]),
    (JWT, "c2lnbmF0dXJl"),
    (JWT[:70], JWT[40:70]),
    (JWT.split(".", maxsplit=1)[0], JWT.split(".", maxsplit=1)[0]),
    ('{"authorization":"Bearer abc123def456ghi789"}', "abc123def456"),
    ("'Authorization': 'Basic dXNlcjpwYXNzd29yZA=='", "dXNlcjpw"),
    ("proxy uses basic dXNlcjpwYXNzd29yZA==", "dXNlcjpw"),
    (f"AccountName=a;AccountKey={KEY};EndpointSuffix=x", KEY),
    (f"the key is {KEY} and", KEY),
    ("Endpoint=sb://x/;SharedAccessKey=abc123XYZ789abc=", "abc123XYZ"),
    ("https://a.blob.core.windows.net/c?sv=1&sig=abc%2Bdef123%3D&se=2", "abc%2Bdef"),
    ("https://f.azurewebsites.net/api/x?code=abcDEF123456==", "abcDEF123"),
    ("Cookie: sid=verysecret; b=1", "verysecret"),
    ("< set-cookie: sid=verysecret", "verysecret"),
    ('{"name":"Cookie","value":"sid=verysecret"}', "verysecret"),
    (f"client_secret={SECRET}", SECRET),
    (f"the secret {SECRET} was used", SECRET),
    ('{"client_secret": "hunter2"}', "hunter2"),
    ('{\\"password\\":\\"hunter2\\"}', "hunter2"),
    ("dbPassword=hunter22;", "hunter22"),
    ("AZURE_CLIENT_SECRET=hunter22", "hunter22"),
    ("refresh 0.AXXXabcdefghijklmnopqrstuvwxyz0123456789ABCD.AgABAAEAAA", "abcdefghijklm"),
    ("1.AXXXabcdefghijklmnopqrstuvwxyz0123456789ABCDabc", "abcdefghijklm"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef==\n-----END RSA PRIVATE KEY-----", "MIIabc"),
    ("-----BEGIN PRIVATE KEY-----\\nMIIabc", "MIIabc"),
    ("postgres://agent:pass123@host/db", "pass123"),
    ("api-key: 0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ("Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ("x-functions-key: abcdefgh12345678", "abcdefgh12345678"),
    ("SharedAccessSignature sr=x&sig=abcdef123%3d&se=1", "abcdef123"),
    ("grant_type=refresh_token&refresh_token=abcdefghijk123", "abcdefghijk123"),
    ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdef"),
]
HARMLESS = [
    'WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/x", error="invalid_token"',
    "basic authentication is disabled",
    "Bearer authentication required",
    "Authorization failed: no role",
    "b3bd0e3e-7631-4f42-be6f-69317695d447 Microsoft.CognitiveServices/accounts/AIServices/agents/write",
    "resp_0a91f7b2c3d4e5f60718293a4b5c6d7e8f9",
    "conv_a3b64d25f700f00200hMjSNHCcLlScCP0YPoHlB1SLWj2UfT55",
    "x-request-id: 5fbd0d6f6e3c4e47a2f1d6a6a1f3a0b2",
    'password authentication failed for user "x"',
    "the secret was not found",
    "/subscriptions/d10e3ca7-7d49-4a7e-8b26-366b862718ad/resourceGroups/rg-agents/providers/Microsoft.X/accounts/a",
    "Invalid client secret provided. Ensure the secret is the value, not the client secret ID",
    f"sha256:{'a1' * 32}",
    "Access denied due to missing subscription key. Make sure to include subscription key when making",
    "api-version=2025-11-15-preview",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_taking_out_twice_changes_nothing(text: str, secret: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_the_harmless_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert "\n" not in shown
    assert not shown.startswith("::")
    assert "##vso[" not in shown


@given(st.text(alphabet="abc \u00e9\u4e2d", max_size=50))
def test_ordinary_text_is_not_touched(text: str) -> None:
    assert clean(text) == text


def test_what_a_build_log_would_obey_is_broken_up() -> None:
    assert clean("::error::x") == "\\::error::x"
    assert "##vso[" not in clean("a ##vso[task.setvariable]b")
    assert "##[" not in clean("##[error]x")


@pytest.mark.parametrize(
    "piece",
    [
        *("eyJ", "eyJ.", "bearer ", "bearer a", "authorization:", "password=", 'password="', "a_", "a", "A1a", "0.A"),
        *("aaa1Q~", "http://a:", " ", "\\", '"authorization', "x-ms-token-aad-a", "?code=", "sk-", "-", "_"),
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_the_cost_is_linear(piece: Any) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        begin = time.process_time()
        redact(text)
        return time.process_time() - begin

    cost(1000)
    small, large = cost(20_000), cost(200_000)
    assert large < 40 * small + 0.5
