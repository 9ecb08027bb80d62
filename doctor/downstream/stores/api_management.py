"""API Management: the inbound policy of the API decides, by client id and audience.

Shape: `apis` and `apis/{id}/policies/policy` of Microsoft.ApiManagement/service api-version 2024-05-01. The policy is a
dialect of XML with code in it that no XML parser reads, so only the elements that matter are looked for.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from doctor.downstream import properties, resolve
from doctor.downstream.judgement import Ask, Judgement, for_a_person, granted, missing, open_question, unread
from doctor.model.access import Access
from doctor.model.cause import Cause
from doctor.model.fact import Known
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.downstream.lookup import Lookup
    from doctor.model.foundry import Json

API_VERSION = "2024-05-01"
_ENTRA = re.compile(r"<validate-azure-ad-token\b(.*?)</validate-azure-ad-token>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_OTHER = re.compile(
    r"<(?:validate-jwt|check-header|ip-filter|authentication-certificate|return-response|choose|include-fragment"
    r"|required-claims)\b",
    re.IGNORECASE,
)
"""Elements that may refuse, or call a token fit, for reasons that are not read here."""
_CLIENTS = re.compile(r"<application-id>\s*([^<]{1,200}?)\s*</application-id>", re.IGNORECASE)
_AUDIENCES = re.compile(r"<audience>\s*([^<]{1,400}?)\s*</audience>", re.IGNORECASE)


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Whether the API's own policy admits the identity's client id and the audience of its token."""
    apis = lookup.list(f"{ask.resource_id}/apis", API_VERSION)
    if not isinstance(apis, Known):
        return unread(apis.problem, f"The APIs of {ask.what}")
    called = _api(apis.value, ask.target)
    if called is None:
        return for_a_person(ask, f"No API of {ask.what} has the path that is called, so its policy is not known")
    api = properties.text(called, "name")
    policy = lookup.read(f"{ask.resource_id}/apis/{api}/policies/policy", API_VERSION)
    if not isinstance(policy, Known):
        return unread(policy.problem, f"The policy of API {clean(api)} in {ask.what}")
    text = _COMMENT.sub("", html.unescape(properties.text(policy.value, "properties.value")))
    found = _ENTRA.findall(text)
    if len(found) != 1 or _OTHER.search(text):
        return for_a_person(
            ask, f"The policy of API {clean(api)} in {ask.what} decides in a way that cannot be read here"
        )
    answer = _entra(ask, found[0], api)
    if answer.access is Access.GRANTED and properties.dig(called, "properties.subscriptionRequired") is True:
        reason = f"{answer.reason}; but it wants a subscription key too, and it is not known whether one is sent"
        return open_question(Cause.NATIVE_ROLE_MISSING, reason, evidence=answer.evidence)
    return answer


def _api(apis: Iterable[Json], url: str) -> Json | None:
    """The API whose path is the longest beginning of the called one."""
    path = resolve.place(url).path.strip("/").lower() + "/"
    found: dict[str, Json] = {properties.text(one, "properties.path").strip("/").lower(): one for one in apis}
    fitting = [prefix for prefix in found if not prefix or path.startswith(prefix + "/")]
    called = found[max(fitting, key=len)] if fitting else None
    return called if properties.text(called, "name") else None


def _entra(ask: Ask, element: str, api: str) -> Judgement:
    clients = {one.lower() for one in _CLIENTS.findall(element)}
    audiences = {one.rstrip("/").lower() for one in _AUDIENCES.findall(element)}
    evidence = tuple(f"admitted client id {clean(one)}" for one in sorted(clients))
    if any("{{" in one or "@(" in one for one in clients | audiences):
        return for_a_person(ask, f"The policy of API {clean(api)} in {ask.what} takes its values from elsewhere")
    if audiences and ask.audience.rstrip("/").lower() not in audiences:
        reason = f"API {clean(api)} in {ask.what} does not accept tokens for {clean(ask.audience) or 'no audience'}"
        return missing(Cause.WRONG_AUDIENCE, reason, evidence=evidence)
    if clients and not ask.identity.client_id:
        reason = f"API {clean(api)} in {ask.what} admits listed client ids, and that of {ask.who} is not known"
        return open_question(Cause.NATIVE_ROLE_MISSING, reason, evidence=evidence)
    if clients and ask.identity.client_id.lower() not in clients:
        reason = f"API {clean(api)} in {ask.what} admits listed client ids, and that of {ask.who} is not one of them"
        fix = Fix(
            title=f"Add client id {ask.identity.client_id} to client-application-ids in the policy of API {clean(api)}",
            needs="API Management Service Contributor on the service",
        )
        return missing(Cause.NATIVE_ROLE_MISSING, reason, evidence=evidence, fixes=(fix,))
    return granted(f"The policy of API {clean(api)} in {ask.what} admits {ask.who}", evidence=evidence)
