"""How an explanation is told: as text, as JSON (`agentdoctor/explain/1`), as Markdown for a ticket."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from doctor.model.diagnosis import Blame
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.model.diagnosis import Diagnosis
    from doctor.model.fix import Fix
    from doctor.reading.explain import Explanation
    from doctor.reading.jwt import Claims
    from doctor.reading.proving import Sentence

_WHOSE = {
    Blame.CALLER: "the caller's",
    Blame.AGENT: "the agent's own (not the caller's)",
    Blame.PROJECT: "the project's managed identity (not the caller's)",
    Blame.UNKNOWN: "",
}
_KINDS = {"user": "a user", "application": "an application", "": "an unknown kind of principal"}
_NO_ERROR = "There is no error in it."
_REPORT = (
    "Nothing in the catalogue fits this text. Send the whole answer, with its status and headers, to whoever maintains "
    "agentdoctor, so that it can be added; secrets are taken out of what is shown here."
)
_LIVE = (
    "Warning: a token in this paste is still valid. Whoever has the paste can use it: delete the paste where it was"
    " shared, and end the sign-in's sessions if it went far."
)
_SHOWN = 2_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def as_text(explanation: Explanation, data: bytes) -> str:
    """For people: one block for each diagnosis, every command on a line of its own."""
    lines: list[str] = []
    if not explanation.diagnoses:
        lines += [_NO_ERROR, ""]
    elif not explanation.is_recognised:
        lines += ["unrecognised", f"  {_REPORT}", "", f"  {_excerpt(data)}", ""]
    else:
        for number, diagnosis in enumerate(explanation.diagnoses, 1):
            lines += [*_text_block(number, diagnosis, _proof(explanation, number)), ""]
    lines += [f"Token: {line}" for claims in explanation.claims for line in _claim_lines(claims)]
    if explanation.live_tokens:
        lines.append(_LIVE)
    if explanation.request_ids:
        lines.append(f"Request ids: {', '.join(explanation.request_ids)}")
    if explanation.times:
        lines.append(f"Times: {', '.join(explanation.times)}")
    if explanation.diagnoses and explanation.next_command:
        lines += ["Next:", f"  {explanation.next_command}"]
    return "\n".join(lines).rstrip()


def _proof(explanation: Explanation, number: int) -> Sentence | None:
    return explanation.proofs[number - 1] if number <= len(explanation.proofs) else None


def _text_block(number: int, diagnosis: Diagnosis, proof: Sentence | None = None) -> Iterator[str]:
    yield f"{number}. {diagnosis.cause.value} ({diagnosis.confidence.value} confidence)"
    yield f"   {clean(diagnosis.summary)}"
    if proof is not None:
        yield f"   Read in:   > {proof.text}"
    for label, value in _facts(diagnosis):
        yield f"   {label + ':':<10} {clean(value)}"
    for fix in diagnosis.fixes:
        yield f"   Fix:       {clean(fix.title)}"
        if fix.command:
            yield f"     {clean(fix.command)}"
        if fix.undo:
            yield "     undo:"
            yield f"     {clean(fix.undo)}"
        if fix.needs:
            yield f"     needs: {clean(fix.needs)}"
        if fix.note:
            yield f"     note: {clean(fix.note)}"
    if diagnosis.docs:
        yield f"   Read:      {diagnosis.docs}"


def _facts(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    facts = (
        ("Proves", diagnosis.proves),
        ("Suggests", diagnosis.suggests),
        ("Whose", _WHOSE[diagnosis.blames]),
        ("Principal", diagnosis.principal),
        ("Action", diagnosis.action),
        ("Operation", diagnosis.operation),
        ("Scope", diagnosis.scope),
    )
    return ((label, value) for label, value in facts if value)


def _claim_lines(claims: Claims) -> Iterator[str]:
    parts = [
        f"audience {claims.audience or 'not said'}",
        f"tenant {claims.tenant or 'not said'}",
        f"of {_KINDS[claims.kind]}",
    ]
    if claims.object_id:
        parts.append(f"object id {claims.object_id}")
    if claims.expires_at is not None:
        parts.append(f"ends {claims.expires_at:%Y-%m-%d %H:%M:%S} UTC")
    yield ", ".join(parts)


def _excerpt(data: bytes) -> str:
    from doctor.reading.decode import decode  # noqa: PLC0415 - only what is not recognised is shown

    text = clean(decode(data[: 4 * _SHOWN])).strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(data)} bytes in all)"


def as_json(explanation: Explanation, data: bytes) -> str:
    """For programs; fields are only ever added."""
    document: dict[str, Any] = {
        "schema": "agentdoctor/explain/1",
        "recognised": explanation.is_recognised,
        "diagnoses": [
            _diagnosis_json(diagnosis, _proof(explanation, number))
            for number, diagnosis in enumerate(explanation.diagnoses, 1)
        ],
        "request_ids": list(explanation.request_ids),
        "times": list(explanation.times),
        "tokens": [_claims_json(claims) for claims in explanation.claims],
        "live_tokens": explanation.live_tokens,
        "next": explanation.next_command if explanation.diagnoses else "",
    }
    if not explanation.is_recognised:
        document["text"] = _excerpt(data)
    return json.dumps(document, indent=2)


def _diagnosis_json(diagnosis: Diagnosis, proof: Sentence | None) -> dict[str, Any]:
    return {
        "cause": diagnosis.cause.value,
        "meaning": diagnosis.cause.meaning,
        "summary": clean(diagnosis.summary),
        "principal": clean(diagnosis.principal),
        "blames": diagnosis.blames.value,
        "action": clean(diagnosis.action),
        "operation": clean(diagnosis.operation),
        "scope": clean(diagnosis.scope),
        "confidence": diagnosis.confidence.value,
        "proves": clean(diagnosis.proves),
        "suggests": clean(diagnosis.suggests),
        "fixes": [_fix_json(fix) for fix in diagnosis.fixes],
        "docs": diagnosis.docs,
        "signature": diagnosis.signature,
        "read_in": {"offset": proof.offset, "text": proof.text} if proof else None,
        "source": diagnosis.source,
    }


def _fix_json(fix: Fix) -> dict[str, Any]:
    return {
        "title": clean(fix.title),
        "command": clean(fix.command),
        "undo": clean(fix.undo),
        "needs": clean(fix.needs),
        "verified": fix.verified,
        "note": clean(fix.note),
    }


def _claims_json(claims: Claims) -> dict[str, Any]:
    return {
        "audience": claims.audience,
        "tenant": claims.tenant,
        "object_id": claims.object_id,
        "client_id": claims.client_id,
        "user": claims.user,
        "kind": claims.kind,
        "expires_at": claims.expires_at.isoformat() if claims.expires_at else None,
        "valid_from": claims.valid_from.isoformat() if claims.valid_from else None,
    }


def as_markdown(explanation: Explanation, data: bytes) -> str:
    """For a ticket; what came from outside cannot become markup, a link or a mention."""
    lines = ["## agentdoctor explain", ""]
    if not explanation.diagnoses:
        lines += [_NO_ERROR, ""]
    elif not explanation.is_recognised:
        lines += ["**unrecognised**", "", _REPORT, "", *_fenced(_excerpt(data)), ""]
    else:
        for diagnosis in explanation.diagnoses:
            lines += [*_markdown_block(diagnosis), ""]
    if explanation.request_ids:
        lines.append(f"- Request ids: {', '.join(map(_code, explanation.request_ids))}")
    if explanation.times:
        lines.append(f"- Times: {', '.join(map(_code, explanation.times))}")
    lines += [f"- Token: {_plain(line)}" for claims in explanation.claims for line in _claim_lines(claims)]
    if explanation.live_tokens:
        lines.append(f"- {_LIVE}")
    if explanation.diagnoses and explanation.next_command:
        lines += ["", "Next:", "", *_fenced(explanation.next_command)]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip()


def _markdown_block(diagnosis: Diagnosis) -> Iterator[str]:
    yield f"### {diagnosis.cause.value} ({diagnosis.confidence.value} confidence)"
    yield ""
    yield _plain(diagnosis.summary)
    yield ""
    for label, value in _facts(diagnosis):
        shown = _code(value) if label in {"Principal", "Action", "Operation", "Scope"} else _plain(value)
        yield f"- {label}: {shown}"
    for fix in diagnosis.fixes:
        yield f"- Fix: {_plain(fix.title)}"
        if fix.command:
            yield ""
            yield from _fenced(fix.command)
        if fix.undo:
            yield ""
            yield "  Undo:"
            yield ""
            yield from _fenced(fix.undo)
        for label, said in (("Needs", fix.needs), ("Note", fix.note)):
            if said:
                yield ""
                yield f"  {label}: {_plain(said)}"
    if diagnosis.docs:
        yield ""
        yield f"[Documentation]({diagnosis.docs})"


def _plain(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", clean(text))
    return escaped.replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;").replace("://", ":&#47;/")


def _code(text: str) -> str:
    return f"`{clean(text).replace('`', chr(39))}`"


def _fenced(text: str) -> list[str]:
    """A fenced block; a fence in the text itself cannot end it."""
    return ["```text", clean(text).replace("```", "'''"), "```"]


VIEWS: dict[str, Callable[[Explanation, bytes], str]] = {"text": as_text, "json": as_json, "markdown": as_markdown}
"""Format → the function that tells it."""
