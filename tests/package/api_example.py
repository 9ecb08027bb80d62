"""A program of somebody else's that asks through the public Python API, typed strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.api import Access, Known, Options, Report, Verdict, Wanted, check, diff, explain, may, plan, to_document

if TYPE_CHECKING:
    from pathlib import Path


def options(target: str, connect_to: str, ca_file: Path) -> Options:
    """The options of a run that goes somewhere else than to Azure."""
    return Options(target, connect_to=(connect_to,), ca_file=ca_file, timeout=30)


def first_commands(asked: Options) -> list[str]:
    """The commands that mend the one thing to change; empty when all is well."""
    report: Report = check(asked, Wanted(ignore=("name-resolution",)))
    if report.verdict is Verdict.PASS:
        return []
    return [fix.command for fix in report.root_causes[0].fixes if fix.command]


def may_i(asked: Options) -> bool:
    """Whether the caller may invoke the target, as far as that can be known."""
    answer = may(asked, "me")
    return isinstance(answer, Known) and answer.value.access is Access.GRANTED


def missing(asked: Options) -> list[str]:
    """What the agent's identity still needs."""
    return [grant.subject for grant in plan(asked).grants if grant.state.value == "missing"]


def cause_of(text: str) -> str:
    """The first cause of an error text."""
    return str(explain(text.encode()).diagnoses[0].cause.value)


def what_broke(before: Report, after: Report) -> list[str]:
    """References of what is worse than before."""
    return [change.reference for change in diff(before, after).changes if change.kind.value == "broke"]


def verdict_of(report: Report) -> str:
    """The verdict, out of the JSON document."""
    return str(to_document(report)["verdict"])
