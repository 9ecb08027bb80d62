"""The options of recording, and how a bundle and the key to its pseudonyms are written and told of."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import emit
from doctor.cli.options import options_of, shared
from doctor.facts.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.facts.options import Options
    from doctor.use_cases.replaying import Replay

_FILE = click.Path(path_type=Path, dir_okay=False)

NAMING = (
    click.option("--keep-ids", is_flag=True, help="Keep names and ids in the bundle instead of pseudonyms."),
    click.option(
        "--map",
        "key_file",
        type=_FILE,
        metavar="FILE",
        help="Write the key to the pseudonyms there, for yourself: `unredact` translates an answer back with it.",
    ),
)
RECORDING = (
    click.option("--bundle", type=_FILE, metavar="FILE", help="Record the run into this file (.zip), without secrets."),
    *NAMING,
)
recorded = shared(*RECORDING)


def refuse_wrong_naming(given: Mapping[str, Any]) -> None:
    """Refuse options that contradict each other.

    Raises:
        click.UsageError: they do.
    """
    if given["keep_ids"] and given["key_file"]:
        raise click.UsageError("--map keeps the key to pseudonyms; with --keep-ids there are none.")
    if not given["bundle"] and (given["keep_ids"] or given["key_file"]):
        raise click.UsageError("--keep-ids and --map say how --bundle FILE is written; name the file.")


def write(documents: Mapping[str, Any], path: Path, *, keep_ids: bool, key_file: Path | None) -> None:
    """Write a bundle, and the key to its pseudonyms where it is asked for; say on stderr what is in it.

    Raises:
        click.UsageError: a file cannot be written.
    """
    from doctor.evidence.archive import BadBundle  # noqa: PLC0415 - as below
    from doctor.model.loose import Garbage  # noqa: PLC0415 - as below
    from doctor.use_cases.bundling import bundle  # noqa: PLC0415 - loaded when something was recorded

    try:
        content, names = bundle(documents, keep_ids=keep_ids)
    except (BadBundle, Garbage) as error:
        raise click.UsageError(str(error)) from error
    emit.write_bytes(path, content, private=True)
    click.echo(f"Recorded into {path} ({len(content) // 1000 + 1} kB).", err=True)
    if names is None:
        click.echo("Names and ids are in it as they are.", err=True)
        return
    for kind, count in sorted(names.counts().items()):
        click.echo(f"  replaced: {kind}, {count} different", err=True)
    for text, reason in names.undecided:
        click.echo(f"  left as it is: {text!r}: {reason}", err=True)
    if key_file is not None:
        emit.write_bytes(key_file, json.dumps(names.key(), indent=1).encode(), private=True)
        click.echo(f"The key to the pseudonyms is in {key_file}; keep it to yourself.", err=True)


def is_bundle(target: str) -> bool:
    """Whether what stands in a target's place is a bundle file."""
    if not target.lower().endswith(".zip") or "://" in target:
        return False
    from doctor.evidence.archive import is_archive  # noqa: PLC0415 - loaded when there may be one

    return is_archive(Path(target))


def asked(app: str, given: dict[str, Any]) -> tuple[Options, Ground]:
    """The options and the ground of a run about APP: of the recorded run where APP is a bundle, else as given here.

    Raises:
        click.UsageError: the file is no bundle that can be read.
    """
    if is_bundle(app):
        replay = opened(Path(app))
        return replay.options, replay.ground
    return options_of(app, given), Ground(os.environ)


def opened(path: Path) -> Replay:
    """The recorded run in a file.

    Raises:
        click.UsageError: the file is no bundle that can be read.
    """
    from doctor.evidence.archive import BadBundle  # noqa: PLC0415 - loaded when there is one
    from doctor.use_cases.replaying import replay_of  # noqa: PLC0415 - as above

    try:
        return replay_of(path)
    except BadBundle as error:
        raise click.UsageError(str(error)) from error
