"""Logic Apps (Consumption): the authorization policies of the request trigger.

Shape: `properties.accessControl.triggers.openAuthenticationPolicies` of Microsoft.Logic/workflows api-version
2019-05-01. A token passes when all claims of one policy match (Microsoft Learn, "Secure access and data in Azure Logic
Apps").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.judgement import Ask, Judgement, granted, missing, open_question
from doctor.model.cause import Cause
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup

_POLICIES = "properties.accessControl.triggers.openAuthenticationPolicies.policies"
_WHOM = {"oid": "object_id", "sub": "object_id", "appid": "client_id", "azp": "client_id"}


def judge(ask: Ask, lookup: Lookup) -> Judgement:  # noqa: ARG001 - the same door as every store
    """Whether one policy of the trigger matches the claims of the identity's token, as far as they are known."""
    if ask.resource is None:
        return open_question(Cause.CANNOT_READ, f"{ask.what} could not be read")
    found = properties.dig(ask.resource, _POLICIES)
    policies = found if isinstance(found, dict) else {}
    who = ask.subject
    if not policies:
        reason = f"{ask.what} has no authorization policy, so it accepts signed URLs only and no token of {ask.who}"
        return missing(Cause.NATIVE_ROLE_MISSING, reason, fixes=(_fix(ask),))
    verdicts = [_matches(ask, policy) for policy in policies.values()]
    if True in verdicts:
        return granted(f"An authorization policy of {ask.what} admits {ask.who}", evidence=_seen(policies))
    if None in verdicts:
        reason = f"Whether an authorization policy of {ask.what} admits {ask.who} depends on claims that are not known"
        return open_question(Cause.NOT_CHECKABLE, reason, evidence=_seen(policies))
    reason = f"{who} matches no authorization policy of {ask.what}"
    return missing(Cause.NATIVE_ROLE_MISSING, reason, evidence=_seen(policies), fixes=(_fix(ask),))


def _matches(ask: Ask, policy: object) -> bool | None:
    """True when every claim matches, False when one does not, None when one cannot be known.

    Azure refuses a policy without an issuer; what one would admit is not known.
    """
    claims = properties.items(policy, "claims")
    unknown = not any(properties.text(claim, "name").lower() == "iss" for claim in claims)
    for claim in claims:
        name, wanted = properties.text(claim, "name").lower(), properties.text(claim, "value")
        if name == "aud":
            if wanted.rstrip("/").lower() != ask.audience.rstrip("/").lower():
                return False
        elif name in _WHOM:
            have = getattr(ask.identity, _WHOM[name])
            if have and have.lower() != wanted.lower():
                return False
            unknown = unknown or not have
        elif name != "iss":
            unknown = True
    return None if unknown else True


def _seen(policies: dict[str, object]) -> tuple[str, ...]:
    return tuple(
        f"policy {clean(name)}: {clean(properties.text(claim, 'name'))} = {clean(properties.text(claim, 'value'))}"
        for name, policy in policies.items()
        for claim in properties.items(policy, "claims")
    )


def _fix(ask: Ask) -> Fix:
    return Fix(
        title=f"Add an authorization policy for issuer, audience and oid {ask.identity.object_id} to {ask.what}",
        needs="Logic App Contributor on the workflow",
    )
