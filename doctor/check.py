"""What a check is: the door through which built-in checks and third parties' checks come in alike.

A check lives in one file. The file's docstring is its documentation, with the sections named in `SECTIONS`; the file's
`check` attribute is the `Check` that the entry-point group `agentdoctor.checks` names.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from doctor.model.fact import Problem
from doctor.model.finding import Finding, failed, passed, skipped, unknown, warned
from doctor.model.status import Status
from doctor.model.wording import capital

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from doctor.facts.subject import Facts
    from doctor.model.cause import Cause

__all__ = [
    "SECTIONS",
    "Check",
    "Finding",
    "Group",
    "InvalidCheck",
    "Problem",
    "failed",
    "passed",
    "sentence",
    "skipped",
    "unknown",
    "unread",
    "warned",
]

ENTRY_POINT_GROUP = "agentdoctor.checks"
SECTIONS = ("What it verifies", "When it does not pass", "What to do", "Sources")
"""Headings that a check's documentation must have."""

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Group(str, Enum):
    """Where a check stands in the report; declared in the order in which a call travels."""

    SIGN_IN = "Sign-in"
    NETWORK = "Network"
    ENDPOINT = "Endpoint"
    APPLICATION = "Application"
    CALLER = "Caller's access"
    AGENT = "Agent's access"
    OTHER = "Other"


class InvalidCheck(Exception):  # noqa: N818 - it names what is invalid
    """A plug-in's check breaks the contract; the message says how."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Raises:
        InvalidCheck: the id is no slug, or the documentation lacks a section.
    """

    id: str
    """A slug; never reused, and without any severity in it."""
    title: str
    """What is asked, as a question: "Does the endpoint accept the caller?"; it stands above a fail as well."""
    group: Group
    run: Callable[[Facts], Iterable[Finding]]
    """Asks for facts and gives findings; each carries a subject when there are several."""
    rank: int = 100
    """Place within the group."""
    needs: tuple[str, ...] = ()
    """Checks whose failure makes this one pointless: its result becomes a skip that names them."""
    explained_by: Mapping[Cause, tuple[str, ...]] = field(default_factory=dict)
    """When this fails with that cause and one of those checks failed too, it failed because of them."""
    link: str = ""
    """Public documentation of the fact behind the check."""
    eager: bool = True
    """May run before what it needs has ended. Not for a check whose requests cost money."""

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.id):
            raise InvalidCheck(f"the check id {self.id!r} is not a slug (lower-case words joined by hyphens)")
        missing = [section for section in SECTIONS if f"## {section}" not in self.documentation]
        if missing:
            raise InvalidCheck(f"the documentation of check {self.id!r} has no section {', '.join(missing)}")

    @property
    def documentation(self) -> str:
        """The docstring of the file that the check lives in, in Markdown."""
        return sys.modules[self.run.__module__].__doc__ or ""


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = capital(text)
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


@dataclass(frozen=True, slots=True)
class Unverified(Finding):
    """An unknown whose reason is a fact that could not be had; the engine tells one reason once."""

    what: str = ""
    """What could not be verified, in words; "" when the check's title says it."""
    problem: Problem | None = None

    def plain(self, **changes: Any) -> Finding:
        """The finding as reports know it, with changes."""
        values = {one.name: getattr(self, one.name) for one in fields(Finding)} | changes
        return Finding(**values)


def unread(problem: Problem, summary: str = "", *, required: bool = True, settled: bool = False) -> Finding:
    """The finding for a fact that could not be had: an unknown; where another result has the same reason, it follows.

    Args:
        problem: why the fact could not be had.
        summary: what could not be verified; the problem's own words when empty.
        required: whether not knowing it leaves the main question open.
        settled: whether another witness has settled it, so that it is no longer required.
    """
    text = sentence(f"{summary}: {problem.summary}" if summary else problem.summary)
    return Unverified(
        Status.UNKNOWN,
        text,
        problem.cause,
        evidence=problem.evidence,
        fixes=problem.fixes,
        required=required and not settled,
        because_of=problem.because_of,
        what=summary,
        problem=problem,
    )
