"""A plan for people: the grants under each other, the commands for those that are missing, what else is to be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.plan import State
from doctor.model.untrusted import clean
from doctor.rbac import describe
from reports.columns import wrap
from reports.disarm import disarm, disarm_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.model.plan import Grant, Plan

_MARK = {State.PRESENT: "there", State.MISSING: "missing", State.UNKNOWN: "not known", State.PERSON: "to verify"}
_TODAY = {True: "today's identity has it", False: "today's identity does not have it", None: ""}
_INDENT = 11
_NOT_READ = "What has to be granted is not known."
_NOTHING = "No tool of the agent calls anything as the agent's identity, so nothing has to be granted."


def table(plan: Plan, width: int, *, verbose: bool = False) -> str:
    """The grants of the identity, then of people, then the commands, then what else is worth knowing.

    Whole scopes are shown where `verbose`, else what they name; commands always hold them whole.
    """
    lines = [f"Grants for the new identity {clean(plan.principal)}", ""]
    nothing = wrap(_NOT_READ if plan.unread else _NOTHING, width)
    grants = [line for one in plan.grants for line in _entry(one, width, _TODAY[one.has_today], verbose=verbose)]
    lines += grants or nothing
    for title, people in (("Who makes it", plan.rights), ("Who calls it today", plan.callers)):
        entries = [line for one in people for line in _entry(one, width, _why(one), verbose=verbose)]
        lines += ["", title, *entries] if entries else []
    lines += _section("Today", (f"{one.subject}: {one.today}" for one in plan.grants if one.has_today), width)
    lines += _section("To verify by hand", (f"{one.subject}: {one.reason}" for one in _by_hand(plan)), width)
    missing = [one for one in plan.all_grants if one.state is not State.PRESENT and one.fix and one.fix.command]
    if missing:
        lines += ["", "Commands", *(line for one in missing for line in _command(one, width))]
    lines += _section("Unchanged", plan.unchanged, width)
    lines += _section("Not read, so grants may be missing here", plan.unread, width)
    return "".join(f"{disarm(line)}\n" for line in lines)


def _by_hand(plan: Plan) -> Iterator[Grant]:
    return (one for one in plan.grants if one.state is not State.PRESENT and not one.fix and one.reason)


def _why(grant: Grant) -> str:
    return "" if grant.state is State.PRESENT else grant.reason


def _entry(grant: Grant, width: int, note: str, *, verbose: bool) -> list[str]:
    """One grant: for whom or what and which role on the first line, where and what for below it."""
    blank = " " * _INDENT
    head = f"{clean(grant.subject)}: {clean(grant.role) or 'no role helps'}"
    where = (clean(grant.scope) if verbose else describe(grant.scope)) if grant.scope else clean(grant.kind)
    use = f", for {clean(grant.use)}" if grant.use else ""
    tail = f"; {clean(note)}" if note else ""
    return [
        *wrap(head, width, f"{_MARK[grant.state]:<{_INDENT}}", blank),
        *wrap(f"on {where}{use}{tail}", width, blank),
    ]


def _command(grant: Grant, width: int) -> Iterator[str]:
    """A command is one whole line, however long: it is there to be copied."""
    if grant.fix:
        yield from wrap(grant.fix.title, width, "  # ")
        yield f"  {disarm_command(grant.fix.command)}"


def _section(title: str, lines: Iterable[str], width: int) -> list[str]:
    found = [part for line in lines for part in wrap(clean(line), width, "  - ", "    ")]
    return ["", title, *found] if found else []
