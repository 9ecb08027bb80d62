"""`agentdoctor check`: the main job."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from doctor.cli import bundles, emit, suggest
from doctor.cli.configuration import config_of, within_program
from doctor.cli.duration import Duration
from doctor.cli.options import INVOKE, SIGN_IN, WIRE, listed, options_of, shared
from doctor.cli.usage import usage_errors
from doctor.facts.ground import Ground
from doctor.facts.options import CredentialKind
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.use_cases.recording import Recording
    from doctor.use_cases.run_checks import Wanted

_NOT_AGAIN = frozenset(
    {"select", "ignore", "format", "output", "report", "wait", "color", "sarif_anchor", "no_ci", "shell", "short"}
    | {"bundle", "keep_ids", "key_file"}
)
EPILOG = """\b
Examples:
  agentdoctor check https://contoso.services.ai.azure.com/api/projects/shop/agents/support
  agentdoctor check contoso/shop/support --report html=report.html --report json=report.json
  agentdoctor check support --subscription 00000000-0000-0000-0000-000000000000 --wait 10m
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
@emit.anchor_option
@click.option(
    "--select",
    multiple=True,
    metavar="CHECK",
    shell_complete=suggest.check_ids,
    help="Run only this check. May repeat, or be a comma list.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CHECK",
    shell_complete=suggest.check_ids,
    help="Do not run this check. May repeat, or be a comma list.",
)
@click.option("--principal", metavar="ID", help="Check access for this object id instead of the signed-in caller.")
@shared(*INVOKE, *SIGN_IN, *WIRE)
@bundles.recorded
@click.option(
    "--wait",
    type=Duration(),
    metavar="DURATION",
    help="Look again for so long (90s, 10m) while what fails may heal by waiting, as a new role assignment does. "
    "Each look has the whole --timeout.",
)
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), default="fail", show_default=True, help="What exits 1.")
@click.option("--allow-unknown", is_flag=True, help="Exit 0 although something required could not be verified.")
@click.option("--no-ci", is_flag=True, help="No annotations and no summary for GitHub Actions or Azure Pipelines.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Check APP: will it work for this caller, and if not, what is the one thing to change?

    APP is the agent's endpoint or any URL below it, a portal's URL, an ARM resource id, account/project/name, or a bare
    name; an Agent Application, the former way of publishing, is named in the same ways. Without it, AGENTDOCTOR_APP or
    app of the configuration file counts.
    """
    from doctor.cli import ci  # noqa: PLC0415 - loaded when a run begins, so that --help is fast
    from doctor.cli.progress import Progress  # noqa: PLC0415 - as above
    from doctor.use_cases.run_checks import check  # noqa: PLC0415 - as above

    with usage_errors():
        options = options_of(given["app"], given)
        outputs = emit.outputs(given)
        progress = Progress(sys.stderr, emit.terminal_style(sys.stderr, given["color"]))
        wanted = _wanted(ctx, given, live=progress.live)
        recording = _recording(given)
        ground = recording.ground() if recording else Ground(os.environ)
        report = check(options, wanted, ground=ground, listener=progress)
        try:
            if recording:
                documents = recording.documents(report, options, wanted)
                bundles.write(documents, given["bundle"], keep_ids=given["keep_ids"], key_file=given["key_file"])
        finally:
            # A file that cannot be written must not cost the report.
            emit.write(report, outputs, emit.Manner.of(given, announced=within_program(ctx)))
        anchor = given["sarif_anchor"]
        system = ci.detect(os.environ) if within_program(ctx) and not given["no_ci"] else None
        if system is not None:
            ci.tell(report, system, outputs, os.environ, anchor)
    sys.exit(report.exit_code)


def _recording(given: dict[str, Any]) -> Recording | None:
    bundles.refuse_wrong_naming(given)
    if not given["bundle"]:
        return None
    if given["wait"]:
        raise click.UsageError("--bundle records one look at Azure; --wait takes several. Use one of them.")
    from doctor.use_cases.recording import Recording  # noqa: PLC0415 - loaded when something is recorded

    return Recording(os.environ)


def _wanted(ctx: click.Context, given: dict[str, Any], *, live: bool) -> Wanted:
    from doctor.use_cases.run_checks import Wanted  # noqa: PLC0415 - loaded when a run begins, so that --help is fast
    from doctor.use_cases.waiting import LONGEST_PAUSE_S, Patience  # noqa: PLC0415 - as above

    configuration = config_of(ctx)
    if given["wait"] and given["credential"] == CredentialKind.INTERACTIVE.value:
        raise click.UsageError("--wait signs in anew at each look; with --credential interactive that takes a person.")
    return Wanted(
        select=listed(given["select"]),
        ignore=listed(given["ignore"]),
        fail_on_warn=given["fail_on"] == "warn",
        allow_unknown=given["allow_unknown"],
        again=again(ctx),
        waivers=configuration.waivers,
        patience=Patience(given["wait"], tick=1.0 if live else LONGEST_PAUSE_S) if given["wait"] else None,
        notes=(f"Configured by {clean(str(configuration.path))}.",) if configuration.path else (),
    )


def again(ctx: click.Context) -> str:
    """The command line as it was given, without the choice of checks and of reports; `demo` brings its own."""
    if isinstance(ctx.obj, str):
        return ctx.obj
    words = ["agentdoctor", "check", shlex.quote(str(ctx.params["app"]))]
    for parameter in ctx.command.params:
        name = parameter.name or ""
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or not isinstance(parameter, click.Option) or name in _NOT_AGAIN:
            continue
        flag = max(parameter.opts, key=len)
        if parameter.is_flag:
            words.append(flag)
            continue
        value: Any = config_of(ctx).path if name == "config" else ctx.params[name]
        for one in value if parameter.multiple else (value,):
            words += [flag, shlex.quote(str(one))]
    return " ".join(words)
