"""What the clipboard holds, by the tool that this system has for it."""

from __future__ import annotations

import shutil
import subprocess

import click

_TOOLS = (
    ("pbpaste",),
    ("wl-paste", "--no-newline"),
    ("xclip", "-selection", "clipboard", "-out"),
    ("xsel", "--clipboard", "--output"),
    ("powershell.exe", "-NoProfile", "-Command", "Get-Clipboard -Raw"),
)
_SECONDS = 10


def from_clipboard() -> bytes:
    """The clipboard's text.

    Raises:
        click.UsageError: this system has no clipboard that can be read, or its tool failed.
    """
    for name, *options in _TOOLS:
        if (tool := shutil.which(name)) is None:
            continue
        try:
            return subprocess.run([tool, *options], check=True, capture_output=True, timeout=_SECONDS).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise click.UsageError(f"The clipboard cannot be read: {name} failed.") from error
    names = ", ".join(tool[0] for tool in _TOOLS)
    raise click.UsageError(f"This system has no tool that reads the clipboard ({names}); pipe the text in instead.")
