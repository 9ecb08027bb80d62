"""There is one reader: a live check and `explain` say the same about the same answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.reading import Asked, Context, Plane, classify_answer, explain, problem
from doctor.reading.catalogue import Signature, signatures

RECORDINGS = next(
    (
        found
        for folder in Path(__file__).parents
        if (found := folder / "shared" / "recordings" / "exchanges.jsonl").is_file()
    ),
    Path("no-recordings"),
)
ASKED = Asked("the thing", "Microsoft.Thing/things/read", missing=Cause.APPLICATION_NOT_FOUND)
OF_A_FACT = {
    Cause.CANNOT_READ: {Cause.PERMISSION_DENIED, Cause.DENIED, Cause.CONDITION_UNDECIDED, Cause.NATIVE_ROLE_MISSING}
}
"""What reads as another cause only because a fact was asked for."""


BODIES = [entry for entry in signatures() if not entry.example.startswith("HTTP/")]
"""An example that is a whole HTTP message is no body."""
GONE = Cause.APPLICATION_NOT_FOUND
OLD_GRAPH = {"odata.error": {"code": "Request_ResourceNotFound", "message": {"value": "x"}}}
XML = "<?xml version='1.0'?><Error><Code>ResourceNotFound</Code><Message>x</Message></Error>"
NOT_ALLOWED = "The client 'a' with object id 'b' does not have authorization"


def recorded() -> list[Any]:
    """Every recorded error of real Azure; none where the recordings are not at hand."""
    if not RECORDINGS.is_file():
        return []
    lines = [json.loads(line) for line in RECORDINGS.read_text("utf-8").splitlines()]
    return [pytest.param(one, id=one["id"]) for one in lines if one["status"] >= 400]


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, str) else json.dumps(body)
    return Answer("GET", "https://management.azure.com/x", status, headers or {}, raw.encode(), 1)


def pasted(given: Answer) -> bytes:
    """The same answer as somebody would paste it."""
    lines = [
        f"HTTP/1.1 {given.status} X",
        *(f"{name}: {value}" for name, value in given.headers.items()),
        "",
        given.text,
    ]
    return "\n".join(lines).encode()


def agree(given: Answer) -> None:
    told = explain(pasted(given)).diagnoses
    live = classify_answer(given, Context(plane=Plane.ARM))
    assert [one.cause for one in told[:1]] == [one.cause for one in live[:1]]
    fact = problem(given, ASKED).cause
    allowed = {told[0].cause} | OF_A_FACT.get(fact, set()) if told else {Cause.UNRECOGNISED}
    assert told and told[0].cause in allowed if fact is Cause.CANNOT_READ else fact in allowed or given.status == 404


@pytest.mark.parametrize("exchange", recorded())
def test_a_recorded_error_is_told_alike(exchange: dict[str, Any]) -> None:
    given = answer(exchange["status"], exchange["body"], exchange["headers"])
    agree(given)
    assert problem(given, ASKED).cause is not Cause.NOT_AZURE


@pytest.mark.parametrize("entry", BODIES, ids=lambda entry: entry.id)
def test_an_entry_of_the_catalogue_is_told_alike(entry: Signature) -> None:
    status = entry.example_status
    agree(answer(status if status and status >= 400 else 400, entry.example, dict(entry.example_headers)))


def error(code: str, message: str = "Said in words.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, error("InvalidAuthenticationTokenTenant"), Cause.WRONG_TENANT),
        (401, error("InvalidAuthenticationTokenAudience"), Cause.WRONG_AUDIENCE),
        (401, error("ExpiredAuthenticationToken"), Cause.TOKEN_EXPIRED),
        (409, error("MissingSubscriptionRegistration"), Cause.PROVIDER_NOT_REGISTERED),
        (404, error("InvalidResourceType"), Cause.UNSUPPORTED_API_VERSION),
        (400, error("NoRegisteredProviderFound"), Cause.UNSUPPORTED_API_VERSION),
        (400, error("InvalidApiVersionParameter"), Cause.UNSUPPORTED_API_VERSION),
        (400, error("MissingApiVersionParameter"), Cause.UNSUPPORTED_API_VERSION),
        (404, error("SubscriptionNotFound"), Cause.RESOURCE_NOT_FOUND),
        (404, error("ResourceGroupNotFound"), Cause.RESOURCE_NOT_FOUND),
        (404, error("ResourceNotFound", "The Resource 'x' was not found."), GONE),
        (404, error("NotFound", "x"), GONE),
        (404, {"Code": "NotFound", "Message": "Cannot find x"}, GONE),
        (404, OLD_GRAPH, GONE),
        (404, XML, GONE),
        (404, "", Cause.UNRECOGNISED),
        (404, "<html><body>404</body></html>", Cause.NOT_AZURE),
        (403, error("AuthorizationFailed", NOT_ALLOWED), Cause.CANNOT_READ),
        (403, "<html>Blocked by your company</html>", Cause.NOT_AZURE),
        (403, error("RequestDeniedByNetworkAcls", "Public network access is disabled."), Cause.NETWORK_DENIED),
        (429, error("TooManyRequests"), Cause.THROTTLED),
        (503, "", Cause.SERVICE_FAILED),
        (502, "<html>bad gateway</html>", Cause.NOT_AZURE),
        (500, error("InternalServerError"), Cause.SERVICE_FAILED),
    ],
)  # fmt: skip
def test_why_an_answer_is_not_the_fact(status: int, body: Any, cause: Cause) -> None:
    assert problem(answer(status, body), ASKED).cause is cause


def test_the_permission_that_the_text_names_is_told() -> None:
    said = "The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.Web/sites/read'"
    assert (
        "that takes Microsoft.Web/sites/read" in problem(answer(403, error("AuthorizationFailed", said)), ASKED).summary
    )
    assert "that takes Microsoft.Thing/things/read" in problem(answer(403, error("Forbidden", "No.")), ASKED).summary
