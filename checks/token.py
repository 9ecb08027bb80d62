"""A token for the Foundry data plane can be had.

## What it verifies
One credential (of the chain, or the one named with `--credential`) gives a token for the audience of Foundry
endpoints, `https://ai.azure.com` in the public cloud, issued by the tenant that the application belongs to and valid
at this moment. The token's claims are shown: audience, tenant, object id, kind of principal, expiry. The token itself
never is.

## When it does not pass
- no credential of the chain is set up, or each one failed (`no-credential`, unknown: nothing was verified); the report
  says of each why
- Entra refused: conditional access, multi-factor authentication, a disabled account, a wrong or expired secret
  (`sign-in-blocked`), missing consent (`consent-missing`)
- the credential belongs to another tenant than the application (`wrong-tenant`)
- the token is for another resource (`wrong-audience`)
- the token is expired, or this machine's clock differs from the server's (`token-expired`; the report says which)

## What to do
Sign in with the command that the report shows, or choose another credential with `--credential`, another tenant with
`--tenant`.

## Sources
The audience: Microsoft's documentation of Agent Applications, June 2026; the sovereign clouds' from the documentation
of Foundry in Azure Government, June 2026. The refusals: the AADSTS codes of Microsoft Entra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import changes
from doctor.azure.clouds import audience_of
from doctor.check import Check, Finding, Group, failed, passed, sentence, skipped, unknown, warned
from doctor.facts import witness
from doctor.facts.tokens import foundry_token, resource_tenant
from doctor.model.cause import Cause
from doctor.model.change import SignIn
from doctor.model.fact import Unread
from doctor.model.fix import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.azure.token import Claims, Token
    from doctor.facts.subject import Facts

UNSETTLED = {
    Cause.NO_CREDENTIAL,
    Cause.THROTTLED,
    Cause.SERVICE_FAILED,
    Cause.UNRECOGNISED,
    Cause.TIMED_OUT,
    Cause.NOT_CHECKABLE,
}
"""Causes with which nothing was verified: neither that a token can be had nor that none can."""
SKEW_SECONDS = 300
"""Entra tolerates five minutes between clocks."""


def run(facts: Facts) -> Iterator[Finding]:
    """Get the token and judge its claims."""
    if facts.options.principal:
        yield skipped("Only the signed-in caller has a token here; --principal asks about somebody else.")
        return
    fact = facts.ask(foundry_token(facts.estate))
    if isinstance(fact, Unread):
        problem = fact.problem
        give = unknown if problem.cause in UNSETTLED else failed
        yield give(problem.cause, sentence(problem.summary), evidence=problem.evidence, fixes=problem.fixes)
        return
    token = fact.value
    claims = token.claims
    if claims is None:
        yield passed(f"{token.credential} gave a token. It is opaque, so what it says about the caller is not known.")
        return
    evidence = (
        f"audience {claims.audience}",
        f"tenant {claims.tenant_id}",
        f"object id {claims.object_id}",
        *((f"app id {claims.app_id}",) if claims.app_id else ()),
        *token.story,
    )
    tenant = resource_tenant(facts.estate)
    if tenant and claims.tenant_id and tenant.lower() != claims.tenant_id.lower():
        yield failed(
            Cause.WRONG_TENANT,
            f"The token is from tenant {claims.tenant_id}, the application belongs to tenant {tenant}.",
            evidence=evidence,
            fixes=(changes.fix(SignIn(tenant), f"Sign in to tenant {tenant}"),),
        )
        return
    if _is_for_another(facts, claims) and not witness.accepts(facts):
        wanted = audience_of(facts.cloud.ai_scope or "")
        yield failed(
            Cause.WRONG_AUDIENCE,
            f"{token.credential} gave a token for {claims.audience}; Foundry takes one for {wanted}.",
            evidence=evidence,
            fixes=(Fix(f"Let the credential give a token for {wanted}"),),
        )
        return
    yield _in_time(facts, token, claims, evidence)


def _is_for_another(facts: Facts, claims: Claims) -> bool:
    """Whether the audience is another resource's address; a GUID may be Foundry's own name, and tells nothing."""
    wanted = audience_of(facts.cloud.ai_scope or "").rstrip("/").lower()
    return "://" in claims.audience and claims.audience.rstrip("/").lower() != wanted


def _in_time(facts: Facts, token: Token, claims: Claims, evidence: tuple[str, ...]) -> Finding:
    """Whether the token is valid now, by the server's clock where that is known."""
    skew = witness.clock_skew(facts)
    if skew is not None and abs(skew) > SKEW_SECONDS:
        ahead = "ahead of" if skew > 0 else "behind"
        minutes = f"This machine's clock is {abs(skew) / 60:.0f} minutes {ahead} the server's"
        fix = Fix("Set this machine's clock", "sudo timedatectl set-ntp true", needs="an administrator of this machine")
        if witness.token_refused(facts):
            return failed(Cause.TOKEN_EXPIRED, f"{minutes}.", evidence=evidence, fixes=(fix,))
        return warned(Cause.TOKEN_EXPIRED, f"{minutes}; tokens will be refused.", evidence=evidence, fixes=(fix,))
    left = claims.expires_at - facts.now().timestamp() if claims.expires_at is not None else None
    if left is not None and left <= 0:
        summary = f"The token expired {-left / 60:.0f} minutes ago, although the credential has just given it."
        return failed(Cause.TOKEN_EXPIRED, summary, evidence=evidence)
    valid = f", valid for {left / 60:.0f} minutes" if left is not None else ""
    return passed(
        sentence(f"{token.credential} gave a token to {claims.who} ({claims.kind}){valid}"), evidence=evidence
    )


check = Check(
    id="token",
    title="Can a token for Foundry be had?",
    group=Group.SIGN_IN,
    rank=10,
    run=run,
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
