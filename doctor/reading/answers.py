"""Live answers: what they say, whether they prove that the caller was let in, and whether a call was answered whole."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame
from doctor.reading.classify import classify
from doctor.reading.evidence import Context, Evidence, Plane
from doctor.reading.stream import events, is_stream, run_errors
from doctor.reading.structure import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.model.diagnosis import Diagnosis
    from doctor.model.exchange import Answer

_ABOUT_CONTENT = {400, 405, 415, 422}
_STATUS_ALONE = "status-"
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
    Cause.KEY_MISSING,
    Cause.SCOPE_MISSING,
    Cause.NETWORK_DENIED,
    Cause.DENIED,
    Cause.CHANNEL_ONLY,
    Cause.CONDITION_UNDECIDED,
}
_DONE_TASKS = {"completed", "task_state_completed"}


class Proof(str, Enum):
    """What an answer of the endpoint proves about the caller's access."""

    ACCEPTED = "accepted"
    """The service let the caller in: it answered, or complained about the content, which it does only after that."""
    REFUSED = "refused"
    """The service refused the caller."""
    SILENT = "silent"
    """Neither: somebody else answered, or it is about the address, the tenant, the api-version, or nothing at all."""


def classify_answer(answer: Answer, context: Context | None = None) -> tuple[Diagnosis, ...]:
    """What a live answer says, the body before the status; () when nothing is wrong in it."""
    known = context or Context()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if 200 <= answer.status < 300 and known.plane in {Plane.ENDPOINT, Plane.UNKNOWN}:
        return run_errors(answer.text, known)
    return classify(Evidence(answer.status, answer.text, headers, known))


def proof(answer: Answer, context: Context | None = None) -> Proof:
    """Whether this answer of the endpoint proves that the caller was, or was not, authorised.

    Accepted is what is recognisably an answer of the API, and a complaint about the request's content in an error
    object of Azure's own. An empty, text or HTML 400, 405, 415 or 422, a gateway's words, another product's JSON, and
    complaints about the token's tenant or the api-version prove nothing.
    """
    known = context or Context(plane=Plane.ENDPOINT)
    if 200 <= answer.status < 300:
        return _proof_of_success(answer, known)
    if answer.status not in {401, 403, 424, *_ABOUT_CONTENT}:
        return Proof.SILENT
    first = classify(Evidence(answer.status, answer.text, {}, known))[0]
    if first.cause in _REFUSALS:
        return Proof.REFUSED
    if answer.status in {401, 403} or first.signature.startswith(_STATUS_ALONE) or not _is_azures_error(answer):
        return Proof.SILENT
    if answer.status in _ABOUT_CONTENT and first.cause in _CONTENT_CAUSES:
        return Proof.ACCEPTED
    return Proof.ACCEPTED if first.cause in _AFTER_ADMISSION else Proof.SILENT


def _proof_of_success(answer: Answer, known: Context) -> Proof:
    if not _is_api(answer):
        return Proof.SILENT
    refused = any(
        one.cause is Cause.PERMISSION_DENIED and one.blames is Blame.CALLER for one in run_errors(answer.text, known)
    )
    return Proof.REFUSED if refused else Proof.ACCEPTED


def is_page(answer: Answer) -> bool:
    """Whether the answer is a web page."""
    kind = answer.headers.get("content-type", "").lower()
    start = answer.text.lstrip("\ufeff \t\r\n")[:300].lower()
    return "html" in kind or start.startswith(("<!doctype html", "<html", "<head", "<title", "<body"))


def is_completed(answer: Answer) -> bool:
    """Whether a real call was answered to its end: a completed response object or task, whole and without an error.

    A success that holds anything else (nothing, `{}`, `in_progress`, `incomplete`, a stream that broke off) is not.
    """
    if not 200 <= answer.status < 300 or answer.truncated or is_page(answer):
        return False
    return any(_is_done(value) for value in _values(answer)) and not run_errors(answer.text, Context(plane=Plane.TOOL))


def tool_errors(text: str) -> tuple[Diagnosis, ...]:
    """Errors inside a 200 answer of an agent: failed output items, `response.failed`, error events of a stream."""
    return run_errors(text, Context(plane=Plane.TOOL))


def _values(answer: Answer) -> Iterator[Any]:
    """The JSON values of an answer: the body, or each event of its stream."""
    text = answer.text
    for piece in events(text) if is_stream(text) else iter([text]):
        yield parse(piece)


def _is_done(value: Any) -> bool:
    if loose.text(value, "object") == "response":
        return loose.text(value, "status") == "completed"
    if loose.text(value, "type") == "response.completed":
        return loose.text(loose.part(value, "response"), "status") == "completed"
    result = loose.part(value, "result")
    if not loose.text(value, "jsonrpc") or not result:
        return False
    state = loose.text(loose.part(loose.part(result, "task") or result, "status"), "state").lower()
    return state in _DONE_TASKS or loose.text(result, "kind") == "message" or bool(loose.part(result, "message"))


def _is_api(answer: Answer) -> bool:
    """Whether a success is recognisably the API's."""
    if is_page(answer):
        return False
    start = answer.text.lstrip("\ufeff \t\r\n")
    if answer.truncated and start.startswith("{"):
        return '"object":"response"' in start[:4096].replace(" ", "")
    return any(_is_apis(value) for value in _values(answer))


def _is_apis(value: Any) -> bool:
    """Whether a JSON value is a response object or an event of its stream, a JSON-RPC result, a card, a description."""
    kind = loose.text(value, "type")
    return (
        loose.text(value, "object") == "response"
        or kind == "error"
        or kind.startswith("response.")
        or bool(loose.text(value, "jsonrpc") and (loose.has(value, "result") or loose.has(value, "error")))
        or bool(loose.has(value, "skills") and loose.text(value, "name") and loose.has(value, "capabilities"))
        or bool(loose.text(value, "openapi") and loose.part(value, "paths"))
    )


def _is_azures_error(answer: Answer) -> bool:
    """Whether the body is an error object as Azure gives it: `error` with a message, and a code or a type."""
    error = loose.field(parse(answer.text), "error")
    return bool(loose.text(error, "message") and (loose.text(error, "code") or loose.text(error, "type")))
