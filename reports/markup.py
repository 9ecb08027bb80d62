"""Text from outside as Markdown that means only itself: no link, image, mention, HTML or table cell of its own."""

from __future__ import annotations

import re

from doctor.model.untrusted import visible
from reports.disarm import disarm, disarm_command

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"([\\`*_\[\]|~$!])")
# Where a line would begin a list, a heading, a rule or a quotation.
_OPENING = re.compile(r"^(\d{1,9})(?=[.)])|^(?=[-+=#:])")
# What GitHub makes a mention or a reference of, also when it is escaped: a comment in between stops that.
_MENTION = re.compile(r"(?<![\w/])@(?=\w)|#(?=\d)")


def prose(text: str) -> str:
    """The text inside a paragraph, a list entry or a table cell."""
    shown = "".join(_ENTITIES.get(char, char) for char in disarm(visible(text)).strip())
    shown = _SPECIAL.sub(r"\\\1", shown)
    shown = _OPENING.sub(lambda found: f"{found[1]}\\" if found[1] else "\\", shown)
    return _MENTION.sub(lambda found: f"{found[0]}<!-- -->", shown)


def code(text: str) -> str:
    """The text as inline code; a table cell may hold it."""
    shown = disarm(visible(text)) or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{space}{shown}{space}{ticks}".replace("|", "\\|")


def plain_code(text: str) -> str:
    """The text as inline code outside a table, where a bar needs no escape."""
    return code(text).replace("\\|", "|")


def fence(command: str) -> str:
    """A command in a block of its own, to be copied whole."""
    shown = disarm_command(visible(command))
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    return f"{ticks}shell\n{shown}\n{ticks}"
