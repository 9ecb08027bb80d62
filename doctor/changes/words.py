"""A command as words, before any shell has its say about quoting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fresh:
    """A word that holds a GUID which the shell makes when the command is run."""

    before: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Json:
    """A word that is a JSON document."""

    text: str


Word = str | Fresh | Json
Line = tuple[Word, ...]
"""The program and its arguments."""
