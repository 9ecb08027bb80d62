"""What the endpoint's answers prove: an answer to an admitted caller may still carry a refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from doctor.azure.clouds import PUBLIC
from doctor.azure.token import Claims, Token
from doctor.facts import witness
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.options import Options
from doctor.facts.tokens import ResourceTenant, TokenFor
from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.model.fact import Known, Problem, Unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.facts.subject import Facts

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


class Told:
    """Facts that the test says, asked as those of a run are."""

    def __init__(
        self,
        anonymous: Answer | None,
        *,
        audience: str = "https://ai.azure.com",
        minutes: int = 60,
        tenant: str = "t",
        ahead: int = 0,
    ) -> None:
        claims = Claims(audience, tenant_id=tenant, object_id=ME, expires_at=int(NOW.timestamp()) + minutes * 60)
        token = Known(Token("secret", "https://ai.azure.com/.default", 0, claims=claims))
        if anonymous is not None:
            date = format_datetime(NOW - timedelta(seconds=ahead), usegmt=True)
            anonymous = replace(anonymous, headers={**anonymous.headers, "date": date})
        refused = Known(anonymous) if anonymous else Unread(Problem(Cause.UNREACHABLE, "no answer"))
        self.answers: dict[object, object] = {
            TokenFor(PUBLIC.ai_scope or ""): token,
            TokenFor(PUBLIC.arm_scope): token,
            ResourceTenant(): Known("T"),
            AnswerTo(Call.ANONYMOUS): refused,
            AnswerTo(Call.AUTHORISED): refused,
        }
        self.options = Options("x")
        self.cloud = PUBLIC
        self.estate = self
        self.ask = self.known = self.answers.get

    def now(self) -> datetime:
        return NOW

    def ask_all(self, questions: Iterable[object]) -> tuple[object, ...]:
        return tuple(self.answers[one] for one in questions)

    def answered(self, _: type) -> Iterator[Any]:
        return iter(())


def told(anonymous: Answer | None, **token: Any) -> Facts:
    return cast("Facts", Told(anonymous, **token))


REFUSED = answer(401, {"statusCode": 401, "message": "Unauthorized. Access token is missing."})


@pytest.mark.parametrize(
    ("seen", "proves"),
    [
        (answer(400, {"error": {"code": "BadRequest", "message": "Field 'input' is required."}}), True),
        (answer(200, {"id": "resp_1", "object": "response", "status": "completed"}), True),
        (answer(200, {"error": {"code": "PermissionDenied", "message": denial(ME)}}), False),
        (stream(ME), False),
        (stream(AGENT), True),
        (answer(400), False),
        (answer(400, b"Bad Request: input missing", "text/plain"), False),
        (answer(405), False),
        (answer(415), False),
        (answer(422), False),
        (answer(400, b"<html><body>Bad Request</body></html>", "text/html"), False),
        (answer(400, {"error": {"code": "x", "message": "Token tenant a does not match resource tenant."}}), False),
        (answer(400, {"error": {"code": "BadRequest", "message": "API version not supported"}}), False),
        (answer(404), False),
    ],
)
def test_which_answers_prove_that_the_caller_was_let_in(seen: Answer, *, proves: bool) -> None:
    assert witness.proves_access(told(REFUSED), seen) is proves


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        ({}, Cause.PERMISSION_DENIED),
        ({"audience": "https://ai.azure.com/"}, Cause.PERMISSION_DENIED),
        ({"tenant": "T"}, Cause.PERMISSION_DENIED),
        ({"ahead": 200}, Cause.PERMISSION_DENIED),
        ({"audience": "https://management.azure.com"}, Cause.WRONG_AUDIENCE),
        ({"minutes": -1}, Cause.WRONG_AUDIENCE),
        ({"tenant": "another"}, Cause.WRONG_AUDIENCE),
        ({"ahead": 600}, Cause.WRONG_AUDIENCE),
        ({"ahead": -600}, Cause.WRONG_AUDIENCE),
    ],
)
def test_a_silent_401_is_blamed_on_the_token_only_where_the_token_or_the_clock_may_be_wrong(
    token: dict[str, Any], cause: Cause
) -> None:
    found = witness.diagnose(told(REFUSED, **token), answer(401))
    assert found is not None
    assert found.cause is cause
