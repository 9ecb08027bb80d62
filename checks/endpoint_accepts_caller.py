"""The endpoint accepts the caller.

## What it verifies
One free probe with the caller's token and an empty JSON object, which the service must refuse for its content, and
only after it has authorised the caller. So a complaint about the content, or a success, proves that this caller may
invoke the application. The body is read before the status: Foundry refuses a missing role with 401 as often as with
403.

## When it does not pass
- the service says that a principal lacks a data action (`permission-denied`); the report says whether that principal
  is the caller, and caller-access says why it is missing
- the token is refused: audience, tenant, expiry (`wrong-audience`, `wrong-tenant`, `token-expired`)
- network rules forbid this client (`network-denied`)
- the caller is let in, and the answer tells of something broken behind the endpoint: the agent identity gets no token,
  the model is missing, another principal is refused (`agent-identity-token`, `model-not-available`…)
- the address is wrong, or the api-version (`wrong-endpoint`, `application-not-found`, `unsupported-api-version`)
- the service throttles or fails (`throttled`, `service-failed`): then this is unknown, not failed
- something other than Azure answers (`not-azure`), the answer does not end (`timed-out`), or it is none of Azure's
  (`unrecognised`): then this is unknown too, since nothing was proved

## What to do
Follow the first root cause of the report. Where the service refused although the role is there, wait ten minutes and
sign in again: assignments take time, and a token keeps the groups it was issued with.

## Sources
The refusal texts: public issues of microsoft-foundry/foundry-samples and Azure/azure-dev, 2025 and 2026. Which body a
refused invocation of an application has is not documented; both known dialects are read.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor import changes
from doctor.azure.foundry import PROBE_BYTES
from doctor.check import Check, Finding, Group, failed, passed, sentence, skipped, unknown, unread
from doctor.facts import access, protocols, witness
from doctor.facts.endpoint import AnswerTo, Call, FindEndpoint
from doctor.facts.identities import NamedInRefusal
from doctor.facts.place import FindPlace
from doctor.facts.subjects import subject_of
from doctor.facts.tokens import caller_id
from doctor.model.access import Access, Action
from doctor.model.cause import Cause
from doctor.model.change import Wait
from doctor.model.diagnosis import Blame
from doctor.model.fact import Known, Unread
from doctor.model.fix import Fix
from doctor.model.protocol import AgentProtocol
from doctor.rbac import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.facts.subject import Facts
    from doctor.model.diagnosis import Diagnosis
    from doctor.model.exchange import Answer
    from doctor.model.fact import Problem


UNSETTLED = {Cause.THROTTLED, Cause.SERVICE_FAILED, Cause.UNRECOGNISED, Cause.TIMED_OUT, Cause.NOT_AZURE}
"""Causes that prove nothing about access: unknown, not failed."""
BROKEN_BEHIND = {
    Cause.AGENT_IDENTITY_TOKEN,
    Cause.TOOL_DENIED,
    Cause.TOOL_FAILED,
    Cause.CONNECTION_BROKEN,
    Cause.CONNECTION_MISSING,
    Cause.MODEL_NOT_AVAILABLE,
}
"""What an admitted caller may be told: the application is reached, and does not work."""

_NOT_FOUND = 404


def run(facts: Facts) -> Iterator[Finding]:
    """Read the answer to the authorised probe."""
    if facts.options.principal:
        yield skipped("Only the signed-in caller can be tried; --principal asks about somebody else.")
        return
    fact = facts.ask(AnswerTo(Call.AUTHORISED))
    if isinstance(fact, Unread):
        yield _not_tried(facts, fact.problem)
        return
    answer = fact.value
    seen = witness.seen(answer)
    if _is_guess(facts) and answer.status == _NOT_FOUND:
        yield unknown(
            Cause.RESOURCE_NOT_FOUND,
            "The address is made of the account's name, as the account is not to be seen, and nothing is there.",
            evidence=seen,
            because_of=("application",),
        )
        return
    diagnosis = witness.diagnose(facts, answer)
    admitted = witness.proves_access(facts, answer)
    if admitted and (diagnosis is None or not _trouble(answer.status, diagnosis.cause)):
        yield passed(
            f"The endpoint authorised the caller (it answered {answer.status}, about the content).", evidence=seen[:1]
        )
        return
    yield _told(facts, answer, diagnosis, seen)


def _told(facts: Facts, answer: Answer, diagnosis: Diagnosis | None, seen: tuple[str, ...]) -> Finding:
    """The finding for an answer that is no proof of access."""
    if answer.status == 404 and (version := _other_version(facts)):
        return failed(
            Cause.UNSUPPORTED_API_VERSION,
            f"The address asks for api-version {facts.target.api_version}; an agent's route takes {version}.",
            evidence=seen,
            fixes=(Fix(f"Call the address with api-version={version}"),),
        )
    if diagnosis is None or _says_nothing(facts, answer, diagnosis):
        return _without_words(answer, seen)
    if diagnosis.cause in UNSETTLED:
        return unknown(diagnosis.cause, sentence(diagnosis.summary), evidence=seen, fixes=diagnosis.fixes)
    fixes = tuple(_filled(fix, facts, answer) for fix in diagnosis.fixes)
    if diagnosis.cause is Cause.WRONG_ENDPOINT and isinstance(endpoint := facts.ask(FindEndpoint()), Known):
        at = endpoint.value
        fixes = (Fix(f"Call {at.address}?api-version={at.api_version}, and see that each name in it is right"),)
    diagnosis = replace(diagnosis, fixes=fixes)
    if diagnosis.cause is Cause.PERMISSION_DENIED:
        return _refused(facts, diagnosis, seen)
    return failed(diagnosis.cause, sentence(diagnosis.summary), evidence=seen, fixes=diagnosis.fixes)


def _says_nothing(facts: Facts, answer: Answer, diagnosis: Diagnosis) -> bool:
    """Whether a refusal may be anybody's, or is about an address that the record of what is called proves right."""
    if diagnosis.cause is Cause.REQUEST_INVALID:
        # A complaint about the content that is an error of Azure's own would have proved access.
        return answer.status >= 400
    if diagnosis.cause is not Cause.WRONG_ENDPOINT or not diagnosis.signature.startswith("status-"):
        return False
    return isinstance(facts.ask(subject_of(facts).record), Known) or not (answer.text.strip() or answer.request_id)


def _without_words(answer: Answer, seen: tuple[str, ...]) -> Finding:
    """The finding for an answer that tells no error of Azure's: one that was cut has a reason of its own."""
    host = urlsplit(answer.url).hostname
    if not answer.truncated:
        summary = f"The endpoint answered {answer.status}, which proves nothing about access."
        return unknown(Cause.UNRECOGNISED, summary, evidence=seen)
    if len(answer.body) < PROBE_BYTES:
        return unknown(
            Cause.TIMED_OUT, f"{host} began an answer and did not end it in the time there was.", evidence=seen
        )
    summary = f"Something that is not Azure answered in the place of {host}: more than any refusal of an empty call."
    return unknown(Cause.NOT_AZURE, summary, evidence=seen)


def _is_guess(facts: Facts) -> bool:
    endpoint = facts.ask(FindEndpoint())
    return isinstance(endpoint, Known) and endpoint.value.guessed and isinstance(facts.ask(FindPlace()), Unread)


def _not_tried(facts: Facts, problem: Problem) -> Finding:
    """The finding where nothing was asked: a protocol without a free question leaves it to the assignments."""
    if problem.cause is not Cause.NOT_CHECKABLE:
        return unread(problem, "The endpoint could not be asked")
    if protocols.tried(facts) is AgentProtocol.ACTIVITY:
        return skipped("Channels call the Activity protocol, nobody else; channels says whether they can.")
    principal, place = access.whose(facts), facts.ask(FindPlace())
    granted = (
        principal
        and isinstance(place, Known)
        and access.decide(facts, principal, Needs.of(access.invoke_action(facts)), place.value.id).access
        is Access.GRANTED
    )
    told = "; the caller's role assignments grant the call" if granted else ""
    return unknown(
        problem.cause,
        sentence(f"Whether the endpoint accepts the caller is not tried: {problem.summary}{told}. --invoke would try"),
        required=not granted,
    )


def _other_version(facts: Facts) -> str:
    """The api-version that the agent's route takes, where the given address has another; else ""."""
    subject = subject_of(facts)
    protocol, called = subject.spoken(facts)
    wanted = subject.version_of(protocol)
    return "" if called == wanted else wanted


def _trouble(status: int, cause: Cause) -> bool:
    """Whether an answer to an admitted caller tells of something broken: any error within a success does."""
    return status < 300 or cause in BROKEN_BEHIND


def _refused(facts: Facts, diagnosis: Diagnosis, seen: tuple[str, ...]) -> Finding:
    """The refusal, with what the assignments say of the principal and action that it names."""
    principal = facts.ask(NamedInRefusal(diagnosis.principal))
    named_other = bool(principal) and principal != caller_id(facts.estate) and diagnosis.blames is not Blame.CALLER
    action = Action(diagnosis.action, data=True) if diagnosis.action else access.invoke_action(facts)
    place = facts.ask(FindPlace())
    whose = principal or caller_id(facts.estate)
    if isinstance(place, Unread) or not whose:
        return failed(Cause.PERMISSION_DENIED, sentence(diagnosis.summary), evidence=seen, fixes=diagnosis.fixes)
    if not named_other and action.name.lower() == access.invoke_action(facts).name.lower():
        # caller-access looks at just this question, and carries the change that mends it where one is missing.
        decision = access.decide_for(facts, whose, Needs.of(action), place.value.id)
        again = (_again(),) if decision.access is Access.GRANTED else ()
        return failed(Cause.PERMISSION_DENIED, sentence(diagnosis.summary), evidence=seen, fixes=again)
    needs = Needs.of(action)
    decision = access.decide(facts, whose, needs, place.value.project_id)
    if decision.access is not Access.NOT_GRANTED:
        fixes = diagnosis.fixes
    else:
        fixes = access.remedies(facts, decision, needs) or diagnosis.fixes
    return failed(
        Cause.PERMISSION_DENIED,
        sentence(diagnosis.summary),
        evidence=(*seen, decision.reason),
        fixes=fixes,
        decisions=(decision,),
    )


def _again() -> Fix:
    """What is left where the assignments grant what the service refuses."""
    return changes.fix(
        Wait(10),
        "Sign in again and wait up to ten minutes, then check again: the role is there by the assignments",
        note="A token keeps the groups it was issued with, and an assignment takes time to be in force. If it stays so,"
        " give the request id to Microsoft's support.",
    )


def _filled(fix: Fix, facts: Facts, answer: Answer) -> Fix:
    """The fix with the names that the run knows: in the place of placeholders, and of a custom subdomain."""
    place, target = facts.ask(FindPlace()), facts.target
    names = {r"(?<=/)ACCOUNT": target.account, r"(?<=/)PROJECT": target.project, r"(?<=/)APPLICATION": target.name}
    if isinstance(place, Known):
        label = (urlsplit(answer.url).hostname or "").split(".")[0]
        names[r"(?<=/)ACCOUNT"], names[r"(?<=/)PROJECT"] = place.value.account, place.value.project
        names |= {r"\bRESOURCE_GROUP": place.value.resource_group, rf"(?<= ){re.escape(label)}": place.value.account}

    def fill(text: str, quote: Callable[[str], str] = shlex.quote) -> str:
        for placeholder, name in names.items():
            if name:
                text = re.sub(rf"{placeholder}(?![\w.-])", lambda _, name=name: quote(name), text)  # type: ignore[misc]
        return text

    return replace(fix, title=fill(fix.title, str), command=fill(fix.command), undo=fill(fix.undo))


BEHIND = ("application", "deployment", "version")
"""Checks of what is called: what is not there, or does not run, is answered for in any words."""

check = Check(
    id="endpoint-accepts-caller",
    title="Does the endpoint accept the caller?",
    group=Group.ENDPOINT,
    rank=20,
    run=run,
    needs=("token", "name-resolution", "connection"),
    explained_by={
        Cause.PERMISSION_DENIED: ("application", "deployment", "caller-access", "authorization-policy"),
        Cause.CHANNEL_ONLY: ("authorization-policy",),
        Cause.WRONG_TENANT: ("token",),
        Cause.TOKEN_EXPIRED: ("token",),
        # What is stopped, or does not speak Responses, may be answered for with a mere 404.
        Cause.APPLICATION_NOT_FOUND: ("application", "deployment", "version", "protocol", "authorization-policy"),
        Cause.RESOURCE_NOT_FOUND: ("application", "deployment", "version", "protocol", "authorization-policy"),
        Cause.WRONG_ENDPOINT: ("application", "deployment", "version", "protocol", "authorization-policy"),
        Cause.REQUEST_INVALID: ("application", "deployment", "version", "protocol", "authorization-policy"),
        Cause.APPLICATION_DISABLED: ("application",),
        Cause.VERSION_NOT_ACTIVE: ("version",),
        Cause.RUNTIME_OUTDATED: ("version",),
        Cause.AGENT_RUNTIME_FAILED: ("version",),
        Cause.WRONG_AUDIENCE: ("authorization-policy", "token"),
        Cause.APPLICATION_NOT_READY: ("application",),
        Cause.NO_DEPLOYMENT: ("application", "deployment", "version"),
        Cause.DEPLOYMENT_NOT_RUNNING: ("application", "deployment", "version"),
        Cause.PROTOCOL_NOT_ENABLED: ("protocol",),
        Cause.AGENT_IDENTITY_NOT_READY: ("agent-identity",),
        Cause.AGENT_IDENTITY_TOKEN: ("agent-identity",),
        Cause.TOOL_FAILED: ("agent-identity",),
        Cause.TOOL_DENIED: ("agent-identity",),
        Cause.SERVICE_FAILED: ("application", "deployment", "version", "protocol", "agent-identity"),
        Cause.UNRECOGNISED: (
            "application",
            "deployment",
            "version",
            "authorization-policy",
            "protocol",
            "agent-identity",
        ),
    },
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
