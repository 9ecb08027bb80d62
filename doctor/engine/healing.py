"""What can heal by waiting alone, what to look at again, and how a later look joins an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.engine.root_causes import relate, roots
from doctor.model.cause import Cause
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doctor.check import Check
    from doctor.model.exchange import Exchange
    from doctor.model.finding import Result
    from doctor.model.identity import Identity
    from doctor.model.report import Report
    from doctor.model.trait import Trait

HEALS: dict[Cause, str] = {
    Cause.NOT_PROPAGATED: "a role assignment to take effect",
    Cause.PERMISSION_DENIED: "a permission to take effect, in case it was given just now",
    Cause.PRINCIPAL_NOT_FOUND: "a new principal to be known everywhere",
    Cause.AGENT_IDENTITY_TOKEN: "Entra to give tokens to the agent identity",
    Cause.THROTTLED: "the rate limit to let calls through again",
    Cause.SERVICE_FAILED: "the service to answer again",
    Cause.TIMED_OUT: "Azure to answer in time",
}
"""Cause → what one waits for. Other causes last until somebody changes something, unless a finding is transient."""
_AT_WORK = "Azure to finish what it is at"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What waiting can do for a report."""

    waits_for: tuple[str, ...] = ()
    """What one would wait for, in words."""
    because_of: tuple[str, ...] = ()
    """References of the results that can heal."""
    lasting: tuple[Result, ...] = ()
    """Root causes that waiting does not heal; with one of them there is no use in waiting."""

    @property
    def hopeful(self) -> bool:
        """Whether waiting alone may change the verdict."""
        return bool(self.waits_for) and not self.lasting


def heals(result: Result) -> str:
    """What one waits for with this result, in words; "" when waiting does not heal it."""
    if result.finding.transient:
        return _AT_WORK
    return HEALS.get(result.finding.cause, "") if result.finding.cause else ""


def outlook(results: Sequence[Result]) -> Outlook:
    """What waiting can do: what matters are the results at the root, the others follow them."""
    behind = roots(results)
    return Outlook(
        tuple(dict.fromkeys(filter(None, map(heals, behind)))),
        tuple(result.reference for result in behind if heals(result)),
        tuple(result for result in behind if not heals(result)),
    )


def to_ask_again(results: Iterable[Result]) -> frozenset[str]:
    """Ids of the checks that can come out differently: all but those that passed, and warnings that last."""
    return frozenset(result.check for result in results if _open(result))


def _open(result: Result) -> bool:
    if result.waived or result.status is Status.PASS:
        return False
    return result.status is not Status.WARN or bool(heals(result))


def joined(earlier: Report, later: Report, asked: frozenset[str], checks: Mapping[str, Check]) -> Report:
    """One report of two looks: what was asked again counts as it is now, the rest as it was.

    Args:
        earlier: the report so far, without marks of waivers.
        later: the report of a look at some checks only.
        asked: the ids of those.
        checks: all checks by id.

    Returns:
        The report; its root causes are still those of the earlier one.
    """
    fresh = [result for result in later.results if result.check in asked]
    kept = [result for result in earlier.results if result.check not in asked]
    places = {result.check: place for place, result in enumerate(earlier.results)}
    results = sorted((*kept, *fresh), key=lambda result: places[result.check])
    ended_ms = int((later.started_at - earlier.started_at).total_seconds() * 1000)
    return replace(
        earlier,
        target=replace(
            earlier.target,
            endpoint=later.target.endpoint or earlier.target.endpoint,
            resource_id=later.target.resource_id or earlier.target.resource_id,
        ),
        duration_ms=ended_ms + later.duration_ms,
        results=relate(results, checks),
        identities=_who(earlier.identities, later.identities),
        exchanges=_log(earlier.exchanges, later.exchanges, ended_ms),
        interrupted=later.interrupted,
        notes=tuple(dict.fromkeys((*earlier.notes, *later.notes))),
        traits=_traits(earlier.traits, later.traits),
    )


def _who(earlier: Sequence[Identity], later: Sequence[Identity]) -> tuple[Identity, ...]:
    known = {identity.object_id: identity for identity in earlier}
    for identity in later:
        before = known.get(identity.object_id)
        seen = (*before.seen_in, *identity.seen_in) if before else identity.seen_in
        named = identity.name or (before.name if before else "")
        known[identity.object_id] = replace(identity, name=named, seen_in=tuple(dict.fromkeys(seen)))
    return tuple(known.values())


def _traits(earlier: Sequence[Trait], later: Sequence[Trait]) -> tuple[Trait, ...]:
    present = {(trait.subject, trait.name) for trait in later}
    return (*later, *(trait for trait in earlier if (trait.subject, trait.name) not in present))


def _log(earlier: Sequence[Exchange], later: Sequence[Exchange], offset_ms: int) -> tuple[Exchange, ...]:
    after = (
        replace(exchange, number=len(earlier) + place, started_ms=exchange.started_ms + offset_ms)
        for place, exchange in enumerate(later, 1)
    )
    return (*earlier, *after)
