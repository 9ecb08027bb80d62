"""Lines that a CI system would obey, made harmless.

GitHub's runner obeys a line whose first characters after white space are `::`, and `##[` anywhere in a line; the agent
of Azure Pipelines obeys `##vso[` anywhere in a line and formats `##[`; TeamCity obeys `##teamcity[`.
"""

from __future__ import annotations

import re
import shlex

_MARKER = re.compile(r"##(?=[A-Za-z]*\[)")
_LEADING = re.compile(r"^(\s*):(?=:)")


def disarm(line: str) -> str:
    """The line, with a space where a CI system would read the beginning of a command."""
    return _LEADING.sub(r"\1: ", _MARKER.sub("# #", line))


def disarm_markup(markup: str) -> str:
    """HTML or XML that means the same, in which no CI system reads the beginning of a command."""
    return re.sub(r"(?m)^(\s*):(?=:)", r"\1&#58;", markup.replace("##", "&#35;&#35;"))


def disarm_command(command: str) -> str:
    """A shell command that a CI system does not obey and that a shell still reads as the same words.

    Inside single quotes the quotes are closed and opened again between the two signs; where that would change the
    words, the command is disarmed like any other line: it is better broken than obeyed.
    """
    quoted = _LEADING.sub(r"\1: ", _MARKER.sub("#''#", command))
    if quoted == command:
        return command
    try:
        same = shlex.split(quoted) == shlex.split(command)
    except ValueError:
        same = False
    return quoted if same else disarm(command)
