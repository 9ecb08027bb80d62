"""`agentdoctor docs`: the reference as Markdown pages, made from the code that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from doctor.cli import emit

if TYPE_CHECKING:
    from collections.abc import Mapping

EPILOG = """\b
Examples:
  agentdoctor docs docs
  agentdoctor docs site/reference
"""


@click.command(epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write the reference as Markdown pages: each check, cause and command, and every option.

    FOLDER is made where it is missing. Pages of checks, causes and commands that there are no more are removed.
    """
    from doctor.cli.pages import GENERATED, pages  # noqa: PLC0415 - --help does not need it

    made = pages()
    for name, text in made.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"{path.parent} cannot be made: {error.strerror or error}.") from error
        emit.write_file(path, text)
    for stale in stale_pages(folder, made, GENERATED):
        stale.unlink()
    click.echo(f"{len(made)} pages written to {folder}.", err=True)


def stale_pages(folder: Path, made: Mapping[str, str], generated: tuple[str, ...]) -> list[Path]:
    """Pages in the generated folders that were not made."""
    wanted = {folder / name for name in made}
    return sorted(path for part in generated for path in (folder / part).glob("*.md") if path not in wanted)
