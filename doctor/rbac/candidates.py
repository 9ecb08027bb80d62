"""The roles that hold everything that is needed, narrowest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.rbac.breadth import breadth, changes_something, is_subject
from doctor.rbac.definitions import grants
from doctor.rbac.facts import Needs
from doctor.rbac.scopes import covers

if TYPE_CHECKING:
    from doctor.model.access import Action
    from doctor.model.authorization import RoleDefinition
    from doctor.rbac.facts import AccessFacts

Alternatives = tuple["Action", ...]


@dataclass(frozen=True, slots=True)
class _Advice:
    """Roles that the documentation advises against for some actions, although they hold them."""

    actions: str
    """Beginning of the action names that the advice is about, lower case."""
    names: tuple[str, ...]
    """Beginnings of the names of the roles, as the documentation gives them."""


_ADVICE = (
    # "Do not use" for Foundry: MicrosoftDocs/azure-ai-docs, articles/foundry/includes/concepts-rbac-foundry-1.md.
    _Advice("microsoft.cognitiveservices/accounts/aiservices/", ("Cognitive Services", "Azure AI Developer")),
    _Advice("microsoft.cognitiveservices/accounts/projects/", ("Cognitive Services", "Azure AI Developer")),
    _Advice("microsoft.cognitiveservices/accounts/", ("Azure AI Developer",)),
)
_MADE_FOR = {"microsoft.cognitiveservices/accounts/projects/": "eadc314b-1a2d-4efa-be10-5d325db5065e"}
"""Beginning of the names of control actions that change something → the role made for who does that.

Foundry Project Manager writes what is in a project (hosted-agent-permissions.md of Microsoft's documentation, 2026).
"""

_SERVICES = (
    "Avere",
    "Azure Center for SAP",
    "Azure Red Hat OpenShift",
    "Cognitive Services Security Integration",
    "CosmosDB Fleet",
    "Defender",
    "Microsoft Sentinel",
    "SqlMI",
    "SqlVM",
)
"""Beginnings of the names of roles for other services' own identities, by the built-in list of 2026-08-22."""


def narrowest(action: Action, scope: str, facts: AccessFacts, prefer: tuple[str, ...] = ()) -> RoleDefinition | None:
    """The role to give for one action at a scope: the one question behind every advice; None when no role holds it."""
    return next(iter(candidates(Needs.of(action), scope, facts, prefer)), None)


def holds_all(role: RoleDefinition, groups: tuple[Alternatives, ...]) -> bool:
    """Whether the role grants of each group of alternatives at least one, under no condition."""
    return all(any(grants(role, action).granted for action in group) for group in groups)


def candidates(
    needs: Needs, scope: str, facts: AccessFacts, prefer: tuple[str, ...] = ()
) -> tuple[RoleDefinition, ...]:
    """The roles that hold all that is needed and can be assigned at the scope.

    Order: the ones that are asked for, then those that the documentation does not advise against, those that are about
    the thing and not for another service's own identity, built-in before custom, released before preview, those made
    for who does that, for a read those that change nothing, and by how little else they reach (see `breadth`).
    """
    found = [
        role for role in facts.roles() if holds_all(role, needs.all_of) and _assignable(role, scope, facts.ancestors)
    ]
    return ordered(found, needs, scope, prefer)


def ordered(
    roles: list[RoleDefinition], needs: Needs, scope: str, prefer: tuple[str, ...]
) -> tuple[RoleDefinition, ...]:
    """The roles in the order in which they should be offered."""
    wanted = [guid.lower() for guid in prefer]

    reading = _only_reads(needs)

    def key(role: RoleDefinition) -> tuple[int, bool, bool, bool, bool, bool, bool, tuple[int, int], str]:
        guid = role.guid.lower()
        return (
            wanted.index(guid) if guid in wanted else len(wanted),
            _advised_against(role, needs),
            _for_others(role, needs),
            not role.built_in,
            "(preview)" in role.name.lower(),
            not _made_for(role, needs),
            reading and changes_something(role, scope),
            breadth(role, scope),
            guid,
        )

    return tuple(sorted(roles, key=key))


def part_holders(needs: Needs, scope: str, facts: AccessFacts, prefer: tuple[str, ...]) -> tuple[RoleDefinition, ...]:
    """Roles that together hold all that is needed, when none does alone; empty when even together they do not."""
    chosen: list[RoleDefinition] = []
    left = needs
    while left.all_of:
        best = _holds_most(left, scope, facts, prefer)
        if best is None:
            return ()
        chosen.append(best)
        left = type(needs)(tuple(group for group in left.all_of if not holds_all(best, (group,))))
    return tuple(chosen)


def _holds_most(needs: Needs, scope: str, facts: AccessFacts, prefer: tuple[str, ...]) -> RoleDefinition | None:
    counted = [
        (sum(holds_all(role, (group,)) for group in needs.all_of), role)
        for role in facts.roles()
        if _assignable(role, scope, facts.ancestors)
    ]
    wanted = {guid.lower() for guid in prefer}
    hinted = [one for one in counted if one[0] and one[1].guid.lower() in wanted]
    most = max((count for count, _ in hinted or counted), default=0)
    if most == 0:
        return None
    return ordered([role for count, role in hinted or counted if count == most], needs, scope, prefer)[0]


def _advised_against(role: RoleDefinition, needs: Needs) -> bool:
    return any(
        role.name.startswith(advice.names)
        for advice in _ADVICE
        if any(action.name.lower().startswith(advice.actions) for action in needs.actions)
    )


def _only_reads(needs: Needs) -> bool:
    return all(not one.data and one.name.lower().endswith("/read") for one in needs.actions)


def _made_for(role: RoleDefinition, needs: Needs) -> bool:
    wanted = [one.name.lower() for one in needs.actions if not one.data and not one.name.lower().endswith("/read")]
    return any(
        name.startswith(start) and role.guid.lower() == guid for name in wanted for start, guid in _MADE_FOR.items()
    )


def _for_others(role: RoleDefinition, needs: Needs) -> bool:
    """Whether the role is made for another service's own identity, or has the actions only in passing."""
    if role.built_in and (role.name.startswith(_SERVICES) or role.name.lower().endswith("service role")):
        return True
    return not any(is_subject(role, action.name) for action in needs.actions)


def _assignable(role: RoleDefinition, scope: str, ancestors: tuple[str, ...]) -> bool:
    return any(covers(one, scope, ancestors) for one in role.assignable_scopes)
