"""`agentdoctor unredact`: an answer in pseudonyms, back in the owner's own names."""

from __future__ import annotations

import json
from pathlib import Path

import click

from doctor.cli import emit

_FILE = click.Path(path_type=Path, dir_okay=False)
_LARGEST = 50_000_000
"""Bytes; no report is larger."""


@click.command(
    epilog="""\b
Example:
  agentdoctor unredact answer.html --map key.json -o answer-with-names.html
"""
)
@click.argument("report", type=_FILE)
@click.option(
    "--map",
    "key_file",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The key that was kept when the bundle was made.",
)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Where to write; standard output by default.")
def command(report: Path, key_file: Path, output: Path | None) -> None:
    """Translate the pseudonyms in REPORT back: a report in any format, a command, a mail."""
    from doctor.evidence.pseudonyms import Pseudonyms  # noqa: PLC0415 - --help does not need it
    from doctor.model.loose import Garbage  # noqa: PLC0415 - as above

    try:
        names = Pseudonyms.of_key(json.loads(_text(key_file)))
    except (ValueError, RecursionError, Garbage) as error:
        raise click.UsageError(f"{key_file}: {error}. It is written by --map.") from error
    told = names.replace(_text(report))
    if output is None:
        emit.put(told)
    else:
        emit.write_file(output, told)
        click.echo(f"Wrote {output}.", err=True)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise click.UsageError(f"{path} is larger than {_LARGEST // 1_000_000} MB.")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
