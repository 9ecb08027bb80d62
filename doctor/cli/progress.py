"""Progress on standard error: a line that rewrites itself in a terminal, and a line now and then in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from doctor.model.wording import spoken
from doctor.use_cases.events import CheckFinished, Event, LookEnded, RunStarted, Waiting
from reports.columns import clip
from reports.disarm import disarm

if TYPE_CHECKING:
    from doctor.model.format import Style

_CLEAR = "\r\x1b[K"


class Progress:
    """Listens to a run and keeps one line up to date."""

    def __init__(self, stream: TextIO, style: Style) -> None:
        self._stream = stream
        self._width = style.width
        self.live = stream.isatty() and style.colour
        """Whether there is a line that rewrites itself."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case RunStarted(checks=checks):
                self._show(f"0/{len(checks)} checks …")
            case CheckFinished(finished=finished, total=total, title=title):
                self._show(f"{finished}/{total} checks: {title} …")
            case Waiting():
                self._waiting(event)
            case LookEnded():
                self._show("")

    def _waiting(self, event: Waiting) -> None:
        span = f"since {event.since:%H:%M:%S}, until {event.until:%H:%M:%S} UTC"
        what = f"for {' and '.join(event.waits_for)} ({', '.join(event.because_of)})"
        look = f"next look in {spoken(event.seconds_left)}"
        # A terminal may have room for the beginning only.
        self._show(f"Waiting {span}; {look}; {what}")
        if event.first and not self.live:
            self._stream.write(f"{self._encodable(disarm(f'Waiting {span} at the latest, {what}; {look}.'))}\n")
            self._stream.flush()

    def _show(self, text: str) -> None:
        if self.live:
            self._stream.write(_CLEAR + self._encodable(clip(text, self._width - 1)))
            self._stream.flush()

    def _encodable(self, text: str) -> str:
        encoding = self._stream.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)
