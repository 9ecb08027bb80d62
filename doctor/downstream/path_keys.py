"""Addresses that want a key of their own, whoever calls: the MCP extension of Azure Functions.

Source: "Azure Functions MCP bindings" of Microsoft Learn; Azure-Samples/remote-mcp-functions-typescript pull request 57
(a valid token without the key is answered 403).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from doctor.downstream import resolve
from doctor.downstream.dependency import Who
from doctor.model.cause import Cause
from doctor.model.finding import unknown
from doctor.model.status import Status
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.kind import Kind, PathKey
    from doctor.model.finding import Finding


def considered(finding: Finding, dependency: Dependency, kind: Kind | None) -> Finding:
    """The finding, or an unknown where the address wants a key that the call is not known to carry."""
    wanted = _wanted(dependency, kind)
    if wanted is None or finding.status is Status.FAIL or _sends(dependency, wanted):
        return finding
    summary = (
        f"{clean(dependency.subject)} calls {wanted.path}, which wants the key {wanted.key} in {wanted.header}"
        f" beside any token; the call is not known to carry it, and {wanted.unless}"
    )
    evidence = (finding.summary, *finding.evidence)
    return unknown(Cause.KEY_MISSING, summary, evidence=evidence, decisions=finding.decisions)


def _wanted(dependency: Dependency, kind: Kind | None) -> PathKey | None:
    path = resolve.place(dependency.target).path.lower().rstrip("/")
    for one in kind.path_keys if kind else ():
        if path == one.path or path.startswith(f"{one.path}/"):
            return one
    return None


def _sends(dependency: Dependency, wanted: PathKey) -> bool:
    """Whether the key goes along: a connection of keys sends whatever it holds, which only names can contradict."""
    if wanted.query in parse_qs(urlsplit(dependency.target).query):
        return True
    named = {one.lower() for one in dependency.key_names}
    if dependency.connection is not None and dependency.caller.who is Who.KEY:
        named |= {one.lower() for one in dependency.connection.key_names}
        return not named or bool(named & {wanted.header, wanted.query})
    return bool(named & {wanted.header, wanted.query})
