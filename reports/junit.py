"""JUnit XML: one test suite for each group, one test case for each result.

GitLab keeps only the first test case of a name, so names are unique in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from doctor.model.status import Status
from doctor.model.untrusted import visible
from reports import story
from reports.disarm import disarm_markup
from reports.states import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doctor.model.finding import Result
    from doctor.model.report import Policy, Report


def render(report: Report, style: Style) -> str:
    """The whole XML document, ending with a newline."""
    del style
    suites = [_suite(report, name, cases) for name, cases in _cases(report).items()]
    totals = {"name": "agentdoctor", **_counts(report.results, report.policy), "time": _seconds(report.duration_ms)}
    document = '<?xml version="1.0" encoding="UTF-8"?>\n' + _element("testsuites", totals, *suites)
    return disarm_markup(document)


def _suite(report: Report, name: str, cases: list[tuple[str, Result]]) -> str:
    results = [result for _, result in cases]
    attributes = {
        "name": f"agentdoctor {name}",
        **_counts(results, report.policy),
        "time": _seconds(sum(result.duration_ms for result in results)),
        "timestamp": report.started_at.strftime("%Y-%m-%dT%H:%M:%S"),
    }
    simulated = (_element("property", {"name": "simulated", "value": "true"}),) if report.simulated else ()
    target = _element("property", {"name": "target", "value": report.target.given})
    told = (_case(case, result, report.policy) for case, result in cases)
    return _element("testsuite", attributes, _element("properties", {}, target, *simulated), *told)


def _case(name: str, result: Result, policy: Policy) -> str:
    attributes = {
        "classname": "agentdoctor." + (re.sub(r"[^a-z0-9]+", "-", result.group.lower()).strip("-") or "other"),
        "name": name,
        "time": _seconds(result.duration_ms),
    }
    kind = _kind(result, policy)
    summary = f"{result.finding.summary} Waived: {story.waiver(result)}" if result.waived else result.finding.summary
    lines = "\n".join(visible(line) for line in (summary, *story.details(result)))
    if kind == "system-out":
        return _element("testcase", attributes, _text(kind, {}, f"warning: {lines}"))
    if kind == "skipped":
        return _element("testcase", attributes, _element(kind, {"message": summary}))
    if kind:
        cause = result.finding.cause.value if result.finding.cause else result.status.value
        return _element("testcase", attributes, _text(kind, {"message": summary, "type": cause}, lines))
    return _element("testcase", attributes)


def _kind(result: Result, policy: Policy) -> str:
    """The element inside the test case; what does not turn the run red must not turn a build red."""
    open_ = result.status is Status.UNKNOWN and (policy.allow_unknown or not result.finding.required)
    if result.waived or open_:
        return STATES[Status.SKIP].junit
    if result.status is Status.WARN and policy.fail_on_warn:
        return STATES[Status.FAIL].junit
    return STATES[result.status].junit


def _cases(report: Report) -> dict[str, list[tuple[str, Result]]]:
    """Results by group, each with its name; equal references are numbered."""
    taken: set[str] = set()
    cases: dict[str, list[tuple[str, Result]]] = {}
    for group, results in story.groups(report).items():
        for result in results:
            name, number = result.reference, 1
            while name in taken:
                number += 1
                name = f"{result.reference} ({number})"
            taken.add(name)
            cases.setdefault(group, []).append((name, result))
    return cases


def _counts(results: Sequence[Result], policy: Policy) -> dict[str, str]:
    kinds = Counter(_kind(result, policy) for result in results)
    numbers = {"failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]}
    return {"tests": str(len(results))} | {name: str(number) for name, number in numbers.items()}


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"


def _element(name: str, attributes: Mapping[str, str], *children: str) -> str:
    opening = name + "".join(f' {key}="{escape(visible(value))}"' for key, value in attributes.items())
    if not children:
        return f"<{opening}/>\n"
    return f"<{opening}>\n{''.join(children)}</{name}>\n"


def _text(name: str, attributes: Mapping[str, str], text: str) -> str:
    opening = name + "".join(f' {key}="{escape(visible(value))}"' for key, value in attributes.items())
    return f"<{opening}>{escape(text, quote=False)}</{name}>\n"


report = Format(
    name="junit",
    title="JUnit XML for the test views of CI systems.",
    extension="xml",
    media_type="application/xml",
    render=render,
)
