"""App Service Authentication (Easy Auth): which tokens a site lets through before its code runs.

Shape: `config/authsettingsV2` of Microsoft.Web/sites api-version 2024-11-01. Sources: Microsoft Learn, "Azure Functions
as tools of Foundry agents", "Secure OpenAPI endpoints for the agent service"; the site's own client id always counts as
an allowed audience ("Configure your App Service app to use Microsoft Entra sign-in").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor import changes
from doctor.downstream import properties, resolve
from doctor.downstream.judgement import Ask, Judgement, for_a_person, granted, missing, open_question, unread
from doctor.model.cause import Cause
from doctor.model.change import RunAz
from doctor.model.fact import Known
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup

API_VERSION = "2024-11-01"
_ENTRA = "properties.identityProviders.azureActiveDirectory"
_POLICY = f"{_ENTRA}.validation.defaultAuthorizationPolicy"
_CLAIMS = f"{_ENTRA}.validation.jwtClaimChecks"


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Whether the site's authentication settings admit the identity and its token."""
    if resolve.resource_type(ask.resource_id).lower() != "microsoft.web/sites":
        return for_a_person(ask, f"Whether {ask.what} admits {ask.who} is decided inside it")
    settings = lookup.read(f"{ask.resource_id}/config/authsettingsV2", API_VERSION)
    if not isinstance(settings, Known):
        return unread(settings.problem, f"The authentication settings of {ask.what}")
    document = settings.value
    if properties.dig(document, "properties.platform.enabled") is not True:
        return for_a_person(ask, f"{ask.what} has no App Service Authentication, so its own code decides")
    return _enabled(ask, document, lookup)


def _enabled(ask: Ask, document: Any, lookup: Lookup) -> Judgement:
    """The answer of a site whose authentication is switched on.

    The MCP server of a Standard logic app guards itself, and must be reached without a sign-in.
    """
    is_logic_app, is_open = ask.kind.id == "logic_apps_standard", _lets_anybody_in(document)
    if is_logic_app and not is_open:
        reason = f"{ask.what} requires a sign-in before its MCP server is reached, and that is documented to break it"
        return open_question(Cause.NATIVE_ROLE_MISSING, reason)
    if properties.dig(document, f"{_ENTRA}.enabled") is False:
        reason = f"{ask.what} requires a sign-in, and Microsoft Entra is switched off there"
        return missing(Cause.NATIVE_ROLE_MISSING, reason)
    refused = _audience(ask, document) or _principal(ask, document, lookup) or _application(ask, document)
    if refused is not None:
        return refused
    if is_open and not is_logic_app:
        return for_a_person(ask, f"{ask.what} lets requests in without a sign-in too, so its own code decides")
    return granted(f"The authentication settings of {ask.what} admit {ask.who}", evidence=_seen(document))


def _audience(ask: Ask, document: Any) -> Judgement | None:
    registration = properties.text(document, f"{_ENTRA}.registration.clientId")
    listed = properties.texts(properties.dig(document, f"{_ENTRA}.validation.allowedAudiences"))
    allowed = {one for one in (*listed, registration) if one}
    if not allowed:
        return open_question(Cause.NOT_CHECKABLE, f"{ask.what} does not say which audiences it accepts")
    if not ask.audience:
        return open_question(Cause.CONNECTION_BROKEN, f"It is not known for which audience the token for {ask.what} is")
    if ask.audience in allowed:
        return None
    near = [one for one in allowed if one.rstrip("/").lower() == ask.audience.rstrip("/").lower()]
    hint = " (only letter case or the slash at the end differ)" if near else ""
    return missing(
        Cause.WRONG_AUDIENCE,
        f"{ask.what} does not accept tokens for {clean(ask.audience)}{hint}",
        evidence=tuple(f"accepted audience {clean(one)}" for one in sorted(allowed)),
        fixes=(_audience_fix(ask, sorted(allowed)),),
    )


def _principal(ask: Ask, document: Any, lookup: Lookup) -> Judgement | None:
    identities = _lower(document, f"{_POLICY}.allowedPrincipals.identities")
    groups = _lower(document, f"{_POLICY}.allowedPrincipals.groups")
    claimed = _lower(document, f"{_CLAIMS}.allowedGroups")
    mine = {one.lower() for one in lookup.groups(ask.identity.object_id)}
    named = not (identities or groups) or ask.identity.object_id.lower() in identities or bool(groups & mine)
    if named and (not claimed or claimed & mine):
        return None
    if groups or named:
        reason = f"{ask.what} admits listed groups, and it is not known whether {ask.who} is in one of them"
        return open_question(Cause.NATIVE_ROLE_MISSING, reason, fixes=(_principal_fix(ask),))
    reason = f"{ask.what} admits listed identities only, and {ask.who} is not one of them"
    return missing(Cause.NATIVE_ROLE_MISSING, reason, evidence=_seen(document), fixes=(_principal_fix(ask),))


def _application(ask: Ask, document: Any) -> Judgement | None:
    """Both lists of client ids must have the identity's, where they are there."""
    paths = (f"{_POLICY}.allowedApplications", f"{_CLAIMS}.allowedClientApplications")
    lists = [allowed for path in paths if (allowed := _lower(document, path))]
    if not lists:
        return None
    if not ask.identity.client_id:
        reason = f"{ask.what} admits listed client ids only, and that of {ask.who} is not known"
        return open_question(Cause.NATIVE_ROLE_MISSING, reason)
    if all(ask.identity.client_id.lower() in allowed for allowed in lists):
        return None
    reason = f"{ask.what} admits listed client ids only, and that of {ask.who} is not one of them"
    return missing(Cause.NATIVE_ROLE_MISSING, reason, evidence=_seen(document))


def _lower(document: Any, path: str) -> set[str]:
    return {one.lower() for one in properties.texts(properties.dig(document, path))}


def _lets_anybody_in(document: Any) -> bool:
    action = properties.text(document, "properties.globalValidation.unauthenticatedClientAction").lower()
    required = properties.dig(document, "properties.globalValidation.requireAuthentication")
    return required is False or action == "allowanonymous"


def _seen(document: Any) -> tuple[str, ...]:
    paths = {
        "accepted audience": f"{_ENTRA}.validation.allowedAudiences",
        "admitted identity": f"{_POLICY}.allowedPrincipals.identities",
        "admitted client id": f"{_POLICY}.allowedApplications",
        "client id that a claim check admits": f"{_CLAIMS}.allowedClientApplications",
    }
    return tuple(
        f"{what} {clean(one)}"
        for what, path in paths.items()
        for one in properties.texts(properties.dig(document, path))
    )


def _audience_fix(ask: Ask, allowed: list[str]) -> Fix:
    site, id_ = resolve.resource_name(ask.resource_id), ask.resource_id
    group, subscription = resolve.part(id_, "resourceGroups"), resolve.part(id_, "subscriptions")
    where = ("--name", site, "--resource-group", group, "--subscription", subscription)
    update = ("webapp", "auth", "microsoft", "update", *where, "--allowed-audiences", *allowed)
    title = f"Let {ask.what} accept the connection's audience, if it is the right one (else correct the connection)"
    return changes.fix(RunAz((*update, ask.audience), update), title, needs="Website Contributor on the site")


def _principal_fix(ask: Ask) -> Fix:
    return Fix(
        title=f"Add object id {ask.identity.object_id} to the allowed identities of {ask.what}",
        needs="Website Contributor on the site",
        note="The setting is allowedPrincipals.identities in authsettingsV2; keep the identities that are there.",
    )
