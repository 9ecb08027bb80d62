"""What the endpoint's answers prove: an answer to an admitted caller may still carry a refusal."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, cast

import pytest

from doctor.facts.witness import Witness
from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.model.fact import Known, Problem, Unread

ME, AGENT = "c0ffee00-0001-4000-8000-000000000001", "a9e27000-0002-4000-8000-000000000002"
INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)


def answer(status: int, body: object = b"", kind: str = "application/json") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("POST", "https://x.services.ai.azure.com/responses", status, {"content-type": kind}, raw, 1)


def denial(principal: str) -> str:
    return f"(PermissionDenied) The principal {principal} lacks the required data action {INVOKE} to perform POST x."


def stream(principal: str) -> Answer:
    event = json.dumps({"type": "error", "code": "server_error", "message": denial(principal)})
    return answer(200, f"event: error\ndata: {event}\n\n".encode(), "text/event-stream")


def witness(anonymous: Answer | None, *, audience: str = "https://ai.azure.com", minutes: int = 60) -> Witness:
    claims = SimpleNamespace(audience=audience, tenant_id="t", expires_at=NOW.timestamp() + minutes * 60)
    refused = Known(anonymous) if anonymous else Unread(Problem(Cause.UNREACHABLE, "no answer"))
    parts = {
        "wiring": SimpleNamespace(
            options=SimpleNamespace(principal=""),
            ledger=SimpleNamespace(entries=lambda: ()),
            cloud=SimpleNamespace(ai_scope="https://ai.azure.com/.default"),
            now=lambda: NOW,
        ),
        "endpoint": SimpleNamespace(anonymous=lambda: refused, authorised=lambda: refused),
        "sign_in": SimpleNamespace(
            caller_names=lambda: frozenset({ME}),
            foundry=lambda: Known(SimpleNamespace(claims=claims)),
            resource_tenant=lambda: "T",
        ),
    }
    return Witness(*cast("tuple[Any, Any, Any]", tuple(parts.values())))


REFUSED = answer(401, {"statusCode": 401, "message": "Unauthorized. Access token is missing."})


@pytest.mark.parametrize(
    ("seen", "proves"),
    [
        (answer(400, {"error": {"code": "BadRequest", "message": "Field 'input' is required."}}), True),
        (answer(200, {"id": "resp_1", "object": "response", "status": "completed"}), True),
        (answer(200, {"error": {"code": "PermissionDenied", "message": denial(ME)}}), False),
        (stream(ME), False),
        (stream(AGENT), True),
        (answer(400), True),
        (answer(400, b"Bad Request: input missing", "text/plain"), True),
        (answer(405), True),
        (answer(415), True),
        (answer(422), True),
        (answer(400, b"<html><body>Bad Request</body></html>", "text/html"), False),
        (answer(400, {"error": {"code": "x", "message": "Token tenant a does not match resource tenant."}}), False),
        (answer(400, {"error": {"code": "BadRequest", "message": "API version not supported"}}), False),
        (answer(404), False),
    ],
)
def test_which_answers_prove_that_the_caller_was_let_in(seen: Answer, *, proves: bool) -> None:
    assert witness(REFUSED).proves_access(seen) is proves


@pytest.mark.parametrize("anonymous", [None, answer(400)])
def test_a_bare_status_proves_nothing_where_anybody_gets_it(anonymous: Answer | None) -> None:
    assert not witness(anonymous).proves_access(answer(415))


@pytest.mark.parametrize(
    ("audience", "minutes", "cause"),
    [
        ("https://ai.azure.com", 60, Cause.PERMISSION_DENIED),
        ("https://ai.azure.com/", 60, Cause.PERMISSION_DENIED),
        ("https://management.azure.com", 60, Cause.WRONG_AUDIENCE),
        ("https://ai.azure.com", -1, Cause.WRONG_AUDIENCE),
    ],
)
def test_a_silent_401_is_blamed_on_the_token_only_where_the_token_may_be_wrong(
    audience: str, minutes: int, cause: Cause
) -> None:
    found = witness(REFUSED, audience=audience, minutes=minutes).diagnose(answer(401))
    assert found is not None
    assert found.cause is cause
