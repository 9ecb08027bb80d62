"""What Entra's refusals mean: AADSTS codes as causes.

Source of the codes: "Microsoft Entra authentication and authorization error codes" in the public documentation of the
Microsoft identity platform. A code that is not in the table is a refusal all the same: sign-in-blocked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from doctor.model.cause import Cause

_CODE = re.compile(r"AADSTS(\d{4,8})")
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_S, _T, _C, _P = Cause.SIGN_IN_BLOCKED, Cause.WRONG_TENANT, Cause.CONSENT_MISSING, Cause.PRINCIPAL_NOT_FOUND
_INTERACTIVE = "Entra wants this user to sign in again"
_POLICY = "A Conditional Access policy blocks this sign-in"

_CODES: dict[str, tuple[Cause, str]] = {
    "50076": (_S, "Entra wants multi-factor authentication"),
    "50079": (_S, "Entra wants this user to register for multi-factor authentication"),
    "50074": (_S, "Entra wants multi-factor authentication"),
    "50072": (_S, "Entra wants this user to register for multi-factor authentication"),
    "50158": (_S, "An external security challenge (multi-factor authentication) is not satisfied"),
    "50058": (_S, _INTERACTIVE),
    "50078": (_S, "The multi-factor authentication has expired"),
    "50173": (_S, "The sign-in was revoked (password changed or sessions ended)"),
    "50132": (_S, "The session was revoked"),
    "70008": (_S, "The sign-in has expired"),
    "70043": (_S, "The sign-in has expired by a Conditional Access policy"),
    "70044": (_S, "The session has expired by a Conditional Access policy"),
    "700082": (_S, "The sign-in has expired because it was not used for long"),
    "700084": (_S, "The sign-in has expired"),
    "65001": (_C, "Nobody has consented to this application in the tenant"),
    "65004": (_C, "The user declined the consent"),
    "90094": (_C, "An administrator must consent"),
    "90095": (_C, "An administrator must consent"),
    "650056": (_C, "The application has no permission for this resource"),
    "53000": (_S, "Conditional Access wants a compliant device"),
    "53001": (_S, "Conditional Access wants a domain-joined device"),
    "53002": (_S, "Conditional Access wants an approved app"),
    "53003": (_S, _POLICY),
    "53004": (_S, "Entra wants this user to register for multi-factor authentication"),
    "530003": (_S, "Conditional Access wants a managed device"),
    "530031": (_S, _POLICY),
    "530034": (_S, "A workload identity policy blocks this service principal"),
    "530035": (_S, "Security defaults block this sign-in"),
    "530084": (_S, "Conditional Access wants a token that is bound to this device"),
    "50005": (_S, "Conditional Access does not allow this platform"),
    "50053": (_S, "The account is locked or the address is blocked"),
    "50055": (_S, "The password has expired"),
    "50057": (_S, "The user account is disabled"),
    "50056": (_S, "The password is wrong or missing"),
    "50126": (_S, "The user name or password is wrong"),
    "50105": (_S, "The user is not assigned to the application"),
    "7000112": (_S, "The application is disabled"),
    "7000215": (_S, "The client secret is wrong"),
    "7000222": (_S, "The client secret has expired"),
    "7000218": (_S, "The request carries no client secret"),
    "700024": (_S, "The client assertion is out of its time: it is old, or this machine's clock is wrong"),
    "700027": (_S, "The certificate is not registered for the application"),
    "70021": (_S, "No federated credential of the application matches the assertion"),
    "700211": (_S, "No federated credential of the application matches the issuer of the assertion"),
    "700212": (_S, "No federated credential of the application matches the audience of the assertion"),
    "700213": (_S, "No federated credential of the application matches the subject of the assertion"),
    "700016": (_P, "The application is not in this tenant"),
    "500011": (_P, "The resource has no service principal in this tenant"),
    "500014": (_S, "The service principal of the resource is disabled"),
    "650052": (_P, "The tenant has no service principal for the resource"),
    "650057": (_C, "The application does not list this resource among its permissions"),
    "50020": (_T, "The user is of another tenant and no guest in this one"),
    "50034": (_T, "The user does not exist in this tenant"),
    "50059": (_T, "The sign-in names no tenant"),
    "50128": (_T, "The tenant's domain name is not valid"),
    "51004": (_T, "The user does not exist in this tenant"),
    "90002": (_T, "The tenant does not exist"),
    "90072": (_T, "The user is of another tenant and no guest in this one"),
    "900023": (_T, "The name of the tenant is not valid"),
    "5000224": (_T, "The tenant is not available"),
    "90033": (Cause.SERVICE_FAILED, "Entra is not available at the moment"),
    "90024": (Cause.SERVICE_FAILED, "Entra is not available at the moment"),
    "50196": (Cause.THROTTLED, "Entra refuses because the same request came too often"),
    "90055": (Cause.THROTTLED, "Entra refuses because too many requests came"),
}


@dataclass(frozen=True, slots=True)
class EntraRefusal:
    """What one refusal says."""

    code: str
    """`AADSTS50076`; "" when the text names none."""
    cause: Cause
    summary: str
    """What it means, as a clause that starts with a capital letter and has no full stop."""
    application: str = ""
    """The application id that the text names."""


def read_refusal(text: str) -> EntraRefusal | None:
    """The first AADSTS code of a text that we know, else the first one; None when there is none."""
    codes = _CODE.findall(text)
    if not codes:
        return None
    code = next((one for one in codes if one in _CODES), codes[0])
    cause, summary = _CODES.get(code, (_S, "Entra refused the sign-in"))
    named = re.search(rf"(?i)\b(?:application|app|resource principal)[^'\"]{{0,60}}['\"]({_GUID})['\"]", text)
    return EntraRefusal(f"AADSTS{code}", cause, summary, named.group(1).lower() if named else "")
