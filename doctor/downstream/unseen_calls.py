"""A call by somebody whose rights nobody can look at: an end user, a service principal behind a secret.

Their rights are not required to be known. That the target exists, runs and can be reached is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import connections, network, resolve, second_hop, switches
from doctor.downstream.dependency import Who
from doctor.downstream.kind import Concerns
from doctor.downstream.origin import Reach
from doctor.downstream.target import locate
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.fact import Problem
from doctor.model.finding import failed, unknown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.downstream.target import Target
    from doctor.model.finding import Finding


def judge(dependency: Dependency, kind: Kind | None, known: Knowledge, lookup: Lookup) -> Finding:
    """What can be said about the target, and that the caller's own rights cannot be seen."""
    found = _unseen(dependency, kind)
    if kind is None or not kind.arm_types:
        return found
    target = locate(dependency, kind, known, lookup)
    if isinstance(target, Problem):
        # What has no address of an Azure service (a Fabric item) is no resource that could be looked at.
        if resolve.host_name(dependency.target, known) is None:
            return replace(found, evidence=(*found.evidence, target.summary))
        summary = f"The resource behind {clean(dependency.subject)} was not found: {target.summary}"
        return unknown(target.cause, summary, evidence=target.evidence, fixes=target.fixes)
    spoilt = _spoilt(dependency, target, lookup)
    judged = second_hop.considered(spoilt or found, dependency, target, lookup)
    return connections.contradicted(judged, target.contradiction)


def _unseen(dependency: Dependency, kind: Kind | None) -> Finding:
    tool, what = clean(dependency.label or dependency.tool), kind.title if kind else "the target"
    verify = (f"To verify: {kind.to_verify()}",) if kind and kind.verify else ()
    note = (dependency.caller.note,) if dependency.caller.note else ()
    summary = f"{tool} calls {what} as the end user, whose own rights there cannot be seen from here"
    if dependency.caller.who is Who.SERVICE_PRINCIPAL:
        summary = f"{tool} calls as a service principal whose secret is in the connection; its rights are not judged"
    return unknown(Cause.NOT_CHECKABLE, summary, required=False, evidence=(*verify, *note))


def _spoilt(dependency: Dependency, target: Target, lookup: Lookup) -> Finding | None:
    """What stops everybody: the target is not there, does not run, takes no tokens, or is not reached."""
    name, problem = clean(dependency.subject), target.problem
    if problem is not None and problem.cause is Cause.RESOURCE_NOT_FOUND:
        summary = f"The resource that {name} points to does not exist"
        return failed(Cause.DOWNSTREAM_NOT_FOUND, summary, evidence=problem.evidence)
    if target.resource is None:
        problem = problem or Problem(Cause.CANNOT_READ, "nothing was read")
        summary = f"How the target of {name} is set could not be read: {problem.summary}"
        return unknown(problem.cause, summary, evidence=problem.evidence, fixes=problem.fixes)
    return _refused(name, dependency, target, lookup)


def _refused(name: str, dependency: Dependency, target: Target, lookup: Lookup) -> Finding | None:
    resource = target.resource or {}
    for switch in switches.refusing(target.kind, resource, Concerns.IDENTITY):
        make = failed if switch.confidence is Confidence.HIGH else unknown
        fixes = switches.command(switch.fix, target.resource_id)
        return make(switch.cause or Cause.TOOL_FAILED, f"{switch.says}, and {name} calls it", fixes=fixes)
    way = network.way(target, lookup, None, dependency.account_id)
    if way.reach is Reach.CLOSED:
        summary = f"No call of {name} reaches its target: {way.reason}"
        return failed(Cause.NETWORK_DENIED, summary, evidence=way.evidence, fixes=way.fixes)
    if way.reach is Reach.UNKNOWN:
        cause = way.problem.cause if way.problem else Cause.NETWORK_DENIED
        summary = f"Whether calls of {name} reach their target is not known: {way.reason}"
        return unknown(cause, summary, evidence=way.evidence, fixes=way.fixes)
    return None
