"""Look at a recording as if it were Azure: today's checks over what was seen then, with no network and no sign-in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from doctor.azure.bounds import Allowance, Bounds
from doctor.azure.tape import Name, Tape, key_of
from doctor.azure.tape import Recorded as OnTape
from doctor.azure.token_source import SignIn
from doctor.azure.wire import Fault, Request
from doctor.evidence.archive import CREDENTIALS, EXCHANGES, MANIFEST, NAMES, BadBundle, unpacked
from doctor.evidence.exchanges import from_har
from doctor.facts.ground import Ground
from doctor.facts.options import Options
from doctor.model import loose
from doctor.model.codec import NotAReport, decode, decode_record
from doctor.model.loose import Garbage
from doctor.use_cases.recording import SCHEMA
from doctor.use_cases.run_checks import Wanted, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.evidence.exchanges import Recorded
    from doctor.model.report import Report


@dataclass(frozen=True, slots=True)
class Replay:
    """A recorded run, ready to be looked at again."""

    options: Options
    wanted: Wanted
    """The choice of checks and the policy of the run that was recorded."""
    ground: Ground
    documents: Mapping[str, Any]
    """The bundle's documents, by member name."""


def replayed(replay: Replay, wanted: Wanted) -> Report:
    """Today's report of a recorded run.

    Raises:
        BadRequest: a check is not known, or none is left.
    """
    report = check(replay.options, wanted, ground=replay.ground)
    manifest = replay.documents[MANIFEST]
    told = {name: loose.truth(manifest, name) is True for name in ("redacted", "simulated")}
    return replace(report, redacted=told["redacted"], simulated=told["simulated"])


def replay_of(path: Path) -> Replay:
    """Open a bundle.

    Raises:
        BadBundle: the file is none that can be read; the message says why.
    """
    return replay_in(unpacked(path), str(path))


def replay_in(documents: Mapping[str, Any], where: str) -> Replay:
    """The recorded run in a bundle's documents.

    Raises:
        BadBundle: they are none that can be replayed; `where` names them in the message.
    """
    manifest = documents[MANIFEST]
    if loose.text(manifest, "schema") != SCHEMA:
        raise BadBundle(f"{where} is no bundle that this version can read: its schema is not {SCHEMA}.")
    try:
        return Replay(_options(manifest), _wanted(manifest), _ground(documents), documents)
    except (NotAReport, Garbage) as error:
        raise BadBundle(f"{where} cannot be replayed: {error}.") from error


def _options(manifest: loose.Json) -> Options:
    return decode_record(Options, {**loose.part(manifest, "options"), "ca_file": None}, "options")


def _wanted(manifest: loose.Json) -> Wanted:
    return Wanted(
        select=loose.strings(manifest, "select"),
        ignore=loose.strings(manifest, "ignore"),
        fail_on_warn=loose.truth(manifest, "fail_on_warn") is True,
        allow_unknown=loose.truth(manifest, "allow_unknown") is True,
        again=loose.text(manifest, "again"),
    )


def _ground(documents: Mapping[str, Any]) -> Ground:
    recorded_at = decode(datetime, loose.text(documents[MANIFEST], "recorded_at"), "recorded_at")
    listed = loose.part(documents, NAMES)
    names = decode(tuple[Name, ...], loose.field(listed, "names") or [], "names")
    sign_ins = loose.field(loose.part(documents, CREDENTIALS), "sign_ins") or []
    exchanges = from_har(documents.get(EXCHANGES, {"log": {"entries": []}}))
    return Ground(
        environ=loose.string_map(documents[MANIFEST], "environ"),
        now=lambda: recorded_at,
        wire=Tape((_on_tape(one) for one in exchanges), names, loose.string_map(listed, "issuers")),
        sleep=lambda _seconds: None,
        sign_ins=decode(tuple[SignIn, ...], sign_ins, "sign_ins"),
    )


def _on_tape(one: Recorded) -> OnTape:
    try:
        parts = urlsplit(one.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        fault = Fault(one.fault) if one.fault else None
    except ValueError as error:
        raise Garbage(f"an exchange has a field that cannot be read: {error}") from error
    request = Request(
        method=one.method,
        url=one.url,
        host=parts.hostname or "",
        port=port,
        headers=one.request_headers,
        body=one.request_body.encode() or None,
        audience=one.audience,
        connect=0.0,
        read=0.0,
        bounds=Bounds(0, Allowance()),
    )
    body = one.body.encode("utf-8", "replace")
    headers = {name: value for name, value in one.headers.items() if name != "content-encoding"}
    return OnTape(key_of(request), one.status, headers, body, one.truncated, fault, one.detail, one.passing, one.code)
