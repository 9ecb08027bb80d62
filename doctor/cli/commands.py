"""The commands there are, and what holds for all of them. It imports none, so that every one may know it."""

from __future__ import annotations

import importlib
import os

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("doctor.cli.check", "Check an agent: will it work, and if not, what is the one thing to change?"),
    "explain": ("doctor.cli.explain", "Explain a pasted error. Needs no Azure access, no login, no network."),
    "access": ("doctor.cli.access", "Show who may call an agent, or why a principal may not."),
    "plan": ("doctor.cli.plan", "List the grants that the agent's new identity will need."),
    "collect": ("doctor.cli.collect", "Record a run into one file for somebody else to look at."),
    "replay": ("doctor.cli.replay", "Check a recorded run again, without network or Azure."),
    "redact": ("doctor.cli.redact", "Replace the names and ids in a recorded run by pseudonyms."),
    "unredact": ("doctor.cli.unredact", "Translate pseudonyms in an answer back, with the key that was kept."),
    "demo": ("doctor.cli.demo", "Run check against a simulated Azure that breaks in a known way."),
    "simulate": ("doctor.cli.simulate", "Keep a simulated Azure running, to attach other tools to it."),
    "causes": ("doctor.cli.causes", "List the causes, or tell what one means and what to do about it."),
    "checks": ("doctor.cli.checks", "List the checks, or show one check's documentation."),
    "report": ("doctor.cli.report", "Show a saved report again, in any format."),
    "diff": ("doctor.cli.diff", "Compare two saved reports: what broke, what was fixed, what changed."),
    "baseline": ("doctor.cli.baseline", "Write waivers for what a report knows, so that only what is new counts."),
    "schema": ("doctor.cli.schema", "Print the JSON Schema of a document."),
    "docs": ("doctor.cli.docs", "Write the reference as Markdown pages."),
    "completion": ("doctor.cli.completion", "Print the script that completes commands in your shell."),
}
"""Command → (module that defines `command`, its one-line help)."""
ENVIRONMENT = "AGENTDOCTOR"
"""Every option is also an environment variable that begins so."""
STARTED_AS = "AGENTDOCTOR_STARTED_AS"
"""Variable with the words that start this command line, where those are not `agentdoctor`."""
SHARED = frozenset(
    {"app", "credential", "tenant", "subscription", "cloud", "connect_to", "ca_file", "allow_host", "timeout", "color"}
    | {"config", "no_config"}
)
"""Parameters that mean the same in every command that has them."""
CONFIGURED = (
    "check",
    "access",
    "plan",
    "collect",
    "replay",
    "explain",
    "demo",
    "simulate",
    "report",
    "diff",
    "baseline",
)
"""Commands that read the configuration file: all that have options of their own."""


def program() -> str:
    """How this command line was started: dev.py says it, since its `agentdoctor` is on nobody's PATH."""
    return os.environ.get(STARTED_AS, "") or "agentdoctor"


def load(name: str) -> click.Command:
    """Import one command; the others stay unloaded, which keeps `--help` fast.

    Raises:
        KeyError: there is no such command.
        TypeError: its module defines no click command.
    """
    module = COMMANDS[name][0]
    command = importlib.import_module(module).command
    if not isinstance(command, click.Command):
        raise TypeError(f"{module}.command is not a click command")
    return command
