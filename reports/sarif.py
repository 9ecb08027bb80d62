"""SARIF 2.1.0 (OASIS) for code scanning views: a rule for each check, a result for each result.

A check that crashed is no result but a notification of the tool.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, style: Style) -> str:
    """The SARIF log as JSON text with one run; results point to `style.anchor` where it names a file."""
    rules = {result.check: result for result in reversed(report.results)}
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
            _result(report, result, order, style.anchor)
            for result in report.results
            if STATES[result.status].sarif_kind
        ],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(result: Result) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": visible(result.check), "properties": {"group": visible(result.group)}}
    if result.title:
        rule["shortDescription"] = _message(result.title)
    if re.fullmatch(r"https://[!-~]+", result.docs):
        rule["helpUri"] = quote(result.docs, safe=":/?#[]@!$&'()*+,;=%")
    return rule


def _result(report: Report, result: Result, order: list[str], anchor: str) -> dict[str, Any]:
    state, finding = STATES[result.status], result.finding
    identity = (
        f"{report.target.resource_id.lower()}\n{result.reference}\n{finding.cause.value if finding.cause else ''}"
    )
    properties = {"status": result.status.value, "subject": visible(finding.subject), "required": finding.required}
    if finding.cause:
        properties |= {"cause": finding.cause.value}
    told: dict[str, Any] = {
        "ruleId": visible(result.check),
        "ruleIndex": order.index(result.check),
        "kind": state.sarif_kind,
        "level": state.sarif_level,
        "message": _message("\n".join((finding.summary, *story.details(result)))),
        "partialFingerprints": {
            "agentdoctorResult/v1": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
        },
        "properties": properties,
    }
    if result.waived:
        told["suppressions"] = [{"kind": "external", "justification": visible(story.waiver(result))}]
    if locations := _locations(report, anchor):
        told["locations"] = [locations]
    return told


def _locations(report: Report, anchor: str) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if anchor:
        place = {"uri": quote(anchor.replace("\\", "/"), errors="replace")}
        location["physicalLocation"] = {"artifactLocation": place, "region": {"startLine": 1}}
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
        "properties": {"verdict": report.verdict.value, "interrupted": report.interrupted},
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
