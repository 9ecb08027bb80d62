"""Progress on standard error: a line that rewrites itself in a terminal, and nothing at all in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from doctor.engine.events import CheckFinished, Event, RunStarted

if TYPE_CHECKING:
    from typing_extensions import Self

    from doctor.model.format import Style

_CLEAR = "\r\x1b[K"


class Progress:
    """Listens to the engine and keeps one line up to date; use it as a context, so that the line is cleared."""

    def __init__(self, stream: TextIO, style: Style) -> None:
        self._stream = stream
        self._width = style.width
        self._live = stream.isatty() and style.colour

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

    def _show(self, text: str) -> None:
        if self._live:
            self._stream.write(_CLEAR + text[: self._width - 1])
            self._stream.flush()
