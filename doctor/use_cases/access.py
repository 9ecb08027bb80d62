"""Who may do something with an agent or an application, or whether one principal may."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor import rbac
from doctor.facts import access, principal
from doctor.facts.identities import find
from doctor.facts.lookup import RunLookup
from doctor.facts.opening import open_facts, settle_target
from doctor.facts.options import Options
from doctor.facts.place import FindPlace
from doctor.facts.subjects import subject_of
from doctor.facts.tokens import caller_id, no_principal
from doctor.model.access import Access
from doctor.model.fact import Fact, Known, Unread
from doctor.model.identity import IdentityRole
from doctor.model.principal import well_formed
from doctor.rbac import Needs
from doctor.use_cases.bad_request import BadRequest
from doctor.use_cases.run_checks import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.ground import Ground
    from doctor.facts.subject import Facts
    from doctor.model.access import Action, Decision
    from doctor.model.fix import Fix
    from doctor.rbac import AccessFacts, Entry

_WORDS = ("agent", "project")
"""What stands for the identity of the application or agent itself, and for the one that its project shares."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one principal may, and what would change that."""

    decision: Decision
    fixes: tuple[Fix, ...]
    hidden: tuple[str, ...]
    """What could not be read and may take a yes back."""
    you: bool = False
    """Whether it is whoever runs this."""
    name: str = ""
    """The principal's name where the run met it."""

    @property
    def access(self) -> Access:
        """The answer in one word; a yes that may be taken back is not known."""
        return Access.UNKNOWN if self.hidden else self.decision.access


@dataclass(frozen=True, slots=True)
class Everybody:
    """Who may."""

    action: Action
    scope: str
    entries: tuple[Entry, ...]
    facts: AccessFacts
    """What was read, and what was not."""


def may(
    target: str | Options,
    who: str,
    *,
    action: Action | None = None,
    scope: str = "",
    ground: Ground = LIVE,
) -> Fact[Answer]:
    """May this principal do it?

    Args:
        target: the agent or application, or all the options of the run.
        who: an object id, a name or client id that the run can resolve, or `me`, `agent` or `project`.
        action: what is to be done; invoking the target when None.
        scope: ARM id of the resource that it is done to; the target itself when empty.
        ground: its settings, clock and network.

    Raises:
        BadPrincipal: `who` is none of these.
        BadRequest: `scope` is no ARM id.
        MalformedTarget, AmbiguousTarget, BadConnectTo, BadTrust: as `check` does.
    """
    well_formed(who)
    with opened(target, ground) as opened_facts:
        facts = settle_target(opened_facts)
        whose, at = _principal(facts, who), _scope(facts, scope)
        if isinstance(whose, Unread):
            return whose
        if isinstance(at, Unread):
            return at
        needs = Needs.of(action or access.invoke_action(facts))
        decision = access.decide_for(facts, whose.value, needs, at.value)
        granted = decision.access is Access.GRANTED
        fixes = () if granted else access.remedies(facts, decision, needs)
        hidden = tuple(rbac.may_be_denied(decision)) if granted else ()
        known = find(facts, whose.value)
        you = bool(whose.value) and whose.value.lower() == caller_id(facts.estate)
        return Known(Answer(decision, tuple(fixes), hidden, you, known.name if known else ""))


def who_may(
    target: str | Options,
    *,
    action: Action | None = None,
    scope: str = "",
    ground: Ground = LIVE,
) -> Fact[Everybody]:
    """Everybody who may do it; arguments and errors as those of `may`."""
    with opened(target, ground) as opened_facts:
        facts = settle_target(opened_facts)
        at = _scope(facts, scope)
        if isinstance(at, Unread):
            return at
        asked = action or access.invoke_action(facts)
        known = access.everybody(facts, at.value)
        if isinstance(known, Unread):
            return known
        return Known(Everybody(asked, at.value, tuple(rbac.who_may(asked, at.value, known.value)), known.value))


@contextmanager
def opened(target: str | Options, ground: Ground) -> Iterator[Facts]:
    """The memory of a run of the caller's, closed at the end."""
    options = Options(target) if isinstance(target, str) else replace(target, principal="")
    facts = open_facts(options, ground)
    try:
        yield facts
    finally:
        facts.close()


def _principal(facts: Facts, who: str) -> Fact[str]:
    if who in _WORDS:
        role = subject_of(facts).role if who == "agent" else IdentityRole.PROJECT_AGENT
        fact = RunLookup(facts).identity(role)
        return Known(fact.value.object_id) if isinstance(fact, Known) else fact
    found = principal.resolved(facts, well_formed(who), access.owners(facts))
    return Known(found) if found else Unread(no_principal(facts.estate))


def _scope(facts: Facts, scope: str) -> Fact[str]:
    if scope:
        if not scope.lower().startswith("/subscriptions/"):
            raise BadRequest(f"--scope {scope!r} is not the ARM id of something in a subscription.")
        return Known(scope.rstrip("/"))
    place = facts.ask(FindPlace())
    return Known(place.value.id) if isinstance(place, Known) else place
