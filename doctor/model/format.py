"""What a report format is: a name and a pure function from a Report to text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.report import Report


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is told; a format ignores what does not concern it."""

    width: int = 80
    """Columns of the terminal; prose is wrapped there, commands never are."""
    height: int = 24
    """Rows of the terminal; the short story is made to fit."""
    colour: bool = False
    unicode: bool = True
    """Symbols beyond ASCII may be used for what is ours; names keep their own letters."""
    links: bool = False
    """The terminal understands OSC-8 hyperlinks."""
    verbose: bool = False
    """Also the evidence of what passed, the access decisions and the log of requests."""
    anchor: str = ""
    """A file of the user's repository that CI formats point to, as a relative path with slashes."""


Render = Callable[["Report", Style], str]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to tell a report. A plug-in offers one under the entry-point group `agentdoctor.reports`."""

    name: str
    """What `--format` calls it."""
    title: str
    """One line for `--help`."""
    extension: str
    """Usual ending of a file of this format, without the dot."""
    media_type: str
    render: Render
    """Pure: the same Report and Style give the same text; nothing is read, written or asked."""
    summary: Render | None = None
    """The page that a CI system shows beside its log, where the format has one."""
