"""Progress on standard error: a line that rewrites itself in a terminal, and a line now and then in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from doctor.engine.events import CheckFinished, Event, RunStarted
from reports.columns import cells
from reports.disarm import disarm

if TYPE_CHECKING:
    from typing_extensions import Self

    from doctor.model.format import Style

_CLEAR = "\r\x1b[K"


class Progress:
    """Listens to the engine and keeps one line up to date; use it as a context, so that the line is cleared."""

    def __init__(self, stream: TextIO, style: Style) -> None:
        self._stream = stream
        self._width = style.width
        self.live = stream.isatty() and style.colour
        """Whether there is a line that rewrites itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._show("")

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case RunStarted(checks=checks):
                self._show(f"0/{len(checks)} checks …")
            case CheckFinished(finished=finished, total=total, title=title):
                self._show(f"{finished}/{total} checks: {title} …")

    def waiting(self, text: str) -> None:
        """Say once, where no line can be rewritten, what is waited for."""
        if not self.live:
            self._stream.write(f"{self._encodable(disarm(text))}\n")
            self._stream.flush()

    def countdown(self, text: str) -> None:
        """Keep the line up to date with what is waited for."""
        self._show(text)

    def _show(self, text: str) -> None:
        if self.live:
            self._stream.write(_CLEAR + self._encodable(_clipped(text, self._width - 1)))
            self._stream.flush()

    def _encodable(self, text: str) -> str:
        encoding = self._stream.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)


def _clipped(text: str, width: int) -> str:
    """The beginning of a text that fits into this many columns."""
    if cells(text) <= width:
        return text
    end = next(length for length in range(len(text), -1, -1) if cells(text[:length]) < width)
    return f"{text[:end]}…"
