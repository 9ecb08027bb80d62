"""`agentdoctor check`: the main job."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import click
from click.core import ParameterSource

from doctor.cli import emit
from doctor.cli.options import INVOKE, SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors

_NOT_AGAIN = {"select", "ignore", "format", "output", "report"}
EPILOG = """\b
Examples:
  agentdoctor check https://contoso.services.ai.azure.com/api/projects/shop/applications/support
  agentdoctor check contoso/shop/support --report html=report.html --report json=report.json
  agentdoctor check support --subscription 00000000-0000-0000-0000-000000000000
  agentdoctor check support --principal 11111111-1111-1111-1111-111111111111

\b
Exit codes:
  0  verified (warnings included)      3  something required could not be verified
  1  verified to be broken             4  a check crashed or ran out of time
  2  the command line is wrong         130  interrupted
"""


@click.command(epilog=EPILOG)
@click.argument("app")
@emit.output_options
@click.option("--select", multiple=True, metavar="CHECK", help="Run only this check. May repeat, or be a comma list.")
@click.option("--ignore", multiple=True, metavar="CHECK", help="Do not run this check. May repeat, or be a comma list.")
@click.option("--principal", metavar="ID", help="Check access for this object id instead of the signed-in caller.")
@shared(*INVOKE, *SIGN_IN, *WIRE)
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), default="fail", show_default=True, help="What exits 1.")
@click.option("--allow-unknown", is_flag=True, help="Exit 0 although something required could not be verified.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Check APP: will it work for this caller, and if not, what is the one thing to change?

    APP is an endpoint URL, an ARM resource id, account/project/application, or a bare application name.
    """
    from doctor.cli.progress import Progress  # noqa: PLC0415 - loaded when a run begins, so that --help is fast
    from doctor.cli.runs import Wanted, run_check  # noqa: PLC0415 - as above

    with usage_errors():
        options = options_of(given["app"], given)
        outputs = emit.outputs(given["format"], given["output"], given["report"])
        wanted = Wanted(
            select=_listed(given["select"]),
            ignore=_listed(given["ignore"]),
            fail_on_warn=given["fail_on"] == "warn",
            allow_unknown=given["allow_unknown"],
            again=again(ctx),
        )
        progress = Progress(sys.stderr, emit.terminal_style(sys.stderr, given["color"]))
        report = run_check(options, wanted, os.environ, progress)
        emit.write(report, outputs, color=given["color"], verbose=given["verbose"])
    sys.exit(report.exit_code)


def again(ctx: click.Context) -> str:
    """The command line as it was given, without the choice of checks and of reports."""
    words = ["agentdoctor", "check", shlex.quote(str(ctx.params["app"]))]
    for parameter in ctx.command.params:
        name = parameter.name or ""
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or not isinstance(parameter, click.Option) or name in _NOT_AGAIN:
            continue
        value = ctx.params[name]
        flag = max(parameter.opts, key=len)
        if parameter.is_flag:
            words.append(flag)
            continue
        for one in value if parameter.multiple else (value,):
            words += [flag, shlex.quote(str(one))]
    return " ".join(words)


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
