"""Why there is no token, in sentences for the report."""

from __future__ import annotations

import base64
import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from doctor.azure.entra_errors import read_refusal
from doctor.azure.errors import NoToken, no_answer_in
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.azure.entra_errors import EntraRefusal

_LONGEST_LINE = 300
# What the line says already, and advice that the fix replaces.
_NOISE = re.compile(
    r"^Authentication failed: |^\w+Credential (?:authentication )?unavailable[.,:] ?"
    r"|See the troubleshooting guide for more information: https://\S+ ?|Please visit https://\S+ .*$"
)
_LOGIN_KINDS = {"default", "cli"}
_SET_BY_MACHINE = {"environment variables", "workload identity", "managed identity"}
_CONDITIONAL_ACCESS = "AADSTS530"


@dataclass(frozen=True, slots=True)
class Failure:
    """One credential that gave no token."""

    label: str
    error: Exception
    unavailable: bool
    """It is not set up here; otherwise it is, and was refused."""

    @property
    def line(self) -> str:
        """One line for the story of the chain."""
        return f"{self.label}: {'not available' if self.unavailable else 'refused'} - {gist(str(self.error))}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    scope: str
    tenant: str
    kind: str
    claims: str = ""

    @property
    def login(self) -> str:
        """The `az login` that asks the same, on one line."""
        words = ["az", "login"]
        if self.claims:
            words += ["--claims-challenge", base64.b64encode(self.claims.encode()).decode()]
        if self.tenant:
            words += ["--tenant", self.tenant]
        return shlex.join([*words, "--scope", self.scope])


_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500


def no_token(failures: tuple[Failure, ...], asked: Asked, entra_status: int | None = None) -> NoToken:
    """The error for a chain of credentials none of which gave a token: the first that was refused tells why.

    Args:
        failures: what each credential said.
        asked: what was asked for.
        entra_status: HTTP status of Entra's last answer, where it answered.
    """
    story = tuple(failure.line for failure in failures)
    refused = next((one for one in failures if not one.unavailable), None)
    if refused is None:
        return NoToken(_nobody(story, asked))
    refusal = read_refusal(str(refused.error))
    if refusal is None and (silent := no_answer_in(refused.error)):
        problem = silent.problem
        return NoToken(replace(problem, evidence=(*problem.evidence, *story)))
    if refusal is None:
        return NoToken(_unknown(refused, story, asked, entra_status))
    return NoToken(_refused(refused, refusal, story, asked))


def gist(message: str) -> str:
    """The line of an error that says most: the one with an AADSTS code, else the first; clean and not too long."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    line = next((one for one in lines if "AADSTS" in one), lines[0] if lines else "no reason given")
    line = _NOISE.sub("", clean(line)).partition(" Trace ID:")[0].strip() or clean(line)
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _nobody(story: tuple[str, ...], asked: Asked) -> Problem:
    if asked.claims:
        return Problem(
            Cause.SIGN_IN_BLOCKED,
            f"Azure wants a fresh sign-in for {clean(asked.scope)} (a claims challenge), which only a person can do.",
            evidence=story,
            fixes=_fixes(asked, "Sign in again"),
        )
    subject = "No credential of the default chain is" if asked.kind == "default" else f"Credential {asked.kind} is not"
    return Problem(
        Cause.NO_CREDENTIAL,
        f"{subject} available on this machine, so there is no token for {clean(asked.scope)}.",
        evidence=story,
        fixes=_fixes(asked, "Sign in"),
    )


def _refused(failure: Failure, refusal: EntraRefusal, story: tuple[str, ...], asked: Asked) -> Problem:
    where = f" (tenant {clean(asked.tenant)})" if asked.tenant else ""
    return Problem(
        refusal.cause,
        f"{refusal.summary}: the credential {failure.label!r} got no token for {clean(asked.scope)}{where} "
        f"({refusal.code}).",
        evidence=story,
        fixes=_entra_fixes(refusal, failure, asked),
    )


def _unknown(failure: Failure, story: tuple[str, ...], asked: Asked, entra_status: int | None) -> Problem:
    if entra_status is not None and (entra_status == _TOO_MANY or entra_status >= _SERVER_ERROR):
        return Problem(
            Cause.THROTTLED if entra_status == _TOO_MANY else Cause.SERVICE_FAILED,
            f"Entra answered {entra_status} to the credential {failure.label!r}, so there is no token.",
            evidence=story,
            fixes=(Fix(title="Wait a little and run again."),),
            status=entra_status,
        )
    if entra_status == _OK:
        summary = f"Entra's answer to the credential {failure.label!r} is not one that Entra gives"
        return Problem(Cause.UNRECOGNISED, f"{summary}: {gist(str(failure.error))}", evidence=story)
    return Problem(
        Cause.SIGN_IN_BLOCKED,
        f"The credential {failure.label!r} was refused a token for {clean(asked.scope)}: {gist(str(failure.error))}",
        evidence=story,
        fixes=_sign_in(failure, asked),
    )


def _entra_fixes(  # noqa: PLR0911 - a table of refusals
    refusal: EntraRefusal, failure: Failure, asked: Asked
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


def _sign_in(failure: Failure, asked: Asked) -> tuple[Fix, ...]:
    """How to sign in again, which differs for a credential that the machine's settings carry."""
    if asked.kind == "default" and failure.label in _SET_BY_MACHINE:
        return (
            Fix(
                title=f"Correct the settings of the credential {failure.label!r}, or name another with `--credential`.",
                note="While AZURE_CLIENT_ID and its companions are set, the default chain does not get to `az login`.",
            ),
        )
    return _fixes(asked, "Sign in again")


def _fixes(asked: Asked, title: str) -> tuple[Fix, ...]:
    if asked.kind in _LOGIN_KINDS:
        return (Fix(title=f"{title}.", command=asked.login),)
    words = {
        "env": "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH).",
        "managed-identity": "Run this where a managed identity is assigned; AZURE_CLIENT_ID names a user-assigned one.",
        "workload-identity": "Run this in a pod that the workload identity webhook has set up (AZURE_CLIENT_ID, "
        "AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE).",
    }
    if asked.kind == "azd":
        tenant = f" --tenant-id {shlex.quote(asked.tenant)}" if asked.tenant else ""
        return (Fix(title=f"{title}.", command=f"azd auth login{tenant}"),)
    return (Fix(title=words.get(asked.kind, f"{title} in the browser.")),)
