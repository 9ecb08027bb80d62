"""The federated credential that a refused token asks for, filled in from the text.

Facts: Microsoft's pages on workload identity federation and the issues of Azure/login and azure-workload-identity, read
up to October 2026. Issuer, subject and audience are compared as exact strings, letter case included.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.fix import Fix
from doctor.model.loose import date
from doctor.model.untrusted import clean
from doctor.reading.folding import fold

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.reading.entra import EntraRefusal

_AUDIENCE = "api://AzureADTokenExchange"
_ISSUER = re.compile(r"(?i)\bissuer\W{1,6}(https?://[^\s,;'\"]{3,300}[^\s,;'\".])")
_SUBJECT = re.compile(
    r"(?i)\bsubject(?:[ -]claim)?\W{1,6}"
    r"((?:repo|system|project_path|sc|organization|repository_owner_id|p):[^\s,'\"]{1,400}|/eid1/[^\s,'\"]{1,400})"
)
_AUDIENCES = re.compile(r"(?i)\baudience\W{1,6}((?:api|https?)://[^\s,;'\"]{3,200}[^\s,;'\".])")
_HIDDEN = re.compile(r"\*{3}")
_TIME = r"(20[0-9-]{8}T[0-9:.]{5,18}Z?)"
_TIMES = re.compile(
    rf"(?is)current time\W{{1,3}}{_TIME}.{{0,80}}?(?:valid from\W{{1,3}}{_TIME}.{{0,80}}?)?"
    rf"expiry[^:]{{0,40}}\W{{1,3}}{_TIME}"
)
_NO_ID_TOKEN = re.compile(
    r"(?i)ACTIONS_ID_TOKEN_REQUEST|id-token:? write|SYSTEM_OIDCREQUESTURI|SYSTEM_ACCESSTOKEN|oidc token"
)
_PIPELINES = re.compile(r"SYSTEM_OIDCREQUESTURI|SYSTEM_ACCESSTOKEN|vstoken\.dev\.azure\.com|/eid1/")
_NEEDS = (
    "owner of the application or Application Administrator (a user-assigned identity: "
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write)"
)
_NOTE = (
    "For a user-assigned identity: az identity federated-credential create --name agentdoctor --identity-name IDENTITY "
    "--resource-group RESOURCE_GROUP --issuer ISSUER --subject SUBJECT --audiences AUDIENCE. A new credential needs a "
    "few minutes. Where the credential should stay as it is, run the job where it points: its environment or branch."
)


@dataclass(frozen=True, slots=True)
class Presented:
    """What the text says of the token that was presented."""

    issuer: str = ""
    subject: str = ""
    audience: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether the log masks part of it as a secret."""
        return bool(_HIDDEN.search(self.subject + self.issuer))


def presented(text: str) -> Presented:
    """Issuer, subject and audience of the token in an unescaped text."""
    line = fold(text)

    def first(pattern: re.Pattern[str]) -> str:
        found = pattern.search(line)
        return clean(found.group(1)) if found else ""

    return Presented(first(_ISSUER), first(_SUBJECT), first(_AUDIENCES))


def federation_fix(text: str, refusal: EntraRefusal | None) -> Fix:
    """What to change so that the token is taken."""
    if refusal is not None and refusal.number == 700024:
        return _timing(text)
    if refusal is None or refusal.number == 50027 or (refusal.number != 70021 and _NO_ID_TOKEN.search(text)):
        return _no_id_token(text)
    if refusal.number == 700229:
        return Fix(title="Present an application's own token as assertion; a user's token cannot be exchanged here")
    return _credential(presented(text), refusal)


def _credential(token: Presented, refusal: EntraRefusal) -> Fix:
    application = refusal.application or "CLIENT_ID"
    parameters = {
        "name": "agentdoctor",
        "issuer": token.issuer or "ISSUER",
        "subject": token.subject or "SUBJECT",
        "audiences": [token.audience or _AUDIENCE],
    }
    said = ", ".join(
        f"{name} {value}"
        for name, value in (("issuer", token.issuer), ("subject", token.subject), ("audience", token.audience))
        if value
    )
    values = said or "the values of the token"
    title = f"Add (or correct) a federated credential of application {application} with exactly {values}"
    if token.is_hidden:
        title += (
            "; the log masks part of it as a secret: print the value (use vars instead of secrets) before copying it"
        )
    app = f"--id {shlex.quote(application)}"
    body = shlex.quote(json.dumps(parameters, separators=(",", ":")))
    command = f"az ad app federated-credential create {app} --parameters {body}"
    undo = f"az ad app federated-credential delete {app} --federated-credential-id agentdoctor"
    return Fix(title=title, command=command, undo=undo, needs=_NEEDS, note=_hint(token) + _NOTE)


def _hint(token: Presented) -> str:
    if "kubernetes.default.svc" in token.issuer:
        return (
            "The cluster's OIDC issuer is not enabled: az aks update --enable-oidc-issuer --enable-workload-identity. "
        )
    if "prod-aks.azure.com" in token.issuer:
        return "The issuer is the cluster's OIDC issuer URL, with its slash at the end: a new cluster has a new one. "
    if "token.actions.githubusercontent.com" in token.issuer:
        return "GitHub's issuer has no slash at the end; environment, branch, tag and pull request differ in subject. "
    return ""


def _timing(text: str) -> Fix:
    found = _TIMES.search(fold(text))
    now, start, end = (date(one) for one in found.groups()) if found else (None, None, None)
    if now and start and now < start:
        return Fix(
            title=f"Correct this machine's clock: it is {_span(start, now)} behind, so the assertion is not valid yet",
            command="date -u",
        )
    late = f" (it was used {_span(now, end)} after its end)" if now and end and now > end else ""
    return Fix(
        title=f"Get a fresh assertion right before each sign-in{late}: an OIDC token lives minutes (GitHub's five), so "
        "sign in again in the step that needs the token, or use a credential that asks for a new assertion each time",
        note="A token for another scope needs a new assertion too. In GitHub Actions run azure/login right before.",
    )


def _span(later: datetime, earlier: datetime) -> str:
    seconds = int((later - earlier).total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


def _no_id_token(text: str) -> Fix:
    if _PIPELINES.search(text):
        return Fix(
            title="Give the step the pipeline's token and the service connection: SYSTEM_ACCESSTOKEN: "
            "$(System.AccessToken) in its env, and the service connection's resourceId (from its URL) as its id",
        )
    return Fix(
        title="Let the job ask for an identity token: add permissions: id-token: write (and contents: read) to the "
        "workflow or the job, and to the caller of a reusable workflow; pull requests from forks never get one",
        note="In GitLab: id_tokens with the audience api://AzureADTokenExchange. No az login in a pipeline helps.",
    )
