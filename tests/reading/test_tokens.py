"""A pasted access token is judged by its claims and never shown."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.reading import explain
from doctor.reading.jwt import claims_in

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=timezone.utc)
OID = "b3bd0e3e-7631-4f42-be6f-69317695d447"
GOOD = {
    "aud": "https://ai.azure.com",
    "tid": "t",
    "oid": OID,
    "appid": "a",
    "idtyp": "app",
    "exp": NOW.timestamp() + 900,
}


def token(**changes: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part({**GOOD, **changes})}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, None),
        ({"aud": "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"}, None),
        ({"aud": "https://management.azure.com/"}, Cause.WRONG_AUDIENCE),
        ({"exp": NOW.timestamp() - 60}, Cause.TOKEN_EXPIRED),
        ({"nbf": NOW.timestamp() + 600}, Cause.TOKEN_EXPIRED),
        ({"exp": "soon"}, None),
        ({"exp": 10**400}, None),
    ],
)
@pytest.mark.parametrize("form", ["{}", "Bearer {}", "Authorization: Bearer {}\n", "'{}'"])
def test_a_bare_token(changes: Any, cause: Any, form: str) -> None:
    explanation = explain(form.format(token(**changes)).encode(), now=NOW)
    assert (explanation.diagnoses[0].cause if explanation.diagnoses else None) is cause
    assert explanation.claims[0].object_id == OID
    assert explanation.claims[0].kind == "application"


def test_a_token_that_cannot_be_read_is_not_called_good() -> None:
    explanation = explain(b"eyJhbGciOiJub25lIn0.eyJub3Qtd2hhdA.x")
    assert not explanation.is_recognised


def test_the_token_settles_what_the_service_leaves_open() -> None:
    body = '{"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, audience is incorrect (x)."}'
    sent = f"> Authorization: Bearer {token(exp=NOW.timestamp() - 60)}\n>\n< HTTP/1.1 401 Unauthorized\n<\n{body}"
    causes = [one.cause for one in explain(sent.encode(), now=NOW).diagnoses]
    assert causes[0] is Cause.TOKEN_EXPIRED
    assert Cause.WRONG_AUDIENCE in causes


def test_the_token_says_who_the_caller_is() -> None:
    message = "The principal `{}` lacks the required data action `Microsoft.CognitiveServices/a/write` to perform"
    own = f"Authorization: Bearer {token()}\n{message.format(OID)}"
    other = f"Authorization: Bearer {token()}\n{message.format('11111111-2222-3333-4444-555555555555')}"
    assert explain(own.encode()).diagnoses[0].blames.value == "caller"
    assert explain(other.encode()).diagnoses[0].blames.value == "unknown"


def test_claims_are_fit_to_be_shown() -> None:
    claims = claims_in(token(upn="a\x1b[31m\u202eb", aud=["https://ai.azure.com"]))[0]
    assert claims.user == "a\\x1b[31m\\u202eb"
    assert claims.audience == "https://ai.azure.com"
