"""What to do about a diagnosis: in the terms of the service that refused, filled in with the values of the text.

The first of these that there is: the federated credential that a refused token asks for; the narrow role with the
action that the text names; what the service that refused wants; what the catalogue's entry says; what the cause says.
Never a token for https://ai.azure.com to a host that is not Foundry's; an unknown host gets no audience and no role.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.fix import Fix
from doctor.reading.evidence import Plane
from doctor.reading.extract import DOCS_HOSTS, hosts
from doctor.reading.federation import federation_fix
from doctor.reading.grants import grant_at, grant_for, resource_path
from doctor.reading.services import Refuser, refuser, services
from doctor.reading.values import values_in
from doctor.reading.wording import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.diagnosis import Diagnosis
    from doctor.reading.case import Case
    from doctor.reading.catalogue import Advice, Signature
    from doctor.reading.entra import EntraRefusal

_REFUSED = {Cause.PERMISSION_DENIED, Cause.TOOL_DENIED}
_ABOUT_TOKENS = {Cause.WRONG_AUDIENCE, Cause.TOKEN_MISSING, Cause.TOKEN_EXPIRED}
_OF_A_SERVICE = {Cause.NETWORK_DENIED, Cause.KEY_AUTH_REFUSED, Cause.KEY_MISSING, Cause.NATIVE_ROLE_MISSING}
_SERVICE_FIRST = {*_OF_A_SERVICE, *_ABOUT_TOKENS, *_REFUSED}
_WHERE = {"name": "the resource", "host": "the host", "audience_named": "the audience"}
_TOOL = {
    "tool": "the tool",
    "connection": "the connection",
    "permissions": "the permissions",
    "host": "the host",
    "audience_named": "the audience",
}
_TELLING: dict[Cause, dict[str, str]] = {
    Cause.NETWORK_DENIED: {**_WHERE, "ip": "the address"},
    Cause.PERMISSION_DENIED: {
        **_WHERE,
        "workspace": "the workspace",
        "permissions": "the permissions",
        "database": "the database",
    },
    Cause.NATIVE_ROLE_MISSING: {**_WHERE, "database": "the database"},
    Cause.KEY_AUTH_REFUSED: _WHERE,
    Cause.KEY_MISSING: _WHERE,
    Cause.TOKEN_MISSING: _WHERE,
    Cause.TOKEN_EXPIRED: _WHERE,
    Cause.WRONG_AUDIENCE: _WHERE,
    Cause.TOOL_DENIED: _TOOL,
    Cause.TOOL_FAILED: _TOOL,
    Cause.CONNECTION_MISSING: {"connection": "the connection", "tool": "the tool"},
    Cause.CONNECTION_BROKEN: {"connection": "the connection", "tool": "the tool"},
    Cause.SCOPE_MISSING: {"permissions": "the permissions", "role_target": "the application"},
    Cause.CONSENT_MISSING: {
        "resource_named": "the resource",
        "permissions": "the permissions",
        "connection": "the connection",
    },
    Cause.DOWNSTREAM_NOT_FOUND: {"missing": "", **_WHERE},
    Cause.MODEL_NOT_AVAILABLE: {"deployment": "the deployment", "name": "the account"},
    Cause.OFFER_NOT_ELIGIBLE: {"quota": "the quota", "region": "the region"},
    Cause.THROTTLED: {"deployment": "the deployment", "name": "the resource", "quota": "the quota"},
    Cause.AGENT_RUNTIME_FAILED: {"session": "the session"},
    Cause.UNSUPPORTED_API_VERSION: {"versions": "the supported versions"},
    Cause.RUNTIME_OUTDATED: {"protocol_version": "the version"},
    Cause.WRONG_ENDPOINT: {"host": "the host"},
    Cause.RESOURCE_NOT_FOUND: {"missing": "", "name": "the resource"},
}
"""What a person needs to see of a text, by cause: the field, and what it is."""
_FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
_ELSEWHERE = (
    "Give {principal|the identity that was refused} what it needs at {host}: that service's own users, groups and "
    "permissions decide, or its role in Azure where it is an Azure resource; no role of Foundry helps there"
)
_SIGN_IN_HOSTS = ("sts.windows.net", "login.windows.net", "login.microsoftonline.com", "login.microsoftonline.us")
_ANY_ACCOUNT = "account.services.ai.azure.com"
_FIELD = re.compile(r"\{([a-z_]{1,20})\}")
_PLACEHOLDERS = {
    "tenant": "TENANT_ID",
    "audience": "AUDIENCE",
    "principal": "OBJECT_ID",
    "principal_or": "OBJECT_ID",
    "host": "HOST",
    "subscription": "SUBSCRIPTION_ID",
    "scope": "SCOPE",
    "namespace": "NAMESPACE",
    "client": "CLIENT_ID",
    "name": "NAME",
    "ip": "IP_ADDRESS",
    "account": "ACCOUNT",
    "kind_option": "secret",
    "verbs_words": "get",
    "project_url": "PROJECT_ENDPOINT",
    "project_path": "PROJECT_RESOURCE_ID",
    "region": "LOCATION",
    "session": "SESSION_ID",
    "database": "DATABASE",
    "outbound": "HOST",
}
_PLAIN = {
    "project_url",
    "project_path",
    "agent",
    "session",
    "principal_plain",
    "host_plain",
    "name_plain",
    "verbs_words",
    "kind_option",
}
"""Fields that are several words, or stand inside quotes; their values are letters, digits and dots only."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a diagnosis: everything its advice is made of."""

    case: Case
    entry: Signature
    said: Advice
    values: Mapping[str, str]
    found: Refuser | None
    refusal: EntraRefusal | None = None


def refuser_in(case: Case, entry: Signature) -> Refuser | None:
    """The service that the evidence is about, else the one whose words the entry has."""
    named = tuple(host for host in hosts(case.seen.text) if not host.endswith(DOCS_HOSTS))
    asked = case.evidence.context.asked_host
    found = refuser((*((asked,) if asked else ()), *named), f"{case.seen.spaced} ", case.seen.text.lower())
    if found is None and entry.service:
        return next((Refuser(one) for one in services() if one.id == entry.service), None)
    if found is None and case.evidence.context.plane is Plane.ENDPOINT:
        answered = case.evidence.context.answered_by
        found = refuser((answered or _ANY_ACCOUNT,), "")
        return found if answered or found is None else replace(found, host="")
    return found


def setting_values(case: Case, found: Refuser | None, refusal: EntraRefusal | None) -> dict[str, str]:
    """Every field that advice and sentences may name."""
    others = [host for host in hosts(case.seen.text) if not host.endswith((*DOCS_HOSTS, *_SIGN_IN_HOSTS))]
    tenant, at = case.named.tenant, case.place
    mentioned = values_in(case.seen.text, found)
    return {
        **mentioned,
        "account": at.account or mentioned.get("name", ""),
        "host": (found.host if found else "") or case.evidence.context.asked_host or next(iter(others), ""),
        "tenant": tenant,
        "audience": case.named.audience or (found.audience if found else ""),
        "audience_named": case.named.audience,
        "namespace": case.named.namespace,
        "code": refusal.code if refusal else "",
        "client": refusal.application if refusal else "",
        "status": str(case.seen.status or ""),
        "project_path": resource_path(case.place, 2),
        "project_url": f"https://{at.account}.services.ai.azure.com/api/projects/{at.project}" if at.project else "",
        "agent": at.application,
        "service": found.service.title if found else "",
    }


def fixes_for(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    """The change to make, with the values of the text; () where nothing can be said."""
    return _with_values(_fixes_for(made, at), made, at)


def _fixes_for(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    if made.cause is Cause.FEDERATION_MISMATCH:
        return (federation_fix(at.case.seen.text, at.refusal),)
    if at.refusal is not None:
        return _made(at.refusal.family.fix, at.refusal.family.command, made, at)
    return _grant(made, at) or _of_service(made, at) or _of_entry(made, at)


def _grant(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    roles = at.case.evidence.context.roles
    if not (at.entry.grant or made.cause in _REFUSED) or roles is None:
        return ()
    is_data = (at.entry.plane is not Plane.ARM and "data action" in at.case.seen.text.lower()) or at.entry.plane in {
        Plane.ENDPOINT,
        Plane.DOWNSTREAM,
    }
    known = at.found.service.role_for(made.action) if at.found else None
    fix = grant_for(made, at.case.seen.text, at.case.place, roles, is_data=is_data, known=known)
    return (fix,) if fix else ()


def _of_service(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    """What the service that refused wants."""
    found = at.found
    if found is None or at.entry.is_exact or (at.entry.fix and made.cause not in _SERVICE_FIRST):
        return ()
    if (advice := found.service.advice_for(made.cause, at.entry.id)) is not None:
        return _made(advice.title, advice.command, made, at, undo=advice.undo, needs=advice.needs, note=advice.note)
    if made.cause in _REFUSED and (
        fix := grant_at(made, at.case.seen.text, at.case.place, found, at.values.get("name", ""))
    ):
        return (fix,)
    if made.cause in _ABOUT_TOKENS and not found.service.is_foundry and not at.entry.fix and at.values.get("audience"):
        return _token(made, at)
    return ()


def _token(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    service = at.found.service.title if at.found else "the service"
    how = "a fresh token" if made.cause is Cause.TOKEN_EXPIRED else "a token whose audience is"
    title = (
        f"Send {service} {how} {{audience}}: ask for the scope {{audience}}/.default (a connection: set that audience)"
    )
    return _made(
        title if how != "a fresh token" else f"Get a fresh token for {service} ({{audience}}/.default)",
        "az account get-access-token --scope {audience}/.default --query expiresOn",
        made,
        at,
    )


def _of_entry(made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    title, command = (at.entry.fix, at.entry.command) if at.entry.fix else (at.said.fix, at.said.command)
    host = at.values.get("host", "")
    if made.cause in _REFUSED and host and _FOUNDRY_USER in command and not (at.found and at.found.service.is_foundry):
        return _made(_ELSEWHERE, "", made, at)
    if made.cause in _ABOUT_TOKENS and not at.values.get("audience") and "{audience" in title + command:
        whom = f"{host} accepts" if host else "the service that refused accepts"
        title = (
            f"Compare the token's audience (aud) with the one that {whom} (its configuration, or its WWW-Authenticate "
            "header, names it: often api:// and its client id) and ask for that audience with /.default"
        )
        command = ""
    return _made(title, command, made, at, note=at.entry.note)


def _made(
    title: str, command: str, made: Diagnosis, at: Setting, *, undo: str = "", needs: str = "", note: str = ""
) -> tuple[Fix, ...]:
    if not title:
        return ()
    return (
        Fix(
            title=fill(title, made, at.values),
            command=_filled(command, made, at.values),
            undo=_filled(undo, made, at.values),
            needs=fill(needs, made, at.values),
            note=fill(note, made, at.values),
        ),
    )


def _with_values(fixes: tuple[Fix, ...], made: Diagnosis, at: Setting) -> tuple[Fix, ...]:
    """The advice with what the text names and the advice does not say yet."""
    if not fixes:
        return ()
    first = fixes[0]
    said = f"{made.summary}\n{first.title}\n{first.command}"
    left = [
        f"{word} {at.values[name]}"
        for name, word in _TELLING.get(made.cause, {}).items()
        if at.values.get(name, said) not in said
    ]
    if not left:
        return fixes
    note = f"The text names {', '.join(left)}."
    return (replace(first, note=f"{note} {first.note}".strip()), *fixes[1:])


def _filled(command: str, made: Diagnosis, values: Mapping[str, str]) -> str:
    known = {**values, "principal": made.principal, "principal_or": made.principal, "scope": made.scope}

    def quoted(found: re.Match[str]) -> str:
        name = found.group(1)
        value = known.get(name, "")
        if not value:
            return _PLACEHOLDERS.get(name, name.upper())
        return value if name in _PLAIN else shlex.quote(value)

    return _FIELD.sub(quoted, command)
