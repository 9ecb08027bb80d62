"""The last door before anybody reads: what goes to a terminal, a pipe or a file has no secret of the run in it."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable


def guarded(text: str) -> str:
    """The text without the run's own secrets, in whatever form they stand in it."""
    if "doctor.model.secrets" not in sys.modules:
        return text  # nothing was registered; --help does not load it
    from doctor.model.secrets import VAULT  # noqa: PLC0415 - loaded already

    _know_environment()
    return VAULT.scrub(text)


@cache
def _know_environment() -> None:
    """Register what the environment holds, for a command that signs in nowhere and is shown it all the same."""
    from doctor.azure import own_secrets  # noqa: PLC0415 - --help does not need it

    own_secrets.of_environment(os.environ)


class GuardedStream:
    """A text stream to which nothing secret can be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text without secrets; tells the length of what was given, as its writer expects."""
        self._stream.write(guarded(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of them."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def guard_streams() -> None:
    """Let standard output and standard error, tracebacks included, show no secret from now on."""
    sys.stdout = cast("TextIO", GuardedStream(sys.stdout))
    sys.stderr = cast("TextIO", GuardedStream(sys.stderr))
