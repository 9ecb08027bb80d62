"""`agentdoctor baseline`: waivers for what a report knows, ready for agentdoctor.toml."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doctor.cli import emit
from doctor.cli.configuration import config_options
from doctor.cli.report import read

if TYPE_CHECKING:
    _Kind = click.ParamType[date | str]
else:
    _Kind = click.ParamType

EPILOG = """\b
Examples:
  agentdoctor check contoso/shop/support --report json=report.json
  agentdoctor baseline report.json >> agentdoctor.toml
  agentdoctor baseline report.json --until 2027-01-31 --reason "Moves to the new account in January"
"""


class Day(_Kind):
    """A date such as 2026-12-31, or `never`."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date | str:
        """The date, or the word."""
        if isinstance(value, date) or value == "never":
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date of the form 2026-12-31, and not never.", param, ctx)


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--until", type=Day(), metavar="DATE", help="Last day of the waivers, or never. Default: 90 days from today."
)
@click.option("--reason", default="", metavar="TEXT", help="Why. Default: since when it is known.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Append them to this file.")
@config_options
def command(file: Path, until: date | str | None, reason: str, output: Path | None) -> None:
    """Write waivers for everything in a report that is no pass, so that only what is new counts.

    FILE is a report that check wrote as JSON or HTML, or - for standard input. What crashed or ran out of time is not
    waived: nobody knows what it is.
    """
    from doctor import waivers  # noqa: PLC0415 - --help does not need it

    report = read(file)
    today = datetime.now(timezone.utc).date()
    end = today + timedelta(days=waivers.KNOWN_DAYS) if until is None else until
    known = waivers.known(report, end if isinstance(end, date) else None, reason)
    text = waivers.to_toml(known)
    if output is None:
        emit.put(text)
    else:
        _append(output, text)
    click.echo(f"{len(known)} {'waiver' if len(known) == 1 else 'waivers'} written.", err=True)


def _append(path: Path, text: str) -> None:
    """Add to a configuration file what is already one, or make one.

    Raises:
        click.UsageError: the file cannot be read or written, or is no configuration file.
    """
    from doctor import config  # noqa: PLC0415 - --help does not need it

    before = ""
    if path.exists():
        try:
            config.load(path)
        except config.BadConfig as error:
            raise click.UsageError(str(error)) from error
        if path.name == config.PROJECT_FILE:
            raise click.UsageError(f"Waivers are not written into {path.name}; name agentdoctor.toml.")
        before = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n"
    emit.write_file(path, before.lstrip("\n") + text)
