"""Keep what a run sees, as the documents of a bundle: without secrets as it is kept, and on request without names."""

from __future__ import annotations

import platform
import threading
from dataclasses import fields
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from doctor import __version__
from doctor.azure.tape import Recorder
from doctor.evidence.archive import CREDENTIALS, EXCHANGES, MANIFEST, NAMES, REPORT
from doctor.evidence.exchanges import Recorded, to_har
from doctor.evidence.scrub import cleaned, scrubbed
from doctor.facts.ground import Ground
from doctor.model.codec import encode
from doctor.model.document import to_document
from doctor.model.untrusted import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.tape import Exchanged
    from doctor.azure.token_source import SignIn
    from doctor.facts.options import Options
    from doctor.model.report import Report
    from doctor.use_cases.run_checks import Wanted

SCHEMA = "agentdoctor/bundle/1"
PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


class Recording:
    """What one run sees."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._recorder = Recorder()
        self._lock = threading.Lock()
        self._sign_ins: list[SignIn] = []

    def ground(self) -> Ground:
        """What the run is to stand on."""
        return Ground(self._environ, record=self._recorder, keep_sign_in=self._keep)

    def documents(self, report: Report, options: Options, wanted: Wanted) -> dict[str, Any]:
        """The documents of a bundle, by member name, without secrets."""
        return {
            MANIFEST: self._manifest(report, options, wanted),
            EXCHANGES: to_har((scrubbed(_recorded(one)) for one in self._recorder.exchanges), __version__),
            NAMES: {"names": encode(list(self._recorder.names.values())), "issuers": dict(self._recorder.issuers)},
            CREDENTIALS: {"sign_ins": cleaned(encode(self._sign_ins))},
            REPORT: to_document(report),
        }

    def _keep(self, one: SignIn) -> None:
        with self._lock:
            self._sign_ins.append(one)

    def _manifest(self, report: Report, options: Options, wanted: Wanted) -> dict[str, Any]:
        proxies = {name: value for name, value in self._environ.items() if name.upper() in PROXY_VARIABLES}
        return {
            "schema": SCHEMA,
            "tool": {"name": "agentdoctor", "version": __version__},
            "python": platform.python_version(),
            "platform": platform.system(),
            "recorded_at": encode(report.started_at),
            "options": cleaned(encode_options(options)),
            "again": redact(wanted.again),
            "environ": {name: redact(value) for name, value in proxies.items()},
            "select": list(wanted.select),
            "ignore": list(wanted.ignore),
            "fail_on_warn": wanted.fail_on_warn,
            "allow_unknown": wanted.allow_unknown,
            "simulated": report.simulated,
            "redacted": False,
        }


def encode_options(options: Options) -> dict[str, Any]:
    """The options that a replay needs; a file with certificates is of no use to it."""
    return {one.name: encode(getattr(options, one.name)) for one in fields(options) if one.name != "ca_file"}


def _recorded(one: Exchanged) -> Recorded:
    request, kept = one.request, one.kept
    return Recorded(
        method=request.method,
        url=request.url,
        started=datetime.fromtimestamp(one.ended - one.seconds, timezone.utc),
        duration_ms=int(one.seconds * 1000),
        request_headers=request.headers,
        request_body=(request.body or b"").decode("utf-8", "replace"),
        status=kept.status,
        headers=kept.headers,
        body=kept.body.decode("utf-8", "replace"),
        truncated=kept.truncated,
        fault=kept.fault.value if kept.fault else "",
        detail=kept.detail,
        passing=kept.passing,
        code=kept.code,
        audience=request.audience,
    )
