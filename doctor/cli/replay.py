"""`agentdoctor replay`: today's checks over a recorded run."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from doctor.cli import bundles, emit, suggest
from doctor.cli.configuration import config_options
from doctor.cli.options import listed
from doctor.cli.usage import usage_errors

EPILOG = """\b
Examples:
  agentdoctor replay out.zip
  agentdoctor replay out.zip --format html -o report.html
  agentdoctor replay out.zip --select caller-access -v
  agentdoctor access out.zip --principal agent

The exit codes are those of check. What was not recorded is unknown.
"""


@click.command(epilog=EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path, dir_okay=False))
@emit.output_options
@emit.anchor_option
@click.option("--select", multiple=True, metavar="CHECK", shell_complete=suggest.check_ids, help="Run only this check.")
@click.option("--ignore", multiple=True, metavar="CHECK", shell_complete=suggest.check_ids, help="Do not run this one.")
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), default="fail", show_default=True, help="What exits 1.")
@click.option("--allow-unknown", is_flag=True, help="Exit 0 although something required could not be verified.")
@config_options
def command(bundle: Path, **given: Any) -> None:
    """Check a recorded run again: the same verdict without network, sign-in or access to Azure.

    BUNDLE is a file that `check --bundle` or `collect` wrote.
    """
    from doctor.use_cases.replaying import replayed  # noqa: PLC0415 - loaded when a run begins, so that --help is fast

    replay = bundles.opened(bundle)
    with usage_errors():
        wanted = emit.outputs(given)
        report = replayed(
            replay,
            replace(
                replay.wanted,
                select=listed(given["select"]) or replay.wanted.select,
                ignore=listed(given["ignore"]) or replay.wanted.ignore,
                fail_on_warn=replay.wanted.fail_on_warn or given["fail_on"] == "warn",
                allow_unknown=replay.wanted.allow_unknown or given["allow_unknown"],
            ),
        )
        emit.write(report, wanted, emit.Manner.of(given))
    sys.exit(report.exit_code)
