"""Makes the finished report of a run's outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import __version__
from doctor.engine.root_causes import root_causes
from doctor.facts.endpoint import FindEndpoint
from doctor.facts.identities import identities
from doctor.facts.place import FindPlace
from doctor.facts.traits import traits
from doctor.model.fact import Known
from doctor.model.report import Policy, Report, Subject
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.engine.run import Outcome
    from doctor.facts.subject import Facts


def report_of(
    outcome: Outcome, facts: Facts, *, started_at: datetime, policy: Policy, rerun: str, notes: tuple[str, ...]
) -> Report:
    """The report. What the facts knows by now is told; nothing more is asked for.

    Args:
        outcome: the results.
        facts: the run's memory.
        started_at: when the run began, UTC.
        policy: how the verdict is drawn.
        rerun: the command that runs just the checks again that did not pass.
        notes: what is worth knowing about the run itself.
    """
    return Report(
        tool_version=__version__,
        target=_subject(facts),
        started_at=started_at,
        duration_ms=int((facts.now() - started_at).total_seconds() * 1000),
        results=outcome.results,
        root_causes=root_causes(outcome.results),
        identities=identities(facts),
        exchanges=facts.exchanges(),
        policy=policy,
        interrupted=outcome.interrupted,
        rerun=rerun,
        notes=notes,
        traits=traits(facts),
    )


def _subject(facts: Facts) -> Subject:
    endpoint, place = facts.known(FindEndpoint()), facts.known(FindPlace())
    return Subject(
        given=clean(facts.target.given),
        kind=facts.target.kind.value,
        endpoint=clean(endpoint.value.address) if isinstance(endpoint, Known) else "",
        resource_id=clean(place.value.id) if isinstance(place, Known) else "",
    )
