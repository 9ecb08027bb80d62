"""Live answers: what they say, and whether they prove that the caller was let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.reading.classify import classify
from doctor.reading.evidence import Context, Evidence, Plane
from doctor.reading.stream import run_errors

if TYPE_CHECKING:
    from doctor.model.diagnosis import Diagnosis
    from doctor.model.exchange import Answer

_METHOD_NOT_ALLOWED = 405
_ABOUT_CONTENT = {400, 405, 415, 422}
_CONTENT_CAUSES = {Cause.REQUEST_INVALID, Cause.MODEL_NOT_AVAILABLE, Cause.STATEFUL_API}
_AFTER_ADMISSION = {
    Cause.TOOL_DENIED,
    Cause.TOOL_FAILED,
    Cause.AGENT_IDENTITY_TOKEN,
    Cause.CONNECTION_BROKEN,
    Cause.CONNECTION_MISSING,
}
_REFUSALS = {
    Cause.PERMISSION_DENIED,
    Cause.TOKEN_MISSING,
    Cause.TOKEN_EXPIRED,
    Cause.WRONG_AUDIENCE,
    Cause.WRONG_TENANT,
    Cause.KEY_AUTH_REFUSED,
    Cause.NETWORK_DENIED,
    Cause.DENIED,
    Cause.CHANNEL_ONLY,
    Cause.CONDITION_UNDECIDED,
}


def classify_answer(answer: Answer, context: Context | None = None) -> tuple[Diagnosis, ...]:
    """What a live answer says, the body before the status; () when nothing is wrong in it."""
    known = context or Context()
    text = answer.text
    if 200 <= answer.status < 300:
        return run_errors(text, known) if known.plane in {Plane.ENDPOINT, Plane.UNKNOWN} else _not_json(answer, known)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return classify(Evidence(answer.status, text, headers, known))


def _not_json(answer: Answer, context: Context) -> tuple[Diagnosis, ...]:
    return classify(Evidence(answer.status, answer.text, answer.headers, context))


def accepted(answer: Answer) -> bool | None:
    """Whether this answer of the endpoint proves that the caller was authorised.

    Returns:
        True for a 2xx of the API and for a complaint about the content of the request (400, 405, 415, 422), which the
        service makes only after authorising; False for a refusal; None where the answer proves neither: an answer
        about the token's tenant, the api-version or a preview header, a web page, 404, 429, 5xx, a redirection.
    """
    text = answer.text
    if 200 <= answer.status < 300:
        return True if _is_api(answer, text) else None
    if answer.status == _METHOD_NOT_ALLOWED and _json_object(answer):
        return True
    if answer.status in {401, 403, *_ABOUT_CONTENT, 424}:
        first = classify(Evidence(answer.status, text, {}, Context(plane=Plane.ENDPOINT)))[0]
        if first.cause in _REFUSALS:
            return False
        if answer.status in _ABOUT_CONTENT and first.cause in _CONTENT_CAUSES and first.signature != "status-400":
            return True
        if first.cause in _AFTER_ADMISSION and answer.status in {*_ABOUT_CONTENT, 424}:
            return True
    return None


def _is_api(answer: Answer, text: str) -> bool:
    """Whether a success is one of the Responses API: a JSON object, perhaps cut short by us, or its stream."""
    if "html" in answer.headers.get("content-type", "").lower():
        return False
    start = text.lstrip("\ufeff \t\r\n")
    streamed = start.startswith(("event:", "data:"))
    return streamed or _json_object(answer) or (answer.truncated and start.startswith("{"))


def _json_object(answer: Answer) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def tool_errors(text: str) -> tuple[Diagnosis, ...]:
    """Errors inside a 200 answer of an agent: failed output items, `response.failed`, error events of a stream."""
    return run_errors(text, Context(plane=Plane.TOOL))
