"""Azure RBAC as the permission store of a target."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from doctor.downstream.judgement import Ask, Judgement
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.untrusted import clean
from doctor.rbac import Needs, covers, describe, may_be_denied, same

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup
    from doctor.model.access import Decision, NearMiss


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Whether role assignments give the identity what the scenario needs.

    A role on a part of the resource is no grant and no refusal while it is not known which part is used.
    """
    needs = Needs(all_of=ask.scenario.needs)
    decision = lookup.access(ask.identity.object_id, needs, ask.scope)
    confidence = Confidence(ask.scenario.confidence)
    if decision.access is Access.GRANTED:
        return _granted(decision, confidence)
    preferred = (ask.scenario.role_guid,) if ask.scenario.role_guid else ()
    search = partial(lookup.remedies, decision, needs, prefer=preferred, api_version=ask.kind.api_version)
    parts = () if ask.child else _on_parts(decision, ask)
    if decision.access is Access.NOT_GRANTED and parts:
        names = ", ".join(dict.fromkeys(f"{clean(one.role_name)} on {describe(one.scope)}" for one in parts))
        return Judgement(
            Access.UNKNOWN,
            f"{ask.subject} has its role only on a part of {ask.what} ({names}), and it is not known which part"
            " the tool uses",
            Cause.WRONG_SCOPE,
            _evidence(decision),
            decisions=(decision,),
            confidence=confidence,
            search=search,
        )
    return Judgement(
        decision.access,
        decision.reason,
        decision.cause or Cause.CANNOT_READ,
        _evidence(decision),
        decisions=(decision,),
        confidence=confidence,
        search=search,
    )


def _granted(decision: Decision, confidence: Confidence) -> Judgement:
    hidden = may_be_denied(decision)
    if hidden:
        reason = f"{decision.reason}; but {', '.join(hidden)} could not be read, and may take it back"
        why = decision.unread_cause
        return Judgement(Access.UNKNOWN, reason, why, _evidence(decision), (), (decision,), confidence)
    return Judgement(Access.GRANTED, decision.reason, None, _evidence(decision), (), (decision,), confidence)


def _on_parts(decision: Decision, ask: Ask) -> tuple[NearMiss, ...]:
    """The near misses that are the right role on something inside the resource."""
    return tuple(
        one
        for one in decision.near_misses
        if one.cause is Cause.WRONG_SCOPE
        and covers(ask.resource_id, one.scope)
        and not same(ask.resource_id, one.scope)
    )


def _evidence(decision: Decision) -> tuple[str, ...]:
    lines = [
        f"granted by {clean(one.role_name)} on {one.scope}"
        + (f" until {one.ends_on:%Y-%m-%d %H:%M %Z}" if one.ends_on else "")
        for one in decision.grants
    ]
    lines += [one.reason for one in decision.near_misses]
    return tuple(dict.fromkeys(lines))
