"""Will this downstream resource admit the call? One dependency in, findings out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import connections, identity_calls, keys, knowledge, other_cloud, path_keys, unseen_calls
from doctor.downstream.dependency import Who
from doctor.model.cause import Cause
from doctor.model.finding import passed, skipped, unknown
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.downstream.lookup import Lookup
    from doctor.model.finding import Finding

_SETTLE = "To settle it: make one real call that uses the tool (--invoke), or waive this result with a reason"


def assess(dependency: Dependency, lookup: Lookup, known: Knowledge | None = None) -> tuple[Finding, ...]:
    """What can be said about one dependency, the finding's subject being its connection, label or tool.

    What only an end user has, or a secret carries, is `not-checkable` and not required; that its target exists, is
    reachable and takes such calls is required all the same. A dependency of which it is not known whether it is used
    never fails. Never a pass for what was not read.
    """
    table = known or knowledge.load()
    found = _finding(dependency, table.get(dependency.kind), table, lookup)
    if dependency.used is None:
        found = replace(connections.demoted(found, "it is not known whether a tool uses it"), required=False)
    return (_about(found, dependency),)


def _about(finding: Finding, dependency: Dependency) -> Finding:
    evidence = [*finding.evidence]
    if dependency.via:
        evidence.append(f"used through {clean(dependency.via)}")
    if dependency.target:
        evidence.append(f"target {clean(dependency.target)}")
    return replace(finding, subject=clean(dependency.subject), evidence=tuple(dict.fromkeys(evidence)))


def _finding(dependency: Dependency, kind: Kind | None, table: Knowledge, lookup: Lookup) -> Finding:
    elsewhere = other_cloud.judge(dependency, table, lookup.cloud) if dependency.problem is None else None
    spoilt = elsewhere or connections.broken(dependency, kind)
    if spoilt is not None:
        return spoilt
    found = _by_caller(dependency, kind, table, lookup)
    return path_keys.considered(found, dependency, kind)


def _by_caller(dependency: Dependency, kind: Kind | None, table: Knowledge, lookup: Lookup) -> Finding:
    who = dependency.caller.who
    if who in {Who.IDENTITY, Who.USER_ASSIGNED}:
        return identity_calls.judge(dependency, kind, table, lookup)
    if who is Who.KEY:
        return keys.judge(dependency, kind, table, lookup)
    if who in {Who.END_USER, Who.SERVICE_PRINCIPAL}:
        return unseen_calls.judge(dependency, kind, table, lookup)
    return _without_identity(dependency, kind)


def _without_identity(dependency: Dependency, kind: Kind | None) -> Finding:
    tool = clean(dependency.label or dependency.tool)
    verify = (f"To verify: {kind.to_verify()}",) if kind and kind.verify else ()
    note = (dependency.caller.note,) if dependency.caller.note else ()
    who = dependency.caller.who
    if who is Who.CLIENT:
        return skipped(f"{tool} is run by the program that calls the agent, so the agent needs nothing for it")
    if who is Who.PLATFORM:
        return passed(f"{tool} is run by Foundry itself, and nothing has to be granted for it")
    if who is Who.NOBODY:
        summary = f"{tool} sends no credential; whether its target answers anonymous calls cannot be seen from here"
        return unknown(Cause.NOT_CHECKABLE, summary, evidence=(_SETTLE, *verify))
    summary = f"It is not known who calls the target of {tool}, so nothing can be said about its rights"
    return unknown(Cause.NOT_CHECKABLE, summary, evidence=(*note, _SETTLE, *verify))
