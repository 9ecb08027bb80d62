"""A connection that uses a key: does the target still take keys?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import connections, network, second_hop, switches
from doctor.downstream.kind import Concerns
from doctor.downstream.origin import Reach
from doctor.downstream.target import locate
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Problem
from doctor.model.finding import failed, passed, unknown, warned
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.finding import Finding


def judge(dependency: Dependency, kind: Kind | None, known: Knowledge, lookup: Lookup) -> Finding:
    """What can be said without looking at the key.

    A pass says that the target takes keys, not that this one is right. The warning `key-in-use` is for targets whose
    connections could use an identity instead; elsewhere a key is the way it is meant.
    """
    name = clean(dependency.subject)
    if kind is None or not kind.arm_types:
        verify = (f"To verify: {kind.to_verify()}",) if kind and kind.verify else ()
        summary = f"{name} uses a key, so no role matters; whether the key is right cannot be seen from here"
        return unknown(Cause.NOT_CHECKABLE, summary, required=False, evidence=verify)
    target = locate(dependency, kind, known, lookup)
    if isinstance(target, Problem):
        summary = f"{name} uses a key, so no role matters; its target was not found: {target.summary}"
        return unknown(target.cause, summary, evidence=target.evidence, fixes=target.fixes)
    if target.problem is not None and target.problem.cause is Cause.RESOURCE_NOT_FOUND:
        summary = f"The resource that {name} points to does not exist"
        return failed(Cause.DOWNSTREAM_NOT_FOUND, summary, evidence=target.problem.evidence)
    if target.resource is None:
        problem = target.problem or Problem(Cause.CANNOT_READ, "nothing was read")
        summary = f"{name} uses a key; whether its target takes keys could not be read: {problem.summary}"
        return unknown(problem.cause, summary, evidence=problem.evidence, fixes=problem.fixes)
    found = _of_resource(name, target, dependency.account_id, lookup)
    found = second_hop.considered(found, dependency, target, lookup)
    return connections.contradicted(found, target.contradiction)


def _of_resource(name: str, target: Target, account_id: str, lookup: Lookup) -> Finding:
    resource = target.resource or {}
    for switch in switches.refusing(target.kind, resource, Concerns.KEY):
        make = failed if switch.confidence is Confidence.HIGH else unknown
        fixes = switches.command(switch.fix, target.resource_id)
        if switch.concerns is Concerns.KEY:
            fixes = (*fixes, *_change(name, target))
        return make(switch.cause or Cause.KEY_AUTH_REFUSED, f"{switch.says}, and {name} uses a key", fixes=fixes)
    way = network.way(target, lookup, None, account_id)
    what = f"{target.kind.title} behind {name}"
    if way.reach is Reach.CLOSED:
        return failed(Cause.NETWORK_DENIED, f"{what}: {way.reason}", evidence=way.evidence, fixes=way.fixes)
    if way.reach is Reach.UNKNOWN:
        summary = f"{what} takes keys; {way.reason}"
        cause = way.problem.cause if way.problem else Cause.NETWORK_DENIED
        return unknown(cause, summary, evidence=way.evidence, fixes=way.fixes)
    if target.kind.identity_possible:
        summary = f"{name} uses a key, and {target.kind.title} takes it; an identity could be used instead"
        return warned(Cause.KEY_IN_USE, summary, fixes=_change(name, target))
    return passed(f"{name} uses a key, and {target.kind.title} takes keys (the key itself was not looked at)")


def _change(name: str, target: Target) -> tuple[Fix, ...]:
    if not target.kind.identity_possible:
        return ()
    return (
        Fix(title=f"Let connection {name} authenticate with Microsoft Entra ID instead of a key, and grant its role"),
    )
