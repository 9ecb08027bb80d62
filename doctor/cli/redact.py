"""`agentdoctor redact`: pseudonyms into a bundle that was recorded with names."""

from __future__ import annotations

from pathlib import Path

import click

from doctor.cli import bundles

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""\b
Example:
  agentdoctor redact old.zip -o new.zip --map key.json
"""
)
@click.argument("bundle", type=_FILE)
@click.option("-o", "--output", type=_FILE, required=True, metavar="FILE", help="The bundle to write.")
@click.option("--map", "key_file", type=_FILE, metavar="FILE", help="Write the key to the pseudonyms there.")
def command(bundle: Path, output: Path, key_file: Path | None) -> None:
    """Replace names and ids in BUNDLE by pseudonyms, the same one in every place."""
    replay = bundles.opened(bundle)
    bundles.write(replay.documents, output, keep_ids=False, key_file=key_file)
