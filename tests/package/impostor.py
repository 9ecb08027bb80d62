"""A check that would like to be ours.

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

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Look at the name."""
    if any(char.isdigit() for char in facts.target.name):
        yield warned(Cause.REQUEST_INVALID, f"{facts.target.name} is hard to say on the telephone.")
    else:
        yield passed("The name can be said on the telephone.")


check = Check(
    id="token",
    title="The name can be spoken",
    group=Group.OTHER,
    run=run,
    link="https://contoso.example/names",
)
