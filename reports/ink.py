"""What a terminal gets: colours, symbols and links where it has them, wrapped and labelled lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.untrusted import visible
from reports.columns import pad, wrap
from reports.disarm import disarm, disarm_command
from reports.states import STATES

if TYPE_CHECKING:
    from doctor.model.format import Style
    from doctor.model.status import Status

LABEL = 7
"""Columns of a label."""
# A link's address may hold nothing that ends the escape sequence that it stands in.
_ADDRESS = re.compile(r"https://[!-~]+")


@dataclass(frozen=True, slots=True)
class Ink:
    """Writes lines in one style. Every text that comes in is made visible first: no escape of a server gets through."""

    style: Style

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour (SGR parameters), where colours are wanted."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.style.colour and colour else text

    def bold(self, text: str) -> str:
        """The text in bold, where colours are wanted."""
        return self.paint(text, "1")

    def mark(self, status: Status) -> str:
        """Symbol and word of a status, without colour."""
        state = STATES[status]
        return f"{state.symbol if self.style.unicode else state.ascii} {state.word}"

    def marked(self, status: Status, text: str, indent: str = "  ") -> list[str]:
        """A paragraph that begins with the status."""
        mark = self.mark(status)
        lines = wrap(visible(text), self.style.width, f"{indent}{mark} ", indent + "    ")
        lines[0] = lines[0].replace(mark, self.paint(mark, STATES[status].colour), 1)
        return lines

    def prose(self, text: str, indent: str = "  ") -> list[str]:
        """A wrapped paragraph."""
        return wrap(visible(text), self.style.width, indent)

    def labelled(self, label: str, text: str, indent: str = "      ") -> list[str]:
        """A wrapped paragraph behind a short label."""
        first = f"{indent}{pad(label, LABEL)} "
        lines = wrap(visible(text), self.style.width, first, " " * (len(first) + 2))
        lines[0] = lines[0].replace(label, self.paint(label, "2"), 1) if label else lines[0]
        return lines

    def command(self, command: str, indent: str = "      ") -> str:
        """A command on a line of its own: never wrapped, never cut."""
        return indent + self.paint(disarm_command(visible(command)), "36")

    def listing(self, label: str, text: str, indent: str = "      ") -> list[str]:
        """Lines of code as they are, behind a line with their label."""
        return [indent + self.paint(label, "2"), *(f"{indent}  {visible(line)}" for line in text.splitlines())]

    def link(self, label: str, address: str, indent: str = "      ") -> str:
        """An address on a line of its own, clickable where the terminal can."""
        return f"{indent}{self.paint(pad(label, LABEL), '2')} {self.linked(address)}"

    def linked(self, address: str) -> str:
        """An address, clickable where the terminal can."""
        shown = visible(address)
        if self.style.links and _ADDRESS.fullmatch(shown) and disarm(shown) == shown:
            shown = f"\x1b]8;;{shown}\x1b\\{shown}\x1b]8;;\x1b\\"
        return shown
