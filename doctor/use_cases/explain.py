"""A diagnosis from a paste alone, with the roles of its advice taken from the role definitions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.diagnosis import Diagnosis
from doctor.model.fix import Fix
from doctor.reading.catalogue import advice
from doctor.reading.explain import Explanation
from doctor.reading.explain import explain as read

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.reading.evidence import Role

_LONGEST_NAME = 60
ZIP = b"PK\x03\x04"
"""How an archive begins."""
_MADE_FOR_IT = (
    (
        "microsoft.cognitiveservices/",
        (
            "53ca6127-db72-4b80-b1b0-d745d6d5456d",  # Foundry User
            "eadc314b-1a2d-4efa-be10-5d325db5065e",  # Foundry Project Manager
            "e47c6f54-e4a2-4754-9501-8e0985b135e1",  # Foundry Account Owner
            "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",  # Cognitive Services Contributor
        ),
    ),
    ("microsoft.resources/", ("b24988ac-6180-42a0-ab88-20f7382dd24c",)),  # Contributor
)
"""Beginning of control actions → roles made for them, before narrower ones that are made for another product."""
_HEAD = 400_000
_FIELD = re.compile(r"\{[a-z_]{1,20}(?:\|([^{}]{0,120}))?\}")
_EMBEDDED = re.compile(rb"<script[^>]{0,200}application/json[^>]{0,200}>(.+?)</script>", re.DOTALL)


def explain(data: bytes, status: int | None = None, *, now: datetime | None = None) -> Explanation:
    """Explain any bytes: no sign-in, no network.

    Args:
        data: the paste, in any encoding.
        status: the HTTP status, where it is known apart from the text.
        now: the time that tokens are judged by; the present when left out.

    Raises:
        BadBundle: it is a ZIP archive and no bundle of ours.
    """
    ours = _of_cause(data) or _of_report(data) or _of_bundle(data, now)
    return ours or read(data, status, now=now, roles=narrow_role)


def _of_cause(data: bytes) -> Explanation | None:
    """What a cause's name stands for: `role-lacks-action`."""
    name = data.strip().decode("ascii", "replace").lower()
    cause = next((one for one in Cause if one.value == name), None) if len(data) < _LONGEST_NAME else None
    if cause is None:
        return None
    summary = f"{cause.meaning[0].upper()}{cause.meaning[1:]}."
    said = advice().get(cause)
    fixes = (Fix(_FIELD.sub(r"\1", said.fix)),) if said and said.fix else ()
    suggests = _FIELD.sub(r"\1", said.suggests) if said else ""
    docs = said.docs if said else ""
    return Explanation((Diagnosis(cause, summary, suggests=suggests, fixes=fixes, docs=docs),), is_ours=True)


def _of_report(data: bytes) -> Explanation | None:
    """The root causes of one of our own reports, as JSON or as the HTML that embeds it."""
    if b"agentdoctor/report/1" not in data[:_HEAD] and b"agentdoctor/report/1" not in data[-_HEAD:]:
        return None
    from doctor.model.document import NotAReport, from_document  # noqa: PLC0415 - only a report needs it

    found = _EMBEDDED.search(data) if data.lstrip()[:1] == b"<" else None
    try:
        report = from_document(json.loads(found.group(1) if found else data))
    except (ValueError, NotAReport):
        return None
    diagnoses = tuple(Diagnosis(one.cause, one.summary, fixes=one.fixes) for one in report.root_causes)
    return Explanation(diagnoses, is_ours=True)


def _of_bundle(data: bytes, now: datetime | None) -> Explanation | None:
    """Every refusal among the exchanges of one of our bundles; where none is in them, what its report says.

    Raises:
        BadBundle: a ZIP archive that is no bundle of ours.
    """
    if not data.startswith(ZIP):
        return None
    from doctor.evidence.archive import EXCHANGES, REPORT, unpacked_bytes  # noqa: PLC0415 - only a bundle needs it

    documents = unpacked_bytes(data)
    exchanges = json.dumps(documents.get(EXCHANGES, {})).encode()
    found = read(exchanges, now=now, roles=narrow_role)
    if found.diagnoses or REPORT not in documents:
        return found
    return _of_report(json.dumps(documents[REPORT]).encode()) or found


def _prefer(action: str) -> tuple[str, ...]:
    return next((roles for start, roles in _MADE_FOR_IT if action.lower().startswith(start)), ())


def narrow_role(action: str, is_data: bool, /) -> Role | None:  # noqa: FBT001 - the kind of action
    """Name and GUID of the narrowest built-in role that holds an action; None when none does."""
    from datetime import datetime, timezone  # noqa: PLC0415 - only a refusal that names an action needs the definitions

    from doctor import rbac  # noqa: PLC0415 - as above
    from doctor.model.access import Action  # noqa: PLC0415 - as above

    facts = rbac.AccessFacts((), {}, datetime.now(timezone.utc))
    found = rbac.narrowest(Action(action, is_data), "/", facts, () if is_data else _prefer(action))
    return (rbac.role_label(found.guid), found.guid) if found else None
