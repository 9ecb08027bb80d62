"""What people paste, taken apart: a raw HTTP answer, curl's talk, a HAR file, a stream of events, JSON, or any text."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from doctor.reading.decode import decode
from doctor.reading.evidence import Context, Evidence
from doctor.reading.locate import SMALL, windows
from doctor.reading.stream import events, is_stream
from doctor.reading.structure import parse, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STATUS_LINE = re.compile(r"^[<\s]{0,4}HTTP/[0-9](?:\.[0-9])?[ \t]{1,3}([1-5][0-9]{2})\b[^\n]{0,200}$", re.MULTILINE)
_HEADER_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]{0,4}(.{0,8000})$")
_CURL_TALK = ("* ", "> ", "< ", "} [", "{ [", "*\t")
_ASKED_HOST = re.compile(
    r"^[>*\s']{0,4}host'?:\s?'?([a-z0-9.-]{3,253})|\bhttps://([a-z0-9.-]{3,253})(?=[/:?\s'\"]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_MOST_BEFORE = 64_000
_MOST_ENTRIES = 2_000
_MOST_EVIDENCE = 40
_MOST_HEADERS = 200


@dataclass(frozen=True, slots=True)
class Paste:
    """A paste as text, and the pieces of evidence in it, likeliest first."""

    text: str
    evidences: tuple[Evidence, ...] = ()
    url: str = ""
    """The address that was asked, where the paste tells it apart."""
    headers: Mapping[str, str] = field(default_factory=dict)


def read_paste(data: bytes, status: int | None = None, context: Context | None = None) -> Paste:
    """Take any bytes apart.

    Args:
        data: what was pasted, in any encoding.
        status: the HTTP status, where it is known apart from the text.
        context: what is known besides the text.
    """
    known = context or Context()
    text = decode(data)
    value = parse(text) if text.lstrip()[:1] in {"{", "[", '"'} else None
    if isinstance(value, dict) and _is_har(value):
        return Paste(text, tuple(_har(value, known))[:_MOST_EVIDENCE])
    if isinstance(value, (dict, list)):
        return Paste(text, tuple(_json_pieces(text, value, status, known)))
    if (answer := _http(text)) is not None:
        code, headers, body, start = answer
        asked = replace(known, asked_host=_asked_host(text[:start]))
        return Paste(text, tuple(_body_pieces(body, status or code, headers, asked)), headers=headers)
    if is_stream(text):
        return Paste(text, tuple(_stream_pieces(text, known)))
    return Paste(text, tuple(Evidence(status, window, {}, known) for window in windows(text)))


def _json_pieces(text: str, value: Any, status: int | None, context: Context) -> Iterator[Evidence]:
    reading = read(value)
    if reading.errors or reading.is_run or len(text) <= SMALL:
        for error in reading.errors[:_MOST_EVIDENCE]:
            for window in windows(error):
                yield Evidence(status, window, {}, replace(context, in_run=context.in_run or reading.is_run))
        if not reading.errors:
            yield Evidence(status, text, {}, context)
        return
    found = False
    for window in windows(text):
        found = True
        yield Evidence(status, window, {}, context)
    if not found:
        yield Evidence(status, "{}", {}, context)


def _body_pieces(body: str, status: int, headers: Mapping[str, str], context: Context) -> Iterator[Evidence]:
    if is_stream(body):
        yield from _stream_pieces(body, context)
        return
    if len(body) <= SMALL:
        yield Evidence(status, body, headers, context)
        return
    value = parse(body)
    if isinstance(value, (dict, list)):
        yield from _json_pieces(body, value, status, context)
        return
    for window in windows(body):
        yield Evidence(status, window, headers, context)


def _stream_pieces(text: str, context: Context) -> Iterator[Evidence]:
    count = 0
    for event in events(text):
        value = parse(event)
        if not isinstance(value, (dict, list)):
            continue
        for error in read(value).errors:
            yield Evidence(None, error[: 4 * SMALL], {}, replace(context, in_run=True))
            count += 1
            if count >= _MOST_EVIDENCE:
                return
    if not count:
        yield Evidence(200, "", {}, replace(context, in_run=True))


def _asked_host(before: str) -> str:
    """The host that a request before the answer names: its Host header, else its address."""
    found = list(_ASKED_HOST.finditer(before[-_MOST_BEFORE:]))
    return (found[-1].group(1) or found[-1].group(2)).lower() if found else ""


def _http(text: str) -> tuple[int, dict[str, str], str, int] | None:
    """Status, headers, body and beginning of the last answer in a raw HTTP message or in what `curl -v` prints."""
    found = [match for match in _STATUS_LINE.finditer(text) if int(match.group(1)) >= 200]
    if not found:
        return None
    last = found[-1]
    talks = last.group(0).lstrip().startswith("<")
    lines = text[last.end() + 1 :].split("\n")
    headers: dict[str, str] = {}
    at = 0
    for at, line in enumerate(lines):
        bare = line.lstrip("< ").strip() if talks else line.strip()
        if not bare or at >= _MOST_HEADERS:
            break
        if header := _HEADER_LINE.match(bare):
            headers[header.group(1).lower()] = header.group(2).strip()
        elif not (talks and line.startswith(_CURL_TALK)):
            break
    body = lines[at + 1 :] if at < len(lines) and not lines[at].lstrip("< ").strip() else lines[at:]
    if talks:
        body = [line for line in body if not line.startswith(_CURL_TALK)]
    return int(last.group(1)), headers, "\n".join(body).strip(), last.start()


def _is_har(value: dict[str, Any]) -> bool:
    log = value.get("log")
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def _har(value: dict[str, Any], context: Context) -> Iterator[Evidence]:
    """The failed entries of a HAR file, the last first; when none failed, one evidence of success."""
    failed = []
    for entry in value["log"]["entries"][-_MOST_ENTRIES:]:
        answer = entry.get("response") if isinstance(entry, dict) else None
        if not isinstance(answer, dict):
            continue
        status = answer.get("status")
        body = _har_body(answer.get("content"))
        if isinstance(status, int) and (status >= 400 or status == 0 or is_stream(body) or '"error"' in body):
            asked = entry.get("request")
            url = str(asked.get("url", "")) if isinstance(asked, dict) else ""
            known = replace(context, asked_host=_asked_host(url))
            failed.append((status, _har_headers(answer.get("headers")), body, str(answer.get("_error") or ""), known))
    for status, headers, body, error, known in reversed(failed):
        yield from _body_pieces(body or error, status, headers, known)
    if not failed:
        yield Evidence(200, "{}", {}, context)


def _har_body(content: Any) -> str:
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        return ""
    text: str = content["text"]
    if content.get("encoding") != "base64":
        return text
    try:
        return decode(base64.b64decode(text, validate=False))
    except (binascii.Error, ValueError):
        return text


def _har_headers(listed: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in listed[:_MOST_HEADERS] if isinstance(listed, list) else []:
        if isinstance(header, dict) and isinstance(header.get("name"), str):
            found[header["name"].lower()] = str(header.get("value", ""))
    return found
