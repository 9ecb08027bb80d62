"""The words of `agentdoctor access`: a table of everybody, or the explanation of one principal's access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import rbac
from doctor.model.access import Access
from doctor.model.fact import Known
from doctor.model.untrusted import clean
from reports import story
from reports.columns import wrap
from reports.disarm import disarm, disarm_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.model.access import Grant
    from doctor.model.access_table import AccessRow, AccessTable
    from doctor.model.fact import Fact, Problem
    from doctor.use_cases.access import Answer, Everybody

_WORD = {
    Access.GRANTED: "yes",
    Access.CONDITIONAL: "depends",
    Access.UNKNOWN: "not known",
    Access.NOT_GRANTED: "no",
}


def told(fact: Fact[Answer] | Fact[Everybody], table: AccessTable, width: int, *, verbose: bool = False) -> str:
    """What came of the question."""
    from doctor.use_cases.access import Answer  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    if not isinstance(fact, Known):
        return unread(fact.problem, width)
    if isinstance(fact.value, Answer):
        return explained(fact.value, width, verbose=verbose)
    return everybody(table, width, verbose=verbose)


def unread(problem: Problem, width: int) -> str:
    """Why nothing can be said."""
    return _paragraphs([f"Not known: {problem.summary}", *problem.evidence], width)


def everybody(table: AccessTable, width: int, *, verbose: bool = False) -> str:
    """Everybody who may, then the doubtful, then those whom one thing keeps from it; last, what could not be seen."""
    lines = [f"Who may do this on {_place(table.scope, verbose=verbose)}?", clean(table.action.name), ""]
    for row in table.rows:
        lines += _entry(row, width, verbose=verbose)
    lines += [] if table.rows else ["Nobody that we can see."]
    lines += ["", "Not seen", *_bullets(table.unread, width)]
    return _text(lines)


_INDENT = 11


def _entry(row: AccessRow, width: int, *, verbose: bool) -> list[str]:
    """One assignment: who on the first line, by which role where on the second, and what else is to be known."""
    you = " (you)" if row.you else ""
    who = f"{clean(row.name)}{you} " if row.name or you else f"{clean(row.principal_type) or 'unknown kind'} "
    above = ", inherited" if row.inherited else ""
    through = f", through group {clean(row.via_group)}" if row.via_group else ""
    end = f", until {row.ends_on:%Y-%m-%d %H:%M} UTC" if row.ends_on else ""
    role = f"{clean(row.role)} on {_place(row.scope, verbose=verbose)}{above}{through}{end}"
    blank = " " * _INDENT
    lines = wrap(f"{who.lstrip()}{clean(row.principal_id)}", width, f"{_WORD[row.access]:<{_INDENT}}", blank)
    lines += wrap(role, width, blank)
    return [*lines, *(wrap(clean(row.note), width, blank) if row.note else [])]


def _place(scope: str, *, verbose: bool) -> str:
    return clean(scope) if verbose else rbac.describe(scope)


def explained(answer: Answer, width: int, *, verbose: bool = False) -> str:
    """One principal's access: the answer, what grants it or what does not, and the change that would."""
    decision, hidden = answer.decision, answer.hidden
    question = decision.question
    doubt = f"; but {', '.join(hidden)} could not be read, and may take it back" if hidden else ""
    head = f"{_WORD[answer.access].upper()}: {clean(decision.reason + doubt)}"
    lines = [*wrap(_ended(head), width), ""]
    you = " (you)" if answer.you else ""
    lines += [
        *wrap(f"for {clean(answer.name)}{you} {clean(question.principal_id)}".replace("  ", " "), width),
        clean(question.action.name),
        f"on {_place(question.scope, verbose=verbose)}",
    ]
    lines += _section("Granted by", (_grant_line(grant, question.principal_id) for grant in decision.grants), width)
    lines += _section("Looks like a grant, and is none", (miss.reason for miss in decision.near_misses), width)
    lines += _section("Could not be read", decision.unread, width)
    for fix in answer.fixes:
        lines += ["", *wrap(f"To change it: {fix.title}", width)]
        lines += [disarm_command(fix.command)] if fix.command else []
        lines += wrap(_ended(f"Who may run it: {fix.needs}"), width) if fix.needs else []
        lines += ["To undo it:", disarm_command(fix.undo)] if fix.undo else []
        lines += wrap(_ended(fix.note), width) if fix.note else []
        lines += [story.PROOF] if fix.verified else []
    return _text(lines)


def _grant_line(grant: Grant, principal_id: str) -> str:
    direct = grant.principal_id.lower() == principal_id.lower()
    through = "" if direct else f", through group {grant.principal_id}"
    end = f", until {grant.ends_on:%Y-%m-%d %H:%M} UTC" if grant.ends_on else ""
    return f"{grant.role_name} on {rbac.describe(grant.scope)}{through}{end}"


def _section(title: str, items: Iterable[str], width: int) -> list[str]:
    bullets = _bullets(items, width)
    return ["", title, *bullets] if bullets else []


def _bullets(items: Iterable[str], width: int) -> list[str]:
    return [line for item in items for line in wrap(clean(item), width, "- ", "  ")]


def _paragraphs(items: Iterable[str], width: int) -> str:
    return _text(line for item in items for line in wrap(clean(item), width))


def _text(lines: Iterable[str]) -> str:
    """Lines that no CI system obeys, whatever names they hold."""
    return "".join(f"{disarm(line)}\n" for line in lines)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
