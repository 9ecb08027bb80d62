"""The error object of an answer: its code and message in every shape that Azure's services give it.

Shapes: `{"error": {"code", "message"}}` (ARM, Foundry), `{"code", "message"}` (Azure SQL, DNS), `{"Code", "Message"}`
(App Service), `{"Error": {"Code", "Message"}}` (resource groups), `{"odata.error": {"code", "message": {"value"}}}`
(the old Graph), XML `<Error><Code><Message>` (Storage), as recorded from the services between 2018 and 2026.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.model import loose

if TYPE_CHECKING:
    from doctor.model.exchange import Answer

_XML_CODE = re.compile(r"<Code>([A-Za-z][A-Za-z0-9_.-]{1,80})</Code>", re.IGNORECASE)
_XML_MESSAGE = re.compile(r"<Message[^>]{0,80}>([^<]{1,2000})", re.IGNORECASE)
_XML_START = re.compile(r"^\ufeff?\s{0,40}(?:<\?xml[^>]{0,200}>\s{0,40})?<(?:m:)?error[\s>]", re.IGNORECASE)
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error object says of itself; "" where it does not."""

    code: str = ""
    message: str = ""

    @property
    def is_azures(self) -> bool:
        """Whether the body has the form of an error of Azure's own: a code and a message."""
        return bool(self.code and self.message)


def error_body(answer: Answer) -> ErrorBody:
    """The error object of an answer; empty when its body has none."""
    text = answer.text
    if _XML_START.match(text[:400]):
        code, message = _XML_CODE.search(text[:4000]), _XML_MESSAGE.search(text[:8000])
        return ErrorBody(code[1] if code else "", message[1].strip() if message else "")
    try:
        body = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return ErrorBody()
    return _of(body)


def _of(body: Any) -> ErrorBody:
    if not isinstance(body, dict):
        return ErrorBody()
    error = loose.field(body, "error", "odata.error")
    if isinstance(error, str):
        return ErrorBody(error[:_MOST], loose.text(body, "error_description", "message")[:_MOST])
    source = error if isinstance(error, dict) else body
    message = loose.field(source, "message")
    said = loose.text(message, "value") if isinstance(message, dict) else loose.text(source, "message")
    return ErrorBody(loose.text(source, "code")[:_MOST], said[:_MOST])
