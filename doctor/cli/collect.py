"""`agentdoctor collect`: one file for whoever is asked for help, made by who has the access."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from doctor.cli import bundles, emit
from doctor.cli.options import INVOKE, SIGN_IN, WIRE, options_of, shared
from doctor.cli.usage import usage_errors

IN_IT = """In the file: the requests of one check to Azure (Entra, Resource Manager, the endpoint) and their answers;
what names resolve to; who you are signed in as; the report. Names, ids, mail addresses and host names are replaced by
pseudonyms unless you say --keep-ids.
Not in the file: tokens, keys, passwords, cookies, signatures; the agent's instructions (unless --keep-ids); anything
that check does not ask for. Nothing is sent to anybody: you send the file, or not."""


@click.command(
    epilog="""\b
Example:
  agentdoctor collect contoso/shop/support --bundle out.zip --map key.json
"""
)
@click.argument("app")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="The file to write (.zip).",
)
@shared(*bundles.NAMING, *INVOKE, *SIGN_IN, *WIRE)
@emit.color_option
def command(app: str, **given: Any) -> None:
    """Record a check of APP into one file, for somebody else to look at with `replay`.

    It changes nothing in Azure. The exit code is 0 when the file was written, whatever the check found.
    """
    from doctor.cli.progress import Progress  # noqa: PLC0415 - loaded when a run begins, so that --help is fast
    from doctor.use_cases.recording import Recording  # noqa: PLC0415 - as above
    from doctor.use_cases.run_checks import Wanted, check  # noqa: PLC0415 - as above

    bundles.refuse_wrong_naming(given)
    with usage_errors():
        options = options_of(app, given)
        click.echo(IN_IT, err=True)
        recording, wanted = Recording(os.environ), Wanted()
        progress = Progress(sys.stderr, emit.terminal_style(sys.stderr, given["color"]))
        report = check(options, wanted, ground=recording.ground(), listener=progress)
        documents = recording.documents(report, options, wanted)
    bundles.write(documents, given["bundle"], keep_ids=given["keep_ids"], key_file=given["key_file"])
    click.echo(
        f"The check itself said: {report.verdict.value}. To see it: agentdoctor replay {given['bundle']}", err=True
    )
