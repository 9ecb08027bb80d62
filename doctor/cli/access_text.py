"""The words of `agentdoctor access`: a table of everybody, or the explanation of one principal's access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import rbac
from doctor.model.access import Access
from doctor.model.untrusted import clean
from doctor.rbac import Gap
from reports import story
from reports.columns import wrap
from reports.disarm import disarm, disarm_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.model.access import Grant
    from doctor.model.fact import Problem
    from doctor.rbac import Entry
    from doctor.use_cases.access import Answer, Everybody

_WORD = {
    Access.GRANTED: "yes",
    Access.CONDITIONAL: "depends",
    Access.UNKNOWN: "not known",
    Access.NOT_GRANTED: "no",
}
_HEAD = ("", "principal", "role", "on", "through group", "ends")


def unread(problem: Problem, width: int) -> str:
    """Why nothing can be said."""
    return _paragraphs([f"Not known: {problem.summary}", *problem.evidence], width)


def table(everybody: Everybody, width: int) -> str:
    """Everybody who may, then the doubtful, then those whom one thing keeps from it; last, what could not be seen."""
    lines = [f"Who may do {clean(everybody.action.name)}", f"on {clean(everybody.scope)}", ""]
    rows = [_row(entry) for entry in everybody.entries]
    if rows:
        lines += _columns([_HEAD, *rows])
    else:
        lines.append("Nobody that we can see.")
    for entry in everybody.entries:
        if entry.note:
            lines += ["", *wrap(f"{_principal(entry)}: {clean(entry.note)}", width)]
    lines += ["", "Not seen"]
    gaps = sorted(gap.value if isinstance(gap, Gap) else gap for gap in everybody.facts.unread if gap is not Gap.GROUPS)
    lines += _bullets((*gaps, *_BLIND), width)
    return _text(lines)


_BLIND = (
    "who is in a group: a group's members have its access",
    "assignments delegated through Azure Lighthouse",
    "administrators who may give themselves access: whoever holds Microsoft.Authorization/roleAssignments/write",
)


def _row(entry: Entry) -> tuple[str, ...]:
    grant = entry.grant
    ends = f"{grant.ends_on:%Y-%m-%d %H:%M}" if grant.ends_on else ""
    state = _WORD[entry.access]
    return (state, _principal(entry), clean(grant.role_name), rbac.describe(grant.scope), clean(entry.via_group), ends)


def _principal(entry: Entry) -> str:
    kind = f"{clean(entry.principal_type) or 'unknown kind'} {clean(entry.principal_id)}"
    return f"{clean(entry.name)} ({clean(entry.principal_id)})" if entry.name else kind


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows under each other; a column that is empty in all rows is left out."""
    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:])]
    widths = [max(len(row[i]) for row in rows) for i in used]
    return ["  ".join(f"{row[i]:<{w}}" for i, w in zip(used, widths, strict=True)).rstrip() for row in rows]


def explained(answer: Answer, width: int) -> str:
    """One principal's access: the answer, what grants it or what does not, and the change that would."""
    decision, hidden = answer.decision, answer.hidden
    question = decision.question
    doubt = f"; but {', '.join(hidden)} could not be read, and may take it back" if hidden else ""
    head = f"{_WORD[answer.access].upper()}: {clean(decision.reason + doubt)}"
    lines = [*wrap(_ended(head), width), ""]
    lines += [
        f"principal  {clean(question.principal_id)}",
        f"action     {clean(question.action.name)}",
        f"on         {clean(question.scope)}",
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
