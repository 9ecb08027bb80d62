"""`agentdoctor diff`: two saved reports against each other."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from doctor.cli import emit
from doctor.cli.configuration import config_options
from doctor.cli.report import read

EPILOG = """\b
Examples:
  agentdoctor diff yesterday.json today.json
  agentdoctor diff before.html after.html --format markdown > comment.md

\b
Exit codes:
  0  nothing broke
  1  something broke, or is not well and was not judged before
  2  a file is no report
"""


@click.command(epilog=EPILOG)
@click.argument("old", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("new", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="For people, for a ticket or a pull request, for programs.",
)
@config_options
def command(old: Path, new: Path, kind: str) -> None:
    """Compare two saved reports: what broke, what was fixed, and what changed in between.

    OLD and NEW are reports that check wrote as JSON or HTML. A result that is waived counts as if it were well.
    """
    from doctor.cli import diff_text  # noqa: PLC0415 - --help does not need it
    from doctor.diff import compare  # noqa: PLC0415 - as above

    found = compare(read(old), read(new))
    match kind:
        case "json":
            emit.put(diff_text.as_json(found))
        case "markdown":
            emit.put(diff_text.as_markdown(found))
        case _:
            style = emit.terminal_style(sys.stdout, "auto")
            emit.put(diff_text.as_text(found, style.width, unicode=style.unicode))
    raise SystemExit(found.exit_code)
