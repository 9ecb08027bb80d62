"""`agentdoctor plan`: the grants that the agent's new identity will need, as a table, a script, Bicep or Terraform."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import bundles, emit, plan_code, plan_text
from doctor.cli.options import SIGN_IN, WIRE, shared
from doctor.cli.usage import usage_errors
from doctor.model.plan import State, to_document
from reports.json import dumps

if TYPE_CHECKING:
    from doctor.model.plan import Plan

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
@click.option(
    "--agent",
    "agent_name",
    default="",
    metavar="NAME",
    help="The agent that will be published as APP; of an agent that is not there yet, one with its tools.",
)
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
@click.option("-v", "--verbose", is_flag=True, help="Show whole ids where a name stands for them.")
@emit.color_option
@shared(*SIGN_IN, *WIRE)
def command(**given: Any) -> None:
    """List the grants that the new identity of APP's agent will need, and which of them are there.

    Creating or publishing an agent, and moving it to its own endpoint, gives it a new identity; no permission is
    copied. What whoever does that needs, and who may call the application and not the agent, is listed too.
    APP may be a bundle (.zip): then what was recorded answers.
    """
    from doctor.use_cases.plan import plan  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    with usage_errors():
        options, ground = bundles.asked(given["app"], given)
        found = plan(options, agent=given["agent_name"], migrate=given["migrate"], ground=ground)
    width = emit.terminal_style(sys.stdout, given["color"]).width
    if given["form"] == "table":
        text = plan_text.table(found, width, verbose=given["verbose"])
    elif given["form"] == "json":
        text = dumps(to_document(found)) + "\n"
    else:
        text = plan_code.WRITERS[given["form"]](found)
    emit.put(text)
    raise SystemExit(exit_code(found))


def exit_code(found: Plan) -> int:
    """1 when a grant is missing, 3 when something could not be read, else 0; a person's tasks change nothing."""
    states = {one.state for one in found.all_grants}
    if State.MISSING in states:
        return 1
    return 3 if found.unread or State.UNKNOWN in states else 0
