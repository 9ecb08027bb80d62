"""`agentdoctor access`: who may invoke an application, or whether one principal may, with the whole explanation."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from doctor import rbac
from doctor.cli import access_text, emit
from doctor.cli.options import SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors
from doctor.facts import access
from doctor.facts.lookup import RunLookup
from doctor.facts.place import FindPlace
from doctor.facts.tokens import caller_id, no_principal
from doctor.model.access import Access, Action
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.rbac import Needs
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.facts.subject import Facts

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORDS = {
    "agent": (IdentityRole.APPLICATION_AGENT, IdentityRole.AGENT),
    "project": (IdentityRole.PROJECT_AGENT, IdentityRole.PROJECT_AGENT),
}
"""Word → the identity it means for an Agent Application, and for a new-model agent."""
_EXIT = {Access.GRANTED: 0, Access.NOT_GRANTED: 1, Access.CONDITIONAL: 3, Access.UNKNOWN: 3}
EPILOG = """\b
Examples:
  agentdoctor access contoso/shop/support
  agentdoctor access contoso/shop/support --principal me
  agentdoctor access contoso/shop/support --principal agent --scope SCOPE --action ACTION

\b
Exit codes with --principal:
  0  granted     1  not granted     3  depends on a condition, or could not be read
Without it: 0, or 3 when the role assignments could not be read.
"""


@click.command(epilog=EPILOG)
@click.argument("app")
@click.option("--principal", metavar="WHO", help="An object id, or me, agent or project: explain this one.")
@click.option("--action", metavar="NAME", help="Another data action than invoking the application.")
@click.option("--control", is_flag=True, help="The --action is a control action, not a data action.")
@click.option("--scope", metavar="ID", help="ARM id of another resource than the application.")
@emit.color_option
@shared(*SIGN_IN, *WIRE)
def command(**given: Any) -> None:
    """Show who may invoke APP: each principal with its role, group, scope, condition and end."""
    from doctor.facts.opening import open_facts  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    with usage_errors():
        facts = open_facts(options_of(given["app"], given), os.environ)
        try:
            action = Action(given["action"], data=not given["control"]) if given["action"] else None
            style = emit.terminal_style(sys.stdout, given["color"])
            if given["principal"]:
                text, code = explain_one(facts, given["principal"], action, given["scope"], style.width)
            else:
                text, code = list_all(facts, action, given["scope"], style.width)
        finally:
            facts.close()
    emit.put(text)
    raise SystemExit(code)


def explain_one(facts: Facts, who: str, action: Action | None, scope: str | None, width: int) -> tuple[str, int]:
    """The explanation of one principal's access, and the exit code.

    Raises:
        click.UsageError: `who` is no object id and none of the words, or the scope is no ARM id.
    """
    principal, at = _principal(facts, who), _scope(facts, scope)
    if isinstance(principal, Unread):
        return access_text.unread(principal.problem, width), 3
    if isinstance(at, Unread):
        return access_text.unread(at.problem, width), 3
    needs = Needs.of(action or access.invoke_action(facts))
    decision = access.decide(facts, principal.value, needs, at.value)
    fixes = () if decision.access is Access.GRANTED else access.remedies(facts, decision, needs)
    doubtful = decision.access is Access.GRANTED and rbac.may_be_denied(decision)
    return access_text.explained(decision, fixes, width), 3 if doubtful else _EXIT[decision.access]


def list_all(facts: Facts, action: Action | None, scope: str | None, width: int) -> tuple[str, int]:
    """The table of everybody who may, and the exit code.

    Raises:
        click.UsageError: the scope is no ARM id.
    """
    at = _scope(facts, scope)
    if isinstance(at, Unread):
        return access_text.unread(at.problem, width), 3
    asked = action or access.invoke_action(facts)
    known = access.everybody(facts, at.value)
    if isinstance(known, Unread):
        return access_text.unread(known.problem, width), 3
    return access_text.table(asked, at.value, rbac.who_may(asked, at.value, known.value), known.value, width), 0


def _principal(facts: Facts, who: str) -> Fact[str]:
    if who == "me":
        caller = caller_id(facts.estate)
        return Known(caller) if caller else Unread(no_principal(facts.estate))
    if who in _WORDS:
        fact = RunLookup(facts).identity(_WORDS[who][facts.target.kind is Kind.AGENT])
        return Known(fact.value.object_id) if isinstance(fact, Known) else fact
    if not _GUID.fullmatch(who):
        raise click.UsageError(f"--principal {who!r} is no object id, and not me, agent or project.")
    return Known(who.lower())


def _scope(facts: Facts, scope: str | None) -> Fact[str]:
    if scope:
        if not scope.lower().startswith("/subscriptions/"):
            raise click.UsageError(f"--scope {scope!r} is not the ARM id of something in a subscription.")
        return Known(scope.rstrip("/"))
    place = facts.ask(FindPlace())
    return Known(place.value.id) if isinstance(place, Known) else place
