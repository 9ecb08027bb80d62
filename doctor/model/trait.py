"""One property of what was checked, as it was when it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trait:
    """One property: what two reports are compared by, beside their results."""

    subject: str
    """What has it: "application support", "deployment production"."""
    name: str
    """Which one, in plain words: "state", "agent version"."""
    value: str
