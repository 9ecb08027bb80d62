"""`agentdoctor access`: who may call an agent, or whether one principal may, with the whole explanation."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from doctor.cli import access_text, emit
from doctor.cli.options import SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors
from doctor.facts.ground import Ground
from doctor.model.access import Access, Action
from doctor.model.fact import Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.fact import Fact

T = TypeVar("T")

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
@click.option("--action", metavar="NAME", help="Another data action than calling the agent.")
@click.option("--control", is_flag=True, help="The --action is a control action, not a data action.")
@click.option("--scope", metavar="ID", help="ARM id of another resource than the agent.")
@emit.color_option
@shared(*SIGN_IN, *WIRE)
def command(**given: Any) -> None:
    """Show who may call the agent APP: each principal with its role, group, scope, condition and end."""
    from doctor.use_cases.access import may, who_may  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    options, who, scope = options_of(given["app"], given), given["principal"], given["scope"] or ""
    action = Action(given["action"], data=not given["control"]) if given["action"] else None
    width = emit.terminal_style(sys.stdout, given["color"]).width
    with usage_errors():
        if who:
            answer = may(options, who, action=action, scope=scope, ground=Ground(os.environ))
            text, code = _told(answer, lambda one: (access_text.explained(one, width), _EXIT[one.access]), width)
        else:
            everybody = who_may(options, action=action, scope=scope, ground=Ground(os.environ))
            text, code = _told(everybody, lambda one: (access_text.table(one, width), 0), width)
    emit.put(text)
    raise SystemExit(code)


def _told(fact: Fact[T], tell: Callable[[T], tuple[str, int]], width: int) -> tuple[str, int]:
    """What is known as text with its exit code; what could not be read with why, and 3."""
    return tell(fact.value) if isinstance(fact, Known) else (access_text.unread(fact.problem, width), 3)
