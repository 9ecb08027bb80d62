"""What one piece of evidence looks like to the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.reading.extract import entra_codes
from doctor.reading.folding import spaced, squeeze, unescape, without_tags, words
from doctor.reading.structure import Reading, parse, read

if TYPE_CHECKING:
    from doctor.reading.evidence import Evidence

MOST_TEXT = 256 * 1024
"""Characters of one piece of evidence that are judged; a longer text is cut into windows before it comes here."""

_STATUSES = re.compile(
    r"(?:HTTP/[0-9.]{1,3}\"?[ \t]{1,3}|(?:error|response|status)[ _]?(?:code)?"
    r"(?:[ _]?(?:does[ ]?not[ ]?indicate[ ]?success|was|is|of|returned)){0,2}[\"' :=(-]{0,6}"
    r"|\bcode[\"']?[ ]?[:=][ ]?[\"']?|\(|\bHTTP[_ ]?|\bgot[ ]|\breturned[ ]|\banswered[ ]|\bwith[ ](?:a[ ])?"
    r"|\bhttp[ ]?error[ ]|^[ \t]{0,8})"
    r"([1-5][0-9]{2})(?![0-9A-Za-z_-]|\.[0-9])",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED_STATUS = re.compile(
    r"(?<![0-9A-Za-z-])([45][0-9]{2})[ ]?[:,-]?[ ]?\(?(?:Unauthorized|Forbidden|Bad[ ]?Request|Not[ ]?Found"
    r"|Conflict|Gone|Method[ ]?Not[ ]?Allowed|Too[ ]?Many[ ]?Requests|Internal[ ]?Server[ ]?Error"
    r"|Bad[ ]?Gateway|Access[ ]?Denied|Service[ ]?Unavailable|Gateway[ ]?Time-?out|Unsupported[ ]?Media"
    r"|Unprocessable|Failed[ ]?Dependency|Precondition|Client[ ]?Error|Server[ ]?Error|PermissionDenied"
    r"|Proxy[ ]?Authentication|error\b)",
    re.IGNORECASE,
)
_BEFORE_A_NAME = re.compile(
    r"(?<![0-9A-Za-z./:-])((?:400|409|422|424)(?=[ ]?:[ ])|401|403|404|407|429|50[0234])(?:[ ]?:[ ]?|[ ]-[ ]|[ ])"
    r"(?=[A-Z][a-z]{1,40}[A-Z ]|[A-Z][a-z]{3,40}\b)"
)
_WORDED_STATUS = re.compile(
    r"status(?:[ _]?code)?[ ]?[:=]?[ ]?[\"']?(Unauthorized|Forbidden|NotFound|Not Found|TooManyRequests|BadRequest"
    r"|InternalServerError|BadGateway|ServiceUnavailable|GatewayTimeout)\b",
    re.IGNORECASE,
)
_WORDS_OF_STATUS = {
    "unauthorized": 401,
    "forbidden": 403,
    "notfound": 404,
    "toomanyrequests": 429,
    "badrequest": 400,
    "internalservererror": 500,
    "badgateway": 502,
    "serviceunavailable": 503,
    "gatewaytimeout": 504,
    "conflict": 409,
    "invalid_request_error": 400,
    "validationerror": 400,
    "not_found": 404,
    "internal_server_error": 500,
}
_CODES = re.compile(
    r"(?:[\"']?(?:error[_. ]?code|code|errorcode|x-ms-error-code|error|reason|type|subcode)[\"']?"
    r"[ \t]{0,3}[:=][ \t]{0,3}[\"'(]?|<Code>|\()([A-Za-z_-][A-Za-z0-9_.-]{2,80}|-3[0-9]{4})",
    re.IGNORECASE,
)
_NAMESPACE = re.compile(r"\bSystem\.ClientModel\b")
"""Its name would be read as a model."""
_ASKED_VERSION = re.compile(r"[?&]api-version=[^\s&\"'<>]{0,60}", re.IGNORECASE)
"""In an address it is what was asked for, and no complaint."""
_SHORT = 24
"""Letters and digits of a text that says hardly more than the name of a status."""
_HTML = re.compile(r"<!doctype html|<html[\s>]|<head[\s>]|<title>", re.IGNORECASE)
_RUN = re.compile(
    r"\"sequence_number\"|response\.failed|event:\s?error|\bserver_error\b|tool_server_error|tool_user_error|\"object\":\s?\"response\""
)
_RPC = re.compile(r"json-?rpc|\bmcp\s?error\b|McpError|-32[0-9]{3}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signals:
    """The evidence, made comparable once for all entries."""

    text: str
    """Unescaped, without HTML tags, headers included; for reading names out of it."""
    spaced: str
    """Its words with single spaces."""
    squeezed: str
    """Its letters and digits."""
    words: frozenset[str]
    codes: frozenset[str]
    """What stands in the place of an error code, in lower case."""
    status: int | None
    """The outermost HTTP status."""
    statuses: frozenset[int]
    """Every HTTP status that the text has."""
    shapes: frozenset[str]
    """html, json, run, rpc, entra, empty, challenge."""
    reading: Reading | None
    """None when the body is not JSON."""


def signals(evidence: Evidence) -> Signals:
    """Look at one piece of evidence."""
    body = evidence.body[:MOST_TEXT]
    value = parse(body)
    reading = read(value) if isinstance(value, (dict, list)) else None
    judged = "\n".join(reading.errors) if reading is not None and reading.errors else body
    if reading is not None and not reading.errors and reading.is_run:
        judged = ""
    text = _ASKED_VERSION.sub("", _NAMESPACE.sub(" ", unescape(judged)))
    is_html = bool(_HTML.search(text))
    header_text = "\n".join(f"{name}: {held}" for name, held in evidence.headers.items() if name in _JUDGED_HEADERS)
    full = f"{without_tags(text) if is_html else text}\n{header_text}"
    codes = frozenset(code.lower().strip(".") for code in _CODES.findall(f"{text}\n{header_text}"))
    found = _status_list(full) or _status_of_words(codes, squeeze(text))
    status = evidence.status if evidence.status is not None else (found[0] if found else None)
    return Signals(
        text=full,
        spaced=spaced(full),
        squeezed=squeeze(full),
        words=words(full),
        codes=codes,
        status=status,
        statuses=frozenset(found) | ({status} if status is not None else set()),
        shapes=_shapes(evidence, body, reading, is_html=is_html, judged=judged),
        reading=reading,
    )


_JUDGED_HEADERS = {
    "www-authenticate",
    "x-ms-error-code",
    "x-adc-response-details",
    "x-ms-failure-cause",
    "x-ms-substatus",
    "proxy-authenticate",
    "retry-after",
    "server",
    "location",
    "allow",
    "x-ms-forbidden-ip",
}


def _status_list(text: str) -> list[int]:
    head = text[:65_536]
    found = [(match.start(1), int(match.group(1))) for match in _STATUSES.finditer(head)]
    found += [(match.start(1), int(match.group(1))) for match in _NAMED_STATUS.finditer(head)]
    found += [(match.start(1), int(match.group(1))) for match in _BEFORE_A_NAME.finditer(head)]
    found += [(match.start(1), _WORDS_OF_STATUS[squeeze(match.group(1))]) for match in _WORDED_STATUS.finditer(head)]
    errors = [status for _, status in sorted(found) if status >= 400]
    return list(dict.fromkeys(errors)) or list(dict.fromkeys(status for _, status in sorted(found)))


def _status_of_words(codes: frozenset[str], squeezed: str) -> list[int]:
    """The status that a code, or a text of hardly more than its name, stands for."""
    found = sorted({_WORDS_OF_STATUS[code] for code in codes if code in _WORDS_OF_STATUS})[:1]
    if not found and len(squeezed) <= _SHORT:
        found = [status for name, status in _WORDS_OF_STATUS.items() if name in squeezed][:1]
    return found


def _shapes(evidence: Evidence, body: str, reading: Reading | None, *, is_html: bool, judged: str) -> frozenset[str]:
    shapes = set()
    if is_html:
        shapes.add("html")
    if reading is not None:
        shapes.add("json")
    if evidence.context.in_run or (reading is not None and reading.is_run) or _RUN.search(judged):
        shapes.add("run")
    if (reading is not None and reading.is_rpc) or _RPC.search(judged):
        shapes.add("rpc")
    if entra_codes(judged):
        shapes.add("entra")
    if not body.strip():
        shapes.add("empty")
    if "www-authenticate" in evidence.headers:
        shapes.add("challenge")
    return frozenset(shapes)
