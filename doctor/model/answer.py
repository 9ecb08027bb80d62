"""The answer of a report in one or two sentences: will it work for this caller, and if not, why not?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.model.access import Access, Decision
from doctor.model.cause import Cause
from doctor.model.identity import IdentityRole
from doctor.model.status import Status, Verdict
from doctor.model.wording import capital, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.model.finding import Result
    from doctor.model.report import Report

CALLER, AGENT, SIGN_IN = "Caller's access", "Agent's access", "Sign-in"
"""Groups of checks whose results are told in their own words."""
NOBODY = "this caller"
"""Stands for a caller of whom nothing is known."""
INVOKES = ("applications/invoke/action", "endpoints/interact/action", "agents/endpoints/")
"""How the data actions that let a caller in are written, beside other data actions."""
_NAMED = re.compile(r"/(?:applications|agents)/([^/?#]+)", re.IGNORECASE)
_REFUSED = frozenset({Cause.PERMISSION_DENIED, Cause.CHANNEL_ONLY, Cause.DENIED})
_BAD = frozenset({Status.WARN, Status.FAIL})
_FROM_HERE = frozenset({
    Cause.NETWORK_DENIED, Cause.NOT_AZURE, Cause.UNREACHABLE, Cause.NAME_NOT_RESOLVED, Cause.PRIVATE_DNS_MISSING,
    Cause.TLS_UNTRUSTED, Cause.PROXY_FAILED,
})  # fmt: skip
"""Causes that lie in the network between this machine and the endpoint."""


def answer(report: Report) -> str:
    """The answer, beginning with Yes, No or Not known; it claims nothing that the report does not hold."""
    if not report.interrupted:
        return _answer(report)
    if report.verdict is Verdict.PASS:
        return "Not known: the run was stopped before its end; nothing had failed until then."
    return f"{_answer(report)} The run was stopped before its end."


def target_name(report: Report) -> str:
    """What the report is about, as short as a person would say it."""
    named = _NAMED.search(report.target.resource_id) or _NAMED.search(report.target.endpoint)
    return named[1] if named else report.target.given


def caller_name(report: Report) -> str:
    """Whose access is judged: a name, else an object id, else `NOBODY`."""
    names = {one.object_id.lower(): one.name or one.object_id for one in report.identities}
    judged = [
        decision.question.principal_id.lower()
        for result in report.results
        if result.group == CALLER
        for decision in result.finding.decisions
    ]
    own = [one.object_id.lower() for one in report.identities if one.role is IdentityRole.CALLER]
    principal = next(iter((*judged, *own)), "")
    return names.get(principal, principal) or NOBODY


def _answer(report: Report) -> str:
    match report.verdict:
        case Verdict.PASS:
            return _yes(report)
        case Verdict.FAIL if report.root_causes:
            return _no(report)
        case Verdict.FAIL:
            warned = [r.finding.summary for r in report.results if r.status in _BAD and not r.waived]
            return " ".join(["No: warnings count as failures in this run.", *warned[:1]])
        case _:
            return _not_known(report)


def _not_known(report: Report) -> str:
    who, what = caller_name(report), target_name(report)
    said = f" {report.root_causes[0].summary}" if report.root_causes else ""
    if _lets_in(report):
        return f"Not known: {who} may call {what}, but not all that it needs could be verified.{said}"
    return f"Not known: whether {who} may call {what} could not be verified.{said}"


def _no(report: Report) -> str:
    root = report.root_causes[0]
    key = (root.check, root.subject)
    result = next((one for one in report.results if (one.check, one.finding.subject) == key), None)
    who, what = caller_name(report), target_name(report)
    if result is None:
        return f"No: {what} does not work for {who}. {root.summary}"
    reason = _reason(result)
    if result.group == CALLER or root.check == "caller-access" or root.cause in _REFUSED:
        return f"No: {who} may not call {what}. {reason}"
    if result.group == SIGN_IN:
        return f"No: {who} gets no token to call {what}. {reason}"
    if root.cause in _FROM_HERE and result.group != AGENT:
        return f"No: {what} cannot be reached from here. {reason}"
    if result.group == AGENT:
        reached, total, _ = _reached(report)
        called = f"{who} may call {what}, but its" if _lets_in(report) else f"the {what}"
        count = f" ({reached} of {total} resources reached)" if reached < total else ""
        return f"No: {called} agent does not work in full{count}. {reason}"
    return f"No: {what} does not work for {who}. {reason}"


def _reason(result: Result) -> str:
    """Why, without the action's and the scope's long names where the near misses tell it shorter."""
    denied = next((one for one in result.finding.decisions if one.access is not Access.GRANTED), None)
    if denied is None:
        return result.finding.summary
    misses = [miss for miss in denied.near_misses if miss.cause is denied.cause]
    roles = list(dict.fromkeys(miss.role_name for miss in misses if miss.role_name))
    if denied.cause is Cause.ROLE_LACKS_ACTION and roles:
        return f"{listed(roles)} {'does' if len(roles) == 1 else 'do'} not include the right to {_deed(denied)}."
    if denied.cause is Cause.NO_ASSIGNMENT:
        return f"No role that includes the right to {_deed(denied)} is assigned there or above."
    return f"{capital(misses[0].reason.rstrip('.'))}." if misses else result.finding.summary


def _deed(decision: Decision) -> str:
    action = decision.question.action.name
    if any(part in action for part in INVOKES):
        return "call agents"
    return f"use {decision.question.scope.rpartition('/')[2]} ({action.rpartition('Microsoft.')[2]})"


def _yes(report: Report) -> str:
    counted = [result for result in report.results if not result.waived]
    who, what = caller_name(report), target_name(report)
    reached, total, open_ = _reached(report)
    waived = "; apart from what is waived" if len(counted) < len(report.results) else ""
    if not report.results:
        return "Not known: nothing was checked."
    if not _lets_in(report):
        passed = [result.reference for result in counted if result.status is Status.PASS]
        if not passed:
            return "Not known: nothing was verified; all that was asked for was skipped."
        return f"Yes, as far as was asked: {listed(passed, most=3)} {'is' if len(passed) == 1 else 'are'} well{waived}."
    agent = f" and its agent reaches {reached} of {total} resource{'' if total == 1 else 's'}" if total else ""
    agent += f" ({open_} not verified)" if open_ else ""
    return f"Yes: {who} may call {what}{agent}{waived}{_untried(counted)}."


def _untried(results: Iterable[Result]) -> str:
    called = any(result.check == "invocation" and result.status is Status.PASS for result in results)
    return "" if called else "; not tried: a real call"


def _lets_in(report: Report) -> bool:
    """Whether the endpoint took the caller, or where it was not asked, the role assignments say that it will."""
    asked = next((one.status for one in report.results if one.check == "endpoint-accepts-caller"), Status.SKIP)
    if asked in {Status.UNKNOWN, Status.ERROR}:
        return False
    return any(
        result.check in {"endpoint-accepts-caller", "caller-access", "invocation"}
        and result.status in {Status.PASS, Status.WARN}
        for result in report.results
    )


def _reached(report: Report) -> tuple[int, int, int]:
    """How many of the agent's resources it reaches, how many it has, and of how many nothing is known."""
    told = [r for r in report.results if r.check == "downstream-access" and r.finding.subject]
    judged = [r for r in told if r.status is not Status.SKIP]
    open_ = sum(r.status in {Status.UNKNOWN, Status.ERROR} for r in judged)
    return sum(r.status in {Status.PASS, Status.WARN} for r in judged), len(judged), open_
