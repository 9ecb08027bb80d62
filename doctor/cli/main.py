"""The command group. A command's module is imported only when that command runs."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from doctor.cli.commands import COMMANDS, ENVIRONMENT, SHARED, load
from doctor.cli.guarded import guard_streams

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


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
        return with_environment(cmd_name, load(cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named first; one that is misspelt is answered with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from doctor.use_cases.bad_request import near  # noqa: PLC0415 - only a typing error needs it

            hint = near(args[0], COMMANDS) or f" There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

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
    """Diagnose agents on Microsoft Foundry.

    Will this agent work for this caller, and if not, what is the one thing to change?
    """


def _interrupt(_number: int, _frame: object) -> None:
    """End as Ctrl-C does, with what was found: a CI system that cancels a job sends SIGTERM."""
    raise KeyboardInterrupt


def run() -> None:
    """Run the command line and end the process with its exit code."""
    guard_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    if "_AGENTDOCTOR_COMPLETE" in os.environ:
        # A shell asks for completions; PowerShell's way of asking is not one of click's own.
        importlib.import_module("doctor.cli.completion")
    try:
        sys.exit(group.main(prog_name="agentdoctor", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        # Ctrl-C before there was anything to report; click alone would end with 1, which means broken here.
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our pipe has gone; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
