"""The sentences of an access decision: plain, short and true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.identity import IdentityRole
from doctor.model.untrusted import clean
from doctor.rbac.actions import Held
from doctor.rbac.facts import Gap
from doctor.rbac.scopes import ScopeKind, describe, how_far, parse

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.model.access import Action, Grant
    from doctor.model.authorization import DenyAssignment
    from doctor.rbac.judge import Judge, Worth

_SHOWN = 2


def when(moment: datetime) -> str:
    """A moment as people compare it."""
    return moment.strftime("%Y-%m-%d %H:%M %Z").strip()


def act(action: Action) -> str:
    """The action in words."""
    return f"{'data action' if action.data else 'action'} {clean(action.name)}"


def held_on(worth: Worth, judge: Judge) -> str:
    """`Foundry User on application support`, and through which group."""
    found = worth.assignment
    text = f"{judge.facts.role_name(found.role_guid)} on {describe(found.scope)}"
    if found.principal_id.lower() != judge.question.principal_id.lower():
        text += f" (through group {clean(found.principal_id)})"
    return text


def title(denial: DenyAssignment) -> str:
    """The deny assignment's name, or its id where it has none."""
    return clean(denial.name or denial.id)


def denied(denial: DenyAssignment) -> str:
    """A deny assignment stands in the way; says who can lift it."""
    return (
        f"Deny assignment '{title(denial)}' on {describe(denial.scope)} refuses it, whatever roles are assigned; "
        f"{lifter(denial)}"
    )


def lifter(denial: DenyAssignment) -> str:
    """Who can take a deny assignment away."""
    if denial.system_protected:
        return "only the service that made it can lift it, such as a managed application or a deployment stack"
    return f"lifting it needs Microsoft.Authorization/denyAssignments/delete on {describe(denial.scope)}"


def perhaps_denied(denial: DenyAssignment, words: str) -> str:
    """A deny assignment may stand in the way."""
    text = f"Deny assignment '{title(denial)}' on {describe(denial.scope)} may refuse it"
    return f"{text}: that depends on {words}"


def unknown_role(worth: Worth, judge: Judge) -> str:
    """A role whose definition is not known."""
    return f"{held_on(worth, judge)}: the definition of this role could not be read, so what it grants is not known"


def undecided(worth: Worth, judge: Judge) -> str:
    """A condition is open."""
    return f"{held_on(worth, judge)} grants it under a condition, which depends on {worth.effect.depends_on}"


def ended(worth: Worth, judge: Judge) -> str:
    """The assignment is over."""
    end = worth.assignment.ends_on
    return f"{held_on(worth, judge)} would grant it, but ended {when(end) if end else 'already'}"


def eligible(worth: Worth, judge: Judge) -> str:
    """Activation is missing."""
    text = f"{held_on(worth, judge)} is eligible and not activated"
    return text if worth.effect.met else f"{text}; once active, it depends on {worth.effect.depends_on}"


def eligible_later(worth: Worth, judge: Judge) -> str:
    """Eligibility has not begun."""
    start = getattr(worth.assignment, "starts_on", None)
    return f"{held_on(worth, judge)} becomes eligible only {when(start) if start else 'later'}"


def eligibility_over(worth: Worth, judge: Judge) -> str:
    """Eligibility has ended."""
    end = worth.assignment.ends_on
    return f"{held_on(worth, judge)} was eligible, but that ended {when(end) if end else 'already'}"


def elsewhere(worth: Worth, judge: Judge) -> str:
    """Right role, wrong scope."""
    role = judge.facts.role_name(worth.assignment.role_guid)
    text = f"{role} would grant it, but is assigned on {how_far(worth.assignment.scope, judge.question.scope)}"
    if worth.over:
        text += ", and has ended there"
    return f"{text}, not on {describe(judge.question.scope)}"


def lacks(worth: Worth, judge: Judge) -> str:
    """The role does not hold the action; says what it holds nearby."""
    text, action = held_on(worth, judge), judge.question.action
    if worth.holding is not None and worth.holding.held is Held.SUBTRACTED:
        kind = "not-data-actions" if action.data else "not-actions"
        return f"{text} does not grant it: the role takes it away in its {kind}"
    if worth.holding is not None and worth.holding.held is Held.YES:
        return f"{text} does not grant it: its condition can never be met for this action"
    held = nearby(worth, judge)
    if held:
        return f"{text} does not hold it; the nearest it holds is {' and '.join(clean(one) for one in held)}"
    if action.data and not _patterns(worth, judge):
        return f"{text} holds no data actions at all, and this is one"
    return f"{text} does not hold it, nor anything near it"


def lost(other_id: str, grant: Grant, judge: Judge) -> str:
    """Publishing an application, or moving to an agent's own endpoint, made a new identity."""
    facts, asked = judge.facts, judge.question.principal_id
    moved = facts.plays(asked, IdentityRole.AGENT)
    gave = "the agent at its own endpoint has" if moved else "publishing gave the application"
    return (
        f"{facts.who(other_id)} has {grant.role_name} on {describe(grant.scope)}, but {gave} "
        f"an identity of its own ({clean(asked)}), which does not have it"
    )


def held_by(other_id: str, grant: Grant, judge: Judge) -> str:
    """Somebody else of the run holds it."""
    facts = judge.facts
    who = facts.who(judge.question.principal_id)
    return f"{grant.role_name} on {describe(grant.scope)} is held by {facts.who(other_id)}, not by {who}"


def other_group(worth: Worth, judge: Judge) -> str:
    """A group holds it."""
    found, facts = worth.assignment, judge.facts
    role, who = facts.role_name(found.role_guid), facts.who(judge.question.principal_id)
    text = f"{role} on {describe(found.scope)} is assigned to group {clean(found.principal_id)}"
    if Gap.GROUPS in facts.unread:
        return f"{text}; whether {who} is in it could not be read"
    return f"{text}, which {who} is not in"


def nearby(worth: Worth, judge: Judge) -> tuple[str, ...]:
    """Up to two of the role's patterns of the same kind and resource provider, nearest first."""
    name = judge.question.action.name.lower()
    provider = name.partition("/")[0] + "/"
    near = [one for one in _patterns(worth, judge) if one.lower().startswith(provider)]
    return tuple(sorted(near, key=lambda one: -_common(one.lower(), name))[:_SHOWN])


def _patterns(worth: Worth, judge: Judge) -> tuple[str, ...]:
    role = judge.facts.role(worth.assignment.role_guid)
    data = judge.question.action.data
    entries = role.permissions if role else ()
    return tuple(one for entry in entries for one in (entry.data_actions if data else entry.actions))


def _common(left: str, right: str) -> int:
    return next((at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), len(left))


def nothing_assigned(judge: Judge) -> str:
    """No assignment at all."""
    scope = parse(judge.question.scope)
    above = "" if scope is not None and scope.kind is ScopeKind.ROOT else " or above it"
    return f"no role is assigned to it on {describe(judge.question.scope)}{above}"
