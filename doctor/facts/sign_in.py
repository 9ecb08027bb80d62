"""Who we are: the tokens of this run, pinned to the tenant of the resource once that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.azure.errors import AzureError
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.fix import Fix
from doctor.model.identity import Identity, IdentityRole

if TYPE_CHECKING:
    from doctor.azure.token import Token
    from doctor.facts.wiring import Wiring


class SignIn:
    """Tokens and what they say about the caller."""

    def __init__(self, wiring: Wiring) -> None:
        self._memo = wiring.memo
        self._ledger = wiring.ledger
        self._credentials = wiring.credentials
        self._arm = wiring.arm
        self._cloud = wiring.cloud
        self._options = wiring.options
        self._target = wiring.target

    def resource_tenant(self) -> str:
        """The tenant that the resource belongs to; "" while it is not known.

        It is what the user said, else what ARM tells anybody who asks for the subscription without a token.
        """
        return self._memo.once("resource-tenant", self._find_tenant)

    def _find_tenant(self) -> str:
        if self._options.tenant:
            return self._options.tenant
        subscription = self._target.subscription or self._options.subscription
        if not subscription:
            return ""
        try:
            return self._arm.tenant_of(subscription) or ""
        except AzureError:
            # The tenant stays unknown; that ARM cannot be reached shows in every fact that is read from it.
            return ""

    def foundry(self) -> Fact[Token]:
        """The token for the Foundry data plane."""
        return self._memo.once("token-foundry", self._foundry)

    def _foundry(self) -> Fact[Token]:
        if self._cloud.ai_scope is None:
            summary = f"no token scope for Foundry is documented for {self._cloud.title}"
            return Unread(Problem(Cause.NOT_CHECKABLE, summary))
        fact = self._pinned(self._cloud.ai_scope)
        if isinstance(fact, Known) and (claims := fact.value.claims) is not None and claims.object_id:
            self._ledger.note(
                Identity(
                    claims.object_id,
                    IdentityRole.CALLER,
                    name=claims.who,
                    seen_in=("token",),
                    client_id=claims.app_id,
                    kind=claims.kind,
                )
            )
        return fact

    def arm(self) -> Fact[Token]:
        """The token for Azure Resource Manager."""
        return self._memo.once("token-arm", lambda: self._pinned(self._cloud.arm_scope))

    def _pinned(self, scope: str) -> Fact[Token]:
        """A token for the scope, from the resource's tenant; the first try does not wait until that is known."""
        self._memo.start(self.resource_tenant)
        home = self._memo.once(("home", scope), lambda: self._token(scope, self._options.tenant))
        tenant = self.resource_tenant()
        if not tenant or self._is_from(home, tenant):
            return home
        fact = self._token(scope, tenant)
        if isinstance(fact, Known):
            self._credentials.use_tenant(tenant)
        if isinstance(fact, Unread) and isinstance(home, Known) and home.value.claims is not None:
            return Unread(_foreign(fact.problem, home.value.claims.tenant_id, tenant))
        return fact

    @staticmethod
    def _is_from(fact: Fact[Token], tenant: str) -> bool:
        if isinstance(fact, Unread):
            return fact.problem.cause in {Cause.NO_CREDENTIAL, Cause.TIMED_OUT, Cause.NAME_NOT_RESOLVED}
        claims = fact.value.claims
        return claims is None or claims.tenant_id.lower() == tenant.lower()

    def _token(self, scope: str, tenant: str) -> Fact[Token]:
        try:
            return Known(self._credentials.token(scope, tenant_id=tenant or None))
        except AzureError as error:
            return Unread(error.problem)

    def caller_id(self) -> str:
        """Object id of the caller; "" when no token says it."""
        for fact in (self.foundry(), self.arm()):
            if isinstance(fact, Known) and fact.value.claims is not None and fact.value.claims.object_id:
                return fact.value.claims.object_id.lower()
        return ""

    def caller_names(self) -> frozenset[str]:
        """Object id, client id and user principal name of the caller, in lower case."""
        return frozenset(
            name.lower()
            for fact in (self.foundry(), self.arm())
            if isinstance(fact, Known) and (claims := fact.value.claims) is not None
            for name in (claims.object_id, claims.app_id, claims.upn)
            if name
        )

    def no_principal(self) -> Problem:
        """The problem of a run in which no token says who the caller is."""
        foundry = self.foundry()
        if isinstance(foundry, Unread):
            return Problem(foundry.problem.cause, foundry.problem.summary, because_of=("token",))
        summary = "The token is opaque, so whose roles count is not known; name the object id with --principal."
        return Problem(Cause.CANNOT_READ, summary)

    def principal_id(self) -> str:
        """Object id of whose access is checked: the one that was asked for, else the caller."""
        return self._options.principal.lower() or self.caller_id()


def _foreign(problem: Problem, home: str, tenant: str) -> Problem:
    """The problem of a credential that has a tenant of its own, but may not sign in to the resource's."""
    return Problem(
        Cause.WRONG_TENANT,
        f"The credential belongs to tenant {home}; the application is in tenant {tenant}, which gave it no token.",
        evidence=(problem.summary, *problem.evidence),
        fixes=(
            Fix(
                f"Sign in to tenant {tenant}",
                f"az login --tenant {tenant}",
                needs="an account (or guest account, or for an app a service principal) in that tenant",
            ),
        ),
    )
