"""A Report as a JSON document of schema agentdoctor/report/1, and back. Fields are only ever added."""

from __future__ import annotations

from collections import Counter
from typing import Any

from doctor.model.answer import answer
from doctor.model.codec import NotAReport, decode, decode_object, decode_record, encode
from doctor.model.finding import Finding, Result
from doctor.model.report import Report, Subject
from doctor.model.status import Status

__all__ = ["SCHEMA", "NotAReport", "from_document", "to_document"]

SCHEMA = "agentdoctor/report/1"
TOKEN_PLANES = frozenset({"entra", "imds"})
"""Planes whose requests are made for tokens; they are counted apart from those that ask about the application."""


def to_document(report: Report) -> dict[str, Any]:
    """The document of a report: plain dicts, lists, strings, numbers, bools and None, ready for `json.dumps`."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "agentdoctor", "version": report.tool_version},
        "target": encode(report.target),
        "started_at": encode(report.started_at),
        "duration_ms": report.duration_ms,
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "simulated": report.simulated,
        "answer": answer(report),
        "summary": {status.value: report.count(status) for status in Status},
        "root_causes": encode(report.root_causes),
        "identities": encode(report.identities),
        "results": [_result(result) for result in report.results],
        "requests": _requests(report),
        "exchanges": encode(report.exchanges),
        "policy": encode(report.policy),
        "interrupted": report.interrupted,
        "rerun": report.rerun,
        "notes": encode(report.notes),
        "redacted": report.redacted,
        "traits": encode(report.traits),
    }


def from_document(document: object) -> Report:
    """The report of a document; what is derived (verdict, exit code, counts) is derived again.

    Args:
        document: What `json.loads` gave.

    Raises:
        NotAReport: the document is something else, or of a schema or with words that this version does not know.
    """
    members = decode_object(document, "")
    schema = members.get("schema")
    if schema != SCHEMA:
        raise NotAReport(f"this is no agentdoctor report: its schema is {schema!r}, not {SCHEMA!r}")
    tool = decode_object(members.get("tool"), "tool")
    listed = members.get("results")
    if not isinstance(listed, list):
        raise NotAReport("results is not a list")
    return decode_record(
        Report,
        members,
        "",
        tool_version=decode(str, tool.get("version"), "tool.version"),
        target=decode(Subject, members.get("target"), "target"),
        results=tuple(_read_result(item, f"results[{index}]") for index, item in enumerate(listed)),
    )


def _result(result: Result) -> dict[str, Any]:
    stamped: dict[str, Any] = encode(result)
    finding: dict[str, Any] = stamped.pop("finding")
    first = {"check": stamped.pop("check"), "subject": finding.pop("subject")}
    return first | finding | stamped


def _read_result(item: object, where: str) -> Result:
    return decode_record(Result, item, where, finding=decode(Finding, item, where))


def _requests(report: Report) -> dict[str, Any]:
    asked = [exchange for exchange in report.exchanges if exchange.plane not in TOKEN_PLANES]
    hosts = Counter(exchange.host for exchange in asked)
    return {
        "count": len(asked),
        "by_host": dict(sorted(hosts.items())),
        "for_tokens": len(report.exchanges) - len(asked),
    }
