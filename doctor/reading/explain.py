"""A diagnosis from a paste alone: no login, no network."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence, Diagnosis
from doctor.model.fix import Fix
from doctor.reading.apart import signed_in
from doctor.reading.catalogue import advice, signatures
from doctor.reading.classify import classify, each_cause_once, unrecognised
from doctor.reading.evidence import Context, RoleQuestion
from doctor.reading.extract import Place, place, request_ids, times
from doctor.reading.folding import unescape
from doctor.reading.grants import resource_path
from doctor.reading.jwt import Claims, claims_in, is_bare
from doctor.reading.paste import Paste, read_paste
from doctor.reading.proving import Sentence, sentence_of

_MOST = 8
_BAND = 15
_EDGE = 64_000
_TOKEN_FIX = {
    Cause.TOKEN_EXPIRED: "Get a fresh token; if it is refused again at once, correct this machine's clock",
    Cause.WRONG_AUDIENCE: "Get a token for https://ai.azure.com",
}
_SHOW_EXPIRY = "az account get-access-token --scope https://ai.azure.com/.default --query expiresOn"
_TOKEN_TEXTS = {"audience-or-expiry", "status-401", "status-401-challenge", "arm-token-invalid"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a paste says."""

    diagnoses: tuple[Diagnosis, ...]
    """Most likely first; () when there is no error in it."""
    request_ids: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    """As they were written."""
    claims: tuple[Claims, ...] = ()
    """Of the tokens in the paste; the tokens themselves are not kept."""
    place: Place = field(default_factory=Place)
    next_command: str = ""
    is_ours: bool = False
    """It was a word or a report of ours, and no error text."""
    proofs: tuple[Sentence | None, ...] = ()
    """For each diagnosis the sentence of the paste that proves it, where one does."""
    live_tokens: int = 0
    """How many tokens of the paste are still valid: whoever has the paste can use them."""

    @property
    def is_recognised(self) -> bool:
        """Whether there is no error, or one that the catalogue knows."""
        return not self.diagnoses or self.diagnoses[0].cause is not Cause.UNRECOGNISED


def explain(
    data: bytes, status: int | None = None, *, now: datetime | None = None, roles: RoleQuestion | None = None
) -> Explanation:
    """Explain any bytes.

    Args:
        data: the paste, in any encoding.
        status: the HTTP status, where it is known apart from the text.
        now: the time that tokens are judged by; the present when left out.
        roles: which narrow role holds an action.
    """
    moment = now or datetime.now(timezone.utc)
    paste = read_paste(data, status, Context(roles=roles))
    edges = unescape(paste.text[:_EDGE] + "\n" + paste.text[-_EDGE:] if len(paste.text) > 2 * _EDGE else paste.text)
    claims = claims_in(edges)
    if is_bare(paste.text):
        diagnoses = judge_claims(claims, moment)
        where = Place()
    else:
        diagnoses = _with_claims(_diagnose(paste, claims), claims, moment)
        where = place(edges)
    judged = "\n".join(unescape(evidence.body) for evidence in paste.evidences[:_MOST])
    told = "\n".join([*(f"{name}: {value}" for name, value in paste.headers.items()), judged, edges])
    if not where.account:
        where = place(judged)
    return Explanation(
        diagnoses=diagnoses,
        request_ids=request_ids(told),
        times=times(told),
        claims=claims,
        place=where,
        next_command=next_command(where),
        proofs=tuple(sentence_of(one, paste.text) for one in diagnoses),
        live_tokens=sum(not one.is_expired(moment) for one in claims if one.expires_at is not None),
    )


def _diagnose(paste: Paste, claims: tuple[Claims, ...]) -> tuple[Diagnosis, ...]:
    """The diagnoses of all pieces as one list: the most telling first, equal ones once."""
    callers = signed_in(paste.text).union(*(one.ids for one in claims))
    found: list[Diagnosis] = []
    healthy = False
    for evidence in paste.evidences:
        context = replace(evidence.context, caller_ids=evidence.context.caller_ids | callers)
        said = classify(replace(evidence, context=context))
        healthy = healthy or not said
        found.extend(said)
    known = [one for one in found if one.cause is not Cause.UNRECOGNISED]
    if not known:
        return () if healthy else next(((one,) for one in found if one.signature), (unrecognised(),))
    ranks = {signature.id: signature.rank for signature in signatures()}
    known.sort(key=lambda one: -ranks.get(one.signature, 0))
    best = ranks.get(known[0].signature, 0)
    return tuple(each_cause_once(one for one in known if ranks.get(one.signature, 0) > best - _BAND))[:_MOST]


def _with_claims(diagnoses: tuple[Diagnosis, ...], claims: tuple[Claims, ...], now: datetime) -> tuple[Diagnosis, ...]:
    """What the pasted token's own claims decide among the readings of a refused token."""
    if not diagnoses or not claims or diagnoses[0].signature not in _TOKEN_TEXTS:
        return diagnoses
    judged = judge_claims(claims[-1:], now)
    rest = [one for one in diagnoses if one.cause is not (judged[0].cause if judged else None)]
    return (*judged[:1], *rest) if judged else diagnoses


def judge_claims(claims: tuple[Claims, ...], now: datetime) -> tuple[Diagnosis, ...]:
    """What is wrong with a token by its own claims, for a call of an application; () when nothing is.

    A token whose claims cannot be read is `unrecognised`: an opaque or broken one says nothing.
    """
    if not claims:
        return (unrecognised(),)
    token = claims[0]
    found = []
    if token.is_expired(now) and token.expires_at is not None:
        found.append(_token(Cause.TOKEN_EXPIRED, f"The token expired at {token.expires_at:%Y-%m-%d %H:%M:%S} UTC."))
    elif token.valid_from is not None and token.valid_from > now:
        found.append(
            _token(Cause.TOKEN_EXPIRED, f"The token is valid only from {token.valid_from:%Y-%m-%d %H:%M:%S} UTC.")
        )
    if token.audience and not token.is_for_foundry():
        found.append(
            _token(
                Cause.WRONG_AUDIENCE,
                f"The token is for {token.audience}; an application's endpoint wants https://ai.azure.com.",
            )
        )
    return tuple(found)


def _token(cause: Cause, summary: str) -> Diagnosis:
    said = advice()[cause]
    return Diagnosis(
        cause=cause,
        summary=summary,
        signature="token-claims",
        proves="The claims of the token say so; its signature was not checked.",
        suggests="The token was not sent anywhere and is not shown.",
        fixes=(Fix(title=_TOKEN_FIX[cause], command=_SHOW_EXPIRY),),
        confidence=Confidence.HIGH,
        docs=said.docs,
    )


def next_command(where: Place) -> str:
    """The check to run next, filled in as far as the text allows, quoted for a shell."""
    if where.application and where.url:
        named = f"/{where.kind}/{where.application}"
        if f"{named}/endpoint/" in where.url:
            return f"agentdoctor check {shlex.quote(where.url)}"
        target = where.url[: where.url.lower().find(named.lower()) + len(named)]
    elif where.application and where.subscription and where.project:
        target = resource_path(where)
    else:
        target = "/".join((where.account or "ACCOUNT", where.project or "PROJECT", where.application or "APPLICATION"))
    return f"agentdoctor check {shlex.quote(target)}"
