"""Files that a user names: read within limits, because a report or a paste may come from anybody."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from doctor.model import shape

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 16_000_000
MOST_PARTS = 500_000


def document_bytes(file: Path) -> bytes:
    """The bytes of a document, `-` for standard input.

    Raises:
        click.UsageError: it cannot be read, or is larger or nested deeper than any document of ours.
    """
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES or shape.parts(data) > MOST_PARTS or shape.is_too_deep(data):
        raise click.UsageError(f"{file} is larger, or nested deeper, than any document of agentdoctor.")
    return data
