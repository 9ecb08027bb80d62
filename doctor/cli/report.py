"""`agentdoctor report`: a saved report, JSON or HTML, told again in any format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import emit
from doctor.cli.configuration import config_options
from doctor.cli.given_file import document_bytes

if TYPE_CHECKING:
    from doctor.model.report import Report

EPILOG = """\b
Examples:
  agentdoctor report report.json
  agentdoctor report report.html --format markdown
  agentdoctor report report.json --report html=report.html --report sarif=report.sarif
"""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@emit.output_options
@emit.anchor_option
@config_options
def command(file: Path, **given: Any) -> None:
    """Show a saved report again, in any format.

    FILE is a report that `check` wrote as JSON or HTML (which carries the JSON), or - for standard input.
    The exit code is 0, whatever the verdict was.
    """
    report = read(file)
    wanted = emit.outputs(given)
    emit.write(report, wanted, emit.Manner.of(given))


def read(file: Path) -> Report:
    """The report in a file, JSON or HTML, in UTF-8 or as PowerShell redirects it.

    Raises:
        click.UsageError: the file cannot be read, or holds no report.
    """
    import json  # noqa: PLC0415 - --help does not need it

    from doctor.model.document import NotAReport, from_document  # noqa: PLC0415 - as above
    from reports.html.embed import embedded  # noqa: PLC0415 - as above

    text = _text(file)
    try:
        if text.lstrip().startswith("<"):
            return from_document(embedded(text))
        return from_document(json.loads(text))
    except NotAReport as error:
        raise click.UsageError(f"{file}: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{file} is neither a JSON report nor an HTML report of agentdoctor.") from error


def _text(file: Path) -> str:
    data = document_bytes(file)
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file} is not text in UTF-8.") from error
