"""`agentdoctor plan`: the grants that the agent's new identity will need, as a table, a script, Bicep or Terraform."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import emit, plan_code, plan_text
from doctor.cli.options import SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors
from doctor.downstream import State, inventory, plan
from doctor.facts import serving
from doctor.facts.lookup import RunLookup
from doctor.facts.place import FindPlace
from doctor.facts.records import TheConnections, VersionOf
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Unread
from doctor.model.foundry import AgentRef
from doctor.model.identity import IdentityRole
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.downstream import Plan
    from doctor.facts.subject import Facts
    from doctor.model.foundry import AgentVersion

EPILOG = """\b
Examples:
  agentdoctor plan contoso/shop/support
  agentdoctor plan contoso/shop/support --agent support-agent      (the application is not published yet)
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
    from doctor.facts.opening import open_facts, settle_target  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    with usage_errors():
        facts = open_facts(options_of(given["app"], given), os.environ)
        try:
            settle_target(facts)
            found = planned(facts, given["agent_name"], migrate=given["migrate"])
            width = emit.terminal_style(sys.stdout, given["color"]).width
        finally:
            facts.close()
    if given["form"] == "table":
        text = plan_text.table(found, width)
    elif given["form"] == "json":
        text = plan_text.document(found)
    else:
        text = plan_code.WRITERS[given["form"]](found)
    emit.put(text)
    raise SystemExit(exit_code(found))


def planned(facts: Facts, agent_name: str, *, migrate: bool) -> Plan:
    """The plan of a facts's target.

    The new identity is the application's; for a new-model agent, or with `migrate`, the agent's own. What is there
    today is what the project's shared identity has, or before a migration of an application what that one has.
    """
    place, connections = facts.ask(FindPlace()), facts.ask(TheConnections())
    is_agent = facts.target.kind is Kind.AGENT
    role = IdentityRole.AGENT if is_agent or migrate else IdentityRole.APPLICATION_AGENT
    leaves_application = migrate and not is_agent and not agent_name
    today = IdentityRole.APPLICATION_AGENT if leaves_application else IdentityRole.PROJECT_AGENT
    found = inventory(
        _versions(facts, agent_name),
        connections,
        RunLookup(facts),
        agent=role,
        project_id=place.value.project_id if isinstance(place, Known) else "",
    )
    return plan(found, RunLookup(facts), today=today)


def _versions(facts: Facts, agent_name: str) -> Fact[tuple[AgentVersion, ...]]:
    if not agent_name:
        found = facts.ask(serving.ServedVersions())
        if isinstance(found, Unread) and found.problem.cause is Cause.APPLICATION_NOT_FOUND:
            hint = f"{found.problem.summary}; name its agent with --agent to plan before it is published"
            return Unread(replace(found.problem, summary=hint))
        return found
    version = facts.ask(VersionOf(AgentRef(name=agent_name)))
    return version if isinstance(version, Unread) else Known((version.value,))


def exit_code(found: Plan) -> int:
    """1 when a grant is missing, 3 when something could not be read, else 0; a person's tasks change nothing."""
    states = {one.state for one in found.grants}
    if State.MISSING in states:
        return 1
    return 3 if found.unread or State.UNKNOWN in states else 0
