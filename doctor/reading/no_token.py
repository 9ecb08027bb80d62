"""Why there is no token, in sentences for the report."""

from __future__ import annotations

import base64
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.fix import Fix
from doctor.model.no_token import gist
from doctor.model.untrusted import clean
from doctor.reading.entra import entra_refusal

if TYPE_CHECKING:
    from doctor.model.no_token import Failure, NoTokenStory, TokenAsked
    from doctor.reading.entra import EntraRefusal

_LOGIN_KINDS = {"default", "cli"}
_CI_KINDS = {"github", "azure-pipelines"}
_SET_BY_MACHINE = {"environment variables", "workload identity", "managed identity"}
_SPEAK_FOR_ENTRA = {"environment variables", "workload identity", "GitHub Actions", "Azure Pipelines", "device code"}
"""Credentials that hand on what Entra said; the others are tools with words of their own."""
_OAUTH_ERROR = re.compile(
    r"AADSTS\d|\b(?:invalid_(?:client|grant|request|scope|resource|tenant)|unauthorized_client|access_denied"
    r"|unsupported_grant_type|interaction_required|temporarily_unavailable)\b"
)
"""Error codes of OAuth 2.0 (RFC 6749, section 5.2) and of Entra."""
_CONDITIONAL_ACCESS = "AADSTS530"
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500


def no_token(story: NoTokenStory) -> Problem:
    """Why a chain of credentials gave no token: the first that was refused tells why."""
    asked = story.asked
    if story.is_overdue:
        return _too_late(asked)
    if story.bad_settings:
        return _bad_settings(story.bad_settings)
    lines = tuple(failure.line for failure in story.failures)
    refused = next((one for one in story.failures if not one.is_unavailable), None)
    if refused is None:
        return _narrowed(story, lines) if story.narrowed else _nobody(lines, asked)
    refusal = entra_refusal(refused.text)
    if refusal is not None:
        return _refused(refused, refusal, lines, asked)
    if refused.no_answer is not None:
        return replace(refused.no_answer, evidence=(*refused.no_answer.evidence, *lines))
    return _unknown(refused, lines, asked, story.entra_status)


def _nobody(story: tuple[str, ...], asked: TokenAsked) -> Problem:
    if asked.claims:
        return Problem(
            Cause.SIGN_IN_BLOCKED,
            f"Azure wants a fresh sign-in for {clean(asked.scope)} (a claims challenge), which only a person can do.",
            evidence=story,
            fixes=_fixes(asked, "Sign in again"),
        )
    if asked.kind in _CI_KINDS:
        return Problem(
            Cause.FEDERATION_MISMATCH,
            f"This job got no token of its CI system, so there is none for {clean(asked.scope)}.",
            evidence=story,
            fixes=_fixes(asked, ""),
        )
    subject = "No credential of the default chain is" if asked.kind == "default" else f"Credential {asked.kind} is not"
    return Problem(
        Cause.NO_CREDENTIAL,
        f"{subject} available on this machine, so there is no token for {clean(asked.scope)}.",
        evidence=story,
        fixes=_fixes(asked, "Sign in"),
    )


def _narrowed(story: NoTokenStory, lines: tuple[str, ...]) -> Problem:
    """Nobody is there of those that AZURE_TOKEN_CREDENTIALS leaves; signing in elsewhere would not help."""
    asked, left = story.asked, [failure.label for failure in story.failures]
    setting = f"AZURE_TOKEN_CREDENTIALS={clean(story.narrowed)}"
    wide = Fix(title="Unset AZURE_TOKEN_CREDENTIALS, or name the credential with `--credential`.")
    sign_in = _fixes(asked, "Sign in") if "Azure CLI" in left else ()
    return Problem(
        Cause.NO_CREDENTIAL,
        f"{setting} leaves {', '.join(left)} of the default chain, and none of it is available here, so there is no "
        f"token for {clean(asked.scope)}.",
        evidence=lines,
        fixes=(*sign_in, wide),
    )


def _refused(failure: Failure, refusal: EntraRefusal, story: tuple[str, ...], asked: TokenAsked) -> Problem:
    where = f" (tenant {clean(asked.tenant)})" if asked.tenant else ""
    return Problem(
        refusal.cause,
        f"{refusal.summary}: the credential {failure.label!r} got no token for {clean(asked.scope)}{where} "
        f"({refusal.code}).",
        evidence=story,
        fixes=_entra_fixes(refusal, failure, asked),
    )


def _unknown(failure: Failure, story: tuple[str, ...], asked: TokenAsked, entra_status: int | None) -> Problem:
    if entra_status is not None and (entra_status == _TOO_MANY or entra_status >= _SERVER_ERROR):
        return Problem(
            Cause.THROTTLED if entra_status == _TOO_MANY else Cause.SERVICE_FAILED,
            f"Entra answered {entra_status} to the credential {failure.label!r}, so there is no token.",
            evidence=story,
            fixes=(Fix(title="Wait a little and run again."),),
            status=entra_status,
        )
    if entra_status == _OK or (failure.label in _SPEAK_FOR_ENTRA and not _OAUTH_ERROR.search(failure.text)):
        summary = f"Entra's answer to the credential {failure.label!r} is not one that Entra gives"
        return Problem(Cause.UNRECOGNISED, f"{summary}: {gist(failure.text)}", evidence=story)
    return Problem(
        Cause.SIGN_IN_BLOCKED,
        f"The credential {failure.label!r} was refused a token for {clean(asked.scope)}: {gist(failure.text)}",
        evidence=story,
        fixes=_sign_in(failure, asked),
    )


def _entra_fixes(  # noqa: PLR0911 - a table of refusals
    refusal: EntraRefusal, failure: Failure, asked: TokenAsked
) -> tuple[Fix, ...]:
    match refusal.cause:
        case Cause.CONSENT_MISSING:
            return (
                Fix(
                    title="Let an administrator of the tenant consent to the application in Entra (Enterprise "
                    "applications, Permissions, Grant admin consent).",
                    needs="Cloud Application Administrator or higher in the tenant",
                ),
            )
        case Cause.PRINCIPAL_NOT_FOUND:
            return (
                Fix(
                    title="Check that the tenant is the resource's own; if so, the service principal is missing there.",
                    note="The service principal of Azure's own services appears when the tenant first uses them.",
                ),
            )
        case Cause.WRONG_TENANT:
            return _fixes(asked, "Sign in to the tenant of the resource, as a user who is a member or guest there")
        case Cause.SERVICE_FAILED | Cause.THROTTLED:
            return (Fix(title="Wait a little and run again."),)
        case Cause.FEDERATION_MISMATCH | Cause.AGENT_IDENTITY_TOKEN | Cause.SCOPE_MISSING | Cause.REQUEST_INVALID:
            return (Fix(title=f"{refusal.family.fix}."),)
        case _:
            pass
    if refusal.code in {"AADSTS7000215", "AADSTS7000222", "AADSTS7000218"}:
        who = f" of application {refusal.application}" if refusal.application else " of the application"
        return (Fix(title=f"Make a new client secret{who} and set it as AZURE_CLIENT_SECRET."),)
    if refusal.code.startswith(_CONDITIONAL_ACCESS):
        ask = Fix(
            title="Find the blocking policy in Entra's sign-in logs, and have it changed, or run from a device and "
            "network that it allows.",
            needs="Security Reader to see the logs, Conditional Access Administrator to change the policy",
        )
        return (ask, *_sign_in(failure, asked))
    return _sign_in(failure, asked)


def _sign_in(failure: Failure, asked: TokenAsked) -> tuple[Fix, ...]:
    """How to sign in again, which differs for a credential that the machine's settings carry."""
    if asked.kind == "default" and failure.label in _SET_BY_MACHINE:
        return (
            Fix(
                title=f"Correct the settings of the credential {failure.label!r}, or name another with `--credential`.",
                note="While AZURE_CLIENT_ID and its companions are set, the default chain does not get to `az login`.",
            ),
        )
    return _fixes(asked, "Sign in again")


def _fixes(asked: TokenAsked, title: str) -> tuple[Fix, ...]:
    if asked.kind in _LOGIN_KINDS:
        return (Fix(title=f"{title}.", command=_login(asked)),)
    words = {
        "env": "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH).",
        "managed-identity": "Run this where a managed identity is assigned; AZURE_CLIENT_ID names a user-assigned one.",
        "workload-identity": "Run this in a pod that the workload identity webhook has set up (AZURE_CLIENT_ID, "
        "AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE).",
        "github": "Give the job, and the workflow that calls it, `permissions: id-token: write`, and set "
        "AZURE_TENANT_ID and AZURE_CLIENT_ID in its env.",
        "azure-pipelines": "Run in a task with an Azure service connection (AzureCLI@2), and map "
        "`SYSTEM_ACCESSTOKEN: $(System.AccessToken)` in its env.",
        "powershell": "Sign in with Connect-AzAccount in PowerShell (module Az.Accounts).",
        "device-code": f"{title} with the code that is shown, before the time of the run (`--timeout`) is over.",
        "broker": f"{title} to Windows; the package azure-identity-broker must be installed.",
    }
    if asked.kind == "azd":
        tenant = f" --tenant-id {shlex.quote(asked.tenant)}" if asked.tenant else ""
        return (Fix(title=f"{title}.", command=f"azd auth login{tenant}"),)
    return (Fix(title=words.get(asked.kind, f"{title} in the browser.")),)


def _login(asked: TokenAsked) -> str:
    """The `az login` that asks the same, on one line."""
    words = ["az", "login"]
    if asked.claims:
        words += ["--claims-challenge", base64.b64encode(asked.claims.encode()).decode()]
    if asked.tenant:
        words += ["--tenant", asked.tenant]
    return shlex.join([*words, "--scope", asked.scope])


def _too_late(asked: TokenAsked) -> Problem:
    return Problem(
        Cause.TIMED_OUT,
        f"No credential gave a token for {clean(asked.scope)} in the time there was.",
        fixes=(
            Fix(
                title="Run again with a longer `--timeout`, or name one credential with `--credential`, so that no "
                "other is tried first."
            ),
        ),
    )


def _bad_settings(said: str) -> Problem:
    return Problem(
        Cause.NO_CREDENTIAL,
        f"The credential is not set up right: {clean(said.strip())[:300]}",
        fixes=(Fix(title="Correct the environment variable or option that the message names."),),
    )
