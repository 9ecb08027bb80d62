"""What an answer that is not the fact says about why the fact could not be had."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.fact import Problem

if TYPE_CHECKING:
    from doctor.model.exchange import Answer

_VERSION = "the api-version is not supported there"
_INVISIBLE = "it was not found, or it is invisible to us"
_BY_CODE: dict[str, tuple[Cause, str]] = {
    "invalidauthenticationtokentenant": (Cause.WRONG_TENANT, "the token is from another tenant"),
    "invalidauthenticationtokenaudience": (Cause.WRONG_AUDIENCE, "the token is for another audience"),
    "expiredauthenticationtoken": (Cause.TOKEN_EXPIRED, "the token has expired, or this machine's clock is wrong"),
    "missingsubscriptionregistration": (
        Cause.PROVIDER_NOT_REGISTERED,
        "its resource provider is not registered in the subscription",
    ),
    "invalidresourcetype": (Cause.UNSUPPORTED_API_VERSION, _VERSION),
    "noregisteredproviderfound": (Cause.UNSUPPORTED_API_VERSION, _VERSION),
    "invalidapiversionparameter": (Cause.UNSUPPORTED_API_VERSION, _VERSION),
    "missingapiversionparameter": (Cause.UNSUPPORTED_API_VERSION, _VERSION),
    "subscriptionnotfound": (Cause.RESOURCE_NOT_FOUND, f"its subscription: {_INVISIBLE}"),
    "resourcegroupnotfound": (Cause.RESOURCE_NOT_FOUND, f"its resource group: {_INVISIBLE}"),
}
_BY_STATUS: dict[int, tuple[Cause, str]] = {
    401: (Cause.CANNOT_READ, "{service} refused the token"),
    429: (Cause.THROTTLED, "{service} throttles this client"),
}
_ACTION = re.compile(r"perform action '([^']{1,300})'")


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
    """Why an answer is not the fact: by its error code first, by its status where there is none."""
    code, message = error_of(answer)
    cause, sentence = _reading(answer, code.lower(), message, asked)
    evidence = [f"{answer.method} {_path(answer.url)} answered {answer.status}" + (f" {code}" if code else "")]
    if message:
        evidence.append(message)
    if answer.request_id:
        evidence.append(f"request id {answer.request_id}")
    return Problem(cause, sentence, evidence=tuple(evidence), status=answer.status)


def garbage(answer: Answer, asked: Asked, why: str) -> Problem:
    """The problem of a successful answer that cannot be understood."""
    evidence = (f"{answer.method} {_path(answer.url)} answered {answer.status}", answer.text[:400])
    cause = Cause.NOT_AZURE if _is_html(answer) else Cause.UNRECOGNISED
    return Problem(cause, f"{asked.what} was answered with something that cannot be read ({why})", evidence)


def error_of(answer: Answer) -> tuple[str, str]:
    """Code and message of an error body; empty strings where there are none."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "", ""
    error = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        return "", str(error)[:2000]
    code, message = error.get("code"), error.get("message")
    return (code if isinstance(code, str) else ""), (message if isinstance(message, str) else "")[:2000]


def _reading(answer: Answer, code: str, message: str, asked: Asked) -> tuple[Cause, str]:
    if answer.status == 404 and code not in _BY_CODE:
        return asked.missing, f"{asked.what} does not exist"
    if answer.status == 403 or code == "permissiondenied":
        action = match[1] if (match := _ACTION.search(message)) else asked.permission
        return Cause.CANNOT_READ, f"we may not read {asked.what}; that takes {action}"
    cause, why = _cause(answer, code, message)
    return cause, f"{asked.what} could not be read: {why.format(service=asked.service)}"


def _cause(answer: Answer, code: str, message: str) -> tuple[Cause, str]:
    known = _BY_CODE.get(code) or _BY_STATUS.get(answer.status)
    if known:
        return known
    if answer.status >= 500:
        return Cause.SERVICE_FAILED, f"{{service}} answered {answer.status}"
    if answer.status == 400 and "api-version" in message.lower():
        return Cause.UNSUPPORTED_API_VERSION, _VERSION
    if _is_html(answer):
        return Cause.NOT_AZURE, "something other than Azure answered"
    return Cause.UNRECOGNISED, f"{{service}} answered {answer.status}"


def _is_html(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"


def _path(url: str) -> str:
    return url.split("?", 1)[0]
