"""The command group. A command's module is imported only when that command runs."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("doctor.cli.check", "Check an application: will it work, and if not, what is the one thing to change?"),
    "explain": ("doctor.cli.explain", "Explain a pasted error. Needs no Azure access, no login, no network."),
    "access": ("doctor.cli.access", "Show who may invoke an application, or why a principal may not."),
    "plan": ("doctor.cli.plan", "List the grants that the agent's new identity will need."),
    "demo": ("doctor.cli.demo", "Run check against a simulated Azure that breaks in a known way."),
    "simulate": ("doctor.cli.simulate", "Keep a simulated Azure running, to attach other tools to it."),
    "checks": ("doctor.cli.checks", "List the checks, or show one check's documentation."),
    "report": ("doctor.cli.report", "Show a saved report again, in any format."),
    "diff": ("doctor.cli.diff", "Compare two saved reports: what broke, what was fixed, what changed."),
    "baseline": ("doctor.cli.baseline", "Write waivers for what a report knows, so that only what is new counts."),
    "docs": ("doctor.cli.docs", "Write the reference as Markdown pages."),
    "completion": ("doctor.cli.completion", "Print the script that completes commands in your shell."),
}
"""Command → (module that defines `command`, its one-line help)."""
ENVIRONMENT = "AGENTDOCTOR"
"""Every option is also an environment variable that begins so."""
SHARED = frozenset(
    {"app", "credential", "tenant", "subscription", "cloud", "connect_to", "ca_file", "allow_host", "timeout", "color"}
    | {"config", "no_config"}
)
"""Parameters that mean the same in every command that has them."""
CONFIGURED = ("check", "access", "plan")
"""Commands that read the configuration file."""


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
        return with_environment(cmd_name, command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, without importing one."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

        options = click.Command.shell_complete(self, ctx, incomplete)
        return [
            *(CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)),
            *options,
        ]


def with_environment(name: str, command: click.Command) -> click.Command:
    """The command, reading and showing the environment variable of each of its options.

    What means the same everywhere, and what belongs to `check`, is AGENTDOCTOR_TIMEOUT; what belongs to another
    command carries its name, as AGENTDOCTOR_DIFF_FORMAT does.
    """
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            parameter.envvar = f"{ENVIRONMENT}_APP" if parameter.name == "app" else None
        elif isinstance(parameter, click.Option):
            own = name != "check" and parameter.name not in SHARED
            prefix = f"{ENVIRONMENT}_{name}" if own else ENVIRONMENT
            parameter.envvar = f"{prefix}_{max(parameter.opts, key=len).lstrip('-')}".replace("-", "_").upper()
            parameter.show_envvar = True
    return command


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        from doctor import __version__  # noqa: PLC0415 - only when asked for
        from doctor.rbac import BUNDLED_DATE  # noqa: PLC0415 - as above

        click.echo(f"agentdoctor {__version__}\nbuilt-in role definitions of {BUNDLED_DATE}")
        ctx.exit()


EPILOG = """\b
Examples:
  agentdoctor check contoso/shop/support
  agentdoctor explain error.txt
  agentdoctor demo lost-on-publish

Every option can be set by the environment variable that its command's help shows; the options of check also in
agentdoctor.toml. The command line wins over the environment, and that over the file.
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the versions and stop."
)
def group() -> None:
    """Diagnose Microsoft Foundry Agent Applications.

    Will this application work for this caller, and if not, what is the one thing to change?
    """


def run() -> None:
    """Run the command line and end the process with its exit code."""
    if "_AGENTDOCTOR_COMPLETE" in os.environ:
        # A shell asks for completions; PowerShell's way of asking is not one of click's own.
        importlib.import_module("doctor.cli.completion")
    try:
        sys.exit(group.main(prog_name="agentdoctor", standalone_mode=True))
    except BrokenPipeError:
        # The reader of our pipe has gone; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
