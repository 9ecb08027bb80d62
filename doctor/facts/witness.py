"""The endpoint as a witness: what its answers prove about the caller's access."""

from __future__ import annotations

from dataclasses import replace
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor import reading
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.identities import identities
from doctor.facts.tokens import caller_names, foundry_token, resource_tenant
from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame
from doctor.model.fact import Known, Unread
from doctor.reading import Context, Plane

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.facts.subject import Facts
    from doctor.model.diagnosis import Diagnosis
    from doctor.model.exchange import Answer

_TOKEN_CAUSES = {Cause.TOKEN_EXPIRED, Cause.TOKEN_MISSING, Cause.WRONG_AUDIENCE}
_BODY_SHOWN = 600
_SILENT_401 = "status-401"
_SKEW_SECONDS = 300


def proves_access(facts: Facts, answer: Answer) -> bool:
    """Whether the service can have answered so only after it has authorised the call."""
    return reading.proof(answer, _context(facts, answer)) is reading.Proof.ACCEPTED


def diagnose(facts: Facts, answer: Answer) -> Diagnosis | None:
    """The most likely reading of an answer; None when there is no error in it."""
    diagnoses = reading.classify_answer(answer, _context(facts, answer))
    if not diagnoses:
        return None
    if diagnoses[0].signature == _SILENT_401 and _token_is_right(facts):
        summary = (
            "The service answered 401 and does not say why. The token's audience, tenant and expiry are right, so"
            " a role of the caller is missing or not in force"
        )
        return replace(diagnoses[0], cause=Cause.PERMISSION_DENIED, summary=summary, blames=Blame.CALLER, fixes=())
    return diagnoses[0]


def _token_is_right(facts: Facts) -> bool:
    """Whether what the token says of itself leaves nothing for the service to refuse it for."""
    token = facts.ask(foundry_token(facts.estate))
    claims = token.value.claims if isinstance(token, Known) else None
    if claims is None or claims.expires_at is None:
        return False
    wanted = (facts.cloud.ai_scope or "").removesuffix("/.default")
    tenant = resource_tenant(facts.estate)
    return (
        claims.audience.rstrip("/") == wanted
        and (not tenant or claims.tenant_id.lower() == tenant.lower())
        and claims.expires_at > facts.now().timestamp()
        and abs(clock_skew(facts) or 0) < _SKEW_SECONDS
    )


def read_invocation(facts: Facts, answer: Answer) -> tuple[Diagnosis, ...]:
    """What went wrong in a real call, errors inside an answer of status 200 included."""
    diagnoses = reading.classify_answer(answer, _context(facts, answer))
    return diagnoses if 200 <= answer.status < 300 else diagnoses[:1]


def completed(answer: Answer) -> bool:
    """Whether a real call was answered to its end."""
    return reading.is_completed(answer)


def accepts(facts: Facts) -> bool:
    """Whether the endpoint has authorised the caller: in the free probe, or in a real call."""
    if facts.options.principal:
        return False
    fact = facts.ask(AnswerTo(Call.AUTHORISED))
    return isinstance(fact, Known) and proves_access(facts, fact.value)


def works(facts: Facts) -> bool:
    """Whether a real call was asked for and answered without any error.

    It costs money, so it is made only where the free probe has shown that the caller is let in.
    """
    if not facts.options.invoke or not accepts(facts):
        return False
    fact = facts.ask(AnswerTo(Call.INVOCATION))
    return isinstance(fact, Known) and completed(fact.value)


def refusal(facts: Facts) -> Diagnosis | None:
    """The endpoint's refusal of the caller's permission; None when it did not refuse for that."""
    if facts.options.principal:
        return None
    fact = facts.ask(AnswerTo(Call.AUTHORISED))
    if isinstance(fact, Unread) or proves_access(facts, fact.value):
        return None
    diagnosis = diagnose(facts, fact.value)
    return diagnosis if diagnosis is not None and diagnosis.cause is Cause.PERMISSION_DENIED else None


def denies(facts: Facts) -> bool:
    """Whether the endpoint refused for want of a permission."""
    return refusal(facts) is not None


def token_refused(facts: Facts) -> bool:
    """Whether the endpoint refused the token itself."""
    fact = facts.ask(AnswerTo(Call.AUTHORISED))
    if isinstance(fact, Unread) or proves_access(facts, fact.value):
        return False
    diagnosis = diagnose(facts, fact.value)
    return diagnosis is not None and diagnosis.cause in _TOKEN_CAUSES


def clock_skew(facts: Facts) -> float | None:
    """Seconds by which this machine's clock is ahead of the server's; None without a Date of its answer."""
    for fact in facts.ask_all((AnswerTo(Call.ANONYMOUS), AnswerTo(Call.AUTHORISED))):
        if isinstance(fact, Known) and (date := _date(fact.value)) is not None:
            return (facts.now() - date).total_seconds()
    return None


def seen(answer: Answer) -> tuple[str, ...]:
    """An answer as evidence: first what was asked and its status, then the body's beginning and the request id."""
    url = answer.url.split("?", 1)[0]
    lines = [f"{answer.method} {url} answered {answer.status}"]
    if text := answer.text.strip():
        lines.append(text if len(text) <= _BODY_SHOWN else f"{text[:_BODY_SHOWN]}… ({len(text)} characters)")
    if answer.request_id:
        lines.append(f"request id {answer.request_id}")
    return tuple(lines)


def _context(facts: Facts, answer: Answer) -> Context:
    parts = {
        name.lower(): entry.role
        for entry in reversed(identities(facts))
        for name in (entry.object_id, entry.client_id)
        if name
    }
    audience = (facts.cloud.ai_scope or "").removesuffix("/.default")
    return Context(
        plane=Plane.ENDPOINT,
        caller_ids=caller_names(facts.estate),
        identities=parts,
        audience=audience,
        answered_by=urlsplit(answer.url).hostname or "",
    )


def _date(answer: Answer) -> datetime | None:
    """The server's clock, from the Date header."""
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
