"""`agentdoctor plan`: the grants that the agent's new identity will need, as a table, a script, Bicep or Terraform."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import emit, plan_code, plan_text
from doctor.cli.options import SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors
from doctor.downstream import State
from doctor.facts.ground import Ground

if TYPE_CHECKING:
    from doctor.downstream import Plan

EPILOG = """\b
Examples:
  agentdoctor plan contoso/shop/support
  agentdoctor plan contoso/shop/support --agent support-agent      (not published yet)
  agentdoctor plan contoso/shop/support --migrate                  (to the new agent model)
  agentdoctor plan contoso/shop/support --format az > grants.sh

\b
Exit codes:
  0  nothing is missing     1  grants are missing     3  something could not be read
"""


@click.command(epilog=EPILOG)
@click.argument("app")
@click.option("--agent", "agent_name", default="", metavar="NAME", help="The agent that will be published as APP.")
@click.option("--migrate", is_flag=True, help="Plan for the own identity that the agent gets in the new agent model.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "az", "bicep", "terraform", "json"]),
    default="table",
    show_default=True,
    help="How to show the plan.",
)
@emit.color_option
@shared(*SIGN_IN, *WIRE)
def command(**given: Any) -> None:
    """List the grants that the new identity of APP's agent will need, and which of them are there.

    Publishing an agent, and moving it to the new agent model, gives it a new identity; no permission is copied.
    """
    from doctor.use_cases.plan import plan  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    with usage_errors():
        options = options_of(given["app"], given)
        found = plan(options, agent=given["agent_name"], migrate=given["migrate"], ground=Ground(os.environ))
    width = emit.terminal_style(sys.stdout, given["color"]).width
    if given["form"] == "table":
        text = plan_text.table(found, width)
    elif given["form"] == "json":
        text = plan_text.document(found)
    else:
        text = plan_code.WRITERS[given["form"]](found)
    emit.put(text)
    raise SystemExit(exit_code(found))


def exit_code(found: Plan) -> int:
    """1 when a grant is missing, 3 when something could not be read, else 0; a person's tasks change nothing."""
    states = {one.state for one in found.grants}
    if State.MISSING in states:
        return 1
    return 3 if found.unread or State.UNKNOWN in states else 0
