"""Recorded exchanges as a HAR 1.2 document (http://www.softwareishard.com/blog/har-12-spec/) and back.

What HAR has no field for stands in fields that begin with an underscore, as its specification asks: `_audience`,
`_fault`, `_detail`, `_passing`, `_code`, `_truncated`. A HAR file of a browser or a proxy can be read too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from doctor.model import loose
from doctor.model.loose import Garbage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.model.loose import Json

MOST_ENTRIES = 20_000
"""A run makes a few dozen; a fleet's is not kept as one bundle."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, and its answer or the fault that came instead. Holds nothing secret once it was scrubbed."""

    method: str
    url: str
    started: datetime
    duration_ms: int = 0
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: str = ""
    status: int | None = None
    """None when no answer came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    truncated: bool = False
    fault: str = ""
    """Why no answer came, as the wire names it; "" when one came."""
    detail: str = ""
    passing: bool = False
    """The fault may pass by itself."""
    code: int = 0
    """OpenSSL's code for a certificate that was not trusted."""
    audience: str = ""
    """Audience of the token that was sent; "" when none was."""


def to_har(exchanges: Iterable[Recorded], version: str) -> dict[str, Any]:
    """The HAR document of exchanges, in their order."""
    creator = {"name": "agentdoctor", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(one) for one in exchanges]}}


def from_har(document: object) -> tuple[Recorded, ...]:
    """The exchanges of a HAR document, whoever wrote it.

    Raises:
        Garbage: it is no HAR document, or has more entries than any run makes.
    """
    log = loose.part(document, "log")
    entries = loose.field(log, "entries")
    if not isinstance(entries, list):
        raise Garbage(f"A HAR file should hold a list log.entries, but it is {loose.shown(entries)}.")
    if len(entries) > MOST_ENTRIES:
        raise Garbage(f"The HAR file holds {len(entries)} entries; more than {MOST_ENTRIES} are not read.")
    return tuple(_recorded(one) for one in entries if loose.text(loose.part(one, "request"), "url"))


def _entry(one: Recorded) -> dict[str, Any]:
    mime = one.headers.get("content-type", "")
    request: dict[str, Any] = {
        "method": one.method,
        "url": one.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(one.request_headers),
        "queryString": _pairs(dict(parse_qsl(urlsplit(one.url).query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": len(one.request_body),
    }
    if one.request_body:
        sent = next((value for name, value in one.request_headers.items() if name.lower() == "content-type"), "")
        request["postData"] = {"mimeType": sent, "text": one.request_body}
    response = {
        "status": one.status or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(one.headers),
        "content": {"size": len(one.body), "mimeType": mime, "text": one.body},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(one.body),
    }
    own = {
        "_audience": one.audience,
        "_fault": one.fault,
        "_detail": one.detail,
        "_passing": one.passing,
        "_code": one.code,
        "_truncated": one.truncated,
    }
    return {
        "startedDateTime": one.started.astimezone(timezone.utc).isoformat(timespec="milliseconds"),
        "time": one.duration_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": one.duration_ms, "receive": 0},
        **{name: value for name, value in own.items() if value},
    }


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _recorded(entry: object) -> Recorded:
    request, response = loose.part(entry, "request"), loose.part(entry, "response")
    status = int(loose.number(response, "status") or 0)
    return Recorded(
        method=loose.text(request, "method").upper() or "GET",
        url=loose.text(request, "url"),
        started=loose.date(loose.field(entry, "startedDateTime")) or datetime.fromtimestamp(0, timezone.utc),
        duration_ms=int(loose.number(entry, "time") or 0),
        request_headers=_values(request),
        request_body=loose.text(loose.part(request, "postData"), "text"),
        status=status or None,
        headers={name.lower(): value for name, value in _values(response).items()},
        body=loose.text(loose.part(response, "content"), "text"),
        truncated=loose.truth(entry, "_truncated") is True,
        fault=loose.text(entry, "_fault"),
        detail=loose.text(entry, "_detail") or loose.text(response, "_error"),
        passing=loose.truth(entry, "_passing") is True,
        code=int(loose.number(entry, "_code") or 0),
        audience=loose.text(entry, "_audience"),
    )


def _values(message: Json) -> dict[str, str]:
    return {loose.text(one, "name"): loose.text(one, "value") for one in loose.objects(message, "headers")}
