"""Why an answer is not the fact that was asked for: the same reading as `explain`'s, in the terms of a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.reading.answers import classify_answer, is_page
from doctor.reading.error_body import error_body
from doctor.reading.evidence import Context, Plane

if TYPE_CHECKING:
    from doctor.model.exchange import Answer
    from doctor.reading.error_body import ErrorBody

_NOT_FOUND = {
    Cause.RESOURCE_NOT_FOUND,
    Cause.APPLICATION_NOT_FOUND,
    Cause.DOWNSTREAM_NOT_FOUND,
    Cause.CONNECTION_MISSING,
    Cause.WRONG_ENDPOINT,
    Cause.REQUEST_INVALID,
}
"""What a 404 with an error of Azure's own comes down to: the thing that was asked for is not there."""
_REFUSED = {Cause.PERMISSION_DENIED, Cause.DENIED, Cause.CONDITION_UNDECIDED, Cause.NATIVE_ROLE_MISSING}
_ABOVE = {
    "subscriptionnotfound": "its subscription",
    "invalidsubscriptionid": "its subscription",
    "resourcegroupnotfound": "its resource group",
}
_SAYS = {
    Cause.WRONG_TENANT: "the token is from another tenant",
    Cause.WRONG_AUDIENCE: "{service} refused the token: most likely it is for another audience",
    Cause.TOKEN_MISSING: "{service} saw no usable token",
    Cause.TOKEN_EXPIRED: "the token has expired, or this machine's clock is wrong",
    Cause.SIGN_IN_BLOCKED: "{service} wants a fresh sign-in",
    Cause.PROVIDER_NOT_REGISTERED: "its resource provider is not registered in the subscription",
    Cause.UNSUPPORTED_API_VERSION: "the api-version is not supported there",
    Cause.NETWORK_DENIED: "network rules of {service} forbid this client",
    Cause.THROTTLED: "{service} throttles this client",
    Cause.NOT_AZURE: "something other than Azure answered",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asked for, for the sentences about why it was not answered."""

    what: str
    """ "application support", "the role assignments of …"."""
    permission: str
    """The control action that reading it takes."""
    missing: Cause = Cause.RESOURCE_NOT_FOUND
    """The cause when it does not exist."""
    service: str = "Azure Resource Manager"
    """Who was asked."""


def problem(answer: Answer, asked: Asked) -> Problem:
    """Why an answer is not the fact.

    A refusal for want of a permission is `cannot-read` here, and what is not there is `asked.missing`; every other
    cause is the one that `explain` gives for the same answer.
    """
    error = error_body(answer)
    cause, sentence = _reading(answer, error, asked)
    evidence = [
        f"{answer.method} {_path(answer.url)} answered {answer.status}" + (f" {error.code}" if error.code else "")
    ]
    if error.message:
        evidence.append(error.message)
    if answer.request_id:
        evidence.append(f"request id {answer.request_id}")
    permission = asked.permission if cause is Cause.CANNOT_READ else ""
    host = _host(answer)
    return Problem(cause, sentence, tuple(evidence), status=answer.status, host=host, permission=permission)


def garbage(answer: Answer, asked: Asked, why: str) -> Problem:
    """The problem of a successful answer that cannot be understood."""
    evidence = (f"{answer.method} {_path(answer.url)} answered {answer.status}", answer.text[:400])
    cause = Cause.NOT_AZURE if is_page(answer) else Cause.UNRECOGNISED
    summary = f"{asked.what} was answered with something that cannot be read ({why})"
    return Problem(cause, summary, evidence, host=_host(answer))


def _reading(answer: Answer, error: ErrorBody, asked: Asked) -> tuple[Cause, str]:
    found = classify_answer(answer, Context(plane=Plane.ARM))
    first = found[0] if found else None
    if first is not None and first.cause in _REFUSED:
        action = first.action or asked.permission
        return Cause.CANNOT_READ, f"we may not read {asked.what}; that takes {action}"
    if answer.status == 404 and (first is None or first.cause in _NOT_FOUND):
        return _missing(answer, error, asked)
    cause = first.cause if first is not None else Cause.UNRECOGNISED
    why = _SAYS.get(cause, f"{{service}} answered {answer.status}").format(service=asked.service)
    return cause, f"{asked.what} could not be read: {why}"


def _missing(answer: Answer, error: ErrorBody, asked: Asked) -> tuple[Cause, str]:
    """A 404: it proves that the thing is not there only where Azure itself says it in words."""
    if above := _ABOVE.get(error.code.lower()):
        sentence = f"{asked.what} could not be read: {above}: it was not found, or it is invisible to us"
        return Cause.RESOURCE_NOT_FOUND, sentence
    if error.is_azures:
        return asked.missing, f"{asked.what} does not exist"
    cause = Cause.NOT_AZURE if is_page(answer) else Cause.UNRECOGNISED
    why = "a web page that is not Azure's" if is_page(answer) else "404 without a word"
    return cause, f"{asked.what} could not be read: the answer was {why}, which does not prove that it does not exist"


def _host(answer: Answer) -> str:
    return urlsplit(answer.url).hostname or ""


def _path(url: str) -> str:
    return url.split("?", 1)[0]
