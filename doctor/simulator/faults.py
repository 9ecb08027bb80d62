"""Things that go wrong on the way: late, refused, broken, garbled or somebody else's answers."""

from __future__ import annotations

import base64
import threading
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from doctor.simulator.hostile_answers import HOSTILE, hostile
from doctor.simulator.scenario import ScenarioError
from doctor.simulator.scenario_model import Fault
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    *("latency", "throttle", "error", "reset", "truncate", "html", "garbage", "slow", "clock-skew", "challenge"),
    *HOSTILE,
)
_UNAVAILABLE = ("ServiceUnavailable", "The service is temporarily unavailable.")
_ERRORS = {
    403: (
        "AuthorizationFailed",
        "The client does not have authorization to perform this action over the scope or the scope is invalid.",
    ),
}
"""What Azure says with a status that is not about its own health."""
_PAGE = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Guest access.</body></html>"

_FOREIGN = {
    "html": Reply(200, _PAGE.encode(), {"content-type": "text/html; charset=utf-8"}),
    "garbage": Reply(200, b'{"value": [\x00\xff\xfe nothing of this is JSON', {"content-type": "application/json"}),
}


def parse_fault(text: str) -> Fault:
    """A fault as the command line spells it: `KIND` or `KIND:key=value,key=value`.

    Raises:
        ScenarioError: the kind or a key is not known, or a value is not a number where one is needed.
    """
    kind, _, rest = text.partition(":")
    values: dict[str, str | int] = {"kind": kind}
    types = {field.name: type(field.default) for field in fields(Fault) if field.name != "kind"}
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        name = key.strip().replace("-", "_")
        if name not in types:
            raise ScenarioError(f"A fault has no {key.strip()!r}; it has: {', '.join(types)}.")
        try:
            values[name] = _typed(types[name], value.strip())
        except ValueError:
            wanted = "true or false" if types[name] is bool else "a whole number"
            raise ScenarioError(f"The fault's {name} must be {wanted}, not {value!r}.") from None
    return checked(Fault(**values))  # type: ignore[arg-type]  # each value was made after its field's type


def _typed(kind: type, value: str) -> str | int | bool:
    if kind is bool:
        return {"true": True, "false": False}[value] if value in {"true", "false"} else bool(int(value))
    return int(value) if kind is int else value


def checked(fault: Fault) -> Fault:
    """The fault, if its kind is one of ours.

    Raises:
        ScenarioError: it is not.
    """
    if fault.kind not in KINDS:
        raise ScenarioError(f"There is no fault of the kind {fault.kind!r}; there are: {', '.join(KINDS)}.")
    return fault


class Faults:
    """All faults of a run, with how many requests each has met."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = tuple(map(checked, faults))
        self._met = [0] * len(faults)
        self._lock = threading.Lock()

    def striking(self, request: Request) -> tuple[Fault, ...]:
        """The faults that strike this request; each request that a fault is about is counted."""
        found: list[Fault] = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not _concerns(fault, request):
                    continue
                self._met[index] += 1
                if fault.skip < self._met[index] and (not fault.times or self._met[index] <= fault.skip + fault.times):
                    found.append(fault)
        return tuple(found)


def instead(faults: tuple[Fault, ...], request: Request) -> Reply | None:
    """The reply that a fault puts in the place of the service's; None when the service answers."""
    for fault in faults:
        if (reply := hostile(fault, request)) is not None:
            return reply
        after = {"Retry-After": str(fault.retry_after)} if fault.retry_after >= 0 else {}
        if fault.kind == "throttle":
            message = f"Number of requests exceeded the limit. Please try again after '{fault.retry_after}' seconds."
            headers = {**after, "x-ms-ratelimit-remaining-subscription-reads": "0"}
            return json_reply(429, {"error": {"code": "TooManyRequests", "message": message}}, headers)
        if fault.kind == "error":
            return _error(fault, after)
        if fault.kind == "challenge":
            return _challenge()
        if fault.kind in _FOREIGN:
            return _FOREIGN[fault.kind]
    return None


def _error(fault: Fault, headers: Mapping[str, str]) -> Reply:
    """An error in one of the shapes in which Azure's services write theirs."""
    status, (code, message) = fault.status or 503, _ERRORS.get(fault.status, _UNAVAILABLE)
    shapes: dict[str, Json] = {
        "error": {"error": {"code": code, "message": message}},
        "Error": {"Error": {"Code": code, "Target": None, "Message": message, "Details": None}},
        "Code": {"Code": code, "Message": message, "Target": None, "Details": [{"Message": message}]},
        "odata": {"odata.error": {"code": code, "message": {"lang": "en", "value": message}}},
    }
    if fault.dialect in shapes:
        return json_reply(status, shapes[fault.dialect], headers)
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Reply(status, text.encode(), {**headers, "content-type": "application/xml"})


def _challenge() -> Reply:
    """401 of continuous access evaluation: the token was revoked, and a new one must be made with these claims."""
    claims = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1767225600"}}}').decode()
    value = f'Bearer authorization_uri="https://login.windows.net/", error="insufficient_claims", claims="{claims}"'
    error = {"code": "InvalidAuthenticationToken", "message": "The access token has been revoked."}
    return json_reply(401, {"error": error}, {"WWW-Authenticate": value})


def damaged(reply: Reply, faults: tuple[Fault, ...]) -> Reply:
    """The reply with what the faults do to it on the wire."""
    for fault in faults:
        if fault.kind in {"reset", "truncate"}:
            reply = replace(reply, wire_fault=fault.kind)
        if fault.kind == "slow":
            reply = replace(reply, wire_fault="drip", delay_s=fault.ms / 1000)
        if fault.kind == "latency":
            reply = replace(reply, delay_s=reply.delay_s + fault.ms / 1000)
    return reply


def skew(faults: tuple[Fault, ...]) -> int:
    """Seconds by which the Date header is off."""
    return sum(fault.skew_s for fault in faults if fault.kind == "clock-skew")


def _concerns(fault: Fault, request: Request) -> bool:
    if fault.exact and (fault.host.lower(), fault.path.lower()) != (request.host, request.path.lower()):
        return False
    return (
        fault.host.lower() in request.host
        and fault.path.lower() in request.path.lower()
        and fault.method.upper() in {"", request.method}
        and (fault.kind != "challenge" or request.bearer != "")
    )
