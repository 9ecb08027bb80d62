"""Whose object ids the run has met: every identity that a fact names, in which part, and where it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.facts.question import Question
from doctor.facts.records import Predecessor, TheAgent, TheApplication
from doctor.facts.resources import AccountAt, ProjectAt
from doctor.facts.tokens import foundry_token
from doctor.model.fact import Known
from doctor.model.foundry import Account, Agent, Application, Project
from doctor.model.identity import Identity, IdentityRole
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.azure.token import Token
    from doctor.facts.subject import Facts
    from doctor.model.fact import Fact
    from doctor.model.foundry import AgentIdentity, ManagedIdentity

_ORDER = list(IdentityRole)


def identities(facts: Facts) -> tuple[Identity, ...]:
    """Every identity that was met so far, by its part and then by object id; nothing is asked."""
    return merged(_met(facts))


def find(facts: Facts, name: str) -> Identity | None:
    """The identity whose object id, client id or name this is; letter case does not matter."""
    wanted = name.lower()
    return next(
        (
            entry
            for entry in identities(facts)
            if wanted and wanted in {entry.object_id, entry.client_id.lower(), entry.name.lower()}
        ),
        None,
    )


def merged(met: Iterable[Identity]) -> tuple[Identity, ...]:
    """One entry for each object id and part; one whose part is not known joins the entry of its object id."""
    entries: dict[tuple[str, IdentityRole], Identity] = {}
    for one in met:
        object_id, role = one.object_id.lower(), one.role
        if role is IdentityRole.UNKNOWN:
            role = next((entry.role for entry in entries.values() if entry.object_id == object_id), role)
        old = entries.get((object_id, role))
        entries[object_id, role] = Identity(
            object_id,
            role,
            name=one.name or (old.name if old else ""),
            seen_in=tuple(dict.fromkeys((*(old.seen_in if old else ()), *one.seen_in))),
            client_id=one.client_id or (old.client_id if old else ""),
            kind=one.kind or (old.kind if old else ""),
        )
    return tuple(sorted(entries.values(), key=lambda entry: (_ORDER.index(entry.role), entry.object_id)))


def _met(facts: Facts) -> Iterator[Identity]:
    yield from _caller(facts.known(foundry_token(facts.estate)))
    for question in (TheApplication(), TheAgent(), Predecessor()):
        yield from _of(facts.known(question))
    for kind in (ProjectAt, AccountAt):
        for _, fact in facts.answered(kind):
            yield from _of(fact)
    for _, object_id in facts.answered(NamedInRefusal):
        if object_id:
            yield Identity(object_id, IdentityRole.UNKNOWN, seen_in=("refusal",))


@dataclass(frozen=True, slots=True)
class NamedInRefusal(Question[str]):
    """The object id of a principal that a refusal names by object id, client id or name; "" when it names none."""

    principal: str

    def answer(self, facts: Facts) -> str:
        """As one of the identities that were met by now, else as it was named."""
        known = find(facts, self.principal)
        return known.object_id if known is not None else self.principal.lower()


def _caller(fact: Fact[Token] | None) -> Iterator[Identity]:
    claims = fact.value.claims if isinstance(fact, Known) else None
    if claims is not None and claims.object_id:
        who, kind = claims.who, claims.kind
        yield Identity(claims.object_id, IdentityRole.CALLER, who, ("token",), claims.app_id, kind)


def _of(fact: Fact[Application] | Fact[Agent] | Fact[Project] | Fact[Account] | None) -> Iterator[Identity]:
    """The identities that a record shows."""
    match fact.value if isinstance(fact, Known) else None:
        case Application() as application:
            yield from _agent(application.instance, IdentityRole.APPLICATION_AGENT, application.name, "application")
        case Agent() as agent:
            yield from _agent(agent.instance, IdentityRole.AGENT, agent.name, "agent")
        case Project() as project:
            name = _short(project.id, project.name)
            managed = sole(project.identity)
            yield from _plain(managed, IdentityRole.PROJECT_MANAGED_IDENTITY, name, "project")
            yield from _plain(project.agent_identity_id, IdentityRole.PROJECT_AGENT, name, "project")
        case Account() as account:
            managed = sole(account.identity)
            yield from _plain(
                managed, IdentityRole.ACCOUNT_MANAGED_IDENTITY, _short(account.id, account.name), "account"
            )
        case _:
            return


def sole(identity: ManagedIdentity) -> str:
    """Principal id of a resource's managed identity: the system's, or the only one that a user assigned to it."""
    assigned = tuple(identity.user_assigned.values())
    return identity.principal_id or (assigned[0] if len(assigned) == 1 else "")


def _agent(identity: AgentIdentity | None, role: IdentityRole, name: str, where: str) -> Iterator[Identity]:
    if identity is not None:
        yield from _plain(identity.principal_id, role, name, where, identity.client_id)


def _plain(object_id: str, role: IdentityRole, name: str, where: str, client_id: str = "") -> Iterator[Identity]:
    if object_id:
        yield Identity(object_id, role, name=name, seen_in=(where,), client_id=client_id)


def _short(resource_id: str, name: str) -> str:
    """The account's name, and the project's below it."""
    at = ResourceId.of(resource_id)
    return "/".join(filter(None, (at.after("accounts"), at.after("projects")))) if at else name
