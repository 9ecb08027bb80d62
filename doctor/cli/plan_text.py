"""A plan as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from doctor.downstream import State
from doctor.model.change import AddNativeRole, GrantRole
from doctor.model.codec import encode
from doctor.model.untrusted import clean
from doctor.rbac import describe
from reports.columns import wrap
from reports.disarm import disarm, disarm_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doctor.downstream import Grant, Plan

SCHEMA = "agentdoctor/plan/1"
_MARK = {State.PRESENT: "there", State.MISSING: "missing", State.UNKNOWN: "not known", State.PERSON: "to verify"}
_TODAY = {True: "has it", False: "does not", None: "not known"}
_HEAD = ("", "for", "grant", "on", "to use it for", "today's identity")
_NOT_READ = "What has to be granted is not known."
_NOTHING = "No tool of the agent calls anything as the agent's identity, so nothing has to be granted."


def table(plan: Plan, width: int) -> str:
    """The grants under each other, then the commands for those that are missing, then what else is worth knowing."""
    lines = [f"Grants for the new identity {clean(plan.principal)}", ""]
    nothing = _NOT_READ if plan.unread else _NOTHING
    lines += _columns([_HEAD, *(_row(one) for one in plan.grants)]) if plan.grants else [nothing]
    lines += _section("Today", (f"{one.subject}: {one.today}" for one in plan.grants if one.has_today), width)
    lines += _section("To verify by hand", (f"{one.subject}: {one.reason}" for one in _by_hand(plan)), width)
    missing = [one for one in plan.grants if one.state is not State.PRESENT and one.fix and one.fix.command]
    if missing:
        lines += ["", "Commands", *(line for one in missing for line in _command(one))]
    lines += _section("Unchanged", plan.unchanged, width)
    lines += _section("Not read, so grants may be missing here", plan.unread, width)
    return "".join(f"{disarm(line)}\n" for line in lines)


def _by_hand(plan: Plan) -> Iterator[Grant]:
    return (one for one in plan.grants if one.state is not State.PRESENT and not one.fix and one.reason)


def _row(grant: Grant) -> tuple[str, ...]:
    where = describe(grant.scope) if grant.scope else grant.kind
    return (_MARK[grant.state], grant.subject, grant.role or "no role helps", where, grant.use, _TODAY[grant.has_today])


def _command(grant: Grant) -> Iterator[str]:
    """A command is one whole line, however long: it is there to be copied."""
    if grant.fix:
        yield f"  # {grant.fix.title}"
        yield f"  {disarm_command(grant.fix.command)}"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]


def _section(title: str, lines: Iterable[str], width: int) -> list[str]:
    found = [part for line in lines for part in wrap(clean(line), width, "  - ", "    ")]
    return ["", title, *found] if found else []


def document(plan: Plan) -> str:
    """The plan as JSON; fields are only ever added."""
    grants = [
        {
            "subject": one.subject,
            "kind": one.kind,
            "state": one.state.value,
            "role": one.role,
            "role_guid": _role(one),
            "scope": one.scope,
            "use": one.use,
            "today": one.today,
            "has_today": one.has_today,
            "reason": one.reason,
            "command": one.fix.command if one.fix else "",
            "undo": one.fix.undo if one.fix else "",
            "change": encode(one.fix.change) if one.fix else None,
        }
        for one in plan.grants
    ]
    whole = {
        "schema": SCHEMA,
        "principal": plan.principal,
        "complete": plan.complete,
        "grants": grants,
        "unchanged": list(plan.unchanged),
        "unread": list(plan.unread),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _role(grant: Grant) -> str:
    match grant.fix.change if grant.fix else None:
        case GrantRole(role=role) | AddNativeRole(role=role):
            return role
        case _:
            return ""
