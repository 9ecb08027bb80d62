"""How each status is said in every format: one table."""

from __future__ import annotations

from dataclasses import dataclass

from doctor.model.status import Status, Verdict


@dataclass(frozen=True, slots=True)
class State:
    """One row: what a status is called on screens and what CI systems call it. "" where a format says nothing."""

    word: str
    symbol: str
    ascii: str
    """The symbol where only ASCII may be used."""
    colour: str
    """SGR parameters of a terminal."""
    junit: str
    """Element inside the test case: failure, error, skipped or system-out."""
    sarif_kind: str
    """"" for what is no result but a notification of the tool."""
    sarif_level: str
    annotation: str
    """Severity in GitHub and Azure DevOps: error or warning."""


STATES: dict[Status, State] = {
    Status.PASS: State("pass", "✓", "+", "32", "", "pass", "none", ""),
    Status.WARN: State("warn", "▲", "!", "33", "system-out", "review", "warning", "warning"),
    Status.FAIL: State("FAIL", "✗", "x", "1;31", "failure", "fail", "error", "error"),
    Status.UNKNOWN: State("UNKNOWN", "?", "?", "35", "error", "open", "warning", "warning"),
    Status.SKIP: State("skip", "–", "-", "2", "skipped", "notApplicable", "none", ""),  # noqa: RUF001 - a symbol
    Status.ERROR: State("ERROR", "‼", "E", "1;31", "error", "", "error", "error"),
}
"""Status → its words."""

WORST_FIRST = (Status.FAIL, Status.ERROR, Status.UNKNOWN, Status.WARN, Status.SKIP, Status.PASS)
"""The order in which a reader wants to know."""

OF_VERDICT: dict[Verdict, Status] = {
    Verdict.PASS: Status.PASS,
    Verdict.FAIL: Status.FAIL,
    Verdict.UNKNOWN: Status.UNKNOWN,
    Verdict.ERROR: Status.ERROR,
}
"""Verdict → the status whose word, symbol and colour it shares."""
