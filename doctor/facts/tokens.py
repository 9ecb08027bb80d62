"""Tokens, and what they say about the caller: pinned to the tenant of the resource once that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor import changes
from doctor.azure.token import Token
from doctor.facts.question import EstateQuestion
from doctor.model.cause import Cause
from doctor.model.change import SignIn
from doctor.model.fact import Fact, Known, Problem, Unread

if TYPE_CHECKING:
    from doctor.azure.token import Claims
    from doctor.facts.estate import Estate

_FINAL = {Cause.NO_CREDENTIAL, Cause.TIMED_OUT, Cause.NAME_NOT_RESOLVED}
"""Why no token came, where another tenant would give none either."""


@dataclass(frozen=True, slots=True)
class ResourceTenant(EstateQuestion[Fact[str]]):
    """The tenant that the resource belongs to; "" where nothing tells it.

    It is what the user said, else what ARM tells anybody who asks for the subscription without a token.
    """

    def answer(self, estate: Estate) -> Fact[str]:
        """What was said, or what ARM tells."""
        if estate.tenant or not estate.subscription:
            return Known(estate.tenant)
        return Known(estate.clients.arm.tenant_of(estate.subscription) or "")


@dataclass(frozen=True, slots=True)
class TokenFrom(EstateQuestion[Fact[Token]]):
    """A token for a scope from one tenant, or from the credential's own where that is ""."""

    scope: str
    tenant: str

    def answer(self, estate: Estate) -> Fact[Token]:
        """Walk the chain of credentials."""
        return Known(estate.clients.credentials.token(self.scope, tenant_id=self.tenant or None))


@dataclass(frozen=True, slots=True)
class TokenFor(EstateQuestion[Fact[Token]]):
    """The token for a scope, from the resource's tenant; the scope is "" where a cloud has none."""

    scope: str

    def answer(self, estate: Estate) -> Fact[Token]:
        """The first try does not wait until the resource's tenant is known."""
        if not self.scope:
            summary = f"no token scope for Foundry is documented for {estate.cloud.title}"
            return Unread(Problem(Cause.NOT_CHECKABLE, summary))
        estate.begin(ResourceTenant())
        home = estate.ask(TokenFrom(self.scope, estate.tenant))
        tenant = resource_tenant(estate)
        if not tenant or _is_from(home, tenant):
            return home
        fact = estate.ask(TokenFrom(self.scope, tenant))
        if isinstance(fact, Known):
            estate.clients.credentials.use_tenant(tenant)
        if isinstance(fact, Unread) and isinstance(home, Known) and home.value.claims is not None:
            return Unread(_foreign(fact.problem, home.value.claims.tenant_id, tenant))
        return fact


def foundry_token(estate: Estate) -> TokenFor:
    """The question for the token of the Foundry data plane."""
    return TokenFor(estate.cloud.ai_scope or "")


def arm_token(estate: Estate) -> TokenFor:
    """The question for the token of Azure Resource Manager."""
    return TokenFor(estate.cloud.arm_scope)


def resource_tenant(estate: Estate) -> str:
    """The tenant that the resource belongs to; "" where it is not known, also because ARM could not be asked."""
    fact = estate.ask(ResourceTenant())
    return fact.value if isinstance(fact, Known) else ""


def caller_id(estate: Estate) -> str:
    """Object id of the caller; "" when no token says it."""
    for question in (foundry_token(estate), arm_token(estate)):
        claims = _claims(estate.ask(question))
        if claims is not None and claims.object_id:
            return claims.object_id.lower()
    return ""


def caller_names(estate: Estate) -> frozenset[str]:
    """Object id, client id and user principal name of the caller, in lower case."""
    facts = estate.ask_all((foundry_token(estate), arm_token(estate)))
    return frozenset(
        name.lower()
        for fact in facts
        if (claims := _claims(fact)) is not None
        for name in (claims.object_id, claims.app_id, claims.upn)
        if name
    )


def no_principal(estate: Estate) -> Problem:
    """The problem of a run in which no token says who the caller is."""
    foundry = estate.ask(foundry_token(estate))
    if isinstance(foundry, Unread):
        return Problem(foundry.problem.cause, foundry.problem.summary, because_of=("token",))
    summary = "The token is opaque, so whose roles count is not known; name the object id with --principal."
    return Problem(Cause.CANNOT_READ, summary)


def _claims(fact: Fact[Token]) -> Claims | None:
    return fact.value.claims if isinstance(fact, Known) else None


def _is_from(fact: Fact[Token], tenant: str) -> bool:
    if isinstance(fact, Unread):
        return fact.problem.cause in _FINAL
    claims = fact.value.claims
    return claims is None or claims.tenant_id.lower() == tenant.lower()


def _foreign(problem: Problem, home: str, tenant: str) -> Problem:
    """The problem of a credential that has a tenant of its own, but may not sign in to the resource's."""
    return Problem(
        Cause.WRONG_TENANT,
        f"The credential belongs to tenant {home}; the application is in tenant {tenant}, which gave it no token.",
        evidence=(problem.summary, *problem.evidence),
        fixes=(
            changes.fix(
                SignIn(tenant),
                f"Sign in to tenant {tenant}",
                needs="an account (or guest account, or for an app a service principal) in that tenant",
            ),
        ),
    )
