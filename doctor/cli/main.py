"""The command group. A command's module is imported only when that command runs."""

from __future__ import annotations

import importlib
import os
import sys

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("doctor.cli.check", "Check an application: will it work, and if not, what is the one thing to change?"),
    "explain": ("doctor.cli.explain", "Explain a pasted error. Needs no Azure access, no login, no network."),
    "access": ("doctor.cli.access", "Show who may invoke an application, or why a principal may not."),
    "plan": ("doctor.cli.plan", "List the grants that the agent's new identity will need."),
    "demo": ("doctor.cli.demo", "Run check against a simulated Azure that breaks in a known way."),
    "simulate": ("doctor.cli.simulate", "Keep a simulated Azure running, to attach other tools to it."),
    "checks": ("doctor.cli.checks", "List the checks, or show one check's documentation."),
}
"""Command → (module that defines `command`, its one-line help)."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order a new user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None when there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        from doctor import __version__  # noqa: PLC0415 - only when asked for

        click.echo(f"agentdoctor {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def group() -> None:
    """Diagnose Microsoft Foundry Agent Applications.

    Will this application work for this caller, and if not, what is the one thing to change?
    """


def run() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        sys.exit(group.main(prog_name="agentdoctor", standalone_mode=True))
    except BrokenPipeError:
        # The reader of our pipe has gone; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
