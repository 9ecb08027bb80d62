"""Whose access a refusal is about.

What is known decides first: the ids of the run. Then what the text itself says. Then where it was said: inside an
agent's run the refused principal is the agent's, in a direct answer of Foundry or ARM it is the caller's; the callers
of the services behind a tool are many, so nothing is claimed about theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.diagnosis import Blame
from doctor.model.identity import IdentityRole
from doctor.reading.catalogue import Blames
from doctor.reading.evidence import Plane

if TYPE_CHECKING:
    from doctor.reading.case import Case
    from doctor.reading.catalogue import Signature

_BLAMED = {
    IdentityRole.CALLER: Blame.CALLER,
    IdentityRole.APPLICATION_AGENT: Blame.AGENT,
    IdentityRole.PROJECT_AGENT: Blame.AGENT,
    IdentityRole.AGENT: Blame.AGENT,
    IdentityRole.PROJECT_MANAGED_IDENTITY: Blame.PROJECT,
    IdentityRole.ACCOUNT_MANAGED_IDENTITY: Blame.UNKNOWN,
    IdentityRole.END_USER: Blame.UNKNOWN,
    IdentityRole.UNKNOWN: Blame.UNKNOWN,
}
_SAYS_AGENT = ("theagentidentity", "theagentsidentity", "agenticidentity", "agentinstanceidentity")
_SAYS_PROJECT = ("projectmanagedidentity", "managedidentityoftheproject", "projectsmanagedidentity")


def blame(entry: Signature, case: Case) -> Blame:
    """Whose access the entry's refusal is about in this case."""
    if entry.blames not in {Blames.REFUSED, Blames.NAMED}:
        return Blame(entry.blames.value)
    known = _by_id(case)
    if known is not None:
        return known
    return _by_words(case.seen.squeezed) or _by_place(entry, case)


def _by_id(case: Case) -> Blame | None:
    context = case.evidence.context
    principal = case.named.principal.lower()
    if principal in context.identities:
        return _BLAMED[context.identities[principal]]
    return Blame.CALLER if principal and principal in context.caller_ids else None


def _by_words(squeezed: str) -> Blame | None:
    if any(words in squeezed for words in _SAYS_PROJECT):
        return Blame.PROJECT
    return Blame.AGENT if any(words in squeezed for words in _SAYS_AGENT) else None


def _by_place(entry: Signature, case: Case) -> Blame:
    in_run = "run" in case.seen.shapes
    is_named = bool(case.named.principal)
    if in_run and (is_named or entry.blames is Blames.REFUSED):
        return Blame.AGENT
    if entry.blames is Blames.NAMED or (is_named and case.evidence.context.caller_ids):
        return Blame.UNKNOWN
    return Blame.CALLER if _is_direct(entry, case) else Blame.UNKNOWN


def _is_direct(entry: Signature, case: Case) -> bool:
    """Whether the refusing service is the one that the caller itself asked."""
    if entry.plane in {Plane.ENDPOINT, Plane.ARM}:
        return True
    asked = case.evidence.context.plane in {Plane.ENDPOINT, Plane.ARM}
    return entry.plane is Plane.UNKNOWN and (asked or bool(case.place.url or case.place.subscription))
