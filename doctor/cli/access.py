"""`agentdoctor access`: who may call an agent or application, or whether one principal may, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import access_text, bundles, emit
from doctor.cli.options import SIGN_IN, WIRE, shared
from doctor.cli.usage import usage_errors
from doctor.model.access import Access, Action
from doctor.model.access_table import AccessTable, to_document
from reports import access_csv
from reports.json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.fact import Fact
    from doctor.use_cases.access import Answer, Everybody

WRITERS: dict[str, Callable[[AccessTable], str]] = {
    "json": lambda table: dumps(to_document(table)) + "\n",
    "csv": access_csv.render,
}
"""Format for programs → who writes it."""
_EXIT = {Access.GRANTED: 0, Access.NOT_GRANTED: 1, Access.CONDITIONAL: 3, Access.UNKNOWN: 3}
EPILOG = """\b
Examples:
  agentdoctor access contoso/shop/support
  agentdoctor access contoso/shop/support --principal me
  agentdoctor access contoso/shop/support --principal agent --scope SCOPE --action ACTION
  agentdoctor access contoso/shop/support --format csv > access.csv

\b
Exit codes with --principal:
  0  granted     1  not granted     3  depends on a condition, or could not be read
Without it: 0, or 3 when the role assignments could not be read.
"""


@click.command(epilog=EPILOG)
@click.argument("app")
@click.option("--principal", metavar="WHO", help="An object id, or me, agent or project: explain this one.")
@click.option("--action", metavar="NAME", help="Another data action than calling APP.")
@click.option("--control", is_flag=True, help="The --action is a control action, not a data action.")
@click.option("--scope", metavar="ID", help="ARM id of another resource than APP.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to show it.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show whole ids where a name stands for them.")
@emit.color_option
@shared(*SIGN_IN, *WIRE)
def command(**given: Any) -> None:
    """Show who may call APP: each principal with its role, group, scope, condition and end.

    APP may be a bundle (.zip): then what was recorded answers.
    """
    # Loaded when a run begins, so that --help is fast.
    from doctor.use_cases.access import may, who_may  # noqa: PLC0415
    from doctor.use_cases.access_table import document  # noqa: PLC0415

    who, scope = given["principal"], given["scope"] or ""
    action = Action(given["action"], data=not given["control"]) if given["action"] else None
    with usage_errors():
        options, ground = bundles.asked(given["app"], given)
        if who:
            fact: Fact[Answer] | Fact[Everybody] = may(options, who, action=action, scope=scope, ground=ground)
        else:
            fact = who_may(options, action=action, scope=scope, ground=ground)
    table = document(fact, action, who or "", scope)
    if given["form"] == "text":
        width = emit.terminal_style(sys.stdout, given["color"]).width
        emit.put(access_text.told(fact, table, width, verbose=given["verbose"]))
    else:
        emit.put(WRITERS[given["form"]](table))
    raise SystemExit(_EXIT[table.access] if table.access else 0)
