"""Our own rule: an application has a name that support can say on the telephone.

## What it verifies
The application's name holds no digits.

## When it does not pass
The name holds a digit.

## What to do
Publish it under another name.

## Sources
Our own experience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, passed, warned
from doctor.model.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.session import Session


def run(session: Session) -> Iterator[Finding]:
    """Look at the name."""
    if any(char.isdigit() for char in session.target.name):
        yield warned(Cause.REQUEST_INVALID, f"{session.target.name} is hard to say on the telephone.")
    else:
        yield passed("The name can be said on the telephone.")


check = Check(
    id="speakable-name",
    title="The name can be spoken",
    group=Group.OTHER,
    run=run,
    link="https://contoso.example/names",
)
