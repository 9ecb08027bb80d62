"""Where in a JSON answer an error can be, and where only the agent's own words are.

What a model wrote may quote any error text; it is never evidence. Shapes: the Responses object and its stream of
events (azure-ai-projects 2.10.0); error bodies of ARM, Foundry and gateways (`error`, `statusCode` and `message`,
`errors`); JSON-RPC; OAuth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_MOST_ITEMS = 500
_FAILED = {"failed", "incomplete", "error", "cancelled"}
_ERROR_KEYS = ("error", "errors", "odata.error", "innererror", "inner_error", "exception", "fault", "last_error")
_ONLY_A_MESSAGE = {"message", "Message", "detail", "title", "traceId", "activityId", "type", "status", "statusCode"}
_MESSAGE_KEYS = ("message", "error_description", "detail", "details", "errorMessage", "title", "Message", "error_codes")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a JSON value holds."""

    errors: tuple[str, ...]
    """The error parts as JSON text; empty when there is none."""
    is_run: bool = False
    """It is an agent's answer or an event of its stream: a refusal in it is not about the caller."""
    is_rpc: bool = False
    is_object: bool = True
    is_list_answer: bool = False
    """It is a page of a list: `{"value": [...]}`."""


def parse(text: str) -> Any | None:
    """The JSON value, also when it was encoded twice, or None when the text is not JSON."""
    value: Any = text
    for _ in range(3):
        if not isinstance(value, str) or not value.lstrip()[:1] or value.lstrip()[0] not in '{["':
            break
        try:
            value = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            break
    return None if isinstance(value, str) else value


def read(value: Any) -> Reading:
    """Where the errors are in a JSON value."""
    if isinstance(value, list):
        readings = [read(item) for item in value[:_MOST_ITEMS] if isinstance(item, dict)]
        errors = tuple(error for reading in readings for error in reading.errors)
        return Reading(errors, is_run=any(reading.is_run for reading in readings))
    if not isinstance(value, dict):
        return Reading((), is_object=False)
    if value.get("jsonrpc") or _is_rpc_error(value.get("error")):
        return _read_rpc(value)
    if value.get("object") == "response" or isinstance(value.get("output"), list):
        return Reading(_response_errors(value), is_run=True)
    kind = value.get("type")
    if isinstance(kind, str) and ("sequence_number" in value or kind.startswith("response.")):
        return Reading(_event_errors(kind, value), is_run=True)
    return Reading(_plain_errors(value), is_list_answer=isinstance(value.get("value"), list))


def _is_rpc_error(error: Any) -> bool:
    return isinstance(error, dict) and isinstance(error.get("code"), int) and error["code"] <= -32000


def _read_rpc(value: dict[str, Any]) -> Reading:
    error = value.get("error")
    result = value.get("result")
    if error is None and isinstance(result, dict) and result.get("isError"):
        error = result
    return Reading((_dump(error),) if error else (), is_rpc=True)


def _event_errors(kind: str, event: dict[str, Any]) -> tuple[str, ...]:
    if kind in {"error", "response.error"} or kind.endswith(".failed"):
        response = event.get("response")
        return _response_errors(response) if isinstance(response, dict) else (_dump(event),)
    response, item = event.get("response"), event.get("item")
    if isinstance(response, dict):
        return _response_errors(response)
    if isinstance(item, dict):
        return _item_errors(item)
    return ()


def _response_errors(response: dict[str, Any]) -> tuple[str, ...]:
    errors = [_dump(response[key]) for key in ("error", "last_error") if response.get(key)]
    details = response.get("incomplete_details")
    if details and response.get("status") in _FAILED:
        errors.append(_dump({"incomplete_details": details}))
    output = response.get("output")
    for item in output[:_MOST_ITEMS] if isinstance(output, list) else []:
        if isinstance(item, dict):
            errors.extend(_item_errors(item))
    if not errors and response.get("status") == "failed":
        errors.append(_dump({"status": "failed", "id": response.get("id")}))
    return tuple(errors)


def _item_errors(item: dict[str, Any]) -> tuple[str, ...]:
    kind = str(item.get("type", ""))
    if "consent" in kind:
        return (_dump({"type": kind, "server_label": item.get("server_label")}),)
    found = {key: item[key] for key in (*_ERROR_KEYS, "error_message") if item.get(key)}
    output = item.get("output")
    if not found and kind.endswith("_call") and isinstance(output, str) and _looks_failed(output):
        found["output"] = output[:20_000]
    if not found and item.get("status") in {"failed", "error"}:
        found["status"] = item["status"]
    if not found:
        return ()
    return (_dump({"type": kind, "name": item.get("name"), "server_label": item.get("server_label"), **found}),)


def _looks_failed(output: str) -> bool:
    start = output.lstrip()[:200].lower()
    return start.startswith(("error", '{"error"', '{"iserror"', "tool_", "failed")) or '"iserror":true' in start


def _plain_errors(value: dict[str, Any]) -> tuple[str, ...]:
    for key in _ERROR_KEYS:
        if value.get(key):
            return (_dump(value),)
    status = value.get("statusCode", value.get("status_code", value.get("status", value.get("code"))))
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    if isinstance(status, int) and 400 <= status < 600:
        return (_dump(value),)
    code = value.get("code", value.get("Code", value.get("errorCode")))
    if code and any(value.get(key) for key in _MESSAGE_KEYS):
        return (_dump(value),)
    if set(value) <= _ONLY_A_MESSAGE and any(value.get(key) for key in _MESSAGE_KEYS):
        return (_dump(value),)
    return ()


def _dump(value: Any) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
