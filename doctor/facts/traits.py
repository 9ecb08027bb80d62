"""The properties of what was checked that a run has read: what another run may find changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.facts.records import TheAccount, TheAgent, TheApplication, TheConnections, TheDeployments, TheProject
from doctor.facts.serving import ServedVersions
from doctor.model.fact import Known
from doctor.model.foundry import Account, Agent, AgentVersion, Application, Connection, Deployment, Project
from doctor.model.trait import Trait
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doctor.facts.question import Question
    from doctor.facts.subject import Facts
    from doctor.model.fact import Fact
    from doctor.model.foundry import AgentIdentity, AgentRef, TrafficRule

_HAVE_TRAITS: tuple[Question[Fact[Any]], ...] = (
    TheApplication(), TheDeployments(), TheAgent(), ServedVersions(), TheProject(), TheAccount(), TheConnections(),
)  # fmt: skip


def traits(facts: Facts) -> tuple[Trait, ...]:
    """The traits of every fact that was read; nothing is asked for, and a property that is absent is left out."""
    found: list[Trait] = []
    for question in _HAVE_TRAITS:
        fact = facts.known(question)
        if isinstance(fact, Known):
            values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
            found += [trait for value in values for trait in _of(value) if trait.value]
    return tuple(dict.fromkeys(found))


def _of(value: object) -> Iterator[Trait]:
    match value:
        case Application():
            yield from _named(f"application {value.name}", _application(value))
        case Deployment():
            yield from _named(f"deployment {value.name}", _deployment(value))
        case Agent():
            yield from _named(f"agent {value.name}", _agent(value))
        case AgentVersion():
            yield from _named(f"agent {value.name}", _version(value))
        case Project():
            pairs = [("managed identity", value.identity.principal_id), ("agent identity", value.agent_identity_id)]
            yield from _named(f"project {value.name.rpartition('/')[2]}", pairs)
        case Account():
            yield from _named(f"account {value.name}", _account(value))
        case Connection():
            pairs = [("authentication", value.auth_type), ("target", value.target), ("audience", value.audience)]
            yield from _named(f"connection {value.name}", pairs)


def _named(subject: str, pairs: Iterable[tuple[str, str]]) -> Iterator[Trait]:
    return (Trait(clean(subject), name, clean(value)) for name, value in pairs)


def _application(application: Application) -> Iterator[tuple[str, str]]:
    yield "enabled", _switch(on=application.is_enabled)
    yield "provisioning state", application.provisioning_state
    yield "authorization policy", application.authorization_scheme
    yield "traffic", _traffic(application.routing or ())
    yield "agents", _refs(application.agents)
    yield from _identity(application.instance)


def _deployment(deployment: Deployment) -> Iterator[tuple[str, str]]:
    yield "state", deployment.state
    yield "agent version", _refs(deployment.agents)
    yield "protocols", ", ".join(f"{one.name} {one.version}".strip() for one in deployment.protocols or ())


def _agent(agent: Agent) -> Iterator[tuple[str, str]]:
    yield "state", agent.state
    yield "authorization policy", ", ".join(agent.authorization_schemes)
    yield "protocols", ", ".join(agent.protocols or ())
    yield "traffic", _traffic(agent.version_rules)
    yield "latest version", agent.latest.version if agent.latest else ""
    yield from _identity(agent.instance)


def _version(version: AgentVersion) -> Iterator[tuple[str, str]]:
    kinds = [str(tool.get("type", "")) for tool in version.tools]
    yield "version", version.version
    yield "kind", version.kind
    yield "model", version.model
    yield "tools", ", ".join(sorted(filter(None, kinds)))


def _account(account: Account) -> Iterator[tuple[str, str]]:
    yield "public network access", account.public_network_access
    yield "network rules by default", account.acl_default_action
    yield "allowed addresses", ", ".join(sorted(account.ip_rules))
    off = account.disable_local_auth
    yield "keys", "" if off is None else "disabled" if off else "enabled"
    yield "managed identity", account.identity.principal_id


def _identity(identity: AgentIdentity | None) -> Iterator[tuple[str, str]]:
    if identity is not None:
        yield "agent identity", identity.principal_id
        yield "agent identity state", identity.provisioning_state


def _traffic(rules: Sequence[TrafficRule]) -> str:
    shares = [f"{r.deployment_id} {r.percentage:g} %" if r.percentage is not None else r.deployment_id for r in rules]
    return ", ".join(sorted(shares))


def _refs(refs: Sequence[AgentRef]) -> str:
    return ", ".join(sorted(f"{ref.name} {ref.version}".strip() for ref in refs))


def _switch(*, on: bool | None) -> str:
    return "" if on is None else "true" if on else "false"
