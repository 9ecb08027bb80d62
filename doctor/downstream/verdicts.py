"""Everything there is to say about an inventory: what is used, what could not be read, what no tool uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream.assess import assess
from doctor.model.cause import Cause
from doctor.model.finding import skipped, unknown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.downstream.dependency import Gap, Inventory
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.model.finding import Finding


def judge(inventory: Inventory, lookup: Lookup, known: Knowledge | None = None) -> Iterator[Finding]:
    """The findings in the order of the inventory: gaps first, then each dependency, then the unused connections.

    An unused connection is listed as unknown and not required; it is never judged.
    """
    for gap in inventory.unread:
        yield _unread(gap)
    for dependency in inventory.dependencies:
        yield from assess(dependency, lookup, known)
    for connection in inventory.unused:
        summary = f"No tool of the routed agent uses connection {clean(connection.name)}, so it was not judged"
        yield replace(unknown(Cause.NOT_CHECKABLE, summary, required=False), subject=clean(connection.name))
    if not inventory.unread and not inventory.dependencies and not inventory.unused:
        yield skipped("The routed agent uses no downstream resource")


def _unread(gap: Gap) -> Finding:
    problem = gap.problem
    what = f"{clean(gap.subject)} could not be read" if gap.subject else "The connections could not be read"
    found = unknown(
        problem.cause,
        f"{what}, so some of what the agent uses may be missing here: {problem.summary}",
        required=problem.cause is not Cause.NOT_CHECKABLE,
        evidence=problem.evidence,
        fixes=problem.fixes,
        because_of=problem.because_of,
    )
    return replace(found, subject=clean(gap.subject) or "connections")
