"""A target in another cloud than the agent's: no token of one cloud is accepted in another.

Source: "Compare Azure Government and global Azure" of Microsoft Learn: a host's suffix tells its cloud. A key is no
token, and a service principal may be one of the other cloud's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import resolve
from doctor.downstream.dependency import Who
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.finding import failed
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.dependency import Dependency
    from doctor.downstream.knowledge import Knowledge
    from doctor.model.finding import Finding

_PUBLIC = "public"
_TITLES = {_PUBLIC: "public Azure", "usgovernment": "Azure Government", "china": "Azure in China"}
_BY_TOKEN = frozenset({Who.IDENTITY, Who.USER_ASSIGNED, Who.END_USER})


def judge(dependency: Dependency, known: Knowledge, cloud: str) -> Finding | None:
    """A fail where a token of the agent's cloud goes to a host of another; None where all is in one cloud."""
    where, there = resolve.place(dependency.target), cloud_of(dependency.target, known) or cloud
    if there == cloud or dependency.caller.who not in _BY_TOKEN:
        return None
    here, theirs, name = _TITLES.get(cloud, cloud), _TITLES.get(there, there), clean(dependency.subject)
    summary = (
        f"{name} calls {clean(where.host)}, an address of {theirs}, with a token of {here}: it is not accepted there"
    )
    fix = Fix(title=f"Point {name} to a resource in {here}, the cloud of the Foundry account")
    evidence = (f"the Foundry account is in {here}", f"{clean(where.host)} is in {theirs}")
    return failed(Cause.WRONG_AUDIENCE, summary, evidence=evidence, fixes=(fix,))


def cloud_of(url: str, known: Knowledge) -> str:
    """Key of the cloud that a URL's host belongs to; "" where its suffix tells none."""
    where = resolve.place(url)
    entry = next((one for _, one in known.of_host(where.host, where.path)), None) if where.host else None
    return (entry.cloud or _PUBLIC) if entry else ""


def unseen(url: str, known: Knowledge, cloud: str) -> Problem | None:
    """Why the resource at an address of another cloud is not looked for: one of that name here is another resource."""
    there = cloud_of(url, known)
    if there in {"", cloud}:
        return None
    return Problem(Cause.DOWNSTREAM_NOT_FOUND, f"its address is one of {_TITLES.get(there, there)}, which is not asked")
