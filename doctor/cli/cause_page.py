"""What one cause means, what to do about it, and which error texts mean it: read from the catalogue of error texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor import waivers
from doctor.engine.healing import HEALS
from doctor.model.cause import Cause
from doctor.model.diagnosis import Diagnosis
from doctor.model.wording import capital
from doctor.reading.catalogue import advice, entra_families, signatures
from doctor.reading.wording import fill
from doctor.waivers import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doctor.check import Check

MOST_TEXTS = 12
_LONGEST = 220
_GRANT = "`agentdoctor check` names the narrowest role that holds the action, the command that assigns it, and who may."
_CAN_BE_TRANSIENT = (Cause.APPLICATION_NOT_READY, Cause.DEPLOYMENT_NOT_RUNNING, Cause.AGENT_IDENTITY_NOT_READY)


def cause_page(cause: Cause, checks: Sequence[Check], demos: Sequence[tuple[str, str]]) -> str:
    """The page, in Markdown."""
    telling = [check for check in checks if f"`{cause.value}`" in check.documentation]
    lines = [f"# {cause.value}", "", f"{capital(cause.meaning)}.", *_what_to_do(cause), *_texts(cause)]
    if telling:
        lines += ["", "## Checks that give it", ""]
        lines += [f"- [{check.id}](../checks/{check.id}.md): {check.title}" for check in telling]
    lines += ["", "## Does waiting heal it?", "", waiting(cause)]
    if demos:
        lines += ["", "## See it", "", "Against a simulated Azure; nothing leaves the machine:", ""]
        lines += [f"- `agentdoctor demo {name}`: {title}" for name, title in demos]
    known = Waiver(telling[0].id if telling else "CHECK", "Why we live with it", cause=cause)
    return "\n".join(
        [*lines, "", "## Live with it", "", "In `agentdoctor.toml`:", "", f"```toml\n{waivers.to_toml([known])}```"]
    )


def waiting(cause: Cause) -> str:
    """Whether `--wait` is of use."""
    if cause in HEALS:
        return f"It may: `--wait 10m` looks again, waiting for {HEALS[cause]}."
    if cause in _CAN_BE_TRANSIENT:
        return "While Azure is at work on it, it may: `--wait 10m` looks again. In any other state it does not."
    return "No. It lasts until somebody changes something, so `--wait` stops at once."


def _what_to_do(cause: Cause) -> Iterator[str]:
    known = advice().get(cause)
    if known is None:
        return
    said = [_filled(text) for text in (known.proves, known.suggests) if text]
    yield from ("", "## What it says", "", "\n\n".join(said))
    yield from ("", "## What to do", "", f"{_filled(known.fix)}." if known.fix else _GRANT)
    if known.docs:
        yield from ("", f"Read more: <{known.docs}>")


def _texts(cause: Cause) -> Iterator[str]:
    """Texts that mean it, as they were seen; the likeliest first."""
    known = [one for one in signatures() if one.cause is cause]
    codes = sorted(code for family in entra_families() if family.cause is cause for code in family.codes)
    if not known and not codes:
        return
    yield from ("", "## Error texts that mean it", "")
    for one in known[:MOST_TEXTS]:
        yield f"- {_filled(one.summary)}\n\n{_fenced(one.example)}\n"
    if len(known) > MOST_TEXTS:
        yield f"- and {len(known) - MOST_TEXTS} more that `agentdoctor explain` knows"
    if codes:
        yield f"- Entra's codes: {', '.join(f'AADSTS{code}' for code in codes)}"


def _filled(template: str) -> str:
    """A sentence of the catalogue of which nothing is known that it could name."""
    return fill(template, Diagnosis(Cause.UNRECOGNISED, ""), {})


def _fenced(example: str) -> str:
    shown = " ".join(example.split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return f"  ```text\n  {shown.replace('```', '')}\n  ```"
