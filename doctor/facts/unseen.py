"""What nobody let us look at, and what would: one answer for a run, however many facts are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor import rbac
from doctor.facts.authorization import AssignmentsAt, DefinitionsAt, Widest
from doctor.facts.data_plane import AtEndpoint
from doctor.facts.place import FindPlace
from doctor.facts.resources import Resource, ResourceList
from doctor.model.access import Action
from doctor.model.cause import Cause
from doctor.model.fact import Known, Unread
from doctor.model.resource_id import ResourceId
from doctor.rbac import AccessFacts, Needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts

_ACTION = re.compile(r"(the data action )?([A-Za-z]+\.[\w.]+(?:/[\w.]+)+)")

_ACCOUNTS = Action("Microsoft.CognitiveServices/accounts/read", data=False)
"""Without it Azure Resource Manager's lists leave the account out, and refuse nothing."""
_ANYWHERE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
"""A scope of the right kind, for the question which role fits, where the account's own is not known."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was refused for want of a permission."""

    actions: tuple[Action, ...]
    """What looking takes, each once."""
    roles: tuple[str, ...]
    """The narrowest built-in roles that hold it all: one, or where no role does, one for each plane."""
    scope: str
    """ARM id of the narrowest thing that everything lies in; "" where it is not known."""


def unseen(facts: Facts) -> Unseen | None:
    """What was refused and what would let us look; None where nothing was, or no built-in role would."""
    refused = list(dict.fromkeys(_refused(facts)))
    place = facts.known(FindPlace())
    if isinstance(place, Unread) and place.problem.cause is Cause.CANNOT_READ:
        refused.append((_ACCOUNTS, None))
    if not refused:
        return None
    actions = tuple(dict.fromkeys(action for action, _ in refused))
    scope = ""
    if isinstance(place, Known):
        scope = _around(ResourceId.read(place.value.project_id), [at for _, at in refused if at is not None])
    known = AccessFacts((), {}, facts.now())
    planes = [tuple(one for one in actions if one.data is data) for data in (False, True)]
    for parts in ([actions], [one for one in planes if one]):
        found = [next(iter(rbac.candidates(Needs.of(*part), scope or _ANYWHERE, known)), None) for part in parts]
        if None not in found:
            return Unseen(actions, tuple(known.role_name(role.guid) for role in found if role is not None), scope)
    return None


def _refused(facts: Facts) -> Iterator[tuple[Action, ResourceId | None]]:
    """What each refused look takes, and at what; lists that merely explain more are not among them."""
    for one in facts.provenance():
        at: ResourceId | None = None
        match one.question:
            case Resource(id=at) | ResourceList(path=at):
                pass
            case Widest(wanted=AssignmentsAt(at=at) | DefinitionsAt(at=at)):
                pass
            case AtEndpoint():
                pass
            case _:
                continue
        if not isinstance(one.answer, Unread) or one.answer.problem.cause is not Cause.CANNOT_READ:
            continue
        if found := _ACTION.fullmatch(one.answer.problem.permission):
            yield Action(found[2], data=bool(found[1])), at


def _around(project: ResourceId, looks: list[ResourceId]) -> str:
    """The narrowest of the project, its account, resource group and subscription that everything lies in."""
    inside = [str(one) for one in looks if one.subscription == project.subscription]
    steps = [project.key, project.key[:8], project.key[:4], project.key[:2]]
    around = [str(ResourceId(key, project.shown[: len(key)])) for key in steps]
    return next((scope for scope in around if all(rbac.covers(scope, one) for one in inside)), around[-1])
