"""SARIF 2.1.0 (OASIS) as GitHub code scanning takes it: a rule for each check, a result for what is not well.

What passed, was skipped or is waived is no result: code scanning would open an alert for it. A check that crashed is a
notification of the tool. Every result has a physical location and a fingerprint that outlives a run (source: GitHub's
"SARIF support for code scanning").
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from doctor.model.answer import answer
from doctor.model.codec import encode
from doctor.model.format import Format, Style
from doctor.model.status import Status
from doctor.model.untrusted import visible
from reports import story
from reports.json import dumps
from reports.states import STATES

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.report import Report

README = "README.md"
"""Where a result points when no file of the repository is named: a repository has one."""
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, style: Style) -> str:
    """The SARIF log as JSON text with one run; results point to `style.anchor` where it names a file."""
    rules = {result.check: result for result in reversed(report.results)}
    anchor = style.anchor or README
    order = sorted(rules)
    run = {
        "tool": {
            "driver": {
                "name": "agentdoctor",
                "version": visible(report.tool_version),
                "rules": [_rule(rules[check]) for check in order],
            }
        },
        "invocations": [_invocation(report, order)],
        "results": [
            _result(report, result, order, anchor)
            for result in report.results
            if result.status.needs_cause and not result.waived and STATES[result.status].sarif_kind
        ],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(result: Result) -> dict[str, Any]:
    title = result.title or result.check
    look_up = f"agentdoctor checks {result.check}"
    linked = re.fullmatch(r"https://[!-~]+", result.docs) is not None
    address = quote(result.docs, safe=":/?#[]@!$&'()*+,;=%") if linked else ""
    rule: dict[str, Any] = {
        "id": visible(result.check),
        "shortDescription": _message(title),
        "fullDescription": _message(f"{title} `{look_up}` tells what is verified and what to do."),
        "help": {
            **_message(f"{title} Run: {look_up}{f' or read {address}' if address else ''}"),
            "markdown": visible(f"`{look_up}` tells what is verified and what to do.")
            + (f"\n\n[Read more]({address})" if address else ""),
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "group": visible(result.group),
            "tags": ["azure", "foundry", "access"],
            "precision": "high",
            "problem.severity": "error",
        },
    }
    return rule | ({"helpUri": address} if address else {})


def _result(report: Report, result: Result, order: list[str], anchor: str) -> dict[str, Any]:
    state, finding = STATES[result.status], result.finding
    about = (report.target.resource_id or story.name(report)).lower()
    identity = f"{about}\n{result.reference}\n{finding.cause.value if finding.cause else ''}"
    fingerprint = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
    properties = {"status": result.status.value, "subject": visible(finding.subject), "required": finding.required}
    if finding.cause:
        properties |= {"cause": finding.cause.value}
    return {
        "ruleId": visible(result.check),
        "ruleIndex": order.index(result.check),
        "kind": state.sarif_kind,
        "level": state.sarif_level,
        "message": _message("\n".join((finding.summary, *story.details(result)))),
        # Code scanning joins results by the second one; all of ours stand on the first line of one file.
        "partialFingerprints": {"agentdoctorResult/v1": fingerprint, "primaryLocationLineHash": f"{fingerprint}:1"},
        "locations": [_location(report, anchor)],
        "properties": properties,
    }


def _location(report: Report, anchor: str) -> dict[str, Any]:
    place = {"uri": quote(anchor.replace("\\", "/"), errors="replace")}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}}}
    if name := report.target.resource_id or report.target.given:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(name), "kind": "resource"}]
    return location


def _invocation(report: Report, order: list[str]) -> dict[str, Any]:
    crashed = [result for result in report.results if result.status is Status.ERROR]
    ended = report.started_at.astimezone(timezone.utc) + timedelta(milliseconds=report.duration_ms)
    return {
        "executionSuccessful": not crashed and not report.interrupted,
        "exitCode": report.exit_code,
        "startTimeUtc": encode(report.started_at),
        "endTimeUtc": encode(_whole(ended)),
        "toolExecutionNotifications": [
            {
                "level": STATES[result.status].sarif_level,
                "message": _message(f"{result.reference}: {result.finding.summary}"),
                "associatedRule": {"id": visible(result.check), "index": order.index(result.check)},
            }
            for result in crashed
        ],
        "properties": {
            "verdict": report.verdict.value,
            "interrupted": report.interrupted,
            "simulated": report.simulated,
            "answer": visible(answer(report)),
        },
    }


def _whole(moment: datetime) -> datetime:
    """Without fractions of a second, as the beginning of a run is written."""
    return moment.replace(microsecond=0)


def _message(text: str) -> dict[str, str]:
    """A plain-text message; a viewer may not find a link in it (SARIF 2.1.0, 3.11.6), nor a placeholder (3.11.5)."""
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return {"text": re.sub(r"\](?=\()", "] ", lines)}


report = Format(
    name="sarif",
    title="SARIF 2.1.0 for code scanning.",
    extension="sarif",
    media_type="application/sarif+json",
    render=render,
)
